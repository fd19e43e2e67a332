// SPDX-License-Identifier: Apache-2.0
// TOPK's list against sorting.
#include "isa/top_list.h"

#include <gtest/gtest.h>

#include <limits>
#include <random>
#include <vector>

namespace sterna::golden {
namespace {

constexpr std::int32_t kMin = std::numeric_limits<std::int32_t>::min();

void expect_greatest(std::vector<TopList::Entry> merged, const TopList& list) {
  merged.resize(merged.size() + kTopEntries);  // the empty places
  std::ranges::sort(merged, [](const auto& a, const auto& b) {
    return a.value > b.value || (a.value == b.value && a.id < b.id);
  });
  for (std::size_t i = 0; i < kTopEntries; ++i) {
    ASSERT_EQ(list.entries()[i].value, merged[i].value) << i;
    ASSERT_EQ(list.entries()[i].id, merged[i].id) << i;
  }
}

TEST(TopList, IsEmptyAtFirst) {
  const TopList list;
  for (const TopList::Entry& entry : list.entries()) {
    EXPECT_EQ(entry.value, kMin);
    EXPECT_EQ(entry.id, 0xFFFFFFFFu);
  }
}

TEST(TopList, KeepsTheGreatestOfManyAndOfEqualOnesTheLowestIds) {
  std::mt19937 random(1);
  for (const std::int32_t spread : {2, 20, 1'000'000}) {
    for (const unsigned count : {1u, 15u, 16u, 17u, 500u}) {
      TopList list;
      std::vector<TopList::Entry> merged;
      for (unsigned i = 0; i < count; ++i) {
        const auto value = static_cast<std::int32_t>(random() % (2 * spread)) - spread;
        merged.push_back({value, static_cast<std::uint32_t>(random() % 300)});
        list.merge(merged.back());
      }
      expect_greatest(merged, list);
    }
  }
}

TEST(TopList, TheLeastElementGoesBeforeAnEmptyPlace) {
  TopList list;
  list.merge({kMin, 0xFFFFFFFE});
  EXPECT_EQ(list.entries()[0].id, 0xFFFFFFFEu);
  EXPECT_EQ(list.entries()[1].id, 0xFFFFFFFFu);
}

TEST(TopList, KeepsTheSameElementTwice) {
  TopList list;
  list.merge({5, 7});
  list.merge({5, 7});
  EXPECT_EQ(list.entries()[1].value, 5);
  EXPECT_EQ(list.entries()[1].id, 7u);
  EXPECT_EQ(list.entries()[2].value, kMin);
}

}  // namespace
}  // namespace sterna::golden
