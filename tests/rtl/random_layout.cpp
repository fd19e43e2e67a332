// SPDX-License-Identifier: Apache-2.0
#include "tests/rtl/random_layout.h"

#include <algorithm>
#include <bit>
#include <cstring>
#include <numeric>

#include "isa/trees.h"

namespace sterna::rtl {
namespace {

constexpr std::uint32_t kMaxMatrixLines = 512;
constexpr std::uint32_t kMaxGap = 70;   // lines before a segment
constexpr std::uint32_t kMaxApart = 5;  // lines between lanes' copies

class Layouter {
 public:
  Layouter(RandomProgram& program, RandomChoices& choices, const Capabilities& capabilities)
      : program_(program), choices_(choices), capabilities_(capabilities), ends_(channels()) {}

  RandomLayout lay_out() {
    choose_lanes();
    choose_numbers();
    const auto vector = static_cast<std::uint32_t>(fix_lines(capabilities_.vector_length));
    place_copies(layout_.number[kFixData], 3 * vector);
    place_copies(layout_.number[kQ8Data], 2 * vector);
    place_copies(layout_.number[kTable], 6 * vector);
    place_copies(layout_.number[kScratch], 3 * vector);
    place_matrices();
    place_edge(6 * vector);
    place_closed(vector);
    fill_images();
    return layout_;
  }

 private:
  std::uint32_t channels() const { return capabilities_.channels; }

  // Prefill takes lanes 0 to n-1. Else any, holes, none and bits of lanes that are not there
  // included. The token of an idle lane may be anything.
  void choose_lanes() {
    const std::uint64_t all = capabilities_.lanes < 64
                                  ? (std::uint64_t{1} << capabilities_.lanes) - 1
                                  : ~std::uint64_t{0};
    const bool prefill = choices_.chance(40);
    program_.prefill = (choices_.chance(10) ? choices_.any_word() << 1 : 0) | (prefill ? 1 : 0);
    if (prefill) {
      program_.lane_mask = all >> choices_.pick(0u, capabilities_.lanes - 1);
    } else if (choices_.chance(30)) {
      program_.lane_mask = all;
    } else {
      program_.lane_mask = choices_.engine()() & (choices_.chance(80) ? all : ~std::uint64_t{0});
    }
    program_.tokens.resize(capabilities_.lanes);
    for (std::uint32_t& token : program_.tokens) {
      token = choices_.chance(50) ? choices_.any_word() : 0xFFFFFFFF;
    }
    for (const std::uint32_t lane : active_lanes(program_)) {
      program_.tokens[lane] = choices_.pick(0u, 3u);
    }
  }

  // Sets of one segment a channel for the roles that products need, then any segments for the rest.
  // Eight channels have two sets: all but the matrices share the second.
  void choose_numbers() {
    std::vector<std::uint32_t> sets(kSegments / channels());
    std::iota(sets.begin(), sets.end(), 0);
    std::shuffle(sets.begin(), sets.end(), choices_.engine());
    const auto take_set = [&] {
      const std::uint32_t first = sets.back() * channels();
      sets.pop_back();
      return first;
    };
    const bool shared = sets.size() < 4;
    layout_.number[kMatrices] = take_set();
    if (!shared) {
      for (std::vector<std::uint32_t>* role : {&layout_.closed, &layout_.edge}) {
        role->resize(channels());
        std::iota(role->begin(), role->end(), take_set());
      }
    }
    std::vector<std::uint32_t> others;
    for (const std::uint32_t set : sets) {
      for (std::uint32_t c = 0; c < channels(); ++c) others.push_back(set * channels() + c);
    }
    std::shuffle(others.begin(), others.end(), choices_.engine());
    for (const Role role : {kFixData, kQ8Data, kTable, kScratch}) {
      layout_.number[role] = others.back();
      others.pop_back();
    }
    if (shared) {
      layout_.product_closed = false;
      layout_.closed.assign(others.begin(), others.begin() + 2);
      layout_.edge.assign(others.begin() + 2, others.begin() + 4);
    }
  }

