// SPDX-License-Identifier: Apache-2.0
#include "sim/rtl/axi_lite_driver.h"

#include <utility>

#include "support/error.h"

namespace sterna::rtl {
namespace {

constexpr unsigned kTimeoutCycles = 10'000;  // the control port responds in a handful

}  // namespace

AxiLiteDriver::AxiLiteDriver(AxiLitePins& pins, std::function<void()> tick,
                             double stall_probability, std::uint64_t seed)
    : pins_(pins),
      tick_(std::move(tick)),
      stall_threshold_(static_cast<std::uint64_t>(stall_probability *
                                                  static_cast<double>(std::minstd_rand::max()))),
      random_(static_cast<std::minstd_rand::result_type>(seed)) {}

void AxiLiteDriver::step(const char* what, std::uint32_t offset, unsigned& cycles) {
  if (++cycles > kTimeoutCycles) {
    throw Error("axi-lite: no answer to a {} of {:#05x} in {} cycles", what, offset,
                kTimeoutCycles);
  }
  tick_();
}

void AxiLiteDriver::write(std::uint32_t offset, std::uint32_t value, std::uint32_t strobe) {
  bool address_sent = false, data_sent = false, answered = false;
  unsigned cycles = 0;
  while (!answered) {
    // A valid stays until its ready.
    if (!address_sent && !pins_.awvalid && !stall()) {
      pins_.awvalid = true;
      pins_.awaddr = offset;
    }
    if (!data_sent && !pins_.wvalid && !stall()) {
      pins_.wvalid = true;
      pins_.wdata = value;
      pins_.wstrb = strobe;
    }
    pins_.bready = !stall();
    step("write", offset, cycles);
    if (pins_.awvalid && pins_.awready) {
      address_sent = true;
      pins_.awvalid = false;
    }
    if (pins_.wvalid && pins_.wready) {
      data_sent = true;
      pins_.wvalid = false;
    }
    if (pins_.bvalid && !(address_sent && data_sent)) {
      throw Error("axi-lite: a write response before the write of {:#05x} was taken", offset);
    }
    answered = pins_.bvalid && pins_.bready;
  }
  pins_.bready = false;
  if (pins_.bresp != 0) throw Error("axi-lite: write of {:#05x}: response {}", offset, pins_.bresp);
}

std::uint32_t AxiLiteDriver::read(std::uint32_t offset) {
  bool address_sent = false, answered = false;
  unsigned cycles = 0;
  while (!answered) {
    if (!address_sent && !pins_.arvalid && !stall()) {
      pins_.arvalid = true;
      pins_.araddr = offset;
    }
    pins_.rready = !stall();
    step("read", offset, cycles);
    if (pins_.arvalid && pins_.arready) {
      address_sent = true;
      pins_.arvalid = false;
    }
    answered = pins_.rvalid && pins_.rready;
  }
  pins_.rready = false;
  if (pins_.rresp != 0) throw Error("axi-lite: read of {:#05x}: response {}", offset, pins_.rresp);
  return pins_.rdata;
}

}  // namespace sterna::rtl
