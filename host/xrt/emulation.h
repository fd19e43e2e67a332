// SPDX-License-Identifier: Apache-2.0
// XRT's hardware emulation without Vitis: the environment in which XRT finds its emulation library,
// a configuration that works around that library's faults, and our process in the simulator's
// place. XRT puts the paths in that environment into commands for a shell, so all of them are names
// of ours in /tmp; HOME, TMPDIR and the place of the program play no part.
#pragma once

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <string>
#include <vector>

#include "host/xclbin/memory_map.h"

namespace sterna::card {

struct EnvironmentVariable {
  std::string name;
  std::string value;
};

// Throws Error when XRT's emulation library or a part of ours is not installed.
void require_emulation();

// The variables for a shell that starts programs of the user's, and the files that they lead to in
// /tmp/sterna-UID (complete or not at all). `fast` takes XRT's fixed sleeps away, by a library in
// LD_PRELOAD; nothing else changes. XRT reads some of the variables when its libraries are loaded,
// so a program cannot set them for itself. Throws Error as require_emulation(), and when the files
// cannot be written.
std::vector<EnvironmentVariable> shared_emulation_environment(bool fast);

// The same, always fast, for this process alone: in a folder that goes away with the process and
// its children. Every value is free of what a shell or LD_PRELOAD would take for more than a path.
std::vector<EnvironmentVariable> private_emulation_environment();

// The variables as lines for a shell: eval "$(sterna xclbin --env)".
std::string shell_exports(const std::vector<EnvironmentVariable>& variables);

// An xclbin for emulation with a configuration of the RTL ("tiny", "demo") and a memory without
// timing ("fast") or with DDR4's ("ddr4"), with room for buffers of so many bytes in each channel's
// (as much as there can be, where they are more). Throws Error when there is no such configuration
// or memory.
std::vector<std::byte> make_emulation_xclbin(const std::string& configuration,
                                             const std::string& memory = "fast",
                                             std::uint64_t bytes = xclbin::kMaxBankBytes);

// The same as a file in `folder`, whose name says all of that, so that one that is there is taken;
// gives its path. Throws Error also when it cannot be written.
std::filesystem::path write_emulation_xclbin(const std::filesystem::path& folder,
                                             const std::string& configuration,
                                             const std::string& memory = "fast",
                                             std::uint64_t bytes = xclbin::kMaxBankBytes);

}  // namespace sterna::card
