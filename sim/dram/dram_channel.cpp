// SPDX-License-Identifier: Apache-2.0
#include "sim/dram/dram_channel.h"

#include <algorithm>

namespace sterna::dram {

DramChannel::DramChannel(const DramOptions& options)
    : options_(options), t_(options.timing), refresh_due_(options.timing.tREFI) {
  reads_.reserve(options.read_queue);
  writes_.reserve(options.write_queue);
}

void DramChannel::advance(std::uint64_t cycle) {
  while (now_ < cycle) {
    if (idle()) skip_idle(cycle);
    if (wake_ >= cycle) break;
    now_ = std::max(now_, wake_);
    step();
  }
  now_ = std::max(now_, cycle);
}

// With nothing queued only refreshes happen. When nobody watches, whole periods of them are
// counted, not run: once a refresh has closed every bank, they change nothing.
void DramChannel::skip_idle(std::uint64_t cycle) {
  wake_ = std::max(wake_, refresh_due_);
  const bool closed = std::ranges::none_of(banks_, &Bank::open);
  const std::uint64_t margin = std::uint64_t{2} * t_.tREFI;
  if (!closed || options_.observer || cycle < refresh_due_ + margin) return;
  const std::uint64_t periods = (cycle - refresh_due_) / t_.tREFI - 1;
  refresh_due_ += periods * t_.tREFI;
  stats_.refreshes += periods;
  wake_ = refresh_due_;
}

void DramChannel::submit(std::uint64_t address, bool write, std::uint64_t tag) {
  const std::uint64_t line = address / kDramLineBytes * kDramLineBytes;
  const Access access{.address = line,
                      .tag = tag,
                      .arrival = now_,
                      .location = dram_location(line, t_.lines_per_row)};
  if (!write && std::ranges::find(writes_, line, &Access::address) != writes_.end()) {
    ++stats_.forwarded;
    complete(access, now_ + 1, false);
    return;
  }
  (write ? writes_ : reads_).push_back(access);
  wake_ = now_;
}

// One cycle: at most one command. Leaves in wake_ the next cycle that may have one.
void DramChannel::step() {
  wake_ = kNever;
  if (now_ >= refresh_due_) {
    if (!refresh()) return;
  } else {
    wake_ = refresh_due_;
    set_direction();
    choose(writing_ ? writes_ : reads_, writing_);
  }
}

// All banks close and are refreshed; nothing else is issued meanwhile. True when a command was.
bool DramChannel::refresh() {
  std::uint64_t ready = 0;
  const bool open = std::ranges::any_of(banks_, &Bank::open);
  for (const Bank& bank : banks_) {
    ready = std::max(ready, open ? (bank.open ? bank.next_precharge : 0) : bank.next_activate);
  }
  if (ready > now_) {
    wake_ = ready;
    return false;
  }
  for (Bank& bank : banks_) {
    if (open) {
      if (bank.open) bank.next_activate = std::max(bank.next_activate, now_ + t_.tRP);
      bank.open = false;
    } else {
      bank.next_activate = now_ + t_.tRFC;
    }
  }
  if (!open) {
    refresh_due_ += t_.tREFI;
    ++stats_.refreshes;
  }
  issue(open ? DramOp::kPrechargeAll : DramOp::kRefresh, {});
  return true;
}

void DramChannel::set_direction() {
  const std::size_t high = options_.write_queue * 3 / 4, low = options_.write_queue / 4;
  if (writing_) {
    writing_ = !writes_.empty() && (reads_.empty() || writes_.size() > low);
  } else {
    writing_ = !writes_.empty() && (reads_.empty() || writes_.size() >= high);
  }
}

std::uint64_t DramChannel::column_time(const DramLocation& location, bool write) const {
  const Window& group = groups_[location.group];
  return std::max({banks_[location.bank].next_column, write ? group.write : group.read,
                   write ? rank_.write : rank_.read});
}

std::uint64_t DramChannel::activate_time(const DramLocation& location) const {
  const std::uint64_t window =
      stats_.activates < 4 ? 0 : last_activates_[oldest_activate_] + t_.tFAW;
  return std::max({banks_[location.bank].next_activate, groups_[location.group].activate,
                   rank_.activate, window});
}

void DramChannel::choose(std::vector<Access>& queue, bool write) {
  unsigned seen = 0;                    // banks of older accesses
  unsigned wanted = 0;                  // banks whose open row is wanted
  unsigned expired = 0;                 // banks whose open row was wanted long enough
  std::array<Access*, kBanks> openers;  // of each seen bank the oldest that needs a row opened
  unsigned opener_count = 0;
  for (std::size_t i = 0; i < queue.size(); ++i) {
    Access& access = queue[i];
    const unsigned bit = 1u << access.location.bank;
    const Bank& bank = banks_[access.location.bank];
    if (bank.open && bank.row == access.location.row) {
      if (expired & bit) continue;
      const std::uint64_t time = column_time(access.location, write);
      if (time <= now_) return column(queue, i, write);
      wake_ = std::min(wake_, time);
      wanted |= bit;
    } else if ((seen & bit) == 0) {
      if (now_ - access.arrival >= kStarvationLimit) expired |= bit;
      openers[opener_count++] = &access;
      seen |= bit;
    }
  }
  for (unsigned i = 0; i < opener_count; ++i) {
    Access& access = *openers[i];
    const Bank& bank = banks_[access.location.bank];
    if (bank.open && (wanted >> access.location.bank & 1)) continue;
    const std::uint64_t time = bank.open ? bank.next_precharge : activate_time(access.location);
    if (time <= now_) return bank.open ? precharge(access) : activate(access);
    wake_ = std::min(wake_, time);
  }
}

void DramChannel::activate(Access& access) {
  const DramLocation& location = access.location;
  Bank& bank = banks_[location.bank];
  bank.open = true;
  bank.row = location.row;
  bank.next_column = now_ + t_.tRCD;
  bank.next_precharge = now_ + t_.tRAS;
  bank.next_activate = now_ + t_.tRC;
  groups_[location.group].activate = now_ + t_.tRRD_L;
  rank_.activate = now_ + t_.tRRD_S;
  last_activates_[oldest_activate_] = now_;
  oldest_activate_ = (oldest_activate_ + 1) % 4;
  ++stats_.activates;
  access.activated = true;
  issue(DramOp::kActivate, location);
}

void DramChannel::precharge(Access& access) {
  Bank& bank = banks_[access.location.bank];
  bank.open = false;
  bank.next_activate = std::max(bank.next_activate, now_ + t_.tRP);
  access.precharged = true;
  issue(DramOp::kPrecharge, access.location);
}

void DramChannel::column(std::vector<Access>& queue, std::size_t index, bool write) {
  const Access access = queue[index];
  queue.erase(queue.begin() + static_cast<std::ptrdiff_t>(index));
  Bank& bank = banks_[access.location.bank];
  Window& group = groups_[access.location.group];
  if (write) {
    const std::uint64_t end = now_ + t_.CWL + t_.burst;
    bank.next_precharge = std::max(bank.next_precharge, end + t_.tWR);
    group.write = now_ + t_.tCCD_L;
    rank_.write = now_ + t_.tCCD_S;
    group.read = std::max(group.read, end + t_.tWTR_L);
    rank_.read = std::max(rank_.read, end + t_.tWTR_S);
    complete(access, end, true);
  } else {
    bank.next_precharge = std::max(bank.next_precharge, now_ + t_.tRTP);
    group.read = now_ + t_.tCCD_L;
    rank_.read = now_ + t_.tCCD_S;
    rank_.write = std::max(rank_.write, now_ + t_.tRTW);
    complete(access, now_ + t_.CL + t_.burst, false);
  }
  ++(access.precharged ? stats_.conflicts : access.activated ? stats_.misses : stats_.hits);
  issue(write ? DramOp::kWrite : DramOp::kRead, access.location);
}

void DramChannel::complete(const Access& access, std::uint64_t cycle, bool write) {
  ++(write ? stats_.writes : stats_.reads);
  const std::uint64_t latency = cycle - access.arrival;
  stats_.latency_sum += latency;
  stats_.latency_max = std::max(stats_.latency_max, latency);
  completions_.push_back({access.tag, cycle, write});
}

void DramChannel::issue(DramOp op, const DramLocation& location) {
  if (options_.observer) options_.observer({now_, op, location});
  ++now_;  // the command bus takes one command a cycle
  wake_ = now_;
}

}  // namespace sterna::dram
