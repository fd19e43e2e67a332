// SPDX-License-Identifier: Apache-2.0
// Parts of Sterna that are files of their own: programs that it starts, libraries that it loads.
#pragma once

#include <filesystem>
#include <string_view>

namespace sterna {

// The folder of the running program, links followed.
std::filesystem::path program_folder();

// Where part `name` lies: beside the running program (a build folder), or in ../libexec/sterna as
// seen from there (installed). Empty when it is in neither.
std::filesystem::path find_part(std::string_view name);

}  // namespace sterna
