// SPDX-License-Identifier: Apache-2.0
// RtlModel over a class that Verilator made of sterna_top. Included only by the file of each
// configuration, because it pulls in Verilator's headers.
#pragma once

#include <verilated.h>
#include <verilated_fst_c.h>
#include <verilated_syms.h>

#include <cstring>
#include <memory>
#include <optional>

#include "sim/rtl/flat_port.h"
#include "sim/rtl/rtl_model.h"
#include "sim/rtl/wave_file.h"
#include "support/error.h"

namespace sterna::rtl {

template <typename Top>
class VerilatedModel final : public RtlModel {
 public:
  explicit VerilatedModel(const RtlModelOptions& options) : recording_(options.record) {
    context_.randReset(2);  // every register and memory powers up with random bits
    context_.randSeed(static_cast<int>(options.seed % 0x7FFFFFFF) + 1);
    std::vector<const char*> arguments = {"sterna"};
    for (const std::string& plusarg : options.plusargs) arguments.push_back(plusarg.c_str());
    context_.commandArgs(static_cast<int>(arguments.size()), arguments.data());
    if (!options.wave.empty()) context_.traceEverOn(true);
    top_ = std::make_unique<Top>(&context_, "TOP");
    memory.resize(kChannels);
    if (!options.wave.empty()) open_wave(options.wave);
    top_->ap_clk = 0;
    top_->ap_rst_n = 0;
    top_->eval();
    find_registers();
  }
  ~VerilatedModel() override {
    // A waveform that nobody has closed does not take its file's place.
    Verilated::threadContextp(&context_);
    top_->final();
  }

  void settle() override {
    // Verilator's runtime looks for the context here; another model, or another thread, may have
    // been at work.
    Verilated::threadContextp(&context_);
    top_->ap_clk = 0;
    drive();
    top_->eval();
    sample();
    advance();
  }

  void rise() override {
    top_->ap_clk = 1;
    top_->eval();
    advance();
  }

  void record_wave(bool on) override { recording_ = on; }
  void close_wave() override {
    if (!wave_) return;
    Verilated::threadContextp(&context_);
    wave_->close();
    wave_.reset();
    wave_file_->commit();
  }

  unsigned beat_bytes() const override { return kBeatBytes; }

  std::span<const std::int32_t> register_words(unsigned r, unsigned lane) const override {
    return lanes_.at(lane).at(r).words;
  }
  std::uint32_t register_scale(unsigned r, unsigned lane) const override {
    return *lanes_.at(lane).at(r).scale;
  }
  std::span<const std::uint64_t> counters() const override { return counters_; }

 private:
  // The ports are flat vectors over the channels; an address has 64 bits.
  static constexpr std::size_t kChannels =
      sizeof(std::remove_reference_t<decltype(std::declval<Top&>().m_axi_awaddr)>) / 8;
  static constexpr std::size_t kBeatBytes =
      sizeof(std::remove_reference_t<decltype(std::declval<Top&>().m_axi_wdata)>) / kChannels;
  static_assert(kBeatBytes <= kMaxBeatBytes);

  struct Register {
    std::span<const std::int32_t> words;
    const std::uint32_t* scale = nullptr;
  };

  void open_wave(const std::string& path) {
    wave_file_.emplace(path);
    wave_ = std::make_unique<VerilatedFstC>();
    top_->trace(wave_.get(), 99);
    wave_->open(wave_file_->name().c_str());
    if (!wave_->isOpen()) throw Error("{}: cannot write the waveform", path);
  }

  // What the RTL contract makes public.
  void find_registers() {
    for (unsigned lane = 0;; ++lane) {
      const std::string file =
          fmt::format("TOP.sterna_top.u_core.gen_lane[{}].u_lane.u_register_file", lane);
      if (context_.scopeFind(file.c_str()) == nullptr) break;
      const std::uint32_t* scale = find<std::uint32_t>(file, "scale_q").data();
      lanes_.emplace_back();
      for (unsigned r = 0;; ++r) {
        const std::string sram = fmt::format("{}.gen_register[{}].u_sram", file, r);
        if (context_.scopeFind(sram.c_str()) == nullptr) break;
        lanes_.back().push_back({find<std::int32_t>(sram, "mem"), scale + r});
      }
    }
    if (lanes_.empty()) throw Error("rtl: the design shows no lanes");
    counters_ = find<std::uint64_t>("TOP.sterna_top.u_core.u_counters", "count_q");
  }

  template <typename Word>
  std::span<const Word> find(const std::string& scope_name, const char* variable) {
    const VerilatedScope* scope = context_.scopeFind(scope_name.c_str());
    const VerilatedVar* var = scope == nullptr ? nullptr : scope->varFind(variable);
    if (var == nullptr) throw Error("rtl: the design shows no {}.{}", scope_name, variable);
    return {static_cast<const Word*>(var->datap()), var->totalSize() / sizeof(Word)};
  }

