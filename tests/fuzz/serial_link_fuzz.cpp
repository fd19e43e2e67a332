// SPDX-License-Identifier: Apache-2.0
// The host's end of the serial line, over a line that the input commands and whose time is its own,
// to a board that keeps to the protocol. Whatever the line does, the host neither crashes nor
// hangs, every error is one line, and what it says was done was done: unless a frame with a right
// CRC came out of the line that did not go in, which the protocol cannot tell. A good line ends
// every trouble.
//
// The input: how the line goes on behind its commands (Afterwards), how many bytes the host's calls
// take, these (Host::do_call), and the line's commands (BadLine::command).
#include <zlib.h>

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <deque>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "host/serial/frame.h"
#include "host/serial/link.h"
#include "isa/generated/isa.h"
#include "sim/golden/golden_device.h"
#include "support/error.h"
#include "tests/serial/board_model.h"

namespace {

using namespace sterna;
using namespace sterna::serial;
using std::chrono::microseconds;
using std::chrono::milliseconds;

constexpr std::uint32_t kMemoryBytes = 4096;
constexpr std::uint32_t kIdle = 4;               // CTRL: no program is ever begun
constexpr unsigned kMostWaits = 200'000;         // of one input: many more than it takes
constexpr std::chrono::minutes kLongestCall{1};  // of the line's time, behind its commands
constexpr std::size_t kFrameBytes = 1 + serial_line::kHeaderBytes + 4;  // without a payload
constexpr milliseconds kSilence{20};                                    // ends a frame at the board

// Behind its commands the line is good, or no board is heard any more.
enum Afterwards : std::uint8_t {
  kGood = 1,
  kTakes = 2,  // what the host writes
  kNoise = 4,  // comes for ever
};

void expect(bool holds, const char* what) {
  if (holds) return;
  std::fprintf(stderr, "not so: %s\n", what);
  std::abort();
}

class Input {
 public:
  explicit Input(std::span<const std::uint8_t> bytes) : bytes_(bytes) {}

  bool empty() const { return bytes_.empty(); }
  std::uint8_t byte() {
    if (bytes_.empty()) return 0;
    const std::uint8_t first = bytes_.front();
    bytes_ = bytes_.subspan(1);
    return first;
  }
  std::span<const std::uint8_t> bytes(std::size_t count) {
    const auto first = bytes_.first(std::min(count, bytes_.size()));
    bytes_ = bytes_.subspan(first.size());
    return first;
  }

 private:
  std::span<const std::uint8_t> bytes_;
};

// One direction: bytes under way, and all that came out.
class Wire {
 public:
  explicit Wire(Direction direction) : direction_(direction) {}

  void push(std::span<const std::byte> bytes) {
    for (const std::byte byte : bytes) way_.push_back({byte, ++sent_});
  }
  void insert(std::span<const std::uint8_t> bytes) {  // before what is under way
    for (std::size_t i = 0; i < bytes.size(); ++i) {
      way_.insert(way_.begin() + static_cast<std::ptrdiff_t>(i), {std::byte(bytes[i]), 0});
    }
  }
  void lose(std::size_t at, std::size_t count) {
    if (way_.empty()) return;
    const auto begin = way_.begin() + static_cast<std::ptrdiff_t>(at % way_.size());
    way_.erase(begin, begin + std::min<std::ptrdiff_t>(way_.end() - begin,
                                                       static_cast<std::ptrdiff_t>(count)));
  }
  void spoil(std::size_t at, std::uint8_t with) {
    if (way_.empty() || with == 0) return;
    Byte& byte = way_[at % way_.size()];
    byte = {byte.value ^ std::byte(with), 0};
  }
  std::vector<std::byte> take(std::size_t count) {
    count = std::min(count, way_.size());
    std::vector<std::byte> bytes;
    for (std::size_t i = 0; i < count; ++i) {
      bytes.push_back(way_[i].value);
      came_.push_back(way_[i]);
    }
    way_.erase(way_.begin(), way_.begin() + static_cast<std::ptrdiff_t>(count));
    return bytes;
  }

