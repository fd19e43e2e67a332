// SPDX-License-Identifier: Apache-2.0
#include "host/xrt/restart.h"

#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstdlib>
#include <cstring>
#include <fstream>
#include <iterator>
#include <string>
#include <string_view>
#include <vector>

#include "host/xrt/emulation.h"
#include "support/error.h"
#include "support/files.h"

namespace sterna::card {
namespace {

// Holds our process id: exec() keeps it, and no shell can have exported it.
constexpr const char* kMark = "STERNA_EMULATION";

// What XRT, its emulation and the commands that it runs take from the environment: by the start of
// the name. Names with a dot override keys of xrt.ini.
constexpr std::array<std::string_view, 15> kOthers = {
    "XCL_",  "XRT_",   "XILINX_", "SDACCEL_", "SDX_",  "VITIS_",    "EMCONFIG_", "EMULATION_",
    "HW_EM", "HWEMU_", "ENABLE_", "HLS_",     "UNZIP", "USER_PRE_", "USER_POST_"};

bool belongs_to_xrt(std::string_view name) {
  return name.find('.') != std::string_view::npos ||
         std::any_of(kOthers.begin(), kOthers.end(),
                     [&](std::string_view start) { return name.starts_with(start); });
}

void forget_other_settings() {
  std::vector<std::string> names;
  for (char** entry = environ; *entry != nullptr; ++entry) {
    const std::string_view name = std::string_view(*entry).substr(0, std::strcspn(*entry, "="));
    if (belongs_to_xrt(name)) names.emplace_back(name);
  }
  for (const std::string& name : names) ::unsetenv(name.c_str());
}

// XRT needs sh, chmod and unzip: they come last, so that the user's own ways stay first.
void complete_path() {
  const char* path = std::getenv("PATH");
  const std::string before = path == nullptr || *path == '\0' ? "" : std::string(path) + ":";
  ::setenv("PATH", (before + "/usr/bin:/bin").c_str(), 1);
}

std::string process_id() { return fmt::format("{}", ::getpid()); }

constexpr const char* kMode = "XCL_EMULATION_MODE";

}  // namespace

bool in_emulation() {
  const char* mark = std::getenv(kMark);
  return mark != nullptr && mark == process_id();
}

void require_card_environment() {
  if (const char* mode = std::getenv(kMode); mode != nullptr && !in_emulation()) {
    throw Error("{}={} is set, so XRT would emulate: unset it, or say --emulate", kMode,
                printable(mode));
  }
}

std::filesystem::path emulation_folder() {
  const char* folder = std::getenv("XILINX_XRT");
  if (folder == nullptr) throw Error("XILINX_XRT is gone from the environment");
  return folder;
}

void restart_in_emulation() {
  const std::vector<EnvironmentVariable> variables = private_emulation_environment();
  forget_other_settings();
  complete_path();
  for (const EnvironmentVariable& variable : variables) {
    ::setenv(variable.name.c_str(), variable.value.c_str(), 1);
  }
  ::setenv(kMark, process_id().c_str(), 1);

  // The arguments as they came, each with its zero.
  std::ifstream file("/proc/self/cmdline", std::ios::binary);
  std::string arguments{std::istreambuf_iterator<char>(file), {}};
  std::vector<char*> pointers;
  for (std::size_t at = 0; at < arguments.size(); at = arguments.find('\0', at) + 1) {
    pointers.push_back(arguments.data() + at);
  }
  pointers.push_back(nullptr);
  ::execv("/proc/self/exe", pointers.data());
  throw Error("cannot start anew for emulation: {}", std::strerror(errno));
}

}  // namespace sterna::card
