// SPDX-License-Identifier: Apache-2.0
// Where several ranks have computed a share of a phase's products each: all get the whole of them.
#include <algorithm>

#include "host/cpu/executor.h"

namespace sterna::cpu {

// Calls copy(words, count) for each stretch of a rank's results.
template <typename Copy>
void Executor::for_rows_of(unsigned rank, Copy copy) {
  for (const Product* product : running_) {
    const Range rows = product->matrix->rows_of({rank, ranks_->size()});
    for (const ProductColumn& column : product->columns) {
      copy(column.out + rows.first, rows.count());
    }
  }
}

// A rank's part: a word for each product that says whether something was clamped, and its rows.
void Executor::exchange() {
  std::vector<std::size_t> firsts = {0};
  for (unsigned r = 0; r < ranks_->size(); ++r) {
    std::size_t words = running_.size();
    for_rows_of(r, [&](const fix*, std::size_t count) { words += count; });
    firsts.push_back(firsts.back() + words);
  }
  exchanged_.resize(firsts.back());
  auto at = exchanged_.begin() + static_cast<std::ptrdiff_t>(firsts[ranks_->rank()]);
  for (const Product* product : running_) *at++ = has_clamped(*product->operation) ? 1 : 0;
  for_rows_of(ranks_->rank(),
              [&](const fix* words, std::size_t count) { at = std::copy_n(words, count, at); });
  ranks_->gather(exchanged_, firsts);
  for (unsigned r = 0; r < ranks_->size(); ++r) {
    if (r == ranks_->rank()) continue;
    at = exchanged_.begin() + static_cast<std::ptrdiff_t>(firsts[r]);
    for (const Product* product : running_) {
      if (*at++ != 0) note_clamped(*product->operation);
    }
    for_rows_of(r, [&](fix* words, std::size_t count) {
      std::copy_n(at, count, words);
      at += static_cast<std::ptrdiff_t>(count);
    });
  }
}

}  // namespace sterna::cpu
