// SPDX-License-Identifier: Apache-2.0
// sterna program: load a card or a board, and see that what answers is ours.
#include <fmt/format.h>

#include <CLI/CLI.hpp>
#include <chrono>
#include <memory>
#include <string>

#include "host/backends/backends.h"
#include "host/cli/capability_text.h"
#include "host/cli/device_options.h"
#include "host/cli/verbs.h"
#include "host/serial/bitstream.h"
#include "host/serial/port.h"
#include "isa/generated/isa.h"
#include "support/error.h"

namespace sterna::cli {
namespace {

constexpr std::chrono::milliseconds kPortReturns{3000};

struct ProgramArguments {
  backends::BackendOptions backend;
  std::string board, bitstream, port;
};

void verify(backends::BackendOptions options, const std::string& loaded) {
  options.memory_bytes = 1 << 20;  // nothing will run
  const std::unique_ptr<Device> device = backends::make_device(options);
  const Capabilities capabilities = read_capabilities(*device);
  fmt::print("{}: loaded {}\n", device->name(), loaded);
  fmt::print("MAGIC {:#010x}, ISA version {}\n", device->read_register(reg::kMagic),
             capabilities.isa_version);
  fmt::print("{}\n", capability_text(capabilities));
}

void program_board(const ProgramArguments& arguments) {
  const Board& board = serial::find_board(arguments.board);
  if (arguments.bitstream.empty()) {
    throw Error("--board {} needs a bitstream, which `make bitstream BOARD={}` builds", board.name,
                board.name);
  }
  serial::check_bitstream(arguments.bitstream, board);
  serial::load_bitstream(arguments.bitstream, board);
  if (arguments.port.empty()) {
    fmt::print("{}: loaded {}\n", board.title, arguments.bitstream);
    return;
  }
  // The loader takes the port's driver away while it works, so the port, too. If it does not come
  // back, opening it says why.
  serial::await_port(arguments.port, kPortReturns);
  backends::BackendOptions options;
  options.name = "serial";
  options.port = arguments.port;
  verify(options, arguments.bitstream);
}

}  // namespace

void add_program_verb(CLI::App& app) {
  CLI::App* verb = app.add_subcommand(
      "program", "Load a card or a board with the hardware, and verify its capability registers");
  const auto o = std::make_shared<ProgramArguments>();
  o->backend.name = "xrt";
  add_device_options(*verb, o->backend, {"xrt"}, "--lockstep");
  CLI::Option* board = verb->add_option(
      "--board", o->board, "A board with a serial port, such as ulx3s, in a card's place");
  verb->add_option("bitstream", o->bitstream, "With --board: the file to load it with")
      ->needs(board);
  verb->add_option("--port", o->port, "With --board: its port, to verify what was loaded")
      ->needs(board);
  for (const char* option : {"--xclbin", "--device", "--emulate"}) board->excludes(option);
  verb->callback([verb, o] {
    if (!o->board.empty()) {
      program_board(*o);
      return;
    }
    prepare_device(*verb, o->backend);
    verify(o->backend, o->backend.xclbin.empty() ? o->backend.configuration : o->backend.xclbin);
  });
}

}  // namespace sterna::cli
