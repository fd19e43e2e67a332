// SPDX-License-Identifier: Apache-2.0
// The pins of sterna_top as plain data, grouped by port. What drives a port (axi_memory.h,
// axi_lite_driver.h) sees only its own struct, so that it works for any model of the hardware
// behind it.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>

#include "isa/generated/isa.h"

namespace sterna::rtl {

inline constexpr std::size_t kMaxBeatBytes = 64;
using Beat = std::array<std::byte, kMaxBeatBytes>;  // byte 0 first; a narrow port uses the front

// The address channel of an AXI4 port (AW or AR), as the master drives it.
struct AxiAddress {
  bool valid = false;
  std::uint32_t id = 0;
  std::uint64_t address = 0;
  std::uint32_t len = 0;  // beats - 1
  std::uint32_t size = 0;
  std::uint32_t burst = 0;

  bool operator==(const AxiAddress&) const = default;
};

enum class AxiResponse : std::uint8_t { kOkay = 0, kExclusiveOkay = 1, kSlave = 2, kDecode = 3 };

// One AXI4 port: memory's side drives awready, wready, b_*, arready and r_*, the hardware the rest.
struct AxiPins {
  AxiAddress aw;
  bool awready = false;

  bool wvalid = false;
  bool wready = false;
  bool wlast = false;
  std::uint64_t wstrb = 0;
  Beat wdata{};  // meaningful while wvalid

  bool bvalid = false;
  bool bready = false;
  std::uint32_t bid = 0;
  AxiResponse bresp = AxiResponse::kOkay;

  AxiAddress ar;
  bool arready = false;

  bool rvalid = false;
  bool rready = false;
  bool rlast = false;
  std::uint32_t rid = 0;
  AxiResponse rresp = AxiResponse::kOkay;
  Beat rdata{};
};

// The AXI4-Lite control port: the driver drives the valid signals of AW, W and AR, their payloads,
// and the ready signals of B and R.
struct AxiLitePins {
  bool awvalid = false, awready = false;
  std::uint32_t awaddr = 0;
  bool wvalid = false, wready = false;
  std::uint32_t wdata = 0, wstrb = 0;
  bool bvalid = false, bready = false;
  std::uint32_t bresp = 0;
  bool arvalid = false, arready = false;
  std::uint32_t araddr = 0;
  bool rvalid = false, rready = false;
  std::uint32_t rdata = 0, rresp = 0;
};

// What happened in this cycle, for the lockstep checker.
struct TracePins {
  bool issue = false;
  std::uint32_t issue_pc = 0;
  std::uint32_t retire = 0;  // a bit a Unit
  std::array<std::uint32_t, kTracedUnits> retire_pc{};
};

}  // namespace sterna::rtl
