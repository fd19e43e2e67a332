// SPDX-License-Identifier: Apache-2.0
// Looks at an xclbin before XRT does: XRT follows a damaged file's offsets and counts.
#pragma once

#include <filesystem>

namespace sterna::card {

enum class XclbinTarget { kCard, kEmulation };

// Returns when `path` is a whole xclbin for `target`: every section lies inside the file, has all
// the entries that it counts, and names no entry of another section that is not there; and, for
// emulation, the archive in it is whole. Throws Error, naming the file and the place, when it is
// not.
void check_xclbin(const std::filesystem::path& path, XclbinTarget target);

}  // namespace sterna::card
