// SPDX-License-Identifier: Apache-2.0
// The xrt backend against the contract of device/device.h, behind XRT's hardware emulation.
#include "host/xrt/xrt_device.h"

#include <gtest/gtest.h>

#include <numeric>
#include <random>

#include "host/program/program.h"
#include "host/xrt/emulation.h"
#include "host/xrt/restart.h"
#include "isa/generated/isa.h"
#include "support/files.h"
#include "tests/golden/program_builder.h"
#include "tests/host/test_folder.h"
#include "tests/rtl/operations.h"

namespace sterna::card {
namespace {

// One device for all tests: a load takes the better part of a second.
class XrtDevice : public testing::Test {
 protected:
  static void SetUpTestSuite() {
    device_ = make_xrt_device({write_emulation_xclbin(emulation_folder(), "tiny"), "0", true});
  }
  static void TearDownTestSuite() { device_.reset(); }

  static std::vector<std::byte> random_bytes(std::size_t count, unsigned seed) {
    std::mt19937 random(seed);
    std::vector<std::byte> bytes(count);
    for (std::byte& byte : bytes) byte = static_cast<std::byte>(random());
    return bytes;
  }

  inline static std::unique_ptr<Device> device_;
};

TEST_F(XrtDevice, SaysWhatItIs) {
  EXPECT_EQ(device_->name(), "xrt (hw_emu)");
  const Capabilities c = read_capabilities(*device_);
  EXPECT_EQ(c.isa_version, kIsaVersion);
  EXPECT_EQ(c.vector_length, 256u);
  EXPECT_EQ(c.beat_bits, 128u);
}

TEST_F(XrtDevice, MemoryKeepsWhatIsWrittenAtAnyOffsetAndLength) {
  constexpr std::size_t kBytes = (9u << 20) + 123;  // more than two pieces of an upload
  const std::uint64_t address = device_->alloc(kBytes);
  const std::uint64_t neighbour = device_->alloc(1);
  EXPECT_EQ(address % 4096, 0u);
  std::vector<std::byte> expected = random_bytes(kBytes, 1);
  device_->upload(address, expected);
  const auto mark = random_bytes(1, 2);
  device_->upload(neighbour, mark);
  for (const auto& [offset, bytes] : {std::pair<std::size_t, std::size_t>{1, 1},
                                      {63, 130},
                                      {4095, 4098},
                                      {kBytes - 1, 1},
                                      {0, 5u << 20}}) {
    const auto patch = random_bytes(bytes, static_cast<unsigned>(offset));
    device_->upload(address + offset, patch);
    std::ranges::copy(patch, expected.begin() + static_cast<std::ptrdiff_t>(offset));
  }
  std::vector<std::byte> read(kBytes);
  device_->download(address, read);
  EXPECT_TRUE(read == expected);
  std::vector<std::byte> part(777);
  device_->download(address + 4001, part);
  EXPECT_TRUE(std::ranges::equal(part, std::span(expected).subspan(4001, 777)));
  std::vector<std::byte> one(1);
  device_->download(neighbour, one);
  EXPECT_EQ(one, mark);
  device_->free(address);
  device_->free(neighbour);
}

TEST_F(XrtDevice, RunsAProgram) {
  const std::uint64_t memory = device_->alloc(8192);
  std::vector<std::int32_t> values(256);
  std::iota(values.begin(), values.end(), -100);
  device_->upload(memory, std::as_bytes(std::span(values)));
  program::load_program(
      *device_,
      std::vector{
          golden::make(Opcode::kLdv, {{Field::kVd, 1}, {Field::kLen, 256}}),
          golden::make(Opcode::kAdd,
                       {{Field::kVd, 2}, {Field::kVa, 1}, {Field::kVb, 1}, {Field::kLen, 256}}),
          golden::make(Opcode::kSv, {{Field::kVa, 2}, {Field::kLen, 256}, {Field::kOff, 64}}),
          golden::make(Opcode::kHalt)});
  program::set_segment(*device_, 0, memory, 8192);
  device_->write_register(reg::kEntry, 0);
  const program::ProgramEnd end = program::run_program(*device_, std::chrono::minutes(2));
  EXPECT_EQ(end.status, Status::kOk);
  EXPECT_EQ(end.pc, 3u);
  std::vector<std::int32_t> sums(256);
  device_->download(memory + 4096, std::as_writable_bytes(std::span(sums)));
  for (std::size_t i = 0; i < sums.size(); ++i) EXPECT_EQ(sums[i], 2 * values[i]);
  const Counters counters = read_counters(*device_);
  EXPECT_EQ(counters[Counter::kInstructions], 4u);
  EXPECT_GT(counters[Counter::kCycles], 100u);

  // The same access out of a segment that is too short ends in a status, not in a hang.
  program::set_segment(*device_, 0, memory, 4096);
  EXPECT_EQ(program::run_program(*device_, std::chrono::minutes(2)).status, Status::kBadAddress);
  device_->free(memory);
}

TEST_F(XrtDevice, ComputesEachInstructionAsGoldenDoes) {
  rtl::Operations operations(*device_);
  for (const InstructionInfo& operation : rtl::operations(operations.capabilities())) {
    ASSERT_NO_FATAL_FAILURE(operations.expect_golden(operation, 2));
  }
}

TEST_F(XrtDevice, RefusesWhatIsOutsideEveryAllocation) {
  const std::uint64_t address = device_->alloc(100);
  std::vector<std::byte> bytes(101);
  const auto upload = [&](std::uint64_t at, std::size_t count) {
    return model::error_of([&] { device_->upload(at, std::span(bytes).first(count)); });
  };
  EXPECT_EQ(upload(address, 100), "");
  EXPECT_EQ(upload(address + 100, 0), "");
  model::expect_error(upload(address, 101), "upload: 101 bytes at");
  model::expect_error(upload(address + 100, 1), "outside every allocation");
  model::expect_error(upload(address - 1, 1), "outside every allocation");
  model::expect_error(upload(~0ull, 2), "outside every allocation");
  model::expect_error(
      model::error_of([&] { device_->download(address + 1, std::span(bytes).first(100)); }),
      "download: 100 bytes at");
  device_->free(address);
  model::expect_error(model::error_of([&] { device_->free(address); }), "is not an allocation");
  model::expect_error(upload(address, 1), "outside every allocation");
}

TEST_F(XrtDevice, RefusesMisalignedAddressesAndUnknownRegisters) {
  model::expect_error(model::error_of([&] { program::set_segment(*device_, 0, 0x1004, 64); }),
                      "not a multiple of 64");
  model::expect_error(model::error_of([&] { device_->read_register(0x302); }),
                      "no control register at offset 0x302");
  model::expect_error(model::error_of([&] { device_->write_register(kRegisterMapBytes, 1); }),
                      "no control register at offset 0x1000");
}

TEST_F(XrtDevice, RefusesMoreMemoryThanThereIs) {
  model::expect_error(model::error_of([&] { device_->alloc(std::size_t{1} << 40); }),
                      "do not fit memory");
  model::expect_error(model::error_of([&] { device_->alloc(64, 1); }),
                      "channel 1 does not exist (the device has 1)");
  device_->free(device_->alloc(64));  // and goes on
}

TEST_F(XrtDevice, TellsWhenAProgramDoesNotEndInTime) {
  std::vector<Instruction> program(
      40, golden::make(Opcode::kDiv, {{Field::kVd, 2}, {Field::kLen, 256}}));
  program.push_back(golden::make(Opcode::kHalt));
  program::load_program(*device_, program);
  device_->write_register(reg::kEntry, 0);
  // A busy machine may let the program end before anybody waits for it: then once more.
  std::string error;
  for (int tries = 0; tries < 20 && error.empty(); ++tries) {
    device_->run();
    error = model::error_of([&] { device_->wait(std::chrono::milliseconds(5)); });
  }
  model::expect_error(error, "xrt (hw_emu): no ap_done within 5 ms");
  device_->wait(std::chrono::minutes(2));  // it does end
  EXPECT_EQ(device_->read_register(reg::kStatus), static_cast<std::uint32_t>(Status::kOk));
}

TEST(XrtOptions, WrongFilesAndCardsAreToldInOneLine) {
  model::TestFolder folder;
  const auto refusal = [](const XrtOptions& options) {
    return model::error_of([&] { make_xrt_device(options); });
  };
  model::expect_error(refusal({folder / "none", "0", true}), "none: cannot open");
  write_file_atomically(folder / "text", std::string_view("xclbin3, or so"));
  model::expect_error(refusal({folder / "text", "0", true}), "not an xclbin");
  const std::string good = write_emulation_xclbin(emulation_folder(), "tiny");
  model::expect_error(refusal({good, "0", false}), "built for emulation");
  model::expect_error(refusal({good, "7", true}), "cannot open card 7");
  model::expect_error(refusal({good, "over there", true}), "cannot open card over there");

  // The same file with a kernel of another name.
  std::vector<std::byte> bytes = read_file(good);
  std::string text(reinterpret_cast<const char*>(bytes.data()), bytes.size());
  for (std::size_t at = text.find("name=\"sterna\""); at != std::string::npos;
       at = text.find("name=\"sterna\"")) {
    text.replace(at, 13, "name=\"storna\"");
  }
  write_file_atomically(folder / "other", std::string_view(text));
  model::expect_error(refusal({folder / "other", "0", true}),
                      "no kernel 'sterna' in it (it has storna)");
}

}  // namespace
}  // namespace sterna::card
