// SPDX-License-Identifier: Apache-2.0
#include "tests/dram/timing_checker.h"

#include <fmt/format.h>

#include <algorithm>

namespace sterna::dram {
namespace {

bool is_column(const DramCommand& c) { return c.op == DramOp::kRead || c.op == DramOp::kWrite; }
bool same_bank(const DramCommand& a, const DramCommand& b) {
  return a.location.bank == b.location.bank;
}
bool closes(const DramCommand& command, unsigned bank) {
  return command.op == DramOp::kPrechargeAll ||
         (command.op == DramOp::kPrecharge && command.location.bank == bank);
}

}  // namespace

void TimingChecker::require(const char* rule, const DramCommand& before, const DramCommand& now,
                            std::uint64_t least) {
  if (now.cycle - before.cycle >= least) return;
  violations_.push_back(fmt::format("{}: {} cycles at cycle {}, at least {}", rule,
                                    now.cycle - before.cycle, now.cycle, least));
}

void TimingChecker::compare_columns(const DramCommand& before, const DramCommand& now) {
  const bool same_group = before.location.bank / 4 == now.location.bank / 4;
  if (before.op == now.op) {
    require(same_group ? "tCCD_L" : "tCCD_S", before, now, same_group ? t_.tCCD_L : t_.tCCD_S);
  } else if (before.op == DramOp::kRead) {
    require("tRTW", before, now, t_.tRTW);
  } else {
    const unsigned turn = same_group ? t_.tWTR_L : t_.tWTR_S;
    require(same_group ? "tWTR_L" : "tWTR_S", before, now, t_.CWL + 4 + turn);
  }
}

void TimingChecker::compare(const DramCommand& before, const DramCommand& now) {
  require("command bus", before, now, 1);
  if (before.op == DramOp::kRefresh) {
    if (now.op == DramOp::kActivate || now.op == DramOp::kRefresh)
      require("tRFC", before, now, t_.tRFC);
    return;
  }
  if (is_column(before) && is_column(now)) compare_columns(before, now);
  if (before.op == DramOp::kActivate) {
    if (now.op == DramOp::kActivate) {
      const bool same_group = before.location.bank / 4 == now.location.bank / 4;
      require(same_group ? "tRRD_L" : "tRRD_S", before, now, same_group ? t_.tRRD_L : t_.tRRD_S);
      if (same_bank(before, now)) require("tRC", before, now, t_.tRC);
    }
    if (is_column(now) && same_bank(before, now)) require("tRCD", before, now, t_.tRCD);
    if (closes(now, before.location.bank)) require("tRAS", before, now, t_.tRAS);
  }
  if (before.op == DramOp::kRead && closes(now, before.location.bank))
    require("tRTP", before, now, t_.tRTP);
  if (before.op == DramOp::kWrite && closes(now, before.location.bank))
    require("tWR", before, now, t_.CWL + 4 + t_.tWR);
  if ((now.op == DramOp::kActivate && closes(before, now.location.bank)) ||
      (now.op == DramOp::kRefresh &&
       (before.op == DramOp::kPrecharge || before.op == DramOp::kPrechargeAll)))
    require("tRP", before, now, t_.tRP);
}

// Columns only of the open row, ACT only of a closed bank, REF only when all are closed.
void TimingChecker::check_rows(const DramCommand& now) {
  if (!rows_known_) std::fill(std::begin(open_row_), std::end(open_row_), -1);
  rows_known_ = true;
  int& row = open_row_[now.location.bank];
  bool right = true;
  switch (now.op) {
    case DramOp::kActivate:
      right = row < 0;
      row = static_cast<int>(now.location.row);
      break;
    case DramOp::kRead:
    case DramOp::kWrite:
      right = row == static_cast<int>(now.location.row);
      break;
    case DramOp::kPrecharge:
      right = row >= 0;
      row = -1;
      break;
    case DramOp::kPrechargeAll:
      std::fill(std::begin(open_row_), std::end(open_row_), -1);
      break;
    case DramOp::kRefresh:
      right = std::all_of(std::begin(open_row_), std::end(open_row_), [](int r) { return r < 0; });
      last_refresh_ = now.cycle;
      break;
  }
  if (!right) violations_.push_back(fmt::format("row state at cycle {}", now.cycle));
}

void TimingChecker::observe(const DramCommand& command) {
  ++counts_[static_cast<unsigned>(command.op)];
  check_rows(command);
  finish(command.cycle);
  const std::uint64_t reach = std::max({t_.tRFC, t_.tRC, t_.tFAW, t_.CWL + 4 + t_.tWR});
  std::erase_if(recent_, [&](const DramCommand& c) { return c.cycle + reach < command.cycle; });
  for (const DramCommand& before : recent_) compare(before, command);
  recent_.push_back(command);
  if (command.op == DramOp::kActivate) {
    const auto in_window = std::count_if(recent_.begin(), recent_.end(), [&](const DramCommand& c) {
      return c.op == DramOp::kActivate && c.cycle + t_.tFAW > command.cycle;
    });
    if (in_window > 4) violations_.push_back(fmt::format("tFAW at cycle {}", command.cycle));
  }
}

void TimingChecker::finish(std::uint64_t cycle) {
  if (cycle - last_refresh_ <= std::uint64_t{9} * t_.tREFI) return;
  violations_.push_back(fmt::format("tREFI: no refresh for {} cycles", cycle - last_refresh_));
  last_refresh_ = cycle;
}

}  // namespace sterna::dram