  // Whether a frame came out that did not go in, found without the host's parser. What is sent
  // holds no sync but its frames' own, or within a header or a CRC, where no frame begins but by a
  // chance of one in 2^32.
  bool forged() const {
    const auto sync = std::byte(direction_ == Direction::kReply ? serial_line::kReplySync
                                                                : serial_line::kRequestSync);
    std::vector<std::byte> all;
    for (const Byte& byte : came_) all.push_back(byte.value);
    for (std::size_t begin = 0; begin < all.size(); ++begin) {
      const auto rest = std::span(all).subspan(begin);
      if (rest[0] != sync || rest.size() < kFrameBytes) continue;
      const std::size_t bytes = kFrameBytes + word_at(rest, 3, 2);
      if (bytes > rest.size() || bytes > kFrameBytes + serial_line::kMaxPayload) continue;
      const auto checked = rest.subspan(1, bytes - 5);
      const auto crc =
          crc32_z(0, reinterpret_cast<const unsigned char*>(checked.data()), checked.size());
      if (crc != word_at(rest, bytes - 4, 4)) continue;
      for (std::size_t i = begin; i < begin + bytes; ++i) {
        if (came_[i].number == 0 || came_[i].number != came_[begin].number + (i - begin)) {
          return true;
        }
      }
    }
    return false;
  }

 private:
  struct Byte {
    std::byte value{};
    std::uint64_t number = 0;  // of those sent; 0: the line's own
  };
  Direction direction_;
  std::deque<Byte> way_;
  std::vector<Byte> came_;
  std::uint64_t sent_ = 0;
};

class BadLine final : public Line {
 public:
  BadLine(BoardModel& board, Input script, unsigned afterwards)
      : board_(board), script_(script), afterwards_(afterwards) {}

  const std::string& path() const override { return path_; }

  Ready wait(bool or_write, milliseconds timeout) override {
    expect(timeout > milliseconds(0), "the host waits a time");
    expect(++waits_ < kMostWaits, "the host comes to an end");
    now_ += microseconds(1);
    if (!script_.empty()) {
      command(timeout);
      said_ = now_;
    } else {
      go_on(or_write, timeout);
    }
    if (gone_) throw Error("serial: {}: the port is gone: hung up", path_);
    return {!came_.empty(), or_write && room_ != 0};
  }
  std::size_t read(std::span<std::byte> bytes) override {
    const std::size_t count = std::min(bytes.size(), came_.size());
    std::copy_n(came_.begin(), count, bytes.begin());
    came_.erase(came_.begin(), came_.begin() + static_cast<std::ptrdiff_t>(count));
    return count;
  }
  std::size_t write(std::span<const std::byte> bytes) override {
    const std::size_t count = std::min(bytes.size(), room_);
    if (room_ != kAll) room_ -= count;
    to_board_.push(bytes.first(count));
    requests_.feed(bytes.first(count));
    while (std::optional<Frame> request = requests_.next()) last_ = std::move(*request);
    return count;
  }
  void drop_input() override { came_.clear(); }
  Clock::time_point now() const override { return now_; }

  void call_begins() { said_ = now_; }

  // Whether the commands are over and all is well from now on.
  bool good() const { return script_.empty() && !gone_ && (afterwards_ & kGood) != 0; }
  bool forged() const { return to_board_.forged() || to_host_.forged(); }

 private:
  // What may happen while the host waits once.
  enum Event : std::uint8_t {
    kSilent,   // nothing, as long as the host waits
    kLater,    // nothing, for less
    kToBoard,  // some bytes come out
    kToHost,
    kTurn,    // all bytes come out, and what the board answers
    kLose,    // bytes under way
    kSpoil,   // a byte under way
    kInsert,  // bytes
    kForge,   // a whole frame, inserted
    kRoom,    // for some bytes that the host writes, no more
    kAllRoom,
    kReset,   // the board is
    kBusy,    // the board's program seems to be
    kGone,    // the cable is pulled out
    kAnswer,  // to what was asked last, or almost, forged
    kAllToBoard,
  };

