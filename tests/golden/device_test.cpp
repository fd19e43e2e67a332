// SPDX-License-Identifier: Apache-2.0
// The golden device's register map, memory and allocator, as a host sees them.
#include <gtest/gtest.h>

#include <array>
#include <chrono>
#include <cstring>
#include <map>
#include <string>
#include <utility>
#include <vector>

#include "device/allocator.h"
#include "host/program/program.h"
#include "isa/numerics.h"
#include "sim/golden/golden_device.h"
#include "support/error.h"
#include "tests/golden/program_builder.h"

namespace sterna::golden {
namespace {

using namespace std::chrono_literals;
using enum Field;

TEST(GoldenDevice, DescribesItself) {
  const auto device =
      make_golden_device({.shape = {.vector_length = 512, .registers = 6, .rom_depth = 100}});
  const Capabilities c = read_capabilities(*device);
  EXPECT_EQ(c.isa_version, kIsaVersion);
  EXPECT_EQ(c.channels, 1u);
  EXPECT_EQ(c.lanes, 1u);
  EXPECT_EQ(c.vector_length, 512u);
  EXPECT_EQ(c.registers, 6u);
  EXPECT_EQ(c.rom_depth, 100u);
}

TEST(GoldenDevice, HasChannelsAndLanes) {
  constexpr std::uint64_t kBytes = 1 << 16;  // of each channel
  const auto device =
      make_golden_device({.memory_bytes = kBytes, .shape = {.channels = 2, .lanes = 3}});
  EXPECT_EQ(read_capabilities(*device).channels, 2u);
  EXPECT_EQ(read_capabilities(*device).lanes, 3u);
  const std::uint64_t table = device->alloc(256, 0), out = device->alloc(256, 1);
  EXPECT_LT(table, kBytes);
  EXPECT_GE(out, kBytes);
  EXPECT_THROW(device->alloc(1, 2), std::exception);

  std::array<std::int32_t, 64> data{};
  for (int i = 0; i < 4; ++i) data[16 * i] = 100 + i;
  device->upload(table, std::as_bytes(std::span(data)));
  program::set_segment(*device, 2, table, 256);
  program::set_segment(*device, 1, out, 64);
  device->write_register(reg::seg_lane_stride(1), 1);
  device->write_register(reg::kLaneMaskLo, 0b101);
  for (unsigned lane = 0; lane < 3; ++lane) device->write_register(reg::token(lane), 3 - lane);
  const std::vector<Instruction> program = {
      make(Opcode::kEmb, {{kVd, 1}, {kSeg, 2}, {kLen, 1}}),
      make(Opcode::kSv, {{kVa, 1}, {kSeg, 1}, {kLen, 1}}),
      make(Opcode::kHalt),
  };
  program::load_program(*device, program);
  EXPECT_EQ(program::run_program(*device, 1s).status, Status::kOk);
  device->download(out, std::as_writable_bytes(std::span(data)));
  EXPECT_EQ(data[0], 103);
  EXPECT_EQ(data[16], 0);
  EXPECT_EQ(data[32], 101);
}

TEST(GoldenDevice, RefusesMemoryThatIsNotWholePagesAChannel) {
  EXPECT_THROW(make_golden_device({.memory_bytes = 4096 + 64, .shape = {.channels = 2}}),
               std::exception);
}

TEST(GoldenDevice, RunsAProgramOnUploadedData) {
  const auto device = make_golden_device({});
  const std::uint64_t address = device->alloc(256);
  constexpr numerics::fix kUnit = numerics::kOne / 4;
  std::array<numerics::fix, 64> data{};
  for (int i = 0; i < 16; ++i) data[i] = i * kUnit;
  device->upload(address, std::as_bytes(std::span(data)));
  program::set_segment(*device, 2, address, 256);
  const std::vector<Instruction> program = {
      make(Opcode::kLdv, {{kVd, 1}, {kSeg, 2}, {kLen, 16}}),
      make(Opcode::kMul, {{kVd, 1}, {kVa, 1}, {kVb, 1}, {kLen, 16}}),
      make(Opcode::kSv, {{kVa, 1}, {kSeg, 2}, {kOff, 2}, {kLen, 16}}),
      make(Opcode::kHalt),
  };
  program::load_program(*device, program, 40);
  device->write_register(reg::kEntry, 40);
  const program::ProgramEnd end = program::run_program(*device, 1s);
  EXPECT_EQ(end.status, Status::kOk);
  EXPECT_EQ(end.pc, 43u);
  device->download(address, std::as_writable_bytes(std::span(data)));
  for (int i = 0; i < 16; ++i) EXPECT_EQ(data[32 + i], i * i * kUnit / 4);
  const Counters counters = read_counters(*device);
  EXPECT_EQ(counters[Counter::kInstructions], 4u);
  EXPECT_EQ(counters[Counter::kCycles], 0u);
}

TEST(GoldenDevice, TokenReachesTheProgram) {
  const auto device = make_golden_device({});
  const std::uint64_t address = device->alloc(64 * 4);
  std::array<std::int32_t, 64> table{};
  for (int i = 0; i < 64; ++i) table[i] = i;
  device->upload(address, std::as_bytes(std::span(table)));
  program::set_segment(*device, 0, address, 256);
  const std::vector<Instruction> program = {make(Opcode::kEmb, {{kVd, 1}, {kLen, 16}}),
                                            make(Opcode::kSv, {{kVa, 1}, {kLen, 16}}),
                                            make(Opcode::kHalt)};
  program::load_program(*device, program);
  device->write_register(reg::token(0), 3);
  EXPECT_EQ(program::run_program(*device, 1s).status, Status::kOk);
  std::int32_t first = 0;
  device->download(address, std::as_writable_bytes(std::span(&first, 1)));
  EXPECT_EQ(first, 48);
  device->write_register(reg::token(0), 4);
  const program::ProgramEnd end = program::run_program(*device, 1s);
  EXPECT_EQ(end.status, Status::kBadAddress);
  EXPECT_EQ(end.pc, 0u);
}

TEST(GoldenDevice, ControlRegisterFollowsApCtrlHs) {
  const auto device = make_golden_device({});
  program::load_program(*device, std::vector{make(Opcode::kHalt)});
  EXPECT_EQ(device->read_register(reg::kCtrl), 0x4u);  // idle
  device->write_register(reg::kIer, 1);
  device->write_register(reg::kCtrl, 1);
  EXPECT_EQ(device->read_register(reg::kCtrl) & 0x7, 0x6u);  // done and idle
  EXPECT_EQ(device->read_register(reg::kCtrl) & 0x7, 0x4u);  // done clears on read
  EXPECT_EQ(device->read_register(reg::kIsr), 1u);
  device->write_register(reg::kIsr, 1);
  EXPECT_EQ(device->read_register(reg::kIsr), 0u);
}

TEST(GoldenDevice, RomIsWrittenWordByWord) {
  const auto device = make_golden_device({.shape = {.rom_depth = 2}});
  EXPECT_THROW(program::load_program(*device, std::vector(3, make(Opcode::kHalt))), std::exception);
  // Without its last word an instruction is not there yet.
  const Instruction halt = make(Opcode::kHalt);
  device->write_register(reg::kRomAddr, 0);
  for (int i = 0; i < 3; ++i) device->write_register(reg::kRomData, halt.words[i]);
  EXPECT_EQ(program::run_program(*device, 1s).status, Status::kIllegalInstruction);
  device->write_register(reg::kRomData, halt.words[3]);
  EXPECT_EQ(program::run_program(*device, 1s).status, Status::kOk);
  EXPECT_EQ(device->read_register(reg::kRomAddr), 4u);
  // Beyond the ROM nothing happens.
  device->write_register(reg::kRomAddr, 8);
  for (int i = 0; i < 4; ++i) device->write_register(reg::kRomData, 0);
  EXPECT_EQ(program::run_program(*device, 1s).status, Status::kOk);
}

TEST(GoldenDevice, ReadOnlyRegistersStay) {
  const auto device = make_golden_device({});
  device->write_register(reg::kMagic, 1);
  device->write_register(reg::kStatus, 9);
  EXPECT_EQ(device->read_register(reg::kMagic), reg::kMagicValue);
  EXPECT_EQ(device->read_register(reg::kStatus), 0u);
  device->write_register(reg::seg_base_hi(7), 0xDEADBEEF);
  EXPECT_EQ(device->read_register(reg::seg_base_hi(7)), 0xDEADBEEF);
  EXPECT_THROW(device->read_register(2), std::exception);
  EXPECT_THROW(device->write_register(4096, 0), std::exception);
}

TEST(GoldenDevice, MemoryOutsideAllocationsIsRefused) {
  const auto device = make_golden_device({});
  const std::uint64_t address = device->alloc(100);
  std::vector<std::byte> data(101);
  EXPECT_NO_THROW(device->upload(address, std::span(data).first(100)));
  EXPECT_THROW(device->upload(address, data), std::exception);
  EXPECT_THROW(device->download(address + 1, std::span(data).first(100)), std::exception);
  device->free(address);
  EXPECT_THROW(device->download(address, std::span(data).first(1)), std::exception);
  EXPECT_THROW(device->free(address), std::exception);
}

TEST(GoldenDevice, ObserverSeesEveryInstruction) {
  std::vector<std::uint32_t> pcs;
  const auto device =
      make_golden_device({.observer = [&](const Step& step) { pcs.push_back(step.pc); }});
  program::load_program(*device, std::vector{make(Opcode::kSet, {{kLen, 4}}), make(Opcode::kHalt)});
  program::run_program(*device, 1s);
  EXPECT_EQ(pcs, (std::vector<std::uint32_t>{0, 1}));
}

TEST(Segments, RefuseWhatTheyCannotHold) {
  const auto device = make_golden_device({});
  EXPECT_THROW(program::set_segment(*device, kSegments, 0, 64), std::exception);
  EXPECT_THROW(program::set_segment(*device, 0, 32, 64), std::exception);
  EXPECT_THROW(program::set_segment(*device, 0, 0, std::uint64_t{1} << 38), std::exception);
  program::set_segment(*device, 0, std::uint64_t{3} << 32, 65);
  EXPECT_EQ(device->read_register(reg::seg_base_hi(0)), 3u);
  EXPECT_EQ(device->read_register(reg::seg_size(0)), 2u);
}

TEST(AllocatorTest, FirstFitOnPages) {
  Allocator allocator({{0, 5 * 4096 + 100}, {1 << 20, 4096}});
  EXPECT_EQ(allocator.alloc(1, 0), 0u);
  EXPECT_EQ(allocator.alloc(4097, 0), 4096u);
  EXPECT_EQ(allocator.alloc(4096, 0), 3u * 4096);
  allocator.free(4096);
  EXPECT_EQ(allocator.alloc(0, 0), 4096u);  // even nothing has an address of its own
  EXPECT_EQ(allocator.alloc(4096, 0), 2u * 4096);
  EXPECT_EQ(allocator.alloc(4096, 0), 4u * 4096);
  EXPECT_THROW(allocator.alloc(1, 0), std::exception);  // the half page at the end is not used
  EXPECT_EQ(allocator.alloc(4096, 1), 1u << 20);
  EXPECT_THROW(allocator.alloc(1, 1), std::exception);
  EXPECT_THROW(allocator.alloc(1, 2), std::exception);
  EXPECT_THROW(allocator.alloc(~std::uint64_t{0}, 0), std::exception);
  EXPECT_NO_THROW(allocator.check("x", 0, 1));
  EXPECT_THROW(allocator.check("x", 0, 2), std::exception);
  EXPECT_THROW(allocator.check("x", 1, ~std::uint64_t{0}), std::exception);
}

// A device that has nothing but registers.
class Registers final : public Device {
 public:
  std::string name() const override { return "registers"; }
  std::uint64_t alloc(std::size_t, unsigned) override { return 0; }
  void free(std::uint64_t) override {}
  void download(std::uint64_t, std::span<std::byte>) override {}
  void write_register(std::uint32_t offset, std::uint32_t value) override {
    promised = promised || (offset == reg::kFffKeep && value == 1);
  }
  std::uint32_t read_register(std::uint32_t offset) override { return values[offset]; }
  void wait(std::chrono::milliseconds) override {}

