// SPDX-License-Identifier: Apache-2.0
#include "sim/platform/axi_initiator.h"

#include <algorithm>
#include <cstring>

#include "support/error.h"

namespace sterna::platform {
namespace {

enum : int { kReadSocket = 0, kWriteSocket = 1 };

rtl::AxiResponse to_axi(tlm::tlm_response_status status) {
  if (status == tlm::TLM_OK_RESPONSE) return rtl::AxiResponse::kOkay;
  return status == tlm::TLM_ADDRESS_ERROR_RESPONSE ? rtl::AxiResponse::kDecode
                                                   : rtl::AxiResponse::kSlave;
}

template <typename Bursts>
auto& of_serial(Bursts& bursts, std::uint64_t serial) {
  for (auto& burst : bursts) {
    if (burst.serial == serial) return burst;
  }
  throw Error("axi bridge: no burst {}", serial);
}

}  // namespace

AxiInitiator::AxiInitiator(const sc_core::sc_module_name& name, unsigned beat_bytes)
    : sc_module(name),
      rtl::AxiSlave(beat_bytes),
      read_lines("read_lines"),
      write_lines("write_lines") {
  read_lines.register_nb_transport_bw(this, &AxiInitiator::response, kReadSocket);
  write_lines.register_nb_transport_bw(this, &AxiInitiator::response, kWriteSocket);
}

void AxiInitiator::edge(rtl::AxiPins& pins) {
  rtl::AxiSlave::clock(pins);
  if (!open_[kReadSocket]) send_read();
  if (!open_[kWriteSocket]) send_write();
}

std::uint64_t AxiInitiator::line_index(const Burst& burst) const {
  const std::uint64_t address = burst.address + std::uint64_t{burst.done} * beat_bytes();
  return address / dram::kDramLineBytes - burst.address / dram::kDramLineBytes;
}

void AxiInitiator::read_accepted(Burst& burst) {
  const std::uint64_t first = burst.address / dram::kDramLineBytes;
  const std::uint64_t last =
      (burst.address + std::uint64_t{burst.beats} * beat_bytes() - 1) / dram::kDramLineBytes;
  readings_.push_back(
      {burst.serial, first * dram::kDramLineBytes, 0, std::vector<Line>(last - first + 1)});
}

bool AxiInitiator::read_due(const Burst& burst) const {
  return of_serial(readings_, burst.serial).lines[line_index(burst)].arrived;
}

rtl::AxiResponse AxiInitiator::read_beat(const Burst& burst, rtl::Beat& data) {
  const Line& line = of_serial(readings_, burst.serial).lines[line_index(burst)];
  const std::uint64_t offset =
      (burst.address + std::uint64_t{burst.done} * beat_bytes()) % dram::kDramLineBytes;
  std::memcpy(data.data(), line.data.data() + offset, beat_bytes());
  const rtl::AxiResponse response = line.response;
  if (burst.done + 1 == burst.beats) {
    std::erase_if(readings_, [&](const Reading& r) { return r.serial == burst.serial; });
  }
  return response;
}

void AxiInitiator::write_complete(Burst& burst) {
  Writing writing{.serial = burst.serial};
  LineTransaction* line = nullptr;
  for (std::size_t beat = 0; beat < burst.data.size(); ++beat) {
    const std::uint64_t address = burst.address + beat * beat_bytes();
    const std::uint64_t place = address / dram::kDramLineBytes * dram::kDramLineBytes;
    if (line == nullptr || line->get_address() != place) {
      line = &pool_.get(tlm::TLM_WRITE_COMMAND, place);
      line->burst = burst.serial;
      line->enables.fill(0);
      line->set_byte_enable_ptr(line->enables.data());
      line->set_byte_enable_length(dram::kDramLineBytes);
      unsent_.push_back(line);
      ++writing.unanswered;
    }
    const std::uint64_t offset = address % dram::kDramLineBytes;
    std::memcpy(line->data.data() + offset, burst.data[beat].data.data(), beat_bytes());
    for (unsigned i = 0; i < beat_bytes(); ++i) {
      if (burst.data[beat].strobe >> i & 1) line->enables[offset + i] = TLM_BYTE_ENABLED;
    }
  }
  writings_.push_back(writing);
}

bool AxiInitiator::write_due(const Burst& burst) const {
  return of_serial(writings_, burst.serial).unanswered == 0;
}

rtl::AxiResponse AxiInitiator::finish_write(Burst& burst) {
  const rtl::AxiResponse response = of_serial(writings_, burst.serial).response;
  std::erase_if(writings_, [&](const Writing& w) { return w.serial == burst.serial; });
  return response;
}

void AxiInitiator::send_read() {
  const auto reading =
      std::ranges::find_if(readings_, [](const Reading& r) { return r.sent != r.lines.size(); });
  if (reading == readings_.end()) return;
  LineTransaction& line =
      pool_.get(tlm::TLM_READ_COMMAND, reading->address + reading->sent * dram::kDramLineBytes);
  line.burst = reading->serial;
  line.index = static_cast<unsigned>(reading->sent++);
  open_[kReadSocket] = !send(read_lines, line);
}

void AxiInitiator::send_write() {
  if (unsent_.empty()) return;
  LineTransaction& line = *unsent_.front();
  unsent_.pop_front();
  open_[kWriteSocket] = !send(write_lines, line);
}

bool AxiInitiator::send(Socket& socket, LineTransaction& line) {
  tlm::tlm_phase phase = tlm::BEGIN_REQ;
  sc_core::sc_time delay = sc_core::SC_ZERO_TIME;
  return socket->nb_transport_fw(line, phase, delay) == tlm::TLM_UPDATED;
}

tlm::tlm_sync_enum AxiInitiator::response(int socket, tlm::tlm_generic_payload& payload,
                                          tlm::tlm_phase& phase, sc_core::sc_time& /*delay*/) {
  if (phase == tlm::END_REQ) {
    open_[socket] = false;
    return tlm::TLM_ACCEPTED;
  }
  auto& transaction = static_cast<LineTransaction&>(payload);
  const rtl::AxiResponse response = to_axi(payload.get_response_status());
  if (socket == kReadSocket) {
    Line& line = of_serial(readings_, transaction.burst).lines[transaction.index];
    line = {true, response, transaction.data};
  } else {
    Writing& writing = of_serial(writings_, transaction.burst);
    --writing.unanswered;
    writing.response = std::max(writing.response, response);
  }
  payload.release();
  return tlm::TLM_COMPLETED;
}

}  // namespace sterna::platform
