// SPDX-License-Identifier: Apache-2.0
#include "host/xrt/emulation_setup.h"

#include <cstdlib>
#include <span>
#include <string>
#include <system_error>

#include "host/xrt/private_folder.h"
#include "support/error.h"
#include "support/files.h"
#include "support/parts.h"

namespace sterna::card {
namespace {

namespace fs = std::filesystem;

// XRT keeps one buffer for its messages to the device, and loses it when a message is longer than
// all before. So the first message must be the longest: it carries every key of the sections below,
// and the padding makes it longer than any piece of data (packet_size bytes and some more).
constexpr unsigned kPacketBytes = 1u << 20;
constexpr unsigned kPaddingBytes = kPacketBytes + (1u << 16);

std::string xrt_ini() {
  return fmt::format(R"([Runtime]
kds=false
[Emulation]
packet_size={:#x}
system_dpa=false
keep_run_dir=false
print_infos_in_console=false
print_warnings_in_console=false
[Debug]
padding={}
)",
                     kPacketBytes, std::string(kPaddingBytes, 'x'));
}

// One board with one device. Feature_Bitmap 0: the host polls, there are no interrupts.
constexpr const char* kEmconfig = R"({
  "Version": {"FileVersion": "2.0", "ToolVersion": "0"},
  "Platform": {
    "Boards": [{
      "NumBoards": "1",
      "Devices": [{
        "Name": "sterna_emulation",
        "DdrBanks": [{"Size": "8GB"}, {"Size": "8GB"}, {"Size": "8GB"}, {"Size": "8GB"}],
        "FeatureRom": {"Feature_Bitmap": "0"},
        "NumDevices": "1"
      }]
    }]
  }
}
)";

fs::path part(const char* name) {
  fs::path path = find_part(name);
  if (path.empty()) throw Error("{}: not installed beside {}", name, program_folder().string());
  return path;
}

bool is_whole(const fs::path& folder) {
  return fs::exists(folder / "xrt.ini") && fs::exists(folder / "emconfig.json") &&
         fs::exists(folder / kHwEmu) && fs::exists(folder / kFastSleep);
}

}  // namespace

EmulationParts find_emulation_parts() {
  const fs::path library = STERNA_XRT_HWEMU_LIBRARY;
  if (!fs::exists(library)) {
    throw Error("{}: XRT's hardware emulation is not installed", library.string());
  }
  return {.library = library, .hw_emu = part(kHwEmu), .fast_sleep = part(kFastSleep)};
}

void write_setup(const fs::path& folder, const EmulationParts& parts) {
  std::error_code error;
  fs::create_directory(folder / "lib", error);
  if (!error) fs::create_symlink(parts.library, folder / "lib" / "libxrt_hwemu.so.2", error);
  if (!error) fs::create_symlink(parts.hw_emu, folder / kHwEmu, error);
  if (!error) fs::create_symlink(parts.fast_sleep, folder / kFastSleep, error);
  if (error) throw Error("{}: cannot write: {}", folder.string(), error.message());
  write_file_atomically(folder / "xrt.ini", xrt_ini());
  write_file_atomically(folder / "emconfig.json", std::string_view(kEmconfig));
}

fs::path kept_setup(const EmulationParts& parts) {
  const std::string contents = parts.library.string() + '\n' + parts.hw_emu.string() + '\n' +
                               parts.fast_sleep.string() + '\n' + xrt_ini() + kEmconfig;
  const fs::path kept = kept_private_folder();
  fs::path folder = kept / fmt::format("{:08x}", crc32(std::as_bytes(std::span(contents))));
  if (fs::exists(folder)) {
    if (is_whole(folder)) return folder;
    fs::remove_all(folder);  // whoever cleans /tmp up has taken a part
  }

  std::string pattern = folder.string() + ".XXXXXX";
  if (::mkdtemp(pattern.data()) == nullptr) throw Error("{}: cannot make the folder", pattern);
  // Made under another name and renamed: whoever finds it finds all of it.
  const fs::path temporary = pattern;
  write_setup(temporary, parts);
  std::error_code error;
  fs::rename(temporary, folder, error);
  if (!error) return folder;
  fs::remove_all(temporary);
  // Another process may have been faster.
  if (!is_whole(folder)) throw Error("{}: cannot write: {}", folder.string(), error.message());
  return folder;
}

}  // namespace sterna::card
