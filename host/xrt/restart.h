// XRT reads its environment as its libraries are loaded: it has to be there before main().
#pragma once

namespace sterna {

// Whether XRT emulates in this process.
bool in_emulation();

// Starts this program anew, with the same arguments, in the environment for emulation. To be called
// while nothing else has happened yet. Throws Error when emulation is not installed.
[[noreturn]] void restart_in_emulation();

}  // namespace sterna
