// RtlModel over a class that Verilator made of sterna_top. Included only by the file of each
// configuration, because it pulls in Verilator's headers.
#pragma once

#include <verilated.h>
#include <verilated_fst_c.h>
#include <verilated_syms.h>

#include <cstring>
#include <fstream>
#include <memory>

#include "host/support/error.h"
#include "sim/rtl/rtl_model.h"

namespace sterna {

template <typename Top>
class VerilatedModel final : public RtlModel {
 public:
  explicit VerilatedModel(const RtlModelOptions& options) {
    context_.randReset(2);  // every register and memory powers up with random bits
    context_.randSeed(static_cast<int>(options.seed % 0x7FFFFFFF) + 1);
    std::vector<const char*> arguments = {"sterna"};
    for (const std::string& plusarg : options.plusargs) arguments.push_back(plusarg.c_str());
    context_.commandArgs(static_cast<int>(arguments.size()), arguments.data());
    if (!options.wave.empty()) context_.traceEverOn(true);
    top_ = std::make_unique<Top>(&context_, "TOP");
    memory.resize(1);
    if (!options.wave.empty()) open_wave(options.wave);
    top_->ap_clk = 0;
    top_->ap_rst_n = 0;
    top_->eval();
    find_registers();
  }
  ~VerilatedModel() override {
    Verilated::threadContextp(&context_);
    if (wave_) wave_->close();
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

  unsigned beat_bytes() const override { return kBeatBytes; }

  std::span<const std::int32_t> register_words(unsigned r) const override {
    return registers_.at(r).words;
  }
  std::uint32_t register_scale(unsigned r) const override { return *registers_.at(r).scale; }

 private:
  static constexpr std::size_t kBeatBytes =
      sizeof(std::remove_reference_t<decltype(std::declval<Top&>().m_axi_wdata)>);
  static_assert(kBeatBytes <= kMaxBeatBytes);

  struct Register {
    std::span<const std::int32_t> words;
    const std::uint32_t* scale = nullptr;
  };

  void open_wave(const std::string& path) {
    if (!std::ofstream(path)) throw Error("{}: cannot write the waveform", path);
    wave_ = std::make_unique<VerilatedFstC>();
    top_->trace(wave_.get(), 99);
    wave_->open(path.c_str());
  }

  // What the RTL contract makes public.
  void find_registers() {
    const std::string file = "TOP.sterna_top.u_core.u_register_file";
    const std::uint32_t* scale = find<std::uint32_t>(file, "scale_q").data();
    for (unsigned r = 0;; ++r) {
      const std::string sram = fmt::format("{}.gen_register[{}].u_sram", file, r);
      if (context_.scopeFind(sram.c_str()) == nullptr) break;
      registers_.push_back({find<std::int32_t>(sram, "mem"), scale + r});
    }
    if (registers_.empty()) throw Error("rtl: {} shows no registers", file);
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

    const AxiPins& m = memory.front();
    t.m_axi_awready = m.awready;
    t.m_axi_wready = m.wready;
    t.m_axi_bvalid = m.bvalid;
    t.m_axi_bid = static_cast<CData>(m.bid);
    t.m_axi_bresp = static_cast<CData>(m.bresp);
    t.m_axi_arready = m.arready;
    t.m_axi_rvalid = m.rvalid;
    t.m_axi_rid = static_cast<CData>(m.rid);
    t.m_axi_rresp = static_cast<CData>(m.rresp);
    t.m_axi_rlast = m.rlast;
    if (m.rvalid) std::memcpy(&t.m_axi_rdata, m.rdata.data(), kBeatBytes);
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

    AxiPins& m = memory.front();
    m.aw = {t.m_axi_awvalid != 0, t.m_axi_awid,   t.m_axi_awaddr,
            t.m_axi_awlen,        t.m_axi_awsize, t.m_axi_awburst};
    m.ar = {t.m_axi_arvalid != 0, t.m_axi_arid,   t.m_axi_araddr,
            t.m_axi_arlen,        t.m_axi_arsize, t.m_axi_arburst};
    m.wvalid = t.m_axi_wvalid;
    if (m.wvalid) {
      m.wlast = t.m_axi_wlast;
      m.wstrb = t.m_axi_wstrb;
      std::memcpy(m.wdata.data(), &t.m_axi_wdata, kBeatBytes);
    }
    m.bready = t.m_axi_bready;
    m.rready = t.m_axi_rready;

    trace.issue = t.trace_issue_o;
    trace.issue_pc = t.trace_issue_pc_o;
    trace.retire = t.trace_retire_o;
    for (unsigned u = 0; u < kTracedUnits; ++u) {
      trace.retire_pc[u] = static_cast<std::uint32_t>(t.trace_retire_pc_o >> (16 * u) & 0xFFFF);
    }
  }

  // Half a cycle of the waveform's time, whose unit is 1 ps.
  void advance() {
    if (wave_) wave_->dump(context_.time());
    context_.timeInc(500);
  }

  VerilatedContext context_;
  std::unique_ptr<Top> top_;
  std::unique_ptr<VerilatedFstC> wave_;
  std::vector<Register> registers_;
};

}  // namespace sterna
