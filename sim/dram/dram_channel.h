// SPDX-License-Identifier: Apache-2.0
// The timing of one DDR4 channel and its controller: when does each 64-byte access move its data?
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <limits>
#include <vector>

#include "sim/dram/address_map.h"
#include "sim/dram/dram_timing.h"

namespace sterna::dram {

enum class DramOp : std::uint8_t { kActivate, kRead, kWrite, kPrecharge, kPrechargeAll, kRefresh };

// What the controller put on the command bus. `location` counts as far as the command has it.
struct DramCommand {
  std::uint64_t cycle = 0;
  DramOp op = DramOp::kRefresh;
  DramLocation location;
};

struct DramOptions {
  DramTiming timing;
  unsigned read_queue = 32;
  unsigned write_queue = 32;
  std::function<void(const DramCommand&)> observer{};  // sees every command; may be empty
};

struct DramStats {
  std::uint64_t reads = 0, writes = 0;
  std::uint64_t forwarded = 0;  // reads served by the write queue
  std::uint64_t hits = 0;       // the row was open,
  std::uint64_t misses = 0;     // the bank was closed,
  std::uint64_t conflicts = 0;  // another row was open
  std::uint64_t activates = 0, refreshes = 0;
  std::uint64_t latency_sum = 0, latency_max = 0;  // cycles from submit to the last data
};

// Cycles are of the 1,200 MHz memory clock, counted from 0. The engine moves no data: an access has
// its position in memory's order when it is submitted.
//
// Open page, first ready first come (FR-FCFS): each cycle the oldest access that can move its data
// does; else the oldest that needs its row opened or another row closed gets that command. A row is
// closed only when no queued access wants it, or when one to another row of its bank has waited for
// kStarvationLimit cycles. Writes wait in their queue until it is three quarters full or there is
// nothing to read, and are then sent together, because turning the bus costs time. A read of a line
// that waits to be written is forwarded from the queue. Every tREFI all banks close for a refresh.
class DramChannel {
 public:
  static constexpr std::uint64_t kNever = std::numeric_limits<std::uint64_t>::max();
  static constexpr std::uint64_t kStarvationLimit = 1024;

  struct Completion {
    std::uint64_t tag = 0;
    std::uint64_t cycle = 0;  // in which the last data is on the bus, plus one
    bool write = false;
  };

  explicit DramChannel(const DramOptions& options = {});

  // Runs the cycles before `cycle`.
  void advance(std::uint64_t cycle);
  std::uint64_t now() const { return now_; }

  bool can_accept(bool write) const {
    return write ? writes_.size() < options_.write_queue : reads_.size() < options_.read_queue;
  }
  // One access to the line at `address`, in cycle now(). Only while can_accept().
  void submit(std::uint64_t address, bool write, std::uint64_t tag);

  // Accesses whose data is scheduled, in the order of their column commands; the caller clears it.
  std::vector<Completion>& completions() { return completions_; }

  // The cycle of the next command, kNever when there is nothing to do but refresh; an access that
  // is submitted may come first.
  std::uint64_t next_action() const { return idle() ? kNever : wake_; }

  bool idle() const { return reads_.empty() && writes_.empty(); }
  const DramStats& stats() const { return stats_; }

 private:
  struct Access {
    std::uint64_t address = 0;
    std::uint64_t tag = 0;
    std::uint64_t arrival = 0;
    DramLocation location;
    bool activated = false;  // a command was spent on it
    bool precharged = false;
  };
  struct Bank {
    bool open = false;
    unsigned row = 0;
    std::uint64_t next_activate = 0, next_column = 0, next_precharge = 0;
  };
  // Earliest next commands of a bank group, or of the whole rank.
  struct Window {
    std::uint64_t activate = 0, read = 0, write = 0;
  };

  void step();
  bool refresh();
  void choose(std::vector<Access>& queue, bool write);
  void set_direction();
  std::uint64_t activate_time(const DramLocation& location) const;
  std::uint64_t column_time(const DramLocation& location, bool write) const;
  void activate(Access& access);
  void precharge(Access& access);
  void column(std::vector<Access>& queue, std::size_t index, bool write);
  void skip_idle(std::uint64_t cycle);
  void issue(DramOp op, const DramLocation& location);
  void complete(const Access& access, std::uint64_t cycle, bool write);

  DramOptions options_;
  DramTiming t_;
  std::uint64_t now_ = 0;   // the next cycle to run
  std::uint64_t wake_ = 0;  // nothing can be issued before
  std::uint64_t refresh_due_;
  bool writing_ = false;

  std::array<Bank, kBanks> banks_{};
  std::array<Window, kBankGroups> groups_{};
  Window rank_;
  std::array<std::uint64_t, 4> last_activates_{};  // a ring: plus tFAW, when the next may come
  unsigned oldest_activate_ = 0;

  std::vector<Access> reads_, writes_;  // oldest first
  std::vector<Completion> completions_;
  DramStats stats_;
};

}  // namespace sterna::dram
