#include "host/xrt/emulation.h"

#include <pwd.h>
#include <unistd.h>

#include <cstdlib>
#include <system_error>

#include "host/support/error.h"
#include "host/support/files.h"
#include "host/xclbin/xclbin.h"
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

std::string user_name() {
  const std::string name = variable("USER");
  if (!name.empty()) return name;
  const passwd* entry = ::getpwuid(::getuid());
  return entry != nullptr ? entry->pw_name : fmt::format("{}", ::getuid());
}

// A file that is built beside the running program.
fs::path beside_us(const char* name) {
  std::error_code error;
  const fs::path self = fs::read_symlink("/proc/self/exe", error);
  const fs::path path = self.parent_path() / name;
  if (error || !fs::exists(path)) throw Error("{}: not installed beside {}", name, self.string());
  return path;
}

void make_folder(const fs::path& path) {
  std::error_code error;
  fs::create_directories(path, error);
  if (error) throw Error("{}: cannot make the folder: {}", path.string(), error.message());
}

fs::path cache_folder() {
  fs::path base = variable("XDG_CACHE_HOME");
  if (base.empty() && !variable("HOME").empty()) base = fs::path(variable("HOME")) / ".cache";
  if (base.empty()) base = fs::temp_directory_path() / fmt::format("cache-{}", ::getuid());
  const fs::path folder = fs::absolute(base) / "sterna";
  make_folder(folder);
  return folder;
}

// The folder with XRT's set-up, made under another name and renamed: whoever finds it finds all of
// it.
fs::path setup_folder() {
  const fs::path library = STERNA_XRT_HWEMU_LIBRARY;
  if (!fs::exists(library)) {
    throw Error("{}: XRT's hardware emulation is not installed", library.string());
  }
  const std::string ini = xrt_ini();
  const std::string contents = library.string() + ini + kEmconfig;
  const fs::path cache = cache_folder();
  const fs::path folder =
      cache / fmt::format("xrt-{:08x}", crc32(std::as_bytes(std::span(contents))));
  if (fs::exists(folder)) return folder;

  std::string pattern = folder.string() + ".XXXXXX";
  if (::mkdtemp(pattern.data()) == nullptr) throw Error("{}: cannot make the folder", pattern);
  const fs::path temporary = pattern;
  std::error_code error;
  fs::create_directory(temporary / "lib", error);
  if (!error) fs::create_symlink(library, temporary / "lib" / "libxrt_hwemu.so.2", error);
  if (error) throw Error("{}: cannot write: {}", temporary.string(), error.message());
  write_file_atomically(temporary / "xrt.ini", ini);
  write_file_atomically(temporary / "emconfig.json", std::string_view(kEmconfig));
  fs::rename(temporary, folder, error);
  if (!error) return folder;
  fs::remove_all(temporary);
  // Another process may have been faster.
  if (!fs::exists(folder)) throw Error("{}: cannot write: {}", folder.string(), error.message());
  return folder;
}

}  // namespace

std::vector<EnvironmentVariable> emulation_environment(const EmulationOptions& options) {
  const fs::path folder = setup_folder();
  const fs::path run = cache_folder() / "run";
  make_folder(run);
  std::vector<EnvironmentVariable> variables = {
      {"XCL_EMULATION_MODE", "hw_emu"},
      {"XILINX_XRT", folder},
      {"XRT_INI_PATH", folder / "xrt.ini"},
      {"EMCONFIG_PATH", folder},
      {"SDACCEL_EM_RUN_DIR", run},  // else XRT writes beside the program
      {"USER", user_name()},        // else all processes share one socket
      {"STERNA_HW_EMU", beside_us("sterna-hw-emu")},
  };
  if (options.fast) {
    std::string preload = beside_us("libsterna_xrt_fast.so");
    if (const std::string others = variable("LD_PRELOAD"); !others.empty()) preload += ":" + others;
    variables.push_back({"LD_PRELOAD", preload});
  }
  return variables;
}

std::string shell_exports(const std::vector<EnvironmentVariable>& variables) {
  std::string lines;
  for (const auto& [name, value] : variables) {
    std::string quoted;
    for (const char c : value) quoted += c == '\'' ? std::string("'\\''") : std::string(1, c);
    lines += fmt::format("export {}='{}'\n", name, quoted);
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
                           .device_process = beside_us("sterna-hw-emu")});
}

fs::path cached_emulation_xclbin(const std::string& configuration, const std::string& memory) {
  const std::vector<std::byte> bytes = make_emulation_xclbin(configuration, memory);
  const fs::path path =
      cache_folder() / fmt::format("{}-{:08x}.hw_emu.xclbin", configuration, crc32(bytes));
  if (!fs::exists(path)) write_file_atomically(path, bytes);
  return path;
}

}  // namespace sterna
