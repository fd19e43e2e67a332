// SPDX-License-Identifier: Apache-2.0
#include "sim/platform/ddr4_platform.h"

#include <fmt/format.h>

#include <algorithm>
#include <cstdlib>
#include <deque>
#include <exception>
#include <systemc>
#include <utility>

#include "sim/platform/axi_initiator.h"
#include "sim/platform/ddr4_target.h"
#include "sim/platform/pcie_link.h"
#include "sim/platform/platform_time.h"
#include "support/error.h"

namespace sterna::platform {
namespace {

// A SystemC simulation of its own. The library keeps the current one in a global; Scope swaps ours
// in for as long as it lives.
class Simulation {
 public:
  class Scope {
   public:
    explicit Scope(const Simulation& simulation)
        : before_(std::exchange(sc_core::sc_curr_simcontext, simulation.context_.get())) {}
    ~Scope() { sc_core::sc_curr_simcontext = before_; }
    Scope(const Scope&) = delete;
    Scope& operator=(const Scope&) = delete;

   private:
    sc_core::sc_simcontext* before_;
  };

  Simulation() {
    // The library greets on stderr at the start of a simulation unless told not to.
    setenv("SYSTEMC_DISABLE_COPYRIGHT_MESSAGE", "1", 0);
    context_ = std::make_unique<sc_core::sc_simcontext>();
    const Scope scope(*this);
    sc_core::sc_set_time_resolution(1, sc_core::SC_FS);
  }

 private:
  std::unique_ptr<sc_core::sc_simcontext> context_;
};

// The hardware in SystemC's time: one process, which makes a clock cycle of it.
class Core final : public sc_core::sc_module {
 public:
  SC_HAS_PROCESS(Core);
  Core(const sc_core::sc_module_name& name, const rtl::PlatformParts& parts)
      : sc_module(name), parts_(parts) {
    for (std::size_t c = 0; c < parts.model.memory.size(); ++c) {
      ports.emplace_back(fmt::format("port_{}", c).c_str(), parts.model.beat_bytes());
    }
    SC_METHOD(edge);
    sensitive << edge_;
    dont_initialize();
  }

  std::deque<AxiInitiator> ports;

  // Advances SystemC's time to the next edge of the clock, and through it.
  void cycle() {
    const std::uint64_t now = now_fs();
    std::uint64_t next = edge_fs(edges_);
    while (next <= now) next = edge_fs(++edges_);
    ++edges_;
    edge_.notify(time_fs(next - now));
    // sc_start leaves what happens in its last instant to the next call: go past it.
    sc_core::sc_start(time_fs(next - now + 1));
    if (error_) std::rethrow_exception(std::exchange(error_, nullptr));
  }

  void set_clock_khz(std::uint32_t khz) {
    clock_khz_ = khz;
    edges_ = static_cast<std::uint64_t>(static_cast<double>(now_fs()) * 1e-12 * khz);
  }

 private:
  std::uint64_t edge_fs(std::uint64_t edge) const {
    constexpr std::uint64_t kFsTimesKhz = 1'000'000'000'000;
    return edge / clock_khz_ * kFsTimesKhz + edge % clock_khz_ * kFsTimesKhz / clock_khz_;
  }

  // SystemC would turn an exception into a report of its own.
  void edge() {
    try {
      parts_.step();
      // Also while the hardware is in reset: memory is not.
      for (std::size_t c = 0; c < ports.size(); ++c) ports[c].edge(parts_.model.memory[c]);
    } catch (...) {
      error_ = std::current_exception();
    }
  }

  rtl::PlatformParts parts_;
  sc_core::sc_event edge_;
  std::uint32_t clock_khz_ = 300'000;
  std::uint64_t edges_ = 1;  // the next edge's number
  std::exception_ptr error_;
};

struct Modules {
  Modules(const rtl::PlatformParts& parts, const TimedMemory& options)
      : port_bytes(parts.memory.bytes() / parts.model.memory.size()),
        core("core", parts),
        pcie("pcie", parts.model.memory.size()) {
    const std::size_t ports = options.shared ? core.ports.size() : 1;  // of a channel
    const std::uint64_t most = platform::port_bytes(options, static_cast<unsigned>(ports));
    if (port_bytes > most) {
      throw Error("{}: {} holds {} bytes, not {}", options.name,
                  options.shared ? "a port's part of the channel" : "a channel", most, port_bytes);
    }
    for (std::size_t p = 0; p < core.ports.size(); ++p) {
      if (p % ports == 0) {
        channels.emplace_back(fmt::format("{}_{}", options.name, p).c_str(), parts.memory,
                              p * port_bytes, ports * port_bytes, options.latency, ports,
                              dram::DramOptions{.timing = options.timing});
      }
      Ddr4Target::Port& port = channels.back().ports[p % ports];
      core.ports[p].read_lines.bind(port.reads);
      core.ports[p].write_lines.bind(port.writes);
      pcie.channels[p].bind(port.host);
    }
  }

