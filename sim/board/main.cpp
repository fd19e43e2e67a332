// SPDX-License-Identifier: Apache-2.0
// sterna-board: a ULX3S in simulation, behind a pseudo-terminal in the place of its USB chip's
// port. Prints the port's path, then serves whoever opens it until it is ended.
#include <verilated.h>

#include <CLI/CLI.hpp>
#include <array>
#include <cerrno>
#include <chrono>
#include <cstdint>
#include <cstdio>
#include <cstring>
#include <exception>
#include <memory>

#include "Vsterna_board_sim.h"
#include "sim/board/line.h"
#include "sim/board/pseudo_terminal.h"
#include "support/error.h"

namespace {

using sterna::board::LineReceiver;
using sterna::board::LineSender;
using sterna::board::PseudoTerminal;

constexpr unsigned kResetCycles = 8;
constexpr std::uint64_t kLookCycles = 32;          // between two looks at the port
constexpr std::uint64_t kQuietCycles = 2'000'000;  // after which simulation may rest
constexpr std::chrono::milliseconds kRest{5};
constexpr std::size_t kAhead = 64;  // bytes that are taken from the port before they are sent

class Board {
 public:
  explicit Board(double cycles_per_bit) : sender_(cycles_per_bit), receiver_(cycles_per_bit) {
    context_.randReset(2);
    top_ = std::make_unique<Vsterna_board_sim>(&context_);
    top_->clk_i = 0;
    top_->rst_i = 1;
    top_->line_i = 1;
    for (unsigned i = 0; i < kResetCycles; ++i) cycle();
    top_->rst_i = 0;
    while (!top_->done_o) cycle();
  }

  // Never returns.
  [[noreturn]] void serve(PseudoTerminal& port) {
    std::uint64_t quiet = 0;
    for (;;) {
      if (cycle_ % kLookCycles == 0 && sender_.waiting() < kAhead) {
        std::array<std::byte, kAhead> bytes;
        const std::size_t count = port.read(bytes);
        for (std::size_t i = 0; i < count; ++i) sender_.push(bytes[i]);
      }
      top_->line_i = sender_.next();
      cycle();
      if (const auto byte = receiver_.take(top_->line_o)) port.write(std::array{*byte});
      const bool still = sender_.idle() && receiver_.idle() && !top_->busy_o;
      quiet = still ? quiet + 1 : 0;
      // A program that computes touches memory, or ends, long before that.
      if (quiet > kQuietCycles && cycle_ % kLookCycles == 0) port.wait(kRest);
    }
  }

 private:
  void cycle() {
    top_->clk_i = 1;
    top_->eval();
    top_->clk_i = 0;
    top_->eval();
    ++cycle_;
  }

  VerilatedContext context_;
  std::unique_ptr<Vsterna_board_sim> top_;
  LineSender sender_;
  LineReceiver receiver_;
  std::uint64_t cycle_ = 0;
};

int run(int argc, char** argv) {
  CLI::App app("A ULX3S in simulation, behind a pseudo-terminal", "sterna-board");
  try {
    app.parse(argc, argv);
  } catch (const CLI::Success& help) {
    return app.exit(help);
  }
  PseudoTerminal port;
  Board board(STERNA_CYCLES_PER_BIT);
  std::printf("%s\n", port.path().c_str());
  if (std::fflush(stdout) != 0)
    throw sterna::Error("cannot write the output: {}", std::strerror(errno));
  board.serve(port);
}

}  // namespace

int main(int argc, char** argv) {
  try {
    return run(argc, argv);
  } catch (const std::exception& error) {
    std::fprintf(stderr, "sterna-board: %s\n", error.what());
    return 1;
  }
}
