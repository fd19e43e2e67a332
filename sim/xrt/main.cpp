// SPDX-License-Identifier: Apache-2.0
// sterna-hw-emu: the process that XRT's hardware emulation takes for a simulator. simulate.sh
// inside an xclbin of `sterna xclbin` starts it; XRT's environment says where the host listens.
#include <sys/prctl.h>
#include <unistd.h>

#include <CLI/CLI.hpp>
#include <chrono>
#include <csignal>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <exception>
#include <string>
#include <thread>

#include "host/xclbin/memory_map.h"
#include "sim/platform/memory_model.h"
#include "sim/rtl/fast_platform.h"
#include "sim/xrt/host_process.h"
#include "sim/xrt/run_folder.h"
#include "sim/xrt/server.h"
#include "sim/xrt/socket_keeper.h"
#include "support/error.h"
#include "support/files.h"

namespace {

using sterna::hw_emu::Socket;

constexpr std::chrono::seconds kConnectTimeout{60};
// simulate.sh may die a moment before the host has wholly gone.
constexpr int kDyingMilliseconds = 200;

// For the signal handler, too.
sterna::hw_emu::HostProcess host;

// simulate.sh, which tells the host when we fail, has died (or somebody ends us): the host would
// wait for us forever. If simulate.sh only went with the host, the broken connection ends us.
void end_host(int) {
  if (host.ends_within(kDyingMilliseconds)) return;
  constexpr char kMessage[] =
      "sterna: the emulated device was ended from outside; ending the host program\n";
  [[maybe_unused]] const auto written = ::write(STDERR_FILENO, kMessage, sizeof(kMessage) - 1);
  host.terminate();
  ::_exit(1);
}

void watch_parent() {
  struct sigaction action {};
  action.sa_handler = end_host;
  ::sigaction(SIGTERM, &action, nullptr);
  ::prctl(PR_SET_PDEATHSIG, SIGTERM);
}

Socket connect(const std::string& path) {
  const auto deadline = std::chrono::steady_clock::now() + kConnectTimeout;
  while (true) {
    Socket socket = Socket::connect(path);
    if (socket.connected()) return socket;
    if (host.ends_within(0) || std::chrono::steady_clock::now() > deadline) {
      throw sterna::Error("{}: no host listens there", path);
    }
    std::this_thread::sleep_for(std::chrono::milliseconds(2));
  }
}

sterna::rtl::PlatformFactory platform(const std::string& memory) {
  const auto model = sterna::platform::parse_memory_model(memory);
  if (model.timed) return sterna::platform::ddr4_platform(model.memory);
  return [](const sterna::rtl::PlatformParts& parts) {
    return sterna::rtl::make_fast_platform(parts, {});
  };
}

int run(int argc, char** argv) {
  CLI::App app("The device behind XRT's hardware emulation; XRT starts it", "sterna-hw-emu");
  std::string configuration = "demo";
  std::string memory = "fast";
  std::uint64_t bank_bytes = sterna::xclbin::kMaxBankBytes;
  pid_t parent = 0;
  app.add_option("--config", configuration, "The RTL's configuration")->capture_default_str();
  app.add_option("--memory", memory, sterna::platform::kMemoryModels)->capture_default_str();
  app.add_option("--bank-bytes", bank_bytes, "Memory of each channel")
      ->check(CLI::Range(std::uint64_t{1}, sterna::xclbin::kMaxBankBytes))
      ->capture_default_str();
  app.add_option("--host", parent, "Process id of the host program")->required();
  CLI11_PARSE(app, argc, argv);

  // What the host has open is none of ours, its ends of sockets above all: as long as we held one,
  // nobody would see that the host has gone.
  ::close_range(3, ~0U, 0);
  host.open(parent);
  watch_parent();

  const sterna::hw_emu::EmulationSockets sockets = sterna::hw_emu::emulation_sockets();
  const Socket socket = connect(sockets.requests);
  sterna::hw_emu::SocketKeeper keeper(socket, parent);
  sterna::hw_emu::KernelPlatform card(configuration, platform(memory), bank_bytes);
  sterna::hw_emu::serve(card, socket, [&] { return Socket::connect(sockets.farewell); });
  keeper.release();
  sterna::hw_emu::clean_up_after_host(sockets);
  return 0;
}

}  // namespace

int main(int argc, char** argv) {
  try {
    return run(argc, argv);
  } catch (const std::exception& error) {
    std::fprintf(stderr, "sterna-hw-emu: %s\n", error.what());
    return 1;
  }
}
