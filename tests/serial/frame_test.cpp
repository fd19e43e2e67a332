// SPDX-License-Identifier: Apache-2.0
#include "host/serial/frame.h"

#include <gtest/gtest.h>

#include <array>
#include <random>

namespace sterna::serial {
namespace {

std::vector<std::byte> bytes_of(const Frame& frame, Direction direction = Direction::kReply) {
  std::vector<std::byte> bytes;
  append_frame(frame, direction, bytes);
  return bytes;
}

Frame random_frame(std::minstd_rand& random) {
  Frame frame{static_cast<std::uint8_t>(random()),
              static_cast<std::uint8_t>(random()),
              static_cast<std::uint32_t>(random()),
              {}};
  frame.payload.resize(random() % 40 == 0 ? serial_line::kMaxPayload : random() % 40);
  // Sync bytes are frequent: they may begin a frame anywhere.
  for (std::byte& byte : frame.payload) {
    byte = std::byte(random() % 4 == 0 ? serial_line::kReplySync : random() >> 8 & 0xFF);
  }
  return frame;
}

bool same(const Frame& a, const Frame& b) {
  return a.command == b.command && a.sequence == b.sequence && a.address == b.address &&
         a.payload == b.payload;
}

// The bytes of docs/serial.md's example.
TEST(Frame, BytesAreThoseOfThePage) {
  const std::vector<std::byte> bytes =
      bytes_of({1, 7, 0x12345678, {std::byte{0x40}, std::byte{0}}}, Direction::kRequest);
  constexpr std::array head = {0x5A, 0x01, 0x07, 0x02, 0x00, 0x78, 0x56, 0x34, 0x12, 0x40, 0x00};
  ASSERT_EQ(bytes.size(), head.size() + 4);
  for (std::size_t i = 0; i < head.size(); ++i) {
    EXPECT_EQ(std::to_integer<int>(bytes[i]), head[i]) << i;
  }
  EXPECT_EQ(word_at(bytes, 11, 4), 0xEABC8BD6u);
}

TEST(FrameParser, FindsFramesAmongNoiseByteByByte) {
  std::minstd_rand random(1);
  std::vector<Frame> frames;
  std::vector<std::byte> stream;
  for (int i = 0; i < 200; ++i) {
    // Noise without a sync byte, which might be the beginning of a frame.
    for (auto n = random() % 5; n > 0; --n) stream.push_back(std::byte(random() % 100));
    frames.push_back(random_frame(random));
    append_frame(frames.back(), Direction::kReply, stream);
  }
  FrameParser parser(Direction::kReply);
  std::size_t found = 0;
  for (const std::byte byte : stream) {
    parser.feed(std::span(&byte, 1));
    while (const auto frame = parser.next()) {
      ASSERT_LT(found, frames.size());
      EXPECT_TRUE(same(*frame, frames[found])) << found;
      ++found;
    }
  }
  EXPECT_EQ(found, frames.size());
}

TEST(FrameParser, DropsEveryFrameWithAWrongByteAndFindsTheNext) {
  std::minstd_rand random(2);
  const Frame frame = random_frame(random), next{2, 3, 4, {}};
  const std::vector<std::byte> good = bytes_of(frame);
  for (std::size_t wrong = 0; wrong < good.size(); ++wrong) {
    for (const int bit : {0, 3, 7}) {
      std::vector<std::byte> bytes = good;
      bytes[wrong] ^= std::byte(1 << bit);
      FrameParser parser(Direction::kReply);
      parser.feed(bytes);
      // A length that became longer swallows what follows, as far as it says.
      for (int i = 0; i < 200; ++i) parser.feed(bytes_of(next));
      int found = 0;
      while (const auto other = parser.next()) {
        EXPECT_TRUE(same(*other, next)) << wrong;
        ++found;
      }
      EXPECT_GT(found, 0) << wrong;
    }
  }
}

TEST(FrameParser, SkipsFramesOfTheOtherDirection) {
  FrameParser parser(Direction::kRequest);
  parser.feed(bytes_of({1, 2, 3, {}}, Direction::kReply));
  EXPECT_FALSE(parser.next());
  EXPECT_GT(parser.skipped(), 0u);
}

TEST(FrameParser, AnAbandonedBeginningHidesNoFrameBehindIt) {
  FrameParser parser(Direction::kReply);
  std::vector<std::byte> cut = bytes_of({1, 2, 3, std::vector<std::byte>(500)});
  cut.resize(20);
  parser.feed(cut);
  parser.feed(bytes_of({4, 5, 6, {}}));
  EXPECT_FALSE(parser.next());
  parser.abandon_partial();
  const auto frame = parser.next();
  ASSERT_TRUE(frame);
  EXPECT_EQ(frame->command, 4);
}

}  // namespace
}  // namespace sterna::serial