  void command(milliseconds timeout) {
    const std::uint8_t what = script_.byte();
    Wire& wire = (what & 0x80) != 0 ? to_host_ : to_board_;
    switch (what & 15) {
      case kSilent:
        pass(timeout);
        break;
      case kLater:
        pass(milliseconds(1 + script_.byte() % std::max<std::int64_t>(timeout.count(), 1)));
        break;
      case kToBoard:
        carry_to_board(script_.byte());
        break;
      case kToHost:
        carry_to_host(script_.byte());
        break;
      case kTurn:
        carry_to_board(kAll);
        carry_to_host(kAll);
        break;
      case kLose: {
        const std::uint8_t at = script_.byte();
        wire.lose(at, script_.byte());
        break;
      }
      case kSpoil: {
        const std::uint8_t at = script_.byte();
        wire.spoil(at, script_.byte());
        break;
      }
      case kInsert:
        wire.insert(script_.bytes(script_.byte()));
        break;
      case kForge: {
        Frame frame;
        frame.command = script_.byte();
        frame.sequence = script_.byte();
        forge(frame, wire);
        break;
      }
      case kRoom:
        room_ = script_.byte();
        break;
      case kAllRoom:
        room_ = kAll;
        break;
      case kReset:
        board_.reset();
        break;
      case kBusy:
        board_.stay_busy(script_.byte() % 4);
        break;
      case kGone:
        gone_ = true;
        break;
      case kAnswer: {
        Frame frame = last_;
        frame.command = static_cast<std::uint8_t>((frame.command & 15) ^ script_.byte());
        frame.sequence = static_cast<std::uint8_t>(frame.sequence - script_.byte() % 32);
        forge(frame, to_host_);
        break;
      }
      default:
        carry_to_board(kAll);
        break;
    }
  }

  void go_on(bool or_write, milliseconds timeout) {
    if ((afterwards_ & kGood) != 0) {
      room_ = kAll;
      carry_to_board(kAll);
      carry_to_host(kAll);
      if (came_.empty() && !or_write) pass(timeout);
      return;
    }
    expect(now_ - said_ < kLongestCall, "a call ends");
    room_ = (afterwards_ & kTakes) != 0 ? kAll : 0;
    if ((afterwards_ & kNoise) != 0) came_.assign(3, std::byte(serial_line::kReplySync));
    const bool idle = came_.empty() && (!or_write || room_ == 0);
    pass(idle ? timeout : std::min(timeout, milliseconds(100)));
  }

  void pass(milliseconds time) {
    now_ += time;
    if (time >= kSilence) board_.silence();
  }
  void carry_to_board(std::size_t count) { to_host_.push(board_.take(to_board_.take(count))); }
  void carry_to_host(std::size_t count) {
    const std::vector<std::byte> bytes = to_host_.take(count);
    came_.insert(came_.end(), bytes.begin(), bytes.end());
  }

  // A whole frame with a right CRC.
  void forge(Frame& frame, Wire& wire) {
    const std::uint8_t address = script_.byte();
    frame.address ^= address | (address & 1U) << 8;
    frame.payload.clear();
    for (const std::uint8_t byte : script_.bytes(script_.byte())) {
      frame.payload.push_back(std::byte(byte));
    }
    std::vector<std::byte> bytes;
    append_frame(frame, &wire == &to_host_ ? Direction::kReply : Direction::kRequest, bytes);
    wire.insert({reinterpret_cast<const std::uint8_t*>(bytes.data()), bytes.size()});
  }

  static constexpr std::size_t kAll = ~std::size_t{0};

  const std::string path_ = "/dev/ttyUSB0";
  BoardModel& board_;
  Input script_;
  const unsigned afterwards_;
  Wire to_board_{Direction::kRequest}, to_host_{Direction::kReply};
  FrameParser requests_{Direction::kRequest};  // what the host writes
  Frame last_;
  std::vector<std::byte> came_;  // and was not read
  std::size_t room_ = kAll;
  bool gone_ = false;
  unsigned waits_ = 0;
  Clock::time_point now_{};
  Clock::time_point said_{};  // when the call began, or the commands ended
};

// What the board must hold, as far as that is known.
class Host {
 public:
  explicit Host(BadLine& line, BoardModel& board) : line_(line), board_(board) {}

  void call(Input& calls) {
    const std::uint8_t what = calls.byte(), place = calls.byte(), size = calls.byte();
    work([&] { do_call(what, 16U * place, size); });
  }

  // The line is good: once more may what was under way fail, then nothing.
  void expect_good_end() {
    work([&] { exchange(); });
    if (!work([&] { exchange(); })) expect(false, "behind trouble the host goes on");
  }

 private:
  struct Byte {
    std::byte value{};
    bool known = false;
  };
  struct Read {
    std::vector<std::byte> bytes;
    std::vector<Byte> expected;
  };

