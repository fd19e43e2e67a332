// SPDX-License-Identifier: Apache-2.0
// A board in C++ behind a pseudo-terminal, as a process: prints the port's path, then serves
// whoever opens it.
#include <cstdio>
#include <exception>
#include <thread>

#include "isa/generated/configurations.h"
#include "isa/generated/serial.h"
#include "sim/golden/golden_device.h"
#include "tests/serial/board_thread.h"

int main() {
  try {
    const sterna::Board& board = sterna::kBoards.front();
    const sterna::Capabilities& has = sterna::find_configuration(board.configuration)->capabilities;
    sterna::golden::GoldenOptions options;
    options.memory_bytes = board.memory_bytes;
    options.shape = {has.vector_length, has.registers, has.rom_depth, has.channels, has.lanes, 0};
    sterna::serial::BoardThread thread(sterna::golden::make_golden_device(options),
                                       board.memory_bytes);
    std::printf("%s\n", thread.path().c_str());
    std::fflush(stdout);
    for (;;) std::this_thread::sleep_for(std::chrono::hours(1));  // until somebody ends it
  } catch (const std::exception& error) {
    std::fprintf(stderr, "serial_board: %s\n", error.what());
    return 1;
  }
}