  void drive() {
    Top& t = *top_;
    t.ap_rst_n = reset_n;
    context_.assertOn(reset_n);  // before reset, registers hold anything
    t.s_axi_control_awvalid = control.awvalid;
    t.s_axi_control_awaddr = static_cast<SData>(control.awaddr & 0xFFF);
    t.s_axi_control_wvalid = control.wvalid;
    t.s_axi_control_wdata = control.wdata;
    t.s_axi_control_wstrb = static_cast<CData>(control.wstrb);
    t.s_axi_control_bready = control.bready;
    t.s_axi_control_arvalid = control.arvalid;
    t.s_axi_control_araddr = static_cast<SData>(control.araddr & 0xFFF);
    t.s_axi_control_rready = control.rready;

    for (unsigned c = 0; c < kChannels; ++c) drive(memory[c], c);
  }

  void drive(const AxiPins& m, unsigned c) {
    Top& t = *top_;
    set_slice<1>(t.m_axi_awready, c, m.awready);
    set_slice<1>(t.m_axi_wready, c, m.wready);
    set_slice<1>(t.m_axi_bvalid, c, m.bvalid);
    set_slice<2>(t.m_axi_bid, c, m.bid);
    set_slice<2>(t.m_axi_bresp, c, static_cast<std::uint64_t>(m.bresp));
    set_slice<1>(t.m_axi_arready, c, m.arready);
    set_slice<1>(t.m_axi_rvalid, c, m.rvalid);
    set_slice<2>(t.m_axi_rid, c, m.rid);
    set_slice<2>(t.m_axi_rresp, c, static_cast<std::uint64_t>(m.rresp));
    set_slice<1>(t.m_axi_rlast, c, m.rlast);
    if (m.rvalid) std::memcpy(bytes_of(t.m_axi_rdata) + c * kBeatBytes, m.rdata.data(), kBeatBytes);
  }

  void sample() {
    const Top& t = *top_;
    interrupt = t.__SYM__interrupt;  // Verilator's name for a port that is a word of C++'s
    control.awready = t.s_axi_control_awready;
    control.wready = t.s_axi_control_wready;
    control.bvalid = t.s_axi_control_bvalid;
    control.bresp = t.s_axi_control_bresp;
    control.arready = t.s_axi_control_arready;
    control.rvalid = t.s_axi_control_rvalid;
    control.rdata = t.s_axi_control_rdata;
    control.rresp = t.s_axi_control_rresp;

    for (unsigned c = 0; c < kChannels; ++c) sample(memory[c], c);

    trace.issue = t.trace_issue_o;
    trace.issue_pc = t.trace_issue_pc_o;
    trace.retire = t.trace_retire_o;
    for (unsigned u = 0; u < kTracedUnits; ++u) {
      trace.retire_pc[u] = static_cast<std::uint32_t>(slice<16>(t.trace_retire_pc_o, u));
    }
  }

  void sample(AxiPins& m, unsigned c) {
    const Top& t = *top_;
    m.aw = {.valid = slice<1>(t.m_axi_awvalid, c) != 0,
            .id = static_cast<std::uint32_t>(slice<2>(t.m_axi_awid, c)),
            .address = slice<64>(t.m_axi_awaddr, c),
            .len = static_cast<std::uint32_t>(slice<8>(t.m_axi_awlen, c)),
            .size = static_cast<std::uint32_t>(slice<3>(t.m_axi_awsize, c)),
            .burst = static_cast<std::uint32_t>(slice<2>(t.m_axi_awburst, c))};
    m.ar = {.valid = slice<1>(t.m_axi_arvalid, c) != 0,
            .id = static_cast<std::uint32_t>(slice<2>(t.m_axi_arid, c)),
            .address = slice<64>(t.m_axi_araddr, c),
            .len = static_cast<std::uint32_t>(slice<8>(t.m_axi_arlen, c)),
            .size = static_cast<std::uint32_t>(slice<3>(t.m_axi_arsize, c)),
            .burst = static_cast<std::uint32_t>(slice<2>(t.m_axi_arburst, c))};
    m.wvalid = slice<1>(t.m_axi_wvalid, c) != 0;
    if (m.wvalid) {
      m.wlast = slice<1>(t.m_axi_wlast, c) != 0;
      m.wstrb = slice<kBeatBytes>(t.m_axi_wstrb, c);
      std::memcpy(m.wdata.data(), bytes_of(t.m_axi_wdata) + c * kBeatBytes, kBeatBytes);
    }
    m.bready = slice<1>(t.m_axi_bready, c) != 0;
    m.rready = slice<1>(t.m_axi_rready, c) != 0;
  }

  // Half a cycle of the waveform's time, whose unit is 1 ps.
  void advance() {
    if (wave_ && recording_) wave_->dump(context_.time());
    context_.timeInc(500);
  }

  bool recording_;
  VerilatedContext context_;
  std::unique_ptr<Top> top_;
  std::optional<WaveFile> wave_file_;
  std::unique_ptr<VerilatedFstC> wave_;
  std::vector<std::vector<Register>> lanes_;
  std::span<const std::uint64_t> counters_;
};

}  // namespace sterna::rtl
