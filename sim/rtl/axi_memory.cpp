#include "sim/rtl/axi_memory.h"

#include <algorithm>
#include <bit>
#include <cstring>
#include <limits>

#include "host/support/error.h"

namespace sterna {
namespace {

constexpr std::size_t kMaxOutstanding =
    32;  // bursts a direction: what a DDR4 controller's queue may hold
constexpr std::uint64_t kPage = 4096;
constexpr std::uint32_t kIncrementing = 1;
constexpr std::size_t kNone = std::numeric_limits<std::size_t>::max();

}  // namespace

AxiMemory::AxiMemory(Memory& memory, unsigned beat_bytes, const AxiMemoryOptions& options)
    : memory_(memory),
      beat_bytes_(beat_bytes),
      options_(options),
      stall_threshold_(static_cast<std::uint64_t>(options.stall_probability *
                                                  static_cast<double>(std::minstd_rand::max()))),
      random_(static_cast<std::minstd_rand::result_type>(options.seed)) {
  if (beat_bytes == 0 || beat_bytes > kMaxBeatBytes || !std::has_single_bit(beat_bytes)) {
    throw Error("axi memory: a beat of {} bytes is not supported", beat_bytes);
  }
}

void AxiMemory::broken(const std::string& rule) const {
  throw Error("{}: {} (cycle {})", options_.name, rule, cycle_);
}

AxiResponse AxiMemory::classify(std::uint64_t address) const {
  const bool ours = address >= options_.begin && address < options_.end;
  if (!ours || !memory_.contains(address, beat_bytes_)) return AxiResponse::kDecode;
  for (const Range& range : failing_) {
    if (address < range.end && address + beat_bytes_ > range.begin) return AxiResponse::kSlave;
  }
  return AxiResponse::kOkay;
}

// An address channel at the edge: checks the offer and takes it if the slave was ready.
void AxiMemory::accept(const AxiAddress& request, bool ready, const AxiAddress& held,
                       const char* name, std::deque<Burst>& queue) {
  if (held.valid && request != held) broken(fmt::format("{} changed before it was taken", name));
  if (!request.valid || !ready) return;
  const std::uint64_t bytes = std::uint64_t{request.len + 1} * beat_bytes_;
  if (request.burst != kIncrementing) broken(fmt::format("{} burst type {}", name, request.burst));
  if ((1u << request.size) != beat_bytes_) broken(fmt::format("{} size {}", name, request.size));
  if (request.address % beat_bytes_ != 0) {
    broken(fmt::format("{} address {:#x} is not aligned", name, request.address));
  }
  if (request.address / kPage != (request.address + bytes - 1) / kPage) {
    broken(
        fmt::format("{} burst of {} bytes at {:#x} crosses 4 KiB", name, bytes, request.address));
  }
  queue.push_back({.id = request.id,
                   .address = request.address,
                   .beats = request.len + 1,
                   .ready_cycle = cycle_ + options_.latency});
}

// A write beat that was taken at the edge belongs to the oldest burst that is not complete.
void AxiMemory::take_write_beat(const AxiPins& pins) {
  const auto burst =
      std::ranges::find_if(writes_, [](const Burst& b) { return b.done != b.beats; });
  if (burst == writes_.end()) broken("a write beat without an address");
  if (pins.wlast != (burst->done + 1 == burst->beats)) {
    broken(fmt::format("wlast is {} at beat {} of {}", pins.wlast, burst->done + 1, burst->beats));
  }
  burst->response = std::max(burst->response, classify(burst->beat_address(beat_bytes_)));
  burst->data.push_back({.strobe = pins.wstrb, .data = pins.wdata});
  burst->ready_cycle = cycle_ + options_.latency;
  ++burst->done;
}

void AxiMemory::store(const Burst& burst) {
  for (std::size_t beat = 0; beat < burst.data.size(); ++beat) {
    const std::uint64_t address = burst.address + beat * beat_bytes_;
    if (classify(address) != AxiResponse::kOkay) continue;
    std::byte* to = memory_.at(address, beat_bytes_);
    for (unsigned i = 0; i < beat_bytes_; ++i) {
      if (burst.data[beat].strobe >> i & 1) to[i] = burst.data[beat].data[i];
    }
  }
}

// The burst to answer next: the first of its ID, due, and for writes complete; kNone if there is
// none.
std::size_t AxiMemory::pick(const std::deque<Burst>& queue, bool finished_only) {
  std::size_t chosen = kNone;
  unsigned candidates = 0;
  for (std::size_t i = 0; i < queue.size(); ++i) {
    const auto first_of_id = std::ranges::find(queue, queue[i].id, &Burst::id);
    if (first_of_id != queue.begin() + static_cast<std::ptrdiff_t>(i)) continue;
    if (queue[i].ready_cycle > cycle_ || (finished_only && queue[i].done != queue[i].beats)) {
      if (!options_.reorder) return kNone;
      continue;
    }
    if (!options_.reorder) return i;
    ++candidates;
    if (random_() % candidates == 0) chosen = i;
  }
  return chosen;
}

void AxiMemory::respond_to_writes(AxiPins& pins) {
  if (pins.bvalid && !pins.bready) return;
  pins.bvalid = false;
  if (writes_.empty() || stall()) return;
  const std::size_t index = pick(writes_, true);
  if (index == kNone) return;
  pins.bvalid = true;
  pins.bid = writes_[index].id;
  pins.bresp = writes_[index].response;
  store(writes_[index]);
  writes_.erase(writes_.begin() + static_cast<std::ptrdiff_t>(index));
}

void AxiMemory::drive_reads(AxiPins& pins) {
  if (pins.rvalid && !pins.rready) return;
  pins.rvalid = false;
  if (reads_.empty() || stall()) return;
  const std::size_t index = pick(reads_, false);
  if (index == kNone) return;
  Burst& burst = reads_[index];
  const std::uint64_t address = burst.beat_address(beat_bytes_);
  pins.rvalid = true;
  pins.rid = burst.id;
  pins.rresp = classify(address);
  if (pins.rresp == AxiResponse::kOkay) {
    std::memcpy(pins.rdata.data(), memory_.at(address, beat_bytes_), beat_bytes_);
  } else {
    pins.rdata.fill(std::byte{0});
  }
  pins.rlast = ++burst.done == burst.beats;
  if (pins.rlast) reads_.erase(reads_.begin() + static_cast<std::ptrdiff_t>(index));
}

void AxiMemory::clock(AxiPins& pins) {
  ++cycle_;
  accept(pins.ar, pins.arready, held_ar_, "ar", reads_);
  accept(pins.aw, pins.awready, held_aw_, "aw", writes_);
  held_ar_ = pins.ar;
  held_ar_.valid = pins.ar.valid && !pins.arready;
  held_aw_ = pins.aw;
  held_aw_.valid = pins.aw.valid && !pins.awready;

  const WriteBeat beat{pins.wvalid, pins.wlast, pins.wstrb, pins.wdata};
  if (held_w_.valid && (!beat.valid || beat.last != held_w_.last || beat.strobe != held_w_.strobe ||
                        std::memcmp(beat.data.data(), held_w_.data.data(), beat_bytes_) != 0)) {
    broken("w changed before it was taken");
  }
  if (pins.wvalid && pins.wready) take_write_beat(pins);
  held_w_.valid = false;
  if (pins.wvalid && !pins.wready) held_w_ = beat;

  respond_to_writes(pins);
  drive_reads(pins);
  pins.arready = reads_.size() < kMaxOutstanding && !stall();
  pins.awready = writes_.size() < kMaxOutstanding && !stall();
  // A slave may wait for the address: it then knows where each beat goes.
  const bool open = std::ranges::any_of(writes_, [](const Burst& b) { return b.done != b.beats; });
  pins.wready = open && !stall();
}

}  // namespace sterna
