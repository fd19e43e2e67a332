// SPDX-License-Identifier: Apache-2.0
// What a program finds when it starts: its code, memory from its own data and from the command
// line, and the control registers. `sim` and `debug` share it.
#pragma once

#include <CLI/CLI.hpp>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "asm/assembler.h"
#include "device/device.h"
#include "device/stepped_device.h"
#include "host/cli/sim_arguments.h"
#include "host/program/data_placement.h"
#include "support/files.h"

namespace sterna::cli {

struct ProgramOptions {
  std::string program;
  std::vector<std::string> inputs, loads, segments, tokens;
  unsigned active_lanes = 1;
  bool prefill = false;
  std::uint64_t memory_bytes = 16 << 20;  // of each channel
};

// Adds the program and --input, --load, --seg, --token, --active-lanes, --prefill, --memory-bytes.
void add_program_options(CLI::App& verb, ProgramOptions& options);
// An option that takes one value each time: more would take the program, too.
void add_repeated_option(CLI::App& verb, const char* name, std::vector<std::string>& values,
                         const std::string& help);

// Addresses here are ours: channel c's memory lies from c times its size on. A device may have it
// elsewhere. All functions throw Error for what the options ask and the device has not.
class ProgramSetup {
 public:
  // Assembles or reads the program, and reads the files.
  explicit ProgramSetup(const ProgramOptions& options);

  // To be called before all below: how many channels and lanes there are. With `shared` memory
  // what lies around ours is somebody else's, and segments must stay inside.
  void fit(const Capabilities& capabilities, bool shared);

  // Takes the device's memory, and writes everything into it. Where that is not empty, so much of
  // it is cleared before: what the program can reach, or all.
  enum class Clear { kNothing, kSegments, kAll };
  void load(Device& device, Clear clear = Clear::kNothing);
  // Everything once more, into the device that was loaded last: as it was then.
  void reload(SteppedDevice& device) const;

  const assembly::Assembly& assembly() const { return assembly_; }
  const std::string& path() const { return options_.program; }
  const assembly::ProgramData& data() const { return assembly_.program.data; }
  const program::DataPlacement& placement() const { return *placement_; }
  unsigned lanes() const { return options_.active_lanes; }
  unsigned channels() const { return channels_; }
  std::uint64_t memory_bytes() const { return options_.memory_bytes; }

  // Where an address of ours lies in the device that was loaded last; what is in no channel stays
  // outside.
  std::uint64_t place(std::uint64_t address) const;
  // Throws Error, naming the option, unless the range lies in one channel's memory.
  void check_range(const char* option, std::uint64_t address, std::uint64_t bytes) const;
  // Where a segment lies, also one that the program has not named; nothing: it is closed.
  std::optional<program::PlacedSegment> segment(std::uint32_t number) const;

  // The numbers of one copy of a vector, as `read` finds them at an address of the device.
  using Read = std::function<void(std::uint64_t address, std::span<std::byte> data)>;
  std::vector<std::uint32_t> read_vector(const Read& read, const assembly::DataItem& item,
                                         unsigned lane) const;

 private:
  std::uint64_t alloc_channel(Device& device, unsigned channel) const;
  // Calls work(address, bytes) for the memory that the program may write, piece by piece.
  template <typename Work>
  void for_each_reachable_part(Work work) const;
  // Throws Error for an instruction that the device does not know.
  void check_capabilities(const Capabilities& capabilities) const;

  struct Load {
    std::uint64_t address = 0;
    MappedFile file;
  };
  struct Input {
    const assembly::DataItem* item = nullptr;
    std::optional<unsigned> lane;
    std::vector<std::byte> image;
  };

  void add_load(const LoadArgument& argument);
  Input read_input(const std::string& text) const;
  void add_input(Input input);
  void write_all(Device& device) const;

  ProgramOptions options_;
  assembly::Assembly assembly_;
  std::vector<TokenArgument> tokens_;
  std::vector<program::PlacedSegment> asked_;     // by --seg
  std::vector<program::PlacedSegment> segments_;  // all that are open, the last of a number counts
  std::vector<Load> loads_;
  std::vector<Input> inputs_;
  std::optional<program::DataPlacement> placement_;
  unsigned channels_ = 1;
  std::uint32_t rom_depth_ = 0;
  std::vector<std::uint64_t> bases_;  // of each channel's memory, in the device loaded last
};

}  // namespace sterna::cli
