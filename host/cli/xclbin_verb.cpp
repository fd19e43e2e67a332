// SPDX-License-Identifier: Apache-2.0
// sterna xclbin: the container that XRT loads, and the environment in which XRT emulates a card.
#include <CLI/CLI.hpp>
#include <cstdint>
#include <memory>
#include <string>

#include "host/cli/device_options.h"
#include "host/cli/numbers.h"
#include "host/cli/output.h"
#include "host/cli/verbs.h"
#include "host/xrt/emulation.h"
#include "support/error.h"
#include "support/files.h"

namespace sterna::cli {
namespace {

struct XclbinOptions {
  std::string target = "hw_emu";
  std::string configuration = "demo";
  std::string memory = "fast";
  std::uint64_t memory_bytes = xclbin::kMaxBankBytes;
  std::string output;
  bool environment = false;
  bool fast = false;
};

void run_xclbin(const XclbinOptions& o) {
  if (o.target == "hw") throw Error("xclbin: --target hw needs Vivado and Vitis: make xclbin");
  if (o.target != "hw_emu") {
    throw Error("xclbin: --target '{}' is neither hw_emu nor hw", printable(o.target));
  }
  if (o.output.empty() && !o.environment) throw Error("xclbin: nothing to do: give -o or --env");
  if (o.fast && !o.environment) throw Error("xclbin: --fast belongs to --env");
  if (o.memory_bytes == 0 || o.memory_bytes > xclbin::kMaxBankBytes) {
    throw Error("xclbin: --memory-bytes: {:#x} is not in 1..{:#x}", o.memory_bytes,
                xclbin::kMaxBankBytes);
  }
  if (o.environment) show(card::shell_exports(card::shared_emulation_environment(o.fast)));
  if (!o.output.empty()) {
    write_file_atomically(o.output,
                          card::make_emulation_xclbin(o.configuration, o.memory, o.memory_bytes));
  }
}

}  // namespace

void add_xclbin_verb(CLI::App& app) {
  CLI::App* verb = app.add_subcommand("xclbin", "Write an xclbin for XRT's hardware emulation");
  const auto o = std::make_shared<XclbinOptions>();
  verb->add_option("--target", o->target, "hw_emu: the Verilated RTL in the card's place")
      ->capture_default_str();
  verb->add_option("--config", o->configuration, "The RTL's configuration")
      ->capture_default_str()
      ->check(built_configuration());
  verb->add_option("--memory", o->memory, "fast, or ddr4 with DDR4-2400's timing")
      ->capture_default_str()
      ->check(simulated_memory());
  verb->add_option_function<std::string>(
      "--memory-bytes",
      [o](const std::string& text) { o->memory_bytes = parse_address(text, "--memory-bytes"); },
      fmt::format("Room for buffers in each channel's memory: address space, as long as nothing "
                  "lies there ({:#x}, the most)",
                  xclbin::kMaxBankBytes));
  verb->add_option("-o,--output", o->output, "File to write");
  verb->add_flag("--env", o->environment,
                 "Print the variables for programs that use XRT: eval \"$(sterna xclbin --env)\"");
  verb->add_flag("--fast", o->fast, "With --env: also take XRT's fixed waiting times away");
  verb->callback([verb, o] {
    for (const char* option : {"--target", "--config", "--memory", "--memory-bytes"}) {
      if (o->output.empty() && verb->count(option) != 0) {
        throw Error("xclbin: {} is about the file to write: it needs -o", option);
      }
    }
    run_xclbin(*o);
  });
}

}  // namespace sterna::cli