  // `lines` lines at the next free place of the segment's channel.
  RandomProgram::Segment& place(std::uint32_t number, std::uint32_t lines) {
    std::uint64_t& end = ends_[number % channels()];
    end += kLineBytes * choices_.pick(0u, kMaxGap);  // so that bursts meet 4 KiB borders anywhere
    program_.segments[number] = {.begin = end, .lines = lines};
    end += std::uint64_t{kLineBytes} * lines;
    return program_.segments[number];
  }

  // One segment for all lanes, or a copy a lane, side by side, apart or overlapping.
  void place_copies(std::uint32_t number, std::uint32_t lines) {
    const std::uint32_t stride = choices_.chance(40)   ? 0
                                 : choices_.chance(75) ? lines + choices_.pick(0u, kMaxApart)
                                                       : choices_.pick(1u, lines);
    RandomProgram::Segment& segment = place(number, lines);
    segment.lane_stride = stride;
    ends_[number % channels()] += std::uint64_t{kLineBytes} * stride * (capabilities_.lanes - 1);
  }

  // No lane has a copy of these, whatever the stride; the channels' segments differ in size.
  void place_matrices() {
    std::uint64_t whole =
        matrix_lines(capabilities_.vector_length, capabilities_.vector_length, channels());
    // Room for trees whose paths take three blocks, and a multiple of a register word's elements.
    if (capabilities_.fff != 0) {
      whole = std::max(whole, tree_out_lines({.trees = 4, .depth = 8}, 64, channels()));
    }
    layout_.matrix_lines =
        static_cast<std::uint32_t>(std::min<std::uint64_t>(whole, kMaxMatrixLines));
    layout_.matrix_size = layout_.matrix_lines;
    const std::uint32_t shortest = choices_.pick(0u, channels() - 1);
    for (std::uint32_t c = 0; c < channels(); ++c) {
      const std::uint32_t more = c == shortest ? 0 : choices_.pick(0u, 3u);
      RandomProgram::Segment& segment =
          place(layout_.number[kMatrices] + c, layout_.matrix_lines + more);
      segment.lane_stride = choices_.chance(50) ? 0 : choices_.any_word();
    }
  }

  void place_edge(std::uint32_t lines) {
    const bool far = choices_.chance(20);
    layout_.edge_inside = far ? 0 : choices_.pick(0u, lines / 2);
    const std::uint64_t begin = far ? std::uint64_t{kLineBytes} << choices_.pick(30u, 57u)
                                    : -std::uint64_t{layout_.edge_inside} * kLineBytes;
    const std::uint32_t stride = choices_.chance(50) ? 0 : choices_.pick(1u, lines);
    for (const std::uint32_t number : layout_.edge) {
      program_.segments[number] = {
          .begin = begin, .lines = lines, .lane_stride = stride, .from_end = true};
    }
    if (layout_.edge.size() == channels()) {
      layout_.product_edge = layout_.edge.front();
      layout_.product_lines = lines;
      layout_.product_inside = layout_.edge_inside;
    } else if (choices_.chance(50)) {
      cut_matrices(lines);
    }
  }

  // All channels' matrices are followed by `more` lines, which one channel's memory does not have.
  // Not a channel in which the program stores at that end: nobody stores to matrices.
  void cut_matrices(std::uint32_t more) {
    layout_.matrix_size += more;
    layout_.product_edge = layout_.number[kMatrices];
    layout_.product_lines = layout_.matrix_size;
    layout_.product_inside = layout_.matrix_lines;
    for (std::uint32_t c = 0; c < channels(); ++c) {
      program_.segments[layout_.number[kMatrices] + c].lines += more;
      ends_[c] += std::uint64_t{kLineBytes} * more;
    }
    std::uint32_t cut = choices_.pick(0u, channels() - 1);
    const auto stored_to = [&](std::uint32_t c) {
      return std::ranges::any_of(layout_.edge,
                                 [&](std::uint32_t s) { return s % channels() == c; });
    };
    while (stored_to(cut)) cut = (cut + 1) % channels();
    RandomProgram::Segment& segment = program_.segments[layout_.number[kMatrices] + cut];
    segment.begin = -std::uint64_t{layout_.matrix_lines} * kLineBytes;
    segment.lines = layout_.matrix_size;
    segment.from_end = true;
  }

