// SPDX-License-Identifier: Apache-2.0
// What XRT's emulation leaves in the file system, and who cleans it up.
#pragma once

#include <string>

namespace sterna::hw_emu {

// Paths of the host's sockets, as XRT makes them from its environment (USER, EMULATION_SOCKETID).
struct EmulationSockets {
  std::string requests;
  std::string farewell;
};
EmulationSockets emulation_sockets();

// XRT leaves the second socket and empty folders, and a host that was killed leaves everything:
// removes the sockets and the host's folder .run/PID (which XRT names in EMULATION_RUN_DIR; it
// makes a new one when it loads again). Never throws.
void clean_up_after_host(const EmulationSockets& sockets);

}  // namespace sterna::hw_emu
