// SPDX-License-Identifier: Apache-2.0
// The host's end of docs/serial.md: commands that are executed once and in order, whatever the line
// does to their bytes.
#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <deque>
#include <optional>
#include <random>
#include <span>
#include <string>
#include <vector>

#include "host/serial/frame.h"
#include "host/serial/line.h"

namespace sterna::serial {

struct Identity {
  std::string board;
  std::uint32_t memory_bytes = 0;
};

// How long a link waits, and how often it tries.
struct Patience {
  // A board's clock is slow where it is simulated; a frame that got lost is mostly known long
  // before that, from the answer to the next one.
  std::chrono::milliseconds reply{2000};
  unsigned tries = 5;
  // For HELLO, try by try. The first is over soon: what a killed program left has to go down before
  // the board listens.
  std::vector<std::chrono::milliseconds> hello = {
      std::chrono::milliseconds(150), std::chrono::milliseconds(500),
      std::chrono::milliseconds(1000), std::chrono::milliseconds(2000)};
  // How long HELLO waits for a board that still answers what a killed program asked for: a
  // simulated one takes seconds for it.
  std::chrono::milliseconds busy{30000};
};

// Every call throws Error when the port is gone, when the board does not answer after several
// tries, and when it says that it was reset. What was on its way then is given up; the next call
// begins anew.
class Link {
 public:
  // The board's end begins anew. Throws Error when what answers is no board of ours, too. `seed`:
  // of the numbers by which the host knows its own HELLO.
  explicit Link(Line& line, Patience patience = {}, std::uint32_t seed = std::random_device{}());

  const Identity& identity() const { return identity_; }

  // What a payload asks to be written. Returns when there is room for it among what is on its way.
  void write(Command command, std::uint32_t address, std::vector<std::byte> payload);

  // Reads as many bytes as `into` has, at most kMaxPayload. They are there after flush().
  void read(Command command, std::uint32_t address, std::span<std::byte> into);

  // CTRL when the program has ended; nothing when it has not yet.
  std::optional<std::uint32_t> wait_for_end();

  // Returns when all that was asked for is done.
  void flush();

  // An error has come, and no call since.
  bool broken() const { return broken_; }

  // Frames that were sent again.
  std::uint64_t resent() const { return resent_; }

 private:
  struct Pending {
    std::uint8_t sequence = 0;
    Command command{};
    std::vector<std::byte> bytes;  // of the whole frame
    std::span<std::byte> into;     // of a read
    bool done = false;
  };

  // Gives up what is on its way where `work` throws: nobody waits for it any more.
  template <typename Work>
  auto attempt(Work work);
  void hello();
  void post(Command command, std::uint32_t address, std::vector<std::byte> payload,
            std::span<std::byte> into);
  void finish();
  void send(const std::vector<std::byte>& bytes);
  // Waits for what comes next, a while; takes replies; sends again what got lost.
  void pump();
  bool transfer(std::chrono::milliseconds timeout);
  void take(const Frame& reply);
  void take_sequence(const Frame& reply);
  void go_back(std::size_t from);
  void retry();
  [[noreturn]] void fail(const std::string& what) const;

  Line& line_;
  Patience patience_;
  Identity identity_;
  std::minstd_rand random_;
  FrameParser parser_{Direction::kReply};
  std::vector<std::byte> out_;   // not written yet
  std::deque<Pending> pending_;  // in the order of their sequence numbers
  std::uint8_t next_ = 0;
  Line::Clock::time_point deadline_;
  unsigned tries_ = 0;
  bool went_back_ = false;  // since something was done last
  bool broken_ = false;
  bool busy_ = false;       // WAIT's answer
  std::uint32_t ctrl_ = 0;  // likewise
  std::uint64_t resent_ = 0;
};

}  // namespace sterna::serial
