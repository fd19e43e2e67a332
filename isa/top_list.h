// SPDX-License-Identifier: Apache-2.0
// TOPK's list: the greatest elements of a program so far.
#pragma once

#include <algorithm>
#include <array>
#include <cstdint>
#include <limits>
#include <span>
#include <utility>

#include "isa/generated/isa.h"

namespace sterna {

// kTopEntries entries, greatest value first and of equal values the lowest id first. An empty entry
// is one that anything goes before.
class TopList {
 public:
  struct Entry {
    std::int32_t value = std::numeric_limits<std::int32_t>::min();
    std::uint32_t id = std::numeric_limits<std::uint32_t>::max();

    bool before(const Entry& other) const {
      return value != other.value ? value > other.value : id < other.id;
    }
  };

  std::span<const Entry, kTopEntries> entries() const { return entries_; }

  // Equal entries stay side by side: the list is of what was merged, not of what is different.
  void merge(Entry entry) {
    for (Entry& place : entries_) {
      if (entry.before(place)) std::swap(entry, place);
    }
  }

 private:
  std::array<Entry, kTopEntries> entries_{};
};

}  // namespace sterna
