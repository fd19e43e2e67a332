// SPDX-License-Identifier: Apache-2.0
// Each instruction on a board behind a serial line.
#include "tests/rtl/operations.h"

#include "host/serial/serial_device.h"
#include "tests/serial/board_thread.h"

namespace sterna::serial {
namespace {

TEST(SerialOperations, AreGoldens) {
  constexpr std::uint32_t kMemory = 4 << 20;
  BoardThread board(golden::make_golden_device({.memory_bytes = kMemory,
                                                .shape = {.vector_length = 256, .rom_depth = 256},
                                                .observer = {}}),
                    kMemory);
  const auto device = make_serial_device(board.path());
  rtl::Operations operations(*device);
  for (const InstructionInfo& operation : rtl::operations(operations.capabilities())) {
    ASSERT_NO_FATAL_FAILURE(operations.expect_golden(operation, 2));
  }
}

}  // namespace
}  // namespace sterna::serial
