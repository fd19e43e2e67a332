#include "tests/rtl/random_layout.h"

#include <algorithm>
#include <cstring>
#include <numeric>

namespace sterna {
namespace {

template <typename Function>
void fill(RandomProgram& program, std::uint32_t segment, Function byte) {
  const RandomProgram::Segment& s = program.segments[segment];
  for (std::uint64_t i = 0; i < std::uint64_t{s.lines} * kLineBytes; ++i) {
    program.image[s.begin + i] = static_cast<std::byte>(byte());
  }
}

}  // namespace

RandomLayout lay_out_memory(RandomProgram& program, RandomChoices& choices,
                            const Capabilities& capabilities, std::uint64_t memory_bytes) {
  RandomLayout layout;
  const auto vector = static_cast<std::uint32_t>(fix_lines(capabilities.vector_length));
  const auto matrix = static_cast<std::uint32_t>(
      matrix_lines(capabilities.vector_length, capabilities.vector_length));
  const std::array<std::uint32_t, kRoles> sizes = {
      3 * vector, 2 * vector, std::min(matrix, 512u), 6 * vector, 3 * vector, 0, 6 * vector};
  std::array<std::uint32_t, kSegments> numbers;
  std::iota(numbers.begin(), numbers.end(), 0);
  std::shuffle(numbers.begin(), numbers.end(), choices.engine());
  std::uint64_t end = 0;
  for (unsigned role = 0; role < kEdge; ++role) {
    layout.number[role] = numbers[role];
    end += kLineBytes * choices.pick(0u, 70u);  // so that bursts meet 4 KiB borders anywhere
    program.segments[numbers[role]] = {.begin = end, .lines = sizes[role]};
    end += std::uint64_t{kLineBytes} * sizes[role];
  }

  layout.number[kEdge] = numbers[kEdge];
  const bool far = choices.chance(20);
  layout.edge_inside = far ? 0 : choices.pick(0u, sizes[kEdge] / 2);
  program.segments[numbers[kEdge]] = {
      .begin = far ? std::uint64_t{kLineBytes} << choices.pick(30u, 57u)
                   : memory_bytes - std::uint64_t{layout.edge_inside} * kLineBytes,
      .lines = sizes[kEdge],
      .absolute = true};

  program.image.resize(end);
  for (std::uint64_t i = 0; i + 4 <= end; i += 4) {
    const std::int32_t value = choices.fix_value();
    std::memcpy(&program.image[i], &value, 4);
  }
  fill(program, layout.number[kQ8Data], [&] { return choices.pick(-127, 127); });
  fill(program, layout.number[kMatrices], [&] { return choices.pick(0, 255); });
  program.token = choices.pick(0u, 3u);
  return layout;
}

}  // namespace sterna
