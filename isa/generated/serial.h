// SPDX-License-Identifier: Apache-2.0
// Generated from isa/isa.toml by isagen (`make generate`): edit that file, not this one.
// clang-format off
#pragma once

#include <array>
#include <cstdint>
#include <string_view>

namespace sterna {
namespace serial_line {

inline constexpr std::uint32_t kVersion = 1;
inline constexpr std::uint32_t kRequestSync = 90;
inline constexpr std::uint32_t kReplySync = 165;
inline constexpr std::uint32_t kHeaderBytes = 8;
inline constexpr std::uint32_t kMaxPayload = 1024;
inline constexpr std::uint32_t kWindow = 16;
inline constexpr std::uint32_t kIdentityBytes = 16;

enum class Command : std::uint8_t {
  kHello = 0,  // Begins anew: the next frame has the sequence number behind this one's. The reply is the version, the bytes of memory and the board's name; it repeats the address, by which a host knows its own.
  kReadMemory = 1,  // Payload: how many bytes, 16 bits. The reply has them, from the address on.
  kWriteMemory = 2,  // The payload goes to memory from the address on.
  kReadRegisters = 3,  // Payload: how many bytes, 16 bits, a multiple of 4. The reply has the control registers from the address on.
  kWriteRegisters = 4,  // Payload: pairs of an offset and a value, 32 bits each, written in this order.
  kWait = 5,  // The reply is CTRL, when the machine is idle or has ended a program; before that, and then with BUSY, when another byte comes, or after some time.
};
enum class Result : std::uint8_t {
  kOk = 0,  // Done, now or when the frame came the first time.
  kSequence = 1,  // Not done: a frame before this one is missing. The reply's address is the number that should come, or 256 and above after a reset, when HELLO should.
  kBadCommand = 2,  // Not done: no such command, or a payload of the wrong size.
  kBadAddress = 3,  // Not done: it leaves the memory.
  kBusy = 4,  // WAIT: the program still runs.
};

}  // namespace serial_line

// A board that `make bitstream` builds for.
struct Board {
  std::string_view name;
  std::string_view title;
  std::string_view configuration;  // rtl/config
  std::string_view part;           // the FPGA, as a bitstream names it
  std::string_view package;        // likewise
  std::uint32_t idcode;            // as the FPGA tells it over JTAG
  std::uint32_t memory_bytes;
  std::uint32_t baud;
  std::string_view loader;         // openFPGALoader's name of it
};
inline constexpr std::array<Board, 1> kBoards = {{
    {"ulx3s", "ULX3S-85F", "ulx3s", "LFE5U-85F", "CABGA381",
     0x41113043, 33554432, 3000000, "ulx3s"},
}};

}  // namespace sterna
