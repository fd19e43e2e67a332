// SPDX-License-Identifier: Apache-2.0
// sterna devices: what a program can run on here.
#include <fmt/ranges.h>

#include <CLI/CLI.hpp>
#include <string>

#include "host/backends/backends.h"
#include "host/cli/capability_text.h"
#include "host/cli/verbs.h"
#include "host/cpu/cpu_engine.h"
#include "host/cuda/gpu.h"
#include "host/serial/serial_device.h"
#include "host/xrt/emulation.h"
#include "host/xrt/xrt_device.h"
#include "sim/rtl/rtl_model.h"
#include "support/error.h"
#include "support/files.h"

namespace sterna::cli {
namespace {

void print(const char* kind, const std::string& what, const std::string& how) {
  fmt::print("{:<10} {}{}\n", kind, what, how.empty() ? "" : "\n           " + how);
}

void print_cards() {
  try {
    const std::vector<card::XrtCard> cards = card::xrt_cards();
    for (const card::XrtCard& card : cards) {
      print("card",
            fmt::format("{}: {} {}", card.index, printable(card.bdf), printable(card.platform)),
            fmt::format("--backend xrt --device {} --xclbin FILE", card.index));
    }
    if (cards.empty())
      print("card", fmt::format("none: XRT {} finds none", card::xrt_version()), "");
  } catch (const Error& error) {
    print("card", fmt::format("none: {}", error.what()), "");
  }
}

void print_ports() {
  const std::vector<std::string> ports = serial::serial_ports();
  for (const std::string& port : ports) {
    print("port", fmt::format("{}: a board may be behind it", port),
          "--backend serial --port " + port);
  }
  if (ports.empty()) print("port", "none: no /dev/ttyUSB* and no /dev/ttyACM*", "");
}

void print_emulation(const std::string& configurations) {
  try {
    card::require_emulation();
    print("emulation", fmt::format("of {}, behind XRT {}", configurations, card::xrt_version()),
          "--backend xrt --emulate --config NAME");
  } catch (const Error& error) {
    print("emulation", fmt::format("none: {}", error.what()), "");
  }
}

void print_gpu() {
  try {
    print("cuda", fmt::format("predicts tokens: {}", cuda::make_gpu()->name()), "--backend cuda");
  } catch (const Error& error) {
    print("cuda", fmt::format("none: {}", error.what()), "");
  }
}

void devices() {
  print_cards();
  print_ports();
  print_emulation(fmt::format("{}", fmt::join(rtl::rtl_configurations(), ", ")));
  for (const std::string& name : rtl::rtl_configurations()) {
    backends::BackendOptions options;
    options.name = "rtl";
    options.configuration = name;
    options.memory_bytes = 1 << 20;  // nothing will run
    print("rtl",
          fmt::format("{}: {}", name,
                      capability_text(read_capabilities(*backends::make_device(options)))),
          "--backend rtl --config " + name);
  }
  const cpu::Kernels& kernels = cpu::chosen_kernels();
  print(
      "cpu",
      fmt::format("predicts tokens: kernels {}, {} threads", kernels.name, cpu::default_threads()),
      "--backend cpu");
  print_gpu();
  print("golden", "takes any program: the definition of the arithmetic", "--backend golden");
}

}  // namespace

void add_devices_verb(CLI::App& app) {
  app.add_subcommand("devices", "List cards, emulation and simulators")->callback(devices);
}

}  // namespace sterna::cli
