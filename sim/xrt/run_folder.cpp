// SPDX-License-Identifier: Apache-2.0
#include "sim/xrt/run_folder.h"

#include <cstdlib>
#include <filesystem>
#include <system_error>

namespace sterna::hw_emu {
namespace {

std::string variable(const char* name) {
  const char* value = std::getenv(name);
  return value == nullptr ? "" : value;
}

}  // namespace

EmulationSockets emulation_sockets() {
  const std::string user = variable("USER");
  const std::string id = variable("EMULATION_SOCKETID");
  const std::string folder = user.empty() ? "/tmp/" : "/tmp/" + user + "/";
  return {.requests = folder + (user.empty() || id.empty() ? "xcl_sock" : id),
          .farewell = folder + "D2X_unix_sock" + (id.empty() ? "" : "_" + id)};
}

void clean_up_after_host(const EmulationSockets& sockets) {
  std::error_code ignored;
  std::filesystem::remove(sockets.requests, ignored);
  std::filesystem::remove(sockets.farewell, ignored);
  // .run/PID/hw_em/device0
  const std::filesystem::path device = variable("EMULATION_RUN_DIR");
  const std::filesystem::path process = device.parent_path().parent_path();
  const std::filesystem::path run = process.parent_path();
  if (device.parent_path().filename() != "hw_em" || run.filename() != ".run") return;
  std::filesystem::remove_all(process, ignored);
  // A host that opened the device and never loaded it left empty folders, with nobody to remove
  // them.
  for (const auto& other : std::filesystem::directory_iterator(run, ignored)) {
    for (const char* folder : {"hw_em/device0", "hw_em", ""}) {
      std::filesystem::remove(other.path() / folder, ignored);  // only what is empty
    }
  }
}

}  // namespace sterna::hw_emu
