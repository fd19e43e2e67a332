// SPDX-License-Identifier: Apache-2.0
#include "sim/platform/ddr4_target.h"

#include <algorithm>
#include <cstring>

#include "sim/platform/platform_time.h"
#include "support/error.h"

namespace sterna::platform {
namespace {

enum : int { kReads = 0, kWrites = 1, kHost = 2 };

}  // namespace

Ddr4Target::Ddr4Target(const sc_core::sc_module_name& name, golden::Memory& memory,
                       std::uint64_t base, std::uint64_t bytes, const ControllerLatency& latency,
                       const dram::DramOptions& options)
    : sc_module(name),
      reads("reads"),
      writes("writes"),
      host("host"),
      memory_(memory),
      base_(base),
      bytes_(bytes),
      latency_(latency),
      engine_(options) {
  for (Socket* socket : {&reads, &writes}) {
    const int tag = socket == &reads ? kReads : kWrites;
    socket->register_nb_transport_fw(this, &Ddr4Target::request, tag);
    socket->register_b_transport(this, &Ddr4Target::core_b_transport, tag);
  }
  host.register_b_transport(this, &Ddr4Target::host_b_transport, kHost);
  SC_METHOD(run);
  sensitive << wake_;
  dont_initialize();
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
  if (!has_room(payload)) {
    waiting_[socket] = &payload;
    schedule();
    return tlm::TLM_ACCEPTED;
  }
  accept(payload);
  schedule();
  phase = tlm::END_REQ;
  return tlm::TLM_UPDATED;
}

// Orders the access among memory's accesses.
void Ddr4Target::accept(tlm::tlm_generic_payload& payload) {
  payload.acquire();
  payload.set_response_status(move_data(payload, false));
  const std::uint64_t now = engine_.now();
  if (!payload.is_response_ok()) {
    respond(payload, memory_cycle_fs(now + latency_.read));
    return;
  }
  engine_.submit(payload.get_address() - base_, payload.is_write(),
                 reinterpret_cast<std::uintptr_t>(&payload));
  if (payload.is_write()) respond(payload, memory_cycle_fs(now + latency_.write));
}

void Ddr4Target::respond(tlm::tlm_generic_payload& payload, std::uint64_t fs) {
  responses_.push({fs, response_order_++, &payload});
}

// Runs the engine up to the present.
void Ddr4Target::catch_up(std::uint64_t fs) {
  engine_.advance(memory_cycle_at(fs));
  for (const dram::DramChannel::Completion& done : engine_.completions()) {
    if (done.write || done.tag == 0) continue;  // acknowledged when it was accepted, or the host's
    // The tag is the payload, which the engine need not know.
    // NOLINTNEXTLINE(performance-no-int-to-ptr)
    respond(*reinterpret_cast<tlm::tlm_generic_payload*>(static_cast<std::uintptr_t>(done.tag)),
            memory_cycle_fs(done.cycle + latency_.read));
  }
  engine_.completions().clear();
}

void Ddr4Target::run() {
  catch_up(now_fs());
  sc_core::sc_time delay = sc_core::SC_ZERO_TIME;
  for (const int socket : {kReads, kWrites}) {
    tlm::tlm_generic_payload* payload = waiting_[socket];
    if (payload == nullptr || !has_room(*payload)) continue;
    waiting_[socket] = nullptr;
    accept(*payload);
    tlm::tlm_phase phase = tlm::END_REQ;
    (socket == kReads ? reads : writes)->nb_transport_bw(*payload, phase, delay);
  }
  while (!responses_.empty() && responses_.top().fs <= now_fs()) {
    tlm::tlm_generic_payload& payload = *responses_.top().payload;
    responses_.pop();
    tlm::tlm_phase phase = tlm::BEGIN_RESP;
    const auto done = (payload.is_read() ? reads : writes)->nb_transport_bw(payload, phase, delay);
    if (done != tlm::TLM_COMPLETED) throw Error("ddr4: an initiator has to complete at BEGIN_RESP");
    payload.release();
  }
  schedule();
}

// Wakes when the engine issues its next command, or the next response is due.
void Ddr4Target::schedule() {
  std::uint64_t next = dram::DramChannel::kNever;
  if (!engine_.idle()) {
    next = memory_cycle_fs(std::max(engine_.next_action(), engine_.now()) + 1);
  }
  if (!responses_.empty()) next = std::min(next, responses_.top().fs);
  if (next == dram::DramChannel::kNever) return;
  const std::uint64_t now = now_fs();
  wake_.notify(time_fs(next > now ? next - now : 0));
}

// Loosely timed: the line alone, in one call.
void Ddr4Target::core_b_transport(int /*socket*/, tlm::tlm_generic_payload& payload,
                                  sc_core::sc_time& delay) {
  host_b_transport(kHost, payload, delay);
  const unsigned extra = payload.is_read() ? latency_.read : latency_.write;
  delay += time_fs(memory_cycle_fs(extra));
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
    engine_.submit(line * dram::kDramLineBytes - base_, payload.is_write(), 0);
    collect();
  }
  if (payload.is_read()) {
    while (!engine_.idle()) engine_.advance(engine_.next_action() + 1);
    collect();
  }
  ready = std::max(ready, engine_.now());
  delay = time_fs(std::max(start, memory_cycle_fs(ready)) - now_fs());
}

}  // namespace sterna::platform
