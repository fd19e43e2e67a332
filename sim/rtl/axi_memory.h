// One DDR4 channel as the hardware sees it: an AXI4 slave in front of the simulated memory, ticked
// once a clock cycle, that also checks the master's manners.
#pragma once

#include <cstdint>
#include <deque>
#include <limits>
#include <random>
#include <span>
#include <string>
#include <vector>

#include "sim/golden/memory.h"
#include "sim/rtl/pins.h"

namespace sterna {

struct AxiMemoryOptions {
  unsigned latency =
      40;  // cycles from an address to its first beat, or from the last beat to the response
  double stall_probability = 0;  // of every ready and valid, in every cycle
  bool reorder = false;          // answer different IDs in random order, beats interleaved
  std::uint64_t seed = 1;
  // The addresses that the channel has; beats elsewhere answer DECERR.
  std::uint64_t begin = 0;
  std::uint64_t end = std::numeric_limits<std::uint64_t>::max();
  std::string name = "axi";  // for errors
};

// Answers are in order within an ID. What is written can be read from the moment of its response
// on, and not before: a master that does not wait for the response reads what was there. Beats
// outside memory or the channel's part of it answer DECERR, beats in a range given to fail()
// SLVERR; both read as zero and write nothing. clock() throws Error, with the cycle, when the
// master breaks a rule of AXI4 or one of ours: a valid that falls or a payload that changes before
// its ready, a burst that is not INCR of whole aligned beats or that crosses 4 KiB, a wlast at the
// wrong beat.
class AxiMemory {
 public:
  // `beat_bytes`: width of the data channels. The memory must outlive this.
  AxiMemory(Memory& memory, unsigned beat_bytes, const AxiMemoryOptions& options);

  // After a rising edge: `pins` holds both sides as they were at that edge; the memory's side is
  // set for the next.
  void clock(AxiPins& pins);

  // No transaction is under way.
  bool idle() const { return reads_.empty() && writes_.empty(); }
  // A write is under way.
  bool writing() const { return !writes_.empty(); }

  // Accesses that touch [begin, end) answer SLVERR from now on.
  void fail(std::uint64_t begin, std::uint64_t end) { failing_.push_back({begin, end}); }

 private:
  struct WriteBeat {
    bool valid = false, last = false;
    std::uint64_t strobe = 0;
    Beat data{};
  };
  struct Burst {
    std::uint32_t id = 0;
    std::uint64_t address = 0;
    unsigned beats = 0;
    unsigned done = 0;
    std::uint64_t ready_cycle = 0;  // earliest cycle of the answer
    AxiResponse response = AxiResponse::kOkay;
    std::vector<WriteBeat> data{};  // of a write, until its response
    std::uint64_t beat_address(unsigned beat_bytes) const { return address + done * beat_bytes; }
  };
  struct Range {
    std::uint64_t begin = 0, end = 0;
  };

  void accept(const AxiAddress& request, bool ready, const AxiAddress& held, const char* name,
              std::deque<Burst>& queue);
  void take_write_beat(const AxiPins& pins);
  void store(const Burst& burst);
  void respond_to_writes(AxiPins& pins);
  void drive_reads(AxiPins& pins);
  std::size_t pick(const std::deque<Burst>& queue, bool finished_only);
  AxiResponse classify(std::uint64_t address) const;
  bool stall() { return stall_threshold_ != 0 && random_() < stall_threshold_; }
  [[noreturn]] void broken(const std::string& rule) const;

  Memory& memory_;
  unsigned beat_bytes_;
  AxiMemoryOptions options_;
  std::uint64_t stall_threshold_;
  std::minstd_rand random_;
  std::uint64_t cycle_ = 0;

  std::deque<Burst> reads_;
  std::deque<Burst> writes_;  // finished ones (done == beats) wait for their response
  std::vector<Range> failing_;

  // The master's offers that were not taken at the last edge; they must still be there at the next.
  AxiAddress held_aw_, held_ar_;
  WriteBeat held_w_;
};

}  // namespace sterna