  std::uint64_t port_bytes;
  std::deque<Ddr4Target> channels;
  Core core;
  PcieLink pcie;
};

class Ddr4Platform final : public rtl::RtlPlatform {
 public:
  Ddr4Platform(const rtl::PlatformParts& parts, const TimedMemory& options) : name_(options.name) {
    const Simulation::Scope scope(simulation_);
    modules_ = std::make_unique<Modules>(parts, options);
  }
  ~Ddr4Platform() override {
    const Simulation::Scope scope(simulation_);
    modules_.reset();
  }

  void tick() override {
    const Simulation::Scope scope(simulation_);
    modules_->core.cycle();
  }
  void set_clock_khz(std::uint32_t khz) override {
    const Simulation::Scope scope(simulation_);
    modules_->core.set_clock_khz(khz);
  }

  void upload(std::uint64_t address, std::span<const std::byte> data) override {
    if (data.empty()) return;
    const Simulation::Scope scope(simulation_);
    drain();
    sc_core::sc_start(modules_->pcie.upload(address / modules_->port_bytes, address, data));
  }
  void download(std::uint64_t address, std::span<std::byte> data) override {
    if (data.empty()) return;
    const Simulation::Scope scope(simulation_);
    drain();
    sc_core::sc_start(modules_->pcie.download(address / modules_->port_bytes, address, data));
  }

  bool writing() const override {
    return std::ranges::any_of(modules_->core.ports, &AxiInitiator::writing);
  }
  void fail(std::uint64_t begin, std::uint64_t end) override {
    for (Ddr4Target& channel : modules_->channels) channel.fail(begin, end);
  }

  std::string report() const override {
    std::string text;
    for (std::size_t c = 0; c < modules_->channels.size(); ++c) {
      text += channel_line(name_, c, modules_->channels[c].stats());
    }
    const PcieLink& pcie = modules_->pcie;
    for (const auto& [name, traffic] :
         {std::pair{"to the card", pcie.uploaded()}, std::pair{"from it", pcie.downloaded()}}) {
      if (traffic.transfers == 0) continue;
      text += fmt::format("pcie    {}: {} bytes in {} transfers, {:.1f} us, {:.2f} GB/s\n", name,
                          traffic.bytes, traffic.transfers, 1e-3 * traffic.ns,
                          static_cast<double>(traffic.bytes) / traffic.ns);
    }
    return text;
  }

 private:
  // Prefetched weights may still be outstanding when a program has ended.
  void drain() {
    constexpr unsigned kTimeoutCycles = 100'000;
    for (unsigned i = 0; !std::ranges::all_of(modules_->core.ports, &AxiInitiator::idle); ++i) {
      if (i == kTimeoutCycles) throw Error("axi: transactions are left between programs");
      modules_->core.cycle();
    }
  }

  static std::string channel_line(const std::string& name, std::size_t channel,
                                  const dram::DramStats& s) {
    const auto accesses = static_cast<double>(std::max<std::uint64_t>(1, s.reads + s.writes));
    return fmt::format(
        "{} {}  {} reads, {} writes, the host's included; {:.1f} % row hits, {} activates, {} "
        "refreshes\n",
        name, channel, s.reads, s.writes,
        100 * static_cast<double>(s.hits + s.forwarded) / accesses, s.activates, s.refreshes);
  }

  std::string name_;
  Simulation simulation_;
  std::unique_ptr<Modules> modules_;
};

}  // namespace

std::unique_ptr<rtl::RtlPlatform> make_ddr4_platform(const rtl::PlatformParts& parts,
                                                     const TimedMemory& options) {
  return std::make_unique<Ddr4Platform>(parts, options);
}

}  // namespace sterna::platform

// SystemC's library has a main() of its own that calls this; ours never does.
int sc_main(int /*argc*/, char** /*argv*/) { return 1; }
