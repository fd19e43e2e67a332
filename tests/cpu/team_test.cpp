// SPDX-License-Identifier: Apache-2.0
#include "host/cpu/team.h"

#include <gtest/gtest.h>

#include <vector>

#include "support/error.h"

namespace sterna::cpu {
namespace {

TEST(Team, EveryPieceIsDoneOnce) {
  for (const unsigned threads : {1u, 2u, 5u}) {
    Team team(threads);
    ASSERT_EQ(team.size(), threads);
    for (std::uint32_t pieces = 0; pieces < 300; ++pieces) {
      std::vector<unsigned> done(pieces, 0);
      team.run(pieces, [&](std::uint32_t piece) { ++done.at(piece); });
      ASSERT_EQ(done, std::vector<unsigned>(pieces, 1));
    }
  }
}

TEST(Team, WhatOneCallWroteTheNextOneReads) {
  constexpr std::uint32_t kPieces = 7;
  Team team(3);
  std::vector<unsigned> numbers(kPieces, 1);
  for (unsigned i = 0; i < 1000; ++i) {
    std::vector<unsigned> sums(kPieces, 0);
    team.run(kPieces, [&](std::uint32_t piece) {
      for (const unsigned n : numbers) sums[piece] += n;
    });
    team.run(kPieces, [&](std::uint32_t p) { numbers[p] = sums[(p + 1) % kPieces] % 1000; });
    const unsigned expected = sums[0] % 1000;
    for (const unsigned n : numbers) ASSERT_EQ(n, expected);
  }
}

TEST(Team, WhatAPieceThrowsReachesTheCaller) {
  constexpr std::uint32_t kPieces = 20;
  for (const unsigned threads : {1u, 2u, 5u}) {
    Team team(threads);
    for (std::uint32_t bad = 0; bad < kPieces; ++bad) {
      try {
        team.run(kPieces, [&](std::uint32_t piece) {
          if (piece == bad) throw Error("piece {}", piece);
        });
        FAIL() << bad;
      } catch (const Error& error) {
        EXPECT_EQ(error.what(), fmt::format("piece {}", bad));
      }
      // It is as good as new, also when every piece throws.
      EXPECT_THROW(team.run(kPieces, [](std::uint32_t) { throw Error("all"); }), Error);
      std::vector<unsigned> done(kPieces, 0);
      team.run(kPieces, [&](std::uint32_t piece) { ++done.at(piece); });
      ASSERT_EQ(done, std::vector<unsigned>(kPieces, 1));
    }
  }
}

TEST(Team, EndsWithoutACall) {
  for (unsigned i = 0; i < 50; ++i) Team team(4);
}

}  // namespace
}  // namespace sterna::cpu
