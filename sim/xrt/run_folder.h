// What XRT's emulation leaves in the file system, and who cleans it up.
#pragma once

#include <string>

namespace sterna {

// Paths of the host's sockets, as XRT makes them from its environment (USER, EMULATION_SOCKETID).
struct EmulationSockets {
  std::string requests;
  std::string farewell;
};
EmulationSockets emulation_sockets();

// A host that was killed cannot tidy up: removes its sockets and its folder .run/PID (which XRT
// names in EMULATION_RUN_DIR). Never throws.
void clean_up_after_host(const EmulationSockets& sockets);

}  // namespace sterna
