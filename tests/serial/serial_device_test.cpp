// SPDX-License-Identifier: Apache-2.0
// --backend serial against a board in C++ on a line that loses, spoils and adds bytes, or is cut.
#include "host/serial/serial_device.h"

#include <fcntl.h>
#include <gtest/gtest.h>
#include <unistd.h>

#include <algorithm>
#include <chrono>
#include <filesystem>
#include <memory>
#include <random>
#include <string>
#include <thread>

#include "host/serial/link.h"
#include "host/serial/port.h"
#include "isa/generated/isa.h"
#include "sim/golden/golden_device.h"
#include "support/error.h"
#include "tests/serial/board_thread.h"

namespace sterna::serial {
namespace {

using std::chrono::milliseconds;

constexpr std::uint32_t kBytes = 1 << 20;
// A loss costs no seconds here. Machines may be slow: it is tried often.
const Patience kShort{milliseconds(50),
                      100,
                      {milliseconds(50), milliseconds(50), milliseconds(200), milliseconds(1000),
                       milliseconds(3000)}};
// For a board that is expected not to answer.
const Patience kImpatient{milliseconds(30), 3, {milliseconds(30), milliseconds(30)}};

std::unique_ptr<Device> golden_device() {
  golden::GoldenOptions options;
  options.memory_bytes = kBytes;
  options.shape.lanes = 1;
  options.shape.channels = 1;
  return golden::make_golden_device(options);
}

std::vector<std::byte> random_bytes(std::size_t count, unsigned seed) {
  std::minstd_rand random(seed);
  std::vector<std::byte> bytes(count);
  for (std::byte& byte : bytes) byte = std::byte(random() >> 8 & 0xFF);
  return bytes;
}

template <typename Work>
std::string error_of(Work work) {
  try {
    work();
  } catch (const Error& error) {
    return error.what();
  }
  return "no error";
}

void expect_in(const std::string& text, const std::string& part) {
  EXPECT_NE(text.find(part), std::string::npos) << text;
  EXPECT_EQ(text.find('\n'), std::string::npos) << text;
}

// Memory at any place and length, then registers.
void exercise(Device& device, unsigned rounds, unsigned seed) {
  std::minstd_rand random(seed);
  const std::uint64_t base = device.alloc(100'000);
  std::vector<std::byte> memory(100'000);
  device.upload(base, memory);
  for (unsigned i = 0; i < rounds; ++i) {
    const std::size_t at = random() % 90'000, count = random() % 10'000;
    const std::vector<std::byte> bytes = random_bytes(count, seed * 1000 + i);
    device.upload(base + at, bytes);
    std::copy(bytes.begin(), bytes.end(), memory.begin() + static_cast<std::ptrdiff_t>(at));
    device.write_register(reg::kEntry, i);
    EXPECT_EQ(device.read_register(reg::kEntry), i);
  }
  std::vector<std::byte> found(memory.size());
  device.download(base, found);
  EXPECT_EQ(found, memory);
  device.free(base);
}

TEST(SerialDevice, MovesMemoryAndRegisters) {
  BoardThread board(golden_device(), kBytes);
  const auto device = make_serial_device(board.path());
  EXPECT_EQ(device->name(), "serial (ulx3s, " + board.path() + ")");
  EXPECT_EQ(read_capabilities(*device).lanes, 1u);
  exercise(*device, 20, 1);
  EXPECT_EQ(device->report(), "");
}

TEST(SerialDevice, SurvivesABadLine) {
  for (unsigned seed = 1; seed <= 3; ++seed) {
    LineFaults faults;
    faults.lost = faults.wrong = faults.extra = 6e-5;
    faults.seed = seed;
    BoardThread board(golden_device(), kBytes, faults);
    const auto device = make_serial_device(board.path(), kShort);
    exercise(*device, 10, seed);
    EXPECT_NE(device->report(), "") << "the line was no bad one";
  }
}

// What has effects, as ROM_DATA, happens as often as it was asked for.
TEST(SerialDevice, WritesOnceWhateverTheLineDoes) {
  LineFaults faults;
  faults.lost = faults.wrong = 6e-4;
  faults.seed = 7;
  BoardThread board(golden_device(), kBytes, faults);
  constexpr unsigned kWrites = 2000;
  const auto device = make_serial_device(board.path(), kShort);
  device->write_register(reg::kRomAddr, 0);
  for (unsigned i = 1; i < kWrites; ++i) {
    device->write_register(reg::kRomData, i);
    if (i % 10 == 0) device->read_register(reg::kStatus);  // frames of few writes
  }
  EXPECT_EQ(device->read_register(reg::kRomAddr), kWrites - 1);
  std::uint64_t writes = 0;
  board.with([&](BoardModel& model) { writes = model.register_writes(); });
  EXPECT_EQ(writes, kWrites);
}

TEST(SerialDevice, WaitsWhileTheProgramRunsAndNoLonger) {
  BoardThread board(golden_device(), kBytes);
  const auto device = make_serial_device(board.path());
  board.with([](BoardModel& model) { model.stay_busy(5); });
  device->run();
  device->wait(std::chrono::minutes(1));
  EXPECT_EQ(device->read_register(reg::kStatus),
            static_cast<std::uint32_t>(Status::kIllegalInstruction));
  board.with([](BoardModel& model) { model.stay_busy(1'000'000); });
  device->run();
  expect_in(error_of([&] { device->wait(milliseconds(20)); }), "no ap_done within 20 ms");
}

TEST(SerialDevice, SaysThatTheCableIsOut) {
  LineFaults faults;
  faults.cut_after = 60'000;
  BoardThread board(golden_device(), kBytes, faults);
  const auto device = make_serial_device(board.path());
  const std::uint64_t base = device->alloc(200'000);
  const std::vector<std::byte> bytes = random_bytes(200'000, 1);
  expect_in(error_of([&] {
              device->upload(base, bytes);
              device->read_register(reg::kCtrl);
            }),
            "the port is gone");
  expect_in(error_of([&] { device->read_register(reg::kCtrl); }), "the port is gone");
}

TEST(SerialDevice, SaysThatTheBoardFellSilent) {
  LineFaults faults;
  faults.deaf_after = 20'000;
  BoardThread board(golden_device(), kBytes, faults);
  const auto device = make_serial_device(board.path(), {milliseconds(50), 3, {milliseconds(3000)}});
  const std::uint64_t base = device->alloc(200'000);
  expect_in(error_of([&] {
              device->upload(base, random_bytes(200'000, 1));
              device->read_register(reg::kCtrl);
            }),
            "no answer");
}

TEST(SerialDevice, SaysWhoDoesNotAnswerAsABoard) {
  LineFaults deaf;
  deaf.deaf_after = 1;
  BoardThread silent(golden_device(), kBytes, deaf);
  expect_in(error_of([&] { make_serial_device(silent.path(), kImpatient); }),
            "no answer (is the board's bitstream loaded?");
  BoardThread other(golden_device(), kBytes, {}, true);
  expect_in(error_of([&] {
              make_serial_device(other.path(),
                                 {milliseconds(30), 3, {milliseconds(500), milliseconds(500)}});
            }),
            "is no board of ours");
}

TEST(SerialDevice, SaysThatTheBoardWasResetAndGoesOnBehindIt) {
  BoardThread board(golden_device(), kBytes);
  const auto device = make_serial_device(board.path());
  EXPECT_EQ(device->read_register(reg::kMagic), reg::kMagicValue);
  board.with([](BoardModel& model) { model.reset(); });
  expect_in(error_of([&] { device->read_register(reg::kMagic); }), "the board was reset");
  EXPECT_EQ(device->read_register(reg::kMagic), reg::kMagicValue);
}

// A line with a time of its own, at whose other end a board answers an earlier program's frame each
// second, for so many seconds, and then what it was last asked.
class BusyLine final : public Line {
 public:
  explicit BusyLine(unsigned seconds) : seconds_(seconds) {}

  const std::string& path() const override { return path_; }
  Ready wait(bool or_write, milliseconds timeout) override {
    if (or_write) return {.write = true};
    const auto end = now_ + timeout;
    const auto answer = Clock::time_point() + std::chrono::seconds(answered_ + 1);
    now_ = std::min(end, std::max(now_, answer));
    return {.read = answered_ <= seconds_ && now_ >= answer};
  }
  std::size_t read(std::span<std::byte> bytes) override {
    std::vector<std::byte> answer;
    Frame frame{static_cast<std::uint8_t>(Command::kWriteMemory), 3, 0, {}};
    if (answered_++ == seconds_) {
      FrameParser asked(Direction::kRequest);
      asked.feed(asked_);
      while (const auto hello = asked.next()) frame = *hello;
      append_word(serial_line::kVersion, 4, frame.payload);
      append_word(kBytes, 4, frame.payload);
      frame.payload.resize(16);
    }
    append_frame(frame, Direction::kReply, answer);
    std::copy(answer.begin(), answer.end(), bytes.begin());
    return answer.size();
  }
  std::size_t write(std::span<const std::byte> bytes) override {
    asked_.insert(asked_.end(), bytes.begin(), bytes.end());
    return bytes.size();
  }
  void drop_input() override {}
  Clock::time_point now() const override { return now_; }

 private:
  std::string path_ = "busy";
  unsigned seconds_, answered_ = 0;
  std::vector<std::byte> asked_;
  Clock::time_point now_;
};

TEST(SerialLink, WaitsForABoardThatIsBusyWithWhatAKilledProgramAsked) {
  BusyLine busy(20), for_ever(1000);
  EXPECT_EQ(Link(busy).identity().memory_bytes, kBytes);
  EXPECT_GE(busy.now().time_since_epoch(), std::chrono::seconds(20));
  expect_in(error_of([&] { Link link(for_ever); }), "no answer");
  EXPECT_LE(for_ever.now().time_since_epoch(), std::chrono::seconds(35));
}

TEST(SerialDevice, RefusesAnEndThatIsNone) {
  BoardThread board(golden_device(), kBytes);
  const auto device = make_serial_device(board.path());
  for (const std::uint32_t ctrl : {0u, 1u, ~0u}) {
    board.with([&](BoardModel& model) { model.end_with(ctrl); });
    expect_in(error_of([&] { device->wait(std::chrono::seconds(1)); }), "but CTRL reads 0x");
  }
  board.with([](BoardModel& model) { model.end_with(0xE); });
  EXPECT_EQ(error_of([&] { device->wait(std::chrono::seconds(1)); }), "no error");
}

TEST(SerialDevice, WaitsForAPortThatComesBack) {
  BoardThread board(golden_device(), kBytes);
  const std::string name = "port_that_comes_back_" + std::to_string(::getpid());
  const std::string path = std::filesystem::temp_directory_path() / name;
  EXPECT_FALSE(await_port(path, std::chrono::milliseconds(0)));
  std::thread maker([&] { std::filesystem::create_symlink(board.path(), path); });
  EXPECT_TRUE(await_port(path, std::chrono::minutes(1)));
  maker.join();
  std::filesystem::remove(path);
}

TEST(SerialDevice, SaysThatAnotherProgramUsesThePort) {
  BoardThread board(golden_device(), kBytes);
  {
    const auto device = make_serial_device(board.path());
    expect_in(error_of([&] { make_serial_device(board.path()); }), "another program uses it");
  }
  EXPECT_EQ(make_serial_device(board.path())->read_register(reg::kMagic), reg::kMagicValue);
}

// A host that died in the middle of a frame; its answers are still on their way, too.
TEST(SerialDevice, BeginsAnewWhereAnotherHostDied) {
  BoardThread board(golden_device(), kBytes);
  for (const std::size_t cut : {1u, 9u, 200u}) {
    const int file = ::open(board.path().c_str(), O_RDWR | O_NOCTTY);
    ASSERT_GE(file, 0);
    std::vector<std::byte> bytes;
    append_frame({static_cast<std::uint8_t>(Command::kHello), 9, 1, {}}, Direction::kRequest,
                 bytes);
    append_frame(
        {static_cast<std::uint8_t>(Command::kReadMemory), 10, 0, {std::byte{0}, std::byte{4}}},
        Direction::kRequest, bytes);
    const std::size_t whole = bytes.size();
    append_frame(
        {static_cast<std::uint8_t>(Command::kWriteMemory), 11, 0, std::vector<std::byte>(900)},
        Direction::kRequest, bytes);
    EXPECT_GT(::write(file, bytes.data(), whole + cut), 0);
    ::close(file);
    EXPECT_EQ(make_serial_device(board.path())->read_register(reg::kMagic), reg::kMagicValue);
  }
}

TEST(SerialDevice, RefusesWhatIsNoPort) {
  expect_in(error_of([] { make_serial_device("/nowhere/ttyUSB7"); }),
            "/nowhere/ttyUSB7: there is no such port");
  expect_in(error_of([] { make_serial_device("/dev/null"); }), "/dev/null: is no serial port");
  expect_in(error_of([] { make_serial_device(std::filesystem::temp_directory_path()); }),
            "Is a directory");
}

TEST(SerialDevice, HoldsItsCallerToTheDevicesRules) {
  BoardThread board(golden_device(), kBytes);
  const auto device = make_serial_device(board.path());
  std::vector<std::byte> bytes(16);
  expect_in(error_of([&] { device->download(0, bytes); }), "download");
  expect_in(error_of([&] { device->alloc(std::size_t{2} * kBytes); }), "alloc");
  expect_in(error_of([&] { device->alloc(16, 1); }), "channel 1");
  expect_in(error_of([&] { device->read_register(2); }), "no control register at offset 0x2");
  expect_in(error_of([&] { device->free(4096); }), "free");
}

}  // namespace
}  // namespace sterna::serial
