// SPDX-License-Identifier: Apache-2.0
#include "host/runtime/passes.h"

#include <algorithm>
#include <map>

namespace sterna::runtime {
namespace {

using Sequences = std::map<unsigned, std::vector<std::size_t>>;

// The last `shared` columns of each sequence go through passes that sequences share; what is before
// them takes passes of its own.
std::size_t passes_with(const Sequences& sequences, std::size_t shared, unsigned lanes) {
  std::size_t passes = shared;
  for (const auto& [sequence, columns] : sequences) {
    passes += (columns.size() - std::min(columns.size(), shared) + lanes - 1) / lanes;
  }
  return passes;
}

}  // namespace

std::vector<Pass> plan_passes(std::span<const engine::Column> columns, unsigned lanes) {
  Sequences sequences;
  std::size_t longest = 0;
  for (std::size_t i = 0; i < columns.size(); ++i) {
    auto& own = sequences[columns[i].sequence];
    own.push_back(i);
    longest = std::max(longest, own.size());
  }
  std::size_t shared = longest;
  for (std::size_t i = longest; i-- > 0;) {
    if (passes_with(sequences, i, lanes) < passes_with(sequences, shared, lanes)) shared = i;
  }

  std::vector<Pass> passes;
  std::vector<Pass> together(shared);
  for (const auto& [sequence, own] : sequences) {
    const std::size_t alone = own.size() - std::min(own.size(), shared);
    for (std::size_t i = 0; i < alone; i += lanes) {
      const auto begin = own.begin() + static_cast<std::ptrdiff_t>(i);
      const auto count = static_cast<std::ptrdiff_t>(std::min<std::size_t>(lanes, alone - i));
      passes.push_back({true, {begin, begin + count}});
    }
    for (std::size_t i = alone; i < own.size(); ++i) together[i - alone].columns.push_back(own[i]);
  }
  passes.insert(passes.end(), together.begin(), together.end());
  return passes;
}

}  // namespace sterna::runtime
