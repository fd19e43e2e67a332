// SPDX-License-Identifier: Apache-2.0
// Folders of ours whose names are safe wherever XRT's emulation puts them: into the commands of a
// shell, into LD_PRELOAD, into the address of a socket. No path of the user's gets there.
#pragma once

#include <filesystem>

namespace sterna::card {

// A new folder for one run, /tmp/sterna-XXXXXX, that nobody but this user may enter. In /tmp
// whatever TMPDIR says: XRT's sockets lie there. Throws Error when it cannot be made, or when
// nothing in /tmp may be executed.
std::filesystem::path make_private_folder();

// The same for what has to stay: BASE/sterna-UID. Throws Error when something else stands there,
// such as another user's folder or a link.
std::filesystem::path kept_private_folder(const std::filesystem::path& base = "/tmp");

// Removes `folder`, and the file `log` if it was written since, as soon as this process and all
// that it starts from now on are gone, however they end; also after an exec(). Throws Error when
// there can be no more processes or descriptors.
void remove_after_us(const std::filesystem::path& folder, const std::filesystem::path& log);

}  // namespace sterna::card
