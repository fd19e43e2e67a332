// SPDX-License-Identifier: Apache-2.0
#include "tests/replay/planted_board.h"

#include "support/error.h"

namespace sterna::replay {

PlantedBoard::PlantedBoard(const golden::GoldenMachine::Shape& shape, std::uint64_t memory_bytes,
                           Faults& faults)
    : faults_(faults),
      rom_depth_(shape.rom_depth),
      golden_(golden::make_golden_device({.memory_bytes = memory_bytes,
                                          .shape = shape,
                                          .observer = [&faults](const golden::Step& step) {
                                            if (faults.spoil) faults.spoil(step);
                                          }})) {
  // What an earlier program left.
  Instruction set, halt;
  set.set(Field::kOp, static_cast<std::uint32_t>(Opcode::kSet));
  set.set(Field::kLen, shape.vector_length);
  set.set(Field::kImm, 0x5A5A5A5A);
  halt.set(Field::kOp, static_cast<std::uint32_t>(Opcode::kHalt));
  golden_->write_register(reg::kLaneMaskLo, ~0u);
  golden_->write_register(reg::kLaneMaskHi, ~0u);
  for (std::uint32_t r = 0; r < shape.registers; ++r) {
    set.set(Field::kVd, r);
    for (const Instruction& in : {set, halt}) {
      for (const std::uint32_t word : in.words) golden_->write_register(reg::kRomData, word);
    }
    golden_->run();
    golden_->write_register(reg::kRomAddr, 0);
  }
}

std::uint64_t PlantedBoard::alloc(std::size_t bytes, unsigned channel) {
  return golden_->alloc(bytes, channel);
}
void PlantedBoard::free(std::uint64_t address) { golden_->free(address); }

void PlantedBoard::write_memory(std::uint64_t address, std::span<const std::byte> data) {
  if (faults_.was_reset) {
    faults_.was_reset = false;
    golden_->write_register(reg::kRomAddr, 0);
    for (std::uint32_t i = 0; i < 4 * rom_depth_; ++i) golden_->write_register(reg::kRomData, 0);
    throw Error("board: was reset");
  }
  if (!faults_.silent) golden_->upload(address, data);
}

void PlantedBoard::download(std::uint64_t address, std::span<std::byte> data) {
  golden_->download(address, data);
}

void PlantedBoard::write_register(std::uint32_t offset, std::uint32_t value) {
  if (!faults_.silent) golden_->write_register(offset, value);
}

std::uint32_t PlantedBoard::read_register(std::uint32_t offset) {
  if (offset == reg::kStatus && faults_.status &&
      golden_->read_register(reg::kStatusPc) == faults_.status_pc) {
    return static_cast<std::uint32_t>(*faults_.status);
  }
  return golden_->read_register(offset);
}

void PlantedBoard::start_program() {
  ++faults_.runs;
  if (!faults_.silent) golden_->run();
}

void PlantedBoard::wait(std::chrono::milliseconds timeout) {
  if (faults_.silent) throw Error("board: no ap_done within {} ms", timeout.count());
}

// The spans point into golden's own registers and memory.
void flip_register(const golden::Step& step, std::size_t lane, std::size_t word) {
  const_cast<std::int32_t&>(step.registers[lane].words[word]) ^= 1;
}
void flip_memory(const golden::Step& step, std::size_t byte) {
  const_cast<std::byte&>(step.memory_written.front().bytes[byte]) ^= std::byte{1};
}

}  // namespace sterna::replay
