// SPDX-License-Identifier: Apache-2.0
#include "sim/platform/ddr4_target.h"

#include <fmt/format.h>

#include <algorithm>
#include <cstring>
#include <utility>

#include "sim/platform/platform_time.h"
#include "support/error.h"

namespace sterna::platform {
namespace {

ControllerLatency in_cycles(const ControllerLatency& latency, std::uint64_t khz) {
  const auto of = [khz](unsigned cycles) {
    return static_cast<unsigned>(cycles * khz / dram::kMemoryClockKhz);
  };
  return {of(latency.read), of(latency.write)};
}

// The parts of a shared channel lie so far apart beside their length: each begins in the next bank
// of every bank group.
std::uint64_t bank_step(const dram::DramTiming& timing) {
  return std::uint64_t{dram::kBankGroups} * timing.lines_per_row * dram::kDramLineBytes;
}

}  // namespace

Ddr4Target::Port::Port(std::size_t number)
    : reads(fmt::format("reads_{}", number).c_str()),
      writes(fmt::format("writes_{}", number).c_str()),
      host(fmt::format("host_{}", number).c_str()) {}

Ddr4Target::Ddr4Target(const sc_core::sc_module_name& name, golden::Memory& memory,
                       std::uint64_t base, std::uint64_t bytes, const ControllerLatency& latency,
                       std::size_t port_count, const dram::DramOptions& options)
    : sc_module(name),
      memory_(memory),
      base_(base),
      bytes_(bytes),
      latency_(in_cycles(latency, options.timing.clock_khz)),
      clock_(options.timing.clock_khz),
      bank_step_(bank_step(options.timing)),
      engine_(options),
      waiting_(2 * port_count) {
  for (std::size_t p = 0; p < port_count; ++p) ports.emplace_back(p);
  for (int tag = 0; tag < static_cast<int>(waiting_.size()); ++tag) {
    socket_of(tag).register_nb_transport_fw(this, &Ddr4Target::request, tag);
    socket_of(tag).register_b_transport(this, &Ddr4Target::core_b_transport, tag);
  }
  for (Port& port : ports) port.host.register_b_transport(this, &Ddr4Target::host_b_transport, 0);
  SC_METHOD(run);
  sensitive << wake_;
  dont_initialize();
}

// Where the DRAM has it.
std::uint64_t Ddr4Target::dram_address(std::uint64_t address) const {
  const std::uint64_t offset = address - base_;
  return offset + offset / (bytes_ / ports.size()) * bank_step_;
}

// Copies between the payload and memory, or says why not.
tlm::tlm_response_status Ddr4Target::move_data(tlm::tlm_generic_payload& payload, bool for_host) {
  const std::uint64_t address = payload.get_address(), length = payload.get_data_length();
  if (address < base_ || address - base_ > bytes_ || length > bytes_ - (address - base_)) {
    return tlm::TLM_ADDRESS_ERROR_RESPONSE;
  }
  for (const Range& range : failing_) {
    if (!for_host && address < range.end && address + length > range.begin) {
      return tlm::TLM_GENERIC_ERROR_RESPONSE;
    }
  }
  auto* bytes = reinterpret_cast<unsigned char*>(memory_.at(address, length));
  unsigned char* data = payload.get_data_ptr();
  const unsigned char* enables = payload.get_byte_enable_ptr();
  if (payload.is_read()) {
    std::memcpy(data, bytes, length);
  } else if (enables == nullptr) {
    std::memcpy(bytes, data, length);
  } else {
    for (std::uint64_t i = 0; i < length; ++i) {
      if (enables[i % payload.get_byte_enable_length()] != 0) bytes[i] = data[i];
    }
  }
  return tlm::TLM_OK_RESPONSE;
}

tlm::tlm_sync_enum Ddr4Target::request(int socket, tlm::tlm_generic_payload& payload,
                                       tlm::tlm_phase& phase, sc_core::sc_time& delay) {
  if (phase != tlm::BEGIN_REQ || delay != sc_core::SC_ZERO_TIME) {
    throw Error("ddr4: only BEGIN_REQ at the present time is expected");
  }
  catch_up(now_fs());
  serve_waiting();  // who came first is served first
  const bool room = has_room(payload);
  if (room) {
    accept({&payload, socket});
    phase = tlm::END_REQ;
  } else {
    waiting_[static_cast<std::size_t>(socket)] = &payload;
  }
  schedule();
  return room ? tlm::TLM_UPDATED : tlm::TLM_ACCEPTED;
}

// Accepts what was offered and not accepted, as far as there is room now.
void Ddr4Target::serve_waiting() {
  for (std::size_t i = 0; i < waiting_.size(); ++i) {
    const std::size_t socket = (first_ + i) % waiting_.size();
    if (waiting_[socket] == nullptr || !has_room(*waiting_[socket])) continue;
    tlm::tlm_generic_payload& payload = *std::exchange(waiting_[socket], nullptr);
    accept({&payload, static_cast<int>(socket)});
    tlm::tlm_phase phase = tlm::END_REQ;
    sc_core::sc_time delay = sc_core::SC_ZERO_TIME;
    socket_of(static_cast<int>(socket))->nb_transport_bw(payload, phase, delay);
    first_ = (socket + 1) % waiting_.size();
  }
}

// Orders the access among memory's accesses.
void Ddr4Target::accept(const Request& request) {
  tlm::tlm_generic_payload& payload = *request.payload;
  payload.acquire();
  payload.set_response_status(move_data(payload, false));
  const std::uint64_t now = engine_.now();
  if (!payload.is_response_ok()) {
    respond(request, clock_.start(now + latency_.read));
    return;
  }
  std::uint64_t tag = 0;
  if (payload.is_write()) {
    respond(request, clock_.start(now + latency_.write));
  } else {
    if (free_tags_.empty()) {
      reading_.emplace_back();
      free_tags_.push_back(reading_.size());
    }
    tag = free_tags_.back();
    free_tags_.pop_back();
    reading_[tag - 1] = request;
  }
  engine_.submit(dram_address(payload.get_address()), payload.is_write(), tag);
}

void Ddr4Target::respond(const Request& request, std::uint64_t fs) {
  responses_.push({fs, response_order_++, request});
}

// Runs the engine up to the present.
void Ddr4Target::catch_up(std::uint64_t fs) {
  engine_.advance(clock_.cycle_at(fs));
  for (const dram::DramChannel::Completion& done : engine_.completions()) {
    if (done.tag == 0) continue;  // a write, acknowledged when it was accepted, or the host's
    respond(reading_[done.tag - 1], clock_.start(done.cycle + latency_.read));
    free_tags_.push_back(done.tag);
  }
  engine_.completions().clear();
}

void Ddr4Target::run() {
  catch_up(now_fs());
  serve_waiting();
  while (!responses_.empty() && responses_.top().fs <= now_fs()) {
    const Request request = responses_.top().request;
    tlm::tlm_generic_payload& payload = *request.payload;
    responses_.pop();
    tlm::tlm_phase phase = tlm::BEGIN_RESP;
    sc_core::sc_time delay = sc_core::SC_ZERO_TIME;
    const auto done = socket_of(request.socket)->nb_transport_bw(payload, phase, delay);
    if (done != tlm::TLM_COMPLETED) throw Error("ddr4: an initiator has to complete at BEGIN_RESP");
    payload.release();
  }
  schedule();
}

// Wakes when the engine issues its next command, or the next response is due.
void Ddr4Target::schedule() {
  std::uint64_t next = dram::DramChannel::kNever;
  if (!engine_.idle()) {
    next = clock_.start(std::max(engine_.next_action(), engine_.now()) + 1);
  }
  if (!responses_.empty()) next = std::min(next, responses_.top().fs);
  if (next == dram::DramChannel::kNever) return;
  const std::uint64_t now = now_fs();
  wake_.notify(time_fs(next > now ? next - now : 0));
}

// Loosely timed: the line alone, in one call.
void Ddr4Target::core_b_transport(int /*socket*/, tlm::tlm_generic_payload& payload,
                                  sc_core::sc_time& delay) {
  host_b_transport(0, payload, delay);
  const unsigned extra = payload.is_read() ? latency_.read : latency_.write;
  delay += time_fs(clock_.start(extra));
}

void Ddr4Target::host_b_transport(int /*socket*/, tlm::tlm_generic_payload& payload,
                                  sc_core::sc_time& delay) {
  const std::uint64_t start = now_fs() + delay.value();
  payload.set_response_status(move_data(payload, true));
  if (!payload.is_response_ok()) return;
  catch_up(start);
  const std::uint64_t first = payload.get_address() / dram::kDramLineBytes;
  const std::uint64_t end =
      (payload.get_address() + payload.get_data_length() + dram::kDramLineBytes - 1) /
      dram::kDramLineBytes;
  std::uint64_t ready = engine_.now();
  const auto collect = [&] {
    for (const dram::DramChannel::Completion& done : engine_.completions()) {
      if (!done.write) ready = std::max(ready, done.cycle);
    }
    engine_.completions().clear();
  };
  for (std::uint64_t line = first; line < end; ++line) {
    while (!engine_.can_accept(payload.is_write())) engine_.advance(engine_.next_action() + 1);
    engine_.submit(dram_address(line * dram::kDramLineBytes), payload.is_write(), 0);
    collect();
  }
  if (payload.is_read()) {
    while (!engine_.idle()) engine_.advance(engine_.next_action() + 1);
    collect();
  }
  ready = std::max(ready, engine_.now());
  delay = time_fs(std::max(start, clock_.start(ready)) - now_fs());
}

}  // namespace sterna::platform
