// SPDX-License-Identifier: Apache-2.0
// What every user of a Device does with its registers: load a program, place its segments, run it,
// read how it went.
#pragma once

#include <chrono>
#include <cstdint>
#include <span>

#include "device/counters.h"
#include "device/device.h"
#include "isa/instruction.h"

namespace sterna::program {

// Writes the program into the instruction ROM from instruction `first` on. Throws Error when it
// does not fit.
void load_program(Device& device, std::span<const Instruction> program, std::uint32_t first = 0);

// Segment `index` becomes [address, address + bytes): address a multiple of 64, bytes rounded up to
// whole lines. Throws Error when the segment cannot be expressed.
void set_segment(Device& device, unsigned index, std::uint64_t address, std::uint64_t bytes);

// How a program ended.
struct ProgramEnd {
  Status status = Status::kOk;
  std::uint32_t pc = 0;  // of the instruction that ended it
};

// Runs the program at ENTRY to its end. Throws Error when the device does not finish in time.
ProgramEnd run_program(Device& device, std::chrono::milliseconds timeout);

}  // namespace sterna::program
