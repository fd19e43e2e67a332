// SPDX-License-Identifier: Apache-2.0
#include "host/xrt/emulation.h"

#include <unistd.h>

#include <array>
#include <cstdlib>
#include <system_error>

#include "host/xclbin/xclbin.h"
#include "host/xrt/emulation_setup.h"
#include "host/xrt/private_folder.h"
#include "isa/generated/configurations.h"
#include "support/error.h"
#include "support/files.h"
#include "support/parts.h"
#include "support/shell.h"

namespace sterna::card {
namespace {

namespace fs = std::filesystem;

std::string variable(const char* name) {
  const char* value = std::getenv(name);
  return value == nullptr ? "" : value;
}

// Names that are themselves in a shell and a folder in /tmp, and leave room in a socket's address.
bool is_plain_name(const std::string& name) {
  constexpr std::size_t kMost = 32;
  constexpr const char* kPlain =
      "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_-.";
  return !name.empty() && name.size() <= kMost && name.front() != '-' && name.front() != '.' &&
         name.find_first_not_of(kPlain) == std::string::npos;
}

// For programs that share an environment: the user as they are called, where that can be a folder.
std::string user_name() {
  if (std::string name = variable("USER"); is_plain_name(name)) return name;
  return fmt::format("sterna-{}", ::getuid());
}

// What XRT's emulation sets itself, while a thread of its own already reads the environment. A new
// variable can move the environment and free what that thread reads (a crash, seldom): where all of
// them stand already, setenv() only replaces a pointer.
constexpr std::array kSetByXrt = {"HW_EM_DISABLE_LATENCY",
                                  "SDX_USE_SHARED_MEMORY",
                                  "VITIS_LAUNCH_WAVEFORM_BATCH",
                                  "EMULATION_SOCKETID",
                                  "EMULATION_RUN_DIR",
                                  "SDX_QUESTA_WLF_FILENAME",
                                  "SYSTEMC_DISABLE_COPYRIGHT_MESSAGE"};

std::vector<EnvironmentVariable> variables_of(const fs::path& folder) {
  std::vector<EnvironmentVariable> variables = {
      {"XCL_EMULATION_MODE", "hw_emu"},     {"XILINX_XRT", folder},
      {"XRT_INI_PATH", folder / "xrt.ini"}, {"EMCONFIG_PATH", folder},
      {"SDACCEL_EM_RUN_DIR", folder},  // else XRT writes beside the program
      {"STERNA_HW_EMU", folder / kHwEmu},
  };
  for (const char* const name : kSetByXrt) variables.push_back({name, ""});
  return variables;
}

}  // namespace

void require_emulation() { find_emulation_parts(); }

std::vector<EnvironmentVariable> shared_emulation_environment(bool fast) {
  const fs::path folder = kept_setup(find_emulation_parts());
  std::vector<EnvironmentVariable> variables = variables_of(folder);
  variables.push_back({"USER", user_name()});  // else all processes share one socket
  if (fast) {
    std::string preload = folder / kFastSleep;
    if (const std::string others = variable("LD_PRELOAD"); !others.empty()) preload += ":" + others;
    variables.push_back({"LD_PRELOAD", preload});
  }
  return variables;
}

std::vector<EnvironmentVariable> private_emulation_environment() {
  const EmulationParts parts = find_emulation_parts();
  const fs::path folder = make_private_folder();
  try {
    // XRT writes the log beside the program.
    remove_after_us(folder, program_folder() / "emulation_debug.log");
  } catch (const Error&) {
    std::error_code ignored;
    fs::remove(folder, ignored);
    throw;
  }
  write_setup(folder, parts);
  std::vector<EnvironmentVariable> variables = variables_of(folder);
  variables.push_back({"USER", folder.filename()});  // the sockets lie in /tmp/$USER
  variables.push_back({"LD_PRELOAD", folder / kFastSleep});
  return variables;
}

std::string shell_exports(const std::vector<EnvironmentVariable>& variables) {
  std::string lines;
  for (const auto& [name, value] : variables) {
    lines += fmt::format("export {}={}\n", name, shell_quoted(value));
  }
  return lines;
}

std::vector<std::byte> make_emulation_xclbin(const std::string& configuration,
                                             const std::string& memory, std::uint64_t bytes) {
  const Configuration* const known = find_configuration(configuration);
  if (known == nullptr) throw Error("there is no configuration {}", printable(configuration));
  return xclbin::emulation_xclbin({.configuration = configuration,
                                   .memory = memory,
                                   .shape = known->capabilities,
                                   .device_process = find_emulation_parts().hw_emu,
                                   .bank_bytes = xclbin::bank_bytes_for(bytes)});
}

fs::path write_emulation_xclbin(const fs::path& folder, const std::string& configuration,
                                const std::string& memory, std::uint64_t bytes) {
  fs::path path =
      folder / fmt::format("{}-{}-{}.xclbin", configuration, memory, xclbin::bank_bytes_for(bytes));
  const std::vector<std::byte> xclbin = make_emulation_xclbin(configuration, memory, bytes);
  if (!fs::exists(path)) write_file_atomically(path, xclbin);
  return path;
}

}  // namespace sterna::card