  template <typename Work>
  bool work(Work work) {
    line_.call_begins();
    try {
      if (!link_) link_ = std::make_unique<Link>(line_, Patience{}, 1);
      work();
      return true;
    } catch (const Error& error) {
      const std::string line = error.what();
      expect(line.starts_with("serial: /dev/ttyUSB0: ") &&
                 std::ranges::all_of(line, [](char c) { return c >= ' ' && c <= '~'; }),
             "an error is one line");
      reads_.clear();
      for (Byte* byte : touched_) byte->known = false;
      touched_.clear();
      failed_ = true;
      return false;
    }
  }

  void do_call(std::uint8_t what, std::uint32_t address, std::uint8_t size) {
    switch (what % 6) {
      case 0:
        write(address, 4U * size + (size & 3) + 1, what);
        break;
      case 1:
        read(address, 4U * size + (size & 3) + 1);
        break;
      case 2:
        flush();
        break;
      case 3:
        write_entry(1U + size % 128, what);
        break;
      case 4:
        read_entry();
        break;
      default: {
        const std::optional<std::uint32_t> ctrl = link_->wait_for_end();
        done();
        if (ctrl && *ctrl != kIdle) expect(line_.forged(), "CTRL is the board's");
        break;
      }
    }
  }

  void exchange() {
    write(16, 1000, 0x55);
    write_entry(3, 7);
    read(0, 1024);
    read_entry();
    flush();
  }

  void set(Byte& byte, std::byte value) {
    byte = {value, true};
    touched_.push_back(&byte);
  }

  void write(std::uint32_t address, std::size_t count, unsigned seed) {
    std::vector<std::byte> bytes(count);
    for (std::size_t i = 0; i < count; ++i) {
      bytes[i] = std::byte((seed + i) % 61);  // no sync
      if (address + count <= kMemoryBytes) set(memory_[address + i], bytes[i]);
    }
    link_->write(Command::kWriteMemory, address, std::move(bytes));
  }

  void read(std::uint32_t address, std::size_t count) {
    Read& read = reads_.emplace_back();
    read.bytes.resize(count);
    if (address + count <= kMemoryBytes) {
      read.expected.assign(memory_.begin() + address, memory_.begin() + address + count);
    }
    link_->read(Command::kReadMemory, address, read.bytes);
  }

  void write_entry(unsigned count, std::uint32_t value) {
    std::vector<std::byte> pairs;
    for (unsigned i = 0; i < count; ++i) {
      append_word(reg::kEntry, 4, pairs);
      append_word((value + i) % 61, 4, pairs);
    }
    for (unsigned i = 0; i < 4; ++i) {
      set(entry_[i], i == 0 ? std::byte((value + count - 1) % 61) : std::byte{0});
    }
    register_writes_ += count;
    link_->write(Command::kWriteRegisters, 0, std::move(pairs));
  }

  void read_entry() {
    Read& read = reads_.emplace_back();
    read.bytes.resize(4);
    read.expected.assign(entry_.begin(), entry_.end());
    link_->read(Command::kReadRegisters, reg::kEntry, read.bytes);
  }

  void flush() {
    link_->flush();
    done();
  }

  // All that was asked for is done.
  void done() {
    touched_.clear();
    bool right = true;
    for (const Read& read : reads_) {
      for (std::size_t i = 0; i < read.expected.size(); ++i) {
        right = right && (!read.expected[i].known || read.expected[i].value == read.bytes[i]);
      }
      right = right && !read.expected.empty();  // else it leaves the memory
    }
    reads_.clear();
    right = right && (failed_ ? board_.register_writes() <= register_writes_
                              : board_.register_writes() == register_writes_);
    if (!right) expect(line_.forged(), "what was said to be done was done, and once");
  }

  BadLine& line_;
  BoardModel& board_;
  std::unique_ptr<Link> link_;
  std::vector<Byte> memory_{kMemoryBytes};
  std::array<Byte, 4> entry_{};
  std::vector<Byte*> touched_;  // by what may not be done yet
  std::deque<Read> reads_;      // under way
  std::uint64_t register_writes_ = 0;
  bool failed_ = false;
};

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  Input input(std::span(data, size));
  const unsigned afterwards = input.byte();
  Input calls(input.bytes(input.byte()));
  golden::GoldenOptions options;
  options.memory_bytes = kMemoryBytes;
  BoardModel board(golden::make_golden_device(options), kMemoryBytes);
  BadLine line(board, input, afterwards);
  Host host(line, board);
  while (!calls.empty()) host.call(calls);
  if (line.good()) host.expect_good_end();
  return 0;
}