  void place_closed(std::uint32_t lines) {
    if (choices_.chance(50)) return;
    layout_.closed_room = choices_.pick(1u, 2 * lines);
    const std::uint32_t stride = choices_.chance(50) ? 0 : choices_.pick(1u, lines);
    for (const std::uint32_t number : layout_.closed) {
      program_.segments[number] = {.begin = -std::uint64_t{layout_.closed_room} * kLineBytes,
                                   .lines = 0xFFFFFFFF,
                                   .lane_stride = stride,
                                   .absolute = true};
    }
  }

  void fill_images() {
    for (const std::uint64_t end : ends_) {
      std::vector<std::byte>& image = program_.images.emplace_back(end);
      for (std::uint64_t i = 0; i + 4 <= end; i += 4) {
        const std::int32_t value = choices_.fix_value();
        std::memcpy(&image[i], &value, 4);
      }
    }
    const RandomProgram::Segment& q8 = program_.segments[layout_.number[kQ8Data]];
    fill(layout_.number[kQ8Data], q8.lines + q8.lane_stride * (capabilities_.lanes - 1),
         [&] { return choices_.pick(-127, 127); });
    for (std::uint32_t c = 0; c < channels(); ++c) {
      const std::uint32_t number = layout_.number[kMatrices] + c;
      if (program_.segments[number].from_end) continue;  // behind the image: what is there
      fill(number, program_.segments[number].lines, [&] { return choices_.pick(0, 255); });
    }
  }

  template <typename Function>
  void fill(std::uint32_t number, std::uint32_t lines, Function byte) {
    std::vector<std::byte>& image = program_.images[number % channels()];
    const std::uint64_t begin = program_.segments[number].begin;
    for (std::uint64_t i = 0; i < std::uint64_t{lines} * kLineBytes; ++i) {
      image[begin + i] = static_cast<std::byte>(byte());
    }
  }

  RandomProgram& program_;
  RandomChoices& choices_;
  const Capabilities& capabilities_;
  RandomLayout layout_;
  std::vector<std::uint64_t> ends_;  // of what is placed in each channel
};

}  // namespace

RandomLayout lay_out_memory(RandomProgram& program, RandomChoices& choices,
                            const Capabilities& capabilities) {
  return Layouter(program, choices, capabilities).lay_out();
}

std::uint64_t image_bytes(const Capabilities& capabilities) {
  const std::uint64_t vector = fix_lines(capabilities.vector_length);
  const std::uint64_t copies = 14 * vector + 4 * kMaxApart;
  return kLineBytes *
         (copies * capabilities.lanes + 6 * vector + kRoles * kMaxGap + 2 * kMaxMatrixLines);
}

std::vector<std::uint32_t> active_lanes(const RandomProgram& program) {
  std::vector<std::uint32_t> lanes;
  for (std::uint32_t lane = 0; lane < program.tokens.size(); ++lane) {
    if ((program.lane_mask >> lane & 1) != 0) lanes.push_back(lane);
  }
  if (lanes.empty()) lanes.push_back(0);
  return lanes;
}

std::uint32_t greatest_token(const RandomProgram& program) {
  std::uint32_t greatest = 0;
  for (const std::uint32_t lane : active_lanes(program)) {
    greatest = std::max(greatest, program.tokens[lane]);
  }
  return greatest;
}

}  // namespace sterna::rtl
