// SPDX-License-Identifier: Apache-2.0
#include "sim/rtl/axi_slave.h"

#include <algorithm>
#include <bit>
#include <cstring>
#include <limits>
#include <utility>

#include "support/error.h"

namespace sterna::rtl {
namespace {

constexpr std::uint64_t kPage = 4096;
constexpr std::uint32_t kIncrementing = 1;
constexpr std::uint32_t kMaxIds = 64;
constexpr std::size_t kNone = std::numeric_limits<std::size_t>::max();

}  // namespace

AxiSlave::AxiSlave(unsigned beat_bytes, std::string name, const AxiSlaveBehaviour& behaviour)
    : beat_bytes_(beat_bytes), name_(std::move(name)), behaviour_(behaviour) {
  if (beat_bytes == 0 || beat_bytes > kMaxBeatBytes || !std::has_single_bit(beat_bytes)) {
    throw Error("axi memory: a beat of {} bytes is not supported", beat_bytes);
  }
}

void AxiSlave::broken(const std::string& rule) const {
  throw Error("{}: {} (cycle {})", name_, rule, cycle_);
}

// An address channel at the edge: checks its valid and payload, accepts it if the slave was ready.
void AxiSlave::accept(const AxiAddress& request, bool ready, const AxiAddress& held,
                      const char* name, std::deque<Burst>& queue) {
  if (held.valid && request != held) broken(fmt::format("{} changed before it was taken", name));
  if (!request.valid || !ready) return;
  const std::uint64_t bytes = std::uint64_t{request.len + 1} * beat_bytes_;
  if (request.id >= kMaxIds) broken(fmt::format("{} id {}", name, request.id));
  if (request.burst != kIncrementing) broken(fmt::format("{} burst type {}", name, request.burst));
  if ((1u << request.size) != beat_bytes_) broken(fmt::format("{} size {}", name, request.size));
  if (request.address % beat_bytes_ != 0) {
    broken(fmt::format("{} address {:#x} is not aligned", name, request.address));
  }
  if (request.address / kPage != (request.address + bytes - 1) / kPage) {
    broken(
        fmt::format("{} burst of {} bytes at {:#x} crosses 4 KiB", name, bytes, request.address));
  }
  queue.push_back({.serial = next_serial_++,
                   .id = request.id,
                   .address = request.address,
                   .beats = request.len + 1});
}

// A write beat accepted at the edge belongs to the oldest incomplete burst, or to the next address.
void AxiSlave::take_write_beat(const WriteBeat& beat) {
  const auto burst = std::ranges::find_if(writes_, [](const Burst& b) { return !b.complete(); });
  if (burst == writes_.end()) {
    early_.push_back(beat);
  } else {
    add_write_beat(*burst, beat);
  }
}

void AxiSlave::add_write_beat(Burst& burst, const WriteBeat& beat) {
  if (beat.last != (burst.done + 1 == burst.beats)) {
    broken(fmt::format("wlast is {} at beat {} of {}", beat.last, burst.done + 1, burst.beats));
  }
  burst.data.push_back(beat);
  if (++burst.done == burst.beats) write_complete(burst);
}

// The burst to respond to next: the first of its ID, due, and for writes complete; or kNone.
std::size_t AxiSlave::pick(const std::deque<Burst>& queue, bool write) {
  std::size_t chosen = kNone;
  unsigned candidates = 0;
  std::uint64_t seen = 0;  // a bit an ID
  for (std::size_t i = 0; i < queue.size(); ++i) {
    const std::uint64_t id = std::uint64_t{1} << queue[i].id;
    if ((seen & id) != 0) continue;
    seen |= id;
    const bool due = write ? queue[i].complete() && write_due(queue[i]) : read_due(queue[i]);
    if (due && prefer(++candidates)) chosen = i;
    if (!may_overtake()) break;
  }
  return chosen;
}

void AxiSlave::respond_to_writes(AxiPins& pins) {
  if (pins.bvalid && !pins.bready) return;
  pins.bvalid = false;
  if (writes_.empty() || stall()) return;
  const std::size_t index = pick(writes_, true);
  if (index == kNone) return;
  pins.bvalid = true;
  pins.bid = writes_[index].id;
  pins.bresp = finish_write(writes_[index]);
  writes_.erase(writes_.begin() + static_cast<std::ptrdiff_t>(index));
}

void AxiSlave::drive_reads(AxiPins& pins) {
  if (pins.rvalid && !pins.rready) return;
  pins.rvalid = false;
  if (reads_.empty() || stall()) return;
  const std::size_t index = pick(reads_, false);
  if (index == kNone) return;
  Burst& burst = reads_[index];
  pins.rvalid = true;
  pins.rid = burst.id;
  pins.rresp = read_beat(burst, pins.rdata);
  if (pins.rresp != AxiResponse::kOkay) pins.rdata.fill(std::byte{0});
  ++burst.done;
  pins.rlast = burst.complete();
  if (pins.rlast) reads_.erase(reads_.begin() + static_cast<std::ptrdiff_t>(index));
}

void AxiSlave::clock(AxiPins& pins) {
  ++cycle_;
  const std::size_t known_reads = reads_.size();
  accept(pins.ar, pins.arready, held_ar_, "ar", reads_);
  if (reads_.size() != known_reads) read_accepted(reads_.back());
  const std::size_t known_writes = writes_.size();
  accept(pins.aw, pins.awready, held_aw_, "aw", writes_);
  while (writes_.size() != known_writes && !early_.empty() && !writes_.back().complete()) {
    add_write_beat(writes_.back(), early_.front());
    early_.pop_front();
  }
  held_ar_ = pins.ar;
  held_ar_.valid = pins.ar.valid && !pins.arready;
  held_aw_ = pins.aw;
  held_aw_.valid = pins.aw.valid && !pins.awready;

  const WriteBeat beat{pins.wvalid, pins.wlast, pins.wstrb, pins.wdata};
  if (held_w_.valid && (!beat.valid || beat.last != held_w_.last || beat.strobe != held_w_.strobe ||
                        std::memcmp(beat.data.data(), held_w_.data.data(), beat_bytes_) != 0)) {
    broken("w changed before it was taken");
  }
  if (pins.wvalid && pins.wready) take_write_beat(beat);
  held_w_.valid = false;
  if (pins.wvalid && !pins.wready) held_w_ = beat;

  respond_to_writes(pins);
  drive_reads(pins);
  set_readies(pins);
}

void AxiSlave::set_readies(AxiPins& pins) {
  const bool open = std::ranges::any_of(writes_, [](const Burst& b) { return !b.complete(); });
  const bool whole = !early_.empty() && early_.back().last;  // a burst's data without its address
  bool address = writes_.size() < kMaxOutstanding;
  bool data = open || !whole;
  switch (behaviour_.write_order) {
    case AxiWriteOrder::kAddressFirst:  // it then knows where each beat goes
      data = open;
      break;
    case AxiWriteOrder::kDataFirst:
      address = address && !open && (!early_.empty() || held_w_.valid);
      break;
    case AxiWriteOrder::kWholeDataFirst:
      address = address && whole;
      break;
    case AxiWriteOrder::kAny:
      break;
  }
  const auto ready = [&](bool may, bool waiting) {
    return may && (waiting || !behaviour_.ready_waits) && !stall();
  };
  pins.arready = ready(reads_.size() < kMaxOutstanding, held_ar_.valid);
  pins.awready = ready(address, held_aw_.valid);
  pins.wready = ready(data, held_w_.valid);
}

}  // namespace sterna::rtl
