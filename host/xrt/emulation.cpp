#include "host/xrt/emulation.h"

#include <unistd.h>

#include <cstdlib>
#include <system_error>

#include "host/support/error.h"
#include "host/support/files.h"
#include "host/support/parts.h"
#include "host/support/shell.h"
#include "host/xclbin/xclbin.h"
#include "host/xrt/private_folder.h"
#include "sim/rtl/rtl_device.h"

namespace sterna {
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

constexpr const char* kHwEmu = "sterna-hw-emu";
constexpr const char* kFastSleep = "libsterna_xrt_fast.so";

// What a folder for emulation links to.
struct Parts {
  fs::path library;
  fs::path hw_emu;
  fs::path fast_sleep;
};

fs::path part(const char* name) {
  fs::path path = find_part(name);
  if (path.empty()) throw Error("{}: not installed beside {}", name, program_folder().string());
  return path;
}

Parts find_parts() {
  const fs::path library = STERNA_XRT_HWEMU_LIBRARY;
  if (!fs::exists(library)) {
    throw Error("{}: XRT's hardware emulation is not installed", library.string());
  }
  return {.library = library, .hw_emu = part(kHwEmu), .fast_sleep = part(kFastSleep)};
}

// Puts the set-up into an empty folder of ours. Links give the parts safe names wherever they lie.
void write_setup(const fs::path& folder, const Parts& parts) {
  std::error_code error;
  fs::create_directory(folder / "lib", error);
  if (!error) fs::create_symlink(parts.library, folder / "lib" / "libxrt_hwemu.so.2", error);
  if (!error) fs::create_symlink(parts.hw_emu, folder / kHwEmu, error);
  if (!error) fs::create_symlink(parts.fast_sleep, folder / kFastSleep, error);
  if (error) throw Error("{}: cannot write: {}", folder.string(), error.message());
  write_file_atomically(folder / "xrt.ini", xrt_ini());
  write_file_atomically(folder / "emconfig.json", std::string_view(kEmconfig));
}

std::vector<EnvironmentVariable> variables_of(const fs::path& folder) {
  return {
      {"XCL_EMULATION_MODE", "hw_emu"},     {"XILINX_XRT", folder},
      {"XRT_INI_PATH", folder / "xrt.ini"}, {"EMCONFIG_PATH", folder},
      {"SDACCEL_EM_RUN_DIR", folder},  // else XRT writes beside the program
      {"STERNA_HW_EMU", folder / kHwEmu},
  };
}

// The set-up in the user's kept folder, made under another name and renamed: whoever finds it finds
// all of it.
fs::path kept_setup() {
  const Parts parts = find_parts();
  const std::string contents = parts.library.string() + '\n' + parts.hw_emu.string() + '\n' +
                               parts.fast_sleep.string() + '\n' + xrt_ini() + kEmconfig;
  const fs::path kept = kept_private_folder();
  fs::path folder = kept / fmt::format("{:08x}", crc32(std::as_bytes(std::span(contents))));
  if (fs::exists(folder)) return folder;

  std::string pattern = folder.string() + ".XXXXXX";
  if (::mkdtemp(pattern.data()) == nullptr) throw Error("{}: cannot make the folder", pattern);
  const fs::path temporary = pattern;
  write_setup(temporary, parts);
  std::error_code error;
  fs::rename(temporary, folder, error);
  if (!error) return folder;
  fs::remove_all(temporary);
  // Another process may have been faster.
  if (!fs::exists(folder)) throw Error("{}: cannot write: {}", folder.string(), error.message());
  return folder;
}

}  // namespace

void require_emulation() { find_parts(); }

std::vector<EnvironmentVariable> shared_emulation_environment(bool fast) {
  const fs::path folder = kept_setup();
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
  const Parts parts = find_parts();
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
                                             const std::string& memory) {
  if (memory != "fast" && memory != "ddr4") {
    throw Error("unknown memory {}: fast or ddr4", printable(memory));
  }
  RtlOptions options;
  options.configuration = configuration;
  const auto device = make_rtl_device(options);
  return emulation_xclbin({.configuration = configuration,
                           .memory = memory,
                           .shape = read_capabilities(*device),
                           .device_process = part(kHwEmu)});
}

fs::path write_emulation_xclbin(const fs::path& folder, const std::string& configuration,
                                const std::string& memory) {
  fs::path path = folder / (configuration + ".hw_emu.xclbin");
  write_file_atomically(path, make_emulation_xclbin(configuration, memory));
  return path;
}

}  // namespace sterna