  bool promised = false;
  std::map<std::uint32_t, std::uint32_t> values;

 private:
  void write_memory(std::uint64_t, std::span<const std::byte>) override {}
  void start_program() override { started = std::exchange(promised, false); }

 public:
  bool started = false;  // with the promise that memory is as it was
};

TEST(Device, SaysWhetherItHasWrittenMemory) {
  Registers device;
  const std::array<std::byte, 64> line{};
  device.run();
  EXPECT_FALSE(device.started) << "who knows what it was before";
  device.run();
  EXPECT_TRUE(device.started);
  device.upload(0, line);
  device.run();
  EXPECT_FALSE(device.started);
  device.write_register(reg::kEntry, 1);
  std::array<std::byte, 64> read{};
  device.download(0, read);
  device.run();
  EXPECT_TRUE(device.started);
}

TEST(Device, RefusesCapabilitiesThatNoHardwareHas) {
  Registers device;
  const std::map<std::uint32_t, std::uint32_t> good = {{reg::kMagic, reg::kMagicValue},
                                                       {reg::kIsaVersion, kIsaVersion},
                                                       {reg::kChannels, 8},
                                                       {reg::kLanes, kMaxLanes},
                                                       {reg::kVectorLength, 1},
                                                       {reg::kRegisters, 16},
                                                       {reg::kBeatBits, 64},
                                                       {reg::kRomDepth, 65536},
                                                       {reg::kBeatsPerStep, 2},
                                                       {reg::kFff, kMaxTrees}};
  device.values = good;
  EXPECT_EQ(read_capabilities(device).channels, 8u);
  const struct {
    std::uint32_t offset, value;
    const char* says;
  } bad[] = {
      {reg::kMagic, 0, "MAGIC reads 0x00000000, not"},
      {reg::kIsaVersion, 3, "instruction set version 3"},
      {reg::kChannels, 0, "CHANNELS reads 0, not a power of two from 1 to 8"},
      {reg::kChannels, 6, "CHANNELS reads 6, not a power of two from 1 to 8"},
      {reg::kChannels, ~0U, "CHANNELS reads 4294967295, not a power of two from 1 to 8"},
      {reg::kLanes, 0, "LANES reads 0, not 1 to 64"},
      {reg::kLanes, kMaxLanes + 1, "LANES reads 65, not 1 to 64"},
      {reg::kVectorLength, 8193, "VECTOR_LENGTH reads 8193, not 1 to 8192"},
      {reg::kRegisters, 0, "REGISTERS reads 0, not 1 to 16"},
      {reg::kBeatBits, 63, "BEAT_BITS reads 63, not a power of two from 64 to 512"},
      {reg::kRomDepth, 1 << 17, "ROM_DEPTH reads 131072, not 1 to 65536"},
      {reg::kBeatsPerStep, 3, "BEATS_PER_STEP reads 3, not 1 to 2"},
      {reg::kFff, kMaxTrees + 1, "FFF reads 65, not 0 to 64"},
  };
  for (const auto& one : bad) {
    device.values = good;
    device.values[one.offset] = one.value;
    try {
      read_capabilities(device);
      ADD_FAILURE() << "takes " << one.value << " at " << one.offset;
    } catch (const Error& error) {
      EXPECT_NE(std::string(error.what()).find(one.says), std::string::npos) << error.what();
    }
  }
}

}  // namespace
}  // namespace sterna::golden
