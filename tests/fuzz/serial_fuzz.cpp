// SPDX-License-Identifier: Apache-2.0
// The serial line's frames: whatever comes, no frame is found that its bytes do not say, and a
// board does not leave its memory. The first byte says into what pieces the rest is cut.
#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <memory>
#include <span>
#include <vector>

#include "host/serial/frame.h"
#include "sim/golden/golden_device.h"
#include "tests/serial/board_model.h"

namespace {

using sterna::serial::Direction;
using sterna::serial::FrameParser;

constexpr std::uint32_t kMemoryBytes = 1 << 16;

void expect(bool holds) {
  if (!holds) std::abort();
}

void parse(std::span<const std::byte> bytes, std::size_t piece) {
  FrameParser parser(Direction::kReply);
  std::size_t found = 0;
  for (std::size_t at = 0; at < bytes.size(); at += piece) {
    parser.feed(bytes.subspan(at, std::min(piece, bytes.size() - at)));
    while (const auto frame = parser.next()) {
      std::vector<std::byte> again;
      sterna::serial::append_frame(*frame, Direction::kReply, again);
      found += again.size();
    }
  }
  expect(found + parser.skipped() <= bytes.size());
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  if (size == 0) return 0;
  const std::span bytes(reinterpret_cast<const std::byte*>(data) + 1, size - 1);
  parse(bytes, data[0] + std::size_t{1});
  sterna::golden::GoldenOptions options;
  options.memory_bytes = kMemoryBytes;
  sterna::serial::BoardModel board(sterna::golden::make_golden_device(options), kMemoryBytes);
  const std::vector<std::byte> answers = board.take(bytes);
  FrameParser parser(Direction::kReply);
  parser.feed(answers);
  while (parser.next()) {
  }
  expect(parser.skipped() == 0);
  return 0;
}
