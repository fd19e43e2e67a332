// SPDX-License-Identifier: Apache-2.0
// Memory of a fixed latency behind an AXI4 port, for functional tests: random stalls, responses of
// different IDs in random order, error responses. Realistic timing is sim/platform's.
#pragma once

#include <cstdint>
#include <limits>
#include <random>
#include <string>
#include <vector>

#include "sim/golden/memory.h"
#include "sim/rtl/axi_slave.h"

namespace sterna::rtl {

struct AxiMemoryOptions {
  unsigned latency =
      40;  // cycles from an address to its first beat, or from the last beat to the response
  unsigned jitter = 0;           // at most so many cycles more, of each burst
  double stall_probability = 0;  // of every ready and valid, in every cycle
  bool reorder = false;          // responses of different IDs in random order, beats interleaved
  AxiSlaveBehaviour behaviour{};
  std::uint64_t seed = 1;
  // The addresses that the channel has; beats elsewhere get DECERR.
  std::uint64_t begin = 0;
  std::uint64_t end = std::numeric_limits<std::uint64_t>::max();
  std::string name = "axi";  // for errors
};

// What is written can be read from the moment of its response on, and not before: a master that
// does not wait for the response reads the old contents. Beats outside memory or the channel's part
// of it get DECERR, beats in a range given to fail() SLVERR; both read as zero and write
// nothing.
class AxiMemory final : public AxiSlave {
 public:
  // `beat_bytes`: width of the data channels. The memory must outlive this.
  AxiMemory(golden::Memory& memory, unsigned beat_bytes, const AxiMemoryOptions& options);

  // Accesses that touch [begin, end) get SLVERR from now on.
  void fail(std::uint64_t begin, std::uint64_t end) { failing_.push_back({begin, end}); }

 private:
  struct Range {
    std::uint64_t begin = 0, end = 0;
  };

  void read_accepted(Burst& burst) override { burst.ready_cycle = cycle() + latency(); }
  void write_complete(Burst& burst) override { burst.ready_cycle = cycle() + latency(); }
  bool read_due(const Burst& burst) const override { return burst.ready_cycle <= cycle(); }
  bool write_due(const Burst& burst) const override { return burst.ready_cycle <= cycle(); }
  AxiResponse read_beat(const Burst& burst, Beat& data) override;
  AxiResponse finish_write(Burst& burst) override;
  bool stall() override { return stall_threshold_ != 0 && random_() < stall_threshold_; }
  bool may_overtake() const override { return options_.reorder; }
  bool prefer(unsigned n) override { return !options_.reorder || random_() % n == 0; }
  unsigned latency() {
    if (options_.jitter == 0) return options_.latency;
    return options_.latency + static_cast<unsigned>(random_() % (options_.jitter + 1));
  }
  AxiResponse classify(std::uint64_t address) const;

  golden::Memory& memory_;
  AxiMemoryOptions options_;
  std::uint64_t stall_threshold_;
  std::minstd_rand random_;
  std::vector<Range> failing_;
};

}  // namespace sterna::rtl
