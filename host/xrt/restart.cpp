#include "host/xrt/restart.h"

#include <unistd.h>

#include <cerrno>
#include <cstdlib>
#include <cstring>
#include <fstream>
#include <iterator>
#include <string>
#include <string_view>
#include <vector>

#include "host/support/error.h"
#include "host/xrt/emulation.h"

namespace sterna {
namespace {

constexpr const char* kModeVariable = "XCL_EMULATION_MODE";
constexpr const char* kMode = "hw_emu";

}  // namespace

bool in_emulation() {
  const char* mode = std::getenv(kModeVariable);
  return mode != nullptr && std::string_view(mode) == kMode;
}

void restart_in_emulation() {
  for (const EnvironmentVariable& variable : emulation_environment({.fast = true})) {
    ::setenv(variable.name.c_str(), variable.value.c_str(), 1);
  }
  ::setenv(kModeVariable, kMode, 1);  // by which the second start knows that it is the second

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

}  // namespace sterna
