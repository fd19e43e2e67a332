// SPDX-License-Identifier: Apache-2.0
// The Verilated hardware through the device interface: capabilities, ap_ctrl_hs, the instruction
// ROM, counters, bus errors.
#include <gtest/gtest.h>

#include <algorithm>
#include <filesystem>
#include <numeric>
#include <vector>

#include "host/program/program.h"
#include "sim/rtl/rtl_device.h"
#include "support/error.h"
#include "tests/host/test_folder.h"

namespace sterna::rtl {
namespace {

constexpr std::chrono::seconds kTimeout{60};
constexpr std::uint32_t kStart = 1, kDone = 2, kIdle = 4;

Instruction make(Opcode op, std::initializer_list<std::pair<Field, std::uint32_t>> fields = {}) {
  Instruction in;
  in.set(Field::kOp, static_cast<std::uint32_t>(op));
  for (const auto& [field, value] : fields) in.set(field, value);
  return in;
}

std::unique_ptr<RtlDevice> tiny(double stall = 0) {
  return make_rtl_device({.configuration = "tiny",
                          .memory_bytes = 1 << 20,
                          .latency = 20,
                          .stall_probability = stall,
                          .lockstep = true});
}

// v1 = v0 + v0, stored behind it; `elements` from segment 0.
std::vector<Instruction> doubling(std::uint32_t elements) {
  return {make(Opcode::kLdv, {{Field::kVd, 0}, {Field::kLen, elements}}),
          make(Opcode::kAdd,
               {{Field::kVd, 1}, {Field::kVa, 0}, {Field::kVb, 0}, {Field::kLen, elements}}),
          make(Opcode::kSv, {{Field::kVa, 1}, {Field::kLen, elements}, {Field::kOff, 16}}),
          make(Opcode::kHalt)};
}

TEST(RtlDeviceTest, CapabilitiesAreTheConfigurations) {
  const auto tiny_device = tiny(0.3);
  const Capabilities t = read_capabilities(*tiny_device);
  EXPECT_EQ(t.beat_bits, 128u);
  EXPECT_EQ(t.vector_length, 256u);
  EXPECT_EQ(t.registers, 8u);
  EXPECT_EQ(t.rom_depth, 512u);
  EXPECT_EQ(t.channels, 1u);
  EXPECT_EQ(t.lanes, 1u);
  const auto demo_device = make_rtl_device({.configuration = "demo", .memory_bytes = 1 << 20});
  const Capabilities d = read_capabilities(*demo_device);
  EXPECT_EQ(d.beat_bits, 512u);
  EXPECT_EQ(d.vector_length, 1024u);
  EXPECT_EQ(d.clock_khz, 300000u);
}

TEST(RtlDeviceTest, UnknownConfigurationIsAnError) {
  EXPECT_THROW(make_rtl_device({.configuration = "huge"}), Error);
}

TEST(RtlDeviceTest, RunsAProgram) {
  const auto device = tiny(0.2);
  std::vector<std::int32_t> in(256), out(256);
  std::iota(in.begin(), in.end(), -100);
  const std::uint64_t address = device->alloc(2048);
  device->upload(address, std::as_bytes(std::span(in)));
  program::set_segment(*device, 0, address, 2048);
  program::load_program(*device, doubling(256));
  EXPECT_EQ(program::run_program(*device, kTimeout).status, Status::kOk);
  device->download(address + 1024, std::as_writable_bytes(std::span(out)));
  for (std::size_t i = 0; i < in.size(); ++i) EXPECT_EQ(out[i], 2 * in[i]);
  EXPECT_EQ(device->compared(), 3u);
}

TEST(RtlDeviceTest, ControlFollowsApCtrlHs) {
  const auto device = tiny();
  program::load_program(*device, std::vector{make(Opcode::kHalt)});
  EXPECT_EQ(device->read_register(reg::kCtrl), kIdle);
  device->write_register(reg::kIer, 1);
  device->write_register(reg::kGie, 1);
  device->write_register(reg::kCtrl, kStart);
  for (unsigned i = 0; i < 50 && !device->interrupt(); ++i) device->read_register(reg::kStatus);
  EXPECT_TRUE(device->interrupt());
  EXPECT_EQ(device->read_register(reg::kIsr), 1u);
  EXPECT_EQ(device->read_register(reg::kCtrl) & (kStart | kDone | kIdle), kDone | kIdle);
  EXPECT_EQ(device->read_register(reg::kCtrl) & kDone, 0u) << "ap_done clears on read";
  EXPECT_TRUE(device->interrupt()) << "the interrupt stays until ISR is toggled";
  device->write_register(reg::kIsr, 1);
  EXPECT_EQ(device->read_register(reg::kIsr), 0u);
  EXPECT_FALSE(device->interrupt());
  device->write_register(reg::kIsr, 1);
  EXPECT_EQ(device->read_register(reg::kIsr), 1u) << "writing a one toggles";
  device->write_register(reg::kGie, 0);
  EXPECT_FALSE(device->interrupt());
}

TEST(RtlDeviceTest, ArgumentsReadAsWrittenAndCapabilitiesDoNotChange) {
  const auto device = tiny(0.3);
  for (std::uint32_t s = 0; s < kSegments; ++s) {
    device->write_register(reg::seg_base_lo(s), 0x1000 * (s + 1));
    device->write_register(reg::seg_base_hi(s), s + 7);
    device->write_register(reg::seg_size(s), 100 + s);
  }
  device->write_register(reg::kEntry, 5);
  device->write_register(reg::token(0), 77);
  device->write_register(reg::kMagic, 1);
  device->write_register(reg::kVectorLength, 1);
  for (std::uint32_t s = 0; s < kSegments; ++s) {
    EXPECT_EQ(device->read_register(reg::seg_base_lo(s)), 0x1000 * (s + 1));
    EXPECT_EQ(device->read_register(reg::seg_base_hi(s)), s + 7);
    EXPECT_EQ(device->read_register(reg::seg_size(s)), 100 + s);
  }
  EXPECT_EQ(device->read_register(reg::kEntry), 5u);
  EXPECT_EQ(device->read_register(reg::token(0)), 77u);
  EXPECT_EQ(device->read_register(reg::kMagic), reg::kMagicValue);
  EXPECT_EQ(device->read_register(reg::kVectorLength), 256u);
}

TEST(RtlDeviceTest, TheRomPowersUpIllegalAndDropsWhatIsBeyondIt) {
  const auto device = tiny();
  device->write_register(reg::kEntry, 0);
  device->run();
  device->wait(kTimeout);
  EXPECT_EQ(device->read_register(reg::kStatus),
            static_cast<std::uint32_t>(Status::kIllegalInstruction));
  // A HALT in the last place, and one beyond the end, which must not come round to the first.
  device->write_register(reg::kRomAddr, 4 * 255);
  for (unsigned i = 0; i < 2; ++i) {
    for (const std::uint32_t word : make(Opcode::kHalt).words) {
      device->write_register(reg::kRomData, word);
    }
  }
  device->run();
  device->wait(kTimeout);
  EXPECT_EQ(device->read_register(reg::kStatus),
            static_cast<std::uint32_t>(Status::kIllegalInstruction));
  device->write_register(reg::kEntry, 255);
  device->run();
  device->wait(kTimeout);
  EXPECT_EQ(device->read_register(reg::kStatus), static_cast<std::uint32_t>(Status::kOk));
  EXPECT_EQ(device->read_register(reg::kStatusPc), 255u);
}

TEST(RtlDeviceTest, EveryCycleOfTheRouterHasOneCause) {
  for (const double stall : {0.0, 0.3}) {
    const auto device = tiny(stall);
    const std::uint64_t address = device->alloc(2048);
    program::set_segment(*device, 0, address, 2048);
    for (const std::uint32_t elements : {1u, 16u, 100u, 256u}) {
      program::load_program(*device, doubling(elements));
      program::run_program(*device, kTimeout);
      const Counters c = read_counters(*device);
      const std::uint64_t lines = (elements + 15) / 16;
      EXPECT_EQ(c[Counter::kInstructions], 4u);
      EXPECT_EQ(c[Counter::kCycles], c[Counter::kInstructions] + c[Counter::kIssueFetch] +
                                         c[Counter::kIssueUnitBusy] + c[Counter::kIssueRaw] +
                                         c[Counter::kIssueWar] + c[Counter::kIssueWaw] +
                                         c[Counter::kIssuePort] + c[Counter::kIssueDrain]);
      EXPECT_EQ(c[Counter::kReadBeats], 4 * lines);
      EXPECT_EQ(c[Counter::kWriteBeats], 4 * lines);
      EXPECT_EQ(c[Counter::kTmmBusy], 0u);
      EXPECT_EQ(c[Counter::kTmmBeats], 0u);
      EXPECT_GT(c[Counter::kIssueRaw], 0u);
      EXPECT_GT(c[Counter::kLsuBusy], c[Counter::kLsuWaitDram]);
      EXPECT_GE(c[Counter::kRowBusy], 4 * lines);
    }
  }
}

// An error answer from inside memory, which golden knows nothing of: so without lockstep.
TEST(RtlDeviceTest, AnErrorResponseEndsTheProgram) {
  const auto device = make_rtl_device({.configuration = "tiny", .memory_bytes = 1 << 20});
  const std::uint64_t address = device->alloc(4096);
  program::set_segment(*device, 0, address, 4096);
  program::load_program(*device, doubling(256));
  device->fail_memory(address + 2000, address + 2001);  // in what is stored
  program::ProgramEnd end = program::run_program(*device, kTimeout);
  EXPECT_EQ(end.status, Status::kWriteError);
  EXPECT_EQ(end.pc, 2u);
  device->fail_memory(address + 1023, address + 1024);  // in the last line that is loaded
  end = program::run_program(*device, kTimeout);
  EXPECT_EQ(end.status, Status::kReadError);
  EXPECT_EQ(end.pc, 0u);
  program::load_program(*device, doubling(16));
  EXPECT_EQ(program::run_program(*device, kTimeout).status, Status::kOk)
      << "the next program runs again";
}

// In whatever cycle it comes: with addresses up, data half written, answers on their way.
TEST(RtlDeviceTest, AResetAnywhereLeavesNothingToTheNextProgram) {
  const auto device = tiny(0.3);
  std::vector<std::int32_t> in(256), out(256);
  std::iota(in.begin(), in.end(), -100);
  const std::uint64_t address = device->alloc(2048);
  for (unsigned cycles = 1; cycles < 700; cycles += 1 + cycles / 40) {
    SCOPED_TRACE(cycles);
    const auto prepare = [&] {
      device->upload(address, std::as_bytes(std::span(in)));
      device->upload(address + 1024, std::as_bytes(std::span(in)));
      program::set_segment(*device, 0, address, 2048);
      program::load_program(*device, doubling(256));
    };
    prepare();
    device->run();
    device->advance(cycles);
    device->reset(1 + cycles % 3);
    EXPECT_EQ(device->read_register(reg::kCtrl), kIdle);
    EXPECT_EQ(read_counters(*device).values, Counters{}.values);
    EXPECT_EQ(device->read_register(reg::seg_size(0)), 0u);
    prepare();
    ASSERT_EQ(program::run_program(*device, kTimeout).status, Status::kOk);
    device->download(address + 1024, std::as_writable_bytes(std::span(out)));
    for (std::size_t i = 0; i < in.size(); ++i) ASSERT_EQ(out[i], 2 * in[i]);
  }
}

TEST(RtlDeviceTest, ArgumentsWrittenWhileAProgramRunsAreTheNextOnes) {
  const auto device = tiny();
  const std::uint64_t address = device->alloc(4096);
  std::vector<std::int32_t> in(512, 3), out(256);
  device->upload(address, std::as_bytes(std::span(in)));
  program::set_segment(*device, 0, address, 2048);
  program::load_program(*device, doubling(256));
  device->run();
  program::set_segment(*device, 0, address + 4096 - 64,
                       64);  // the next program's: not enough for it
  device->write_register(reg::kEntry, 1);
  device->wait(kTimeout);
  EXPECT_EQ(device->read_register(reg::kStatus), static_cast<std::uint32_t>(Status::kOk));
  device->download(address + 1024, std::as_writable_bytes(std::span(out)));
  EXPECT_EQ(out, std::vector<std::int32_t>(256, 6));
  const program::ProgramEnd end = program::run_program(*device, kTimeout);
  EXPECT_EQ(end.status, Status::kBadAddress);
  EXPECT_EQ(end.pc, 2u) << "from pc 1 on: the store";
}

TEST(RtlDeviceTest, AWaveformIsWrittenOnlyWhenAskedFor) {
  const model::TestFolder folder;
  const auto path = folder / "device_test.fst";
  for (const bool closed : {false, true}) {
    const auto device =
        make_rtl_device({.configuration = "tiny", .memory_bytes = 1 << 20, .wave = path.string()});
    program::load_program(*device, std::vector{make(Opcode::kHalt)});
    program::run_program(*device, kTimeout);
    EXPECT_FALSE(std::filesystem::exists(path)) << "nobody has closed it";
    if (closed) device->close_wave();
  }
  EXPECT_GT(std::filesystem::file_size(path), 1000u);
  EXPECT_THROW(make_rtl_device({.configuration = "tiny", .wave = "/nowhere/x.fst"}), Error);
}

class Recorder final : public DeviceObserver {
 public:
  void issued(std::uint64_t cycle, std::uint32_t pc) override { note(cycle, issued_pcs, pc); }
  void retired(std::uint64_t cycle, unsigned, std::uint32_t pc) override {
    note(cycle, retired_pcs, pc);
  }
  void memory(std::uint64_t, std::span<const Beats> channels) override {
    beats += channels[0].read;
  }

  std::vector<std::uint32_t> issued_pcs, retired_pcs;
  std::uint64_t beats = 0;

 private:
  void note(std::uint64_t cycle, std::vector<std::uint32_t>& pcs, std::uint32_t pc) {
    EXPECT_GE(cycle, last_);
    last_ = cycle;
    pcs.push_back(pc);
  }
  std::uint64_t last_ = 0;
};

TEST(RtlDeviceTest, ObserversSeeEverythingInOrder) {
  Recorder recorder;
  const auto device =
      make_rtl_device({.configuration = "tiny", .memory_bytes = 1 << 20, .observer = &recorder});
  const std::uint64_t address = device->alloc(4096);
  program::set_segment(*device, 0, address, 4096);
  program::load_program(*device, doubling(16));
  program::run_program(*device, kTimeout);
  EXPECT_EQ(recorder.issued_pcs, (std::vector<std::uint32_t>{0, 1, 2, 3}));
  EXPECT_EQ(recorder.retired_pcs, (std::vector<std::uint32_t>{0, 1, 2}));
  EXPECT_EQ(recorder.beats, read_counters(*device)[Counter::kReadBeats]);
}

}  // namespace
}  // namespace sterna::rtl
