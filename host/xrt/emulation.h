// XRT's hardware emulation without Vitis: the environment in which XRT finds its emulation library,
// a configuration that works around that library's faults, and our process in the simulator's
// place.
#pragma once

#include <cstddef>
#include <filesystem>
#include <string>
#include <vector>

namespace sterna {

struct EnvironmentVariable {
  std::string name;
  std::string value;
};

struct EmulationOptions {
  // Takes XRT's fixed sleeps away, by a library in LD_PRELOAD. Nothing else changes.
  bool fast = false;
};

// Makes the files that emulation needs, in the user's cache ($XDG_CACHE_HOME/sterna, else
// ~/.cache/sterna; complete or not at all), and gives the variables to set. XRT reads some of them
// when its libraries are loaded, so a program cannot set them for itself. Throws Error when XRT's
// emulation library or a part of ours is not installed, or when the cache cannot be written.
std::vector<EnvironmentVariable> emulation_environment(const EmulationOptions& options = {});

// The same as lines for a shell: eval "$(sterna xclbin --env)".
std::string shell_exports(const std::vector<EnvironmentVariable>& variables);

// An xclbin for emulation with a configuration of the RTL ("tiny", "demo") and a memory without
// timing ("fast") or with DDR4's ("ddr4"), in the user's cache. Throws Error when there is no such
// configuration or memory, or when the cache cannot be written.
std::filesystem::path cached_emulation_xclbin(const std::string& configuration,
                                              const std::string& memory = "fast");

// The same as bytes.
std::vector<std::byte> make_emulation_xclbin(const std::string& configuration,
                                             const std::string& memory = "fast");

}  // namespace sterna
