// SPDX-License-Identifier: Apache-2.0
// usage: serial_board [BYTES]      a board in C++ behind a pseudo-terminal, as a process: prints
// the port's path, then serves whoever opens it. BYTES: of its memory, where it has less than the
// board.
#include <cstdio>
#include <cstdlib>
#include <exception>
#include <thread>

#include "isa/generated/configurations.h"
#include "isa/generated/serial.h"
#include "sim/golden/golden_device.h"
#include "tests/serial/board_thread.h"

int main(int argc, char** argv) {
  try {
    const sterna::Board& board = sterna::kBoards.front();
    const sterna::Capabilities& has = sterna::find_configuration(board.configuration)->capabilities;
    sterna::golden::GoldenOptions options;
    const auto bytes =
        argc > 1 ? static_cast<std::uint32_t>(std::atoi(argv[1])) : board.memory_bytes;
    options.memory_bytes = bytes;
    options.shape = {has.vector_length, has.registers, has.rom_depth, has.channels, has.lanes, 0};
    sterna::serial::BoardThread thread(sterna::golden::make_golden_device(options), bytes);
    std::printf("%s\n", thread.path().c_str());
    std::fflush(stdout);
    for (;;) std::this_thread::sleep_for(std::chrono::hours(1));  // until somebody ends it
  } catch (const std::exception& error) {
    std::fprintf(stderr, "serial_board: %s\n", error.what());
    return 1;
  }
}
