// SPDX-License-Identifier: Apache-2.0
// A board that only runs programs, of golden, with faults planted in it.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>

#include "sim/golden/golden_device.h"

namespace sterna::replay {

class PlantedBoard final : public Device {
 public:
  // What is wrong with it; it outlives the board, and the test changes it meanwhile.
  struct Faults {
    // Called with everything that an instruction has written, which it may change; not for
    // programs without the instruction that golden::Step says.
    std::function<void(const golden::Step& step)> spoil{};
    std::optional<Status> status{};  // of programs that end at `status_pc`
    std::uint32_t status_pc = 0;
    bool silent = false;     // what is written gets lost, and no program ends
    bool was_reset = false;  // what comes next is refused, and the ROM is empty from then on
    unsigned runs = 0;       // programs so far
  };

  PlantedBoard(const golden::GoldenMachine::Shape& shape, std::uint64_t memory_bytes,
               Faults& faults);

  std::string name() const override { return "board"; }
  std::uint64_t alloc(std::size_t bytes, unsigned channel) override;
  void free(std::uint64_t address) override;
  void write_memory(std::uint64_t address, std::span<const std::byte> data) override;
  void download(std::uint64_t address, std::span<std::byte> data) override;
  void write_register(std::uint32_t offset, std::uint32_t value) override;
  std::uint32_t read_register(std::uint32_t offset) override;
  void start_program() override;
  void wait(std::chrono::milliseconds timeout) override;

 private:
  Faults& faults_;
  const std::uint32_t rom_depth_;
  std::unique_ptr<SteppedDevice> golden_;
};

// A word that the step wrote becomes another.
void flip_register(const golden::Step& step, std::size_t lane, std::size_t word);
void flip_memory(const golden::Step& step, std::size_t byte);

}  // namespace sterna::replay
