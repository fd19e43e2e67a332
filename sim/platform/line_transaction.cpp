// SPDX-License-Identifier: Apache-2.0
#include "sim/platform/line_transaction.h"

namespace sterna::platform {

LineTransaction& LinePool::get(tlm::tlm_command command, std::uint64_t address) {
  if (free_.empty()) free_.push_back(&all_.emplace_back(this));
  LineTransaction& line = *free_.back();
  free_.pop_back();
  line.acquire();
  line.set_command(command);
  line.set_address(address);
  line.set_data_ptr(reinterpret_cast<unsigned char*>(line.data.data()));
  line.set_data_length(dram::kDramLineBytes);
  line.set_streaming_width(dram::kDramLineBytes);
  line.set_byte_enable_ptr(nullptr);
  line.set_dmi_allowed(false);
  line.set_response_status(tlm::TLM_INCOMPLETE_RESPONSE);
  return line;
}

void LinePool::free(tlm::tlm_generic_payload* payload) {
  free_.push_back(static_cast<LineTransaction*>(payload));
}

}  // namespace sterna::platform
