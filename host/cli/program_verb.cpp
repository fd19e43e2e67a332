// SPDX-License-Identifier: Apache-2.0
// sterna program: load a card, and see that what answers is ours.
#include <fmt/format.h>

#include <CLI/CLI.hpp>
#include <memory>

#include "host/backends/backends.h"
#include "host/cli/capability_text.h"
#include "host/cli/device_options.h"
#include "host/cli/verbs.h"
#include "isa/generated/isa.h"

namespace sterna::cli {
namespace {

void program(backends::BackendOptions options) {
  options.memory_bytes = 1 << 20;  // nothing will run
  const std::unique_ptr<Device> device = backends::make_device(options);
  const Capabilities capabilities = read_capabilities(*device);
  fmt::print("{}: loaded {}\n", device->name(),
             options.xclbin.empty() ? options.configuration : options.xclbin);
  fmt::print("MAGIC {:#010x}, ISA version {}\n", device->read_register(reg::kMagic),
             capabilities.isa_version);
  fmt::print("{}\n", capability_text(capabilities));
}

}  // namespace

void add_program_verb(CLI::App& app) {
  CLI::App* verb = app.add_subcommand(
      "program", "Load a card with the hardware, and verify its capability registers");
  const auto o = std::make_shared<backends::BackendOptions>();
  o->name = "xrt";
  add_device_options(*verb, *o, {"xrt"});
  verb->callback([verb, o] {
    prepare_device(*verb, *o);
    program(*o);
  });
}

}  // namespace sterna::cli
