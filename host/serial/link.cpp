// SPDX-License-Identifier: Apache-2.0
#include "host/serial/link.h"

#include <algorithm>
#include <array>
#include <utility>

#include "support/error.h"
#include "support/files.h"

namespace sterna::serial {
namespace {

using namespace serial_line;
using std::chrono::milliseconds;

// Between its first byte, that of sync, and the end of its CRC.
constexpr std::size_t kLongestFrame = 1 + kHeaderBytes + kMaxPayload + 4;

bool reads(Command command) {
  return command == Command::kReadMemory || command == Command::kReadRegisters;
}

}  // namespace

Link::Link(Line& line, Patience patience, std::uint32_t seed)
    : line_(line), patience_(std::move(patience)), random_(seed) {
  hello();
}

void Link::fail(const std::string& what) const {
  throw Error("serial: {}: {}", printable(line_.path()), what);
}

template <typename Work>
auto Link::attempt(Work work) {
  try {
    if (broken_) hello();
    broken_ = false;
    return work();
  } catch (...) {
    pending_.clear();
    out_.clear();
    broken_ = true;
    throw;
  }
}

void Link::hello() {
  std::uint64_t strange = 0;
  bool first = true;
  const auto given_up = line_.now() + patience_.busy;
  for (const milliseconds timeout : patience_.hello) {
    line_.drop_input();
    parser_ = FrameParser(Direction::kReply);
    const auto nonce = static_cast<std::uint32_t>(random_());
    const auto sequence = static_cast<std::uint8_t>(random_());
    out_.clear();
    // A frame that a killed program has begun takes what comes for its payload, until it is long
    // enough or nothing has come for a while.
    if (!std::exchange(first, false)) out_.resize(kLongestFrame);
    append_frame({static_cast<std::uint8_t>(Command::kHello), sequence, nonce, {}},
                 Direction::kRequest, out_);
    auto end = line_.now() + timeout;
    for (auto now = line_.now(); now < end; now = line_.now()) {
      transfer(std::chrono::ceil<milliseconds>(end - now));
      while (const std::optional<Frame> frame = parser_.next()) {
        if (frame->request() != Command::kHello || frame->address != nonce ||
            frame->payload.size() != kIdentityBytes) {
          // To what an earlier program asked: there is a board, which still has that to do.
          end = std::max(end, std::min(line_.now() + patience_.reply, given_up));
          continue;
        }
        const std::uint32_t version = word_at(frame->payload, 0, 4);
        if (version != kVersion) {
          fail(fmt::format("the board speaks version {} of the protocol, not {}", version,
                           kVersion));
        }
        identity_ = {};
        identity_.memory_bytes = word_at(frame->payload, 4, 4);
        for (std::size_t i = 8; i < kIdentityBytes && frame->payload[i] != std::byte{0}; ++i) {
          identity_.board += static_cast<char>(frame->payload[i]);
        }
        next_ = static_cast<std::uint8_t>(sequence + 1);
        return;
      }
    }
    strange += parser_.skipped();
  }
  fail(strange == 0
           ? "no answer (is the board's bitstream loaded? `sterna program --board` does it)"
           : "what answers is no board of ours (another bitstream, or another device?)");
}

void Link::send(const std::vector<std::byte>& bytes) {
  out_.insert(out_.end(), bytes.begin(), bytes.end());
}

void Link::post(Command command, std::uint32_t address, std::vector<std::byte> payload,
                std::span<std::byte> into) {
  // A read may be answered late, when its first answer got lost: nothing is written behind it
  // before.
  if (!reads(command) && !pending_.empty() && reads(pending_.back().command)) finish();
  while (pending_.size() >= kWindow) pump();
  Pending pending{next_++, command, {}, into, false};
  append_frame({static_cast<std::uint8_t>(command), pending.sequence, address, std::move(payload)},
               Direction::kRequest, pending.bytes);
  if (pending_.empty()) {
    deadline_ = line_.now() + patience_.reply;
    tries_ = 0;
    went_back_ = false;
  }
  send(pending.bytes);
  pending_.push_back(std::move(pending));
}

void Link::write(Command command, std::uint32_t address, std::vector<std::byte> payload) {
  attempt([&] { post(command, address, std::move(payload), {}); });
}

void Link::read(Command command, std::uint32_t address, std::span<std::byte> into) {
  std::vector<std::byte> payload;
  append_word(static_cast<std::uint32_t>(into.size()), 2, payload);
  attempt([&] { post(command, address, std::move(payload), into); });
}

std::optional<std::uint32_t> Link::wait_for_end() {
  attempt([&] {
    finish();
    post(Command::kWait, 0, {}, {});
    finish();
  });
  if (busy_) return std::nullopt;
  return ctrl_;
}

void Link::flush() {
  if (!pending_.empty()) attempt([&] { finish(); });
}

void Link::finish() {
  while (!pending_.empty()) pump();
}

// Whether anything was written.
bool Link::transfer(milliseconds timeout) {
  const Line::Ready ready = line_.wait(!out_.empty(), timeout);
  std::size_t written = 0;
  if (ready.write) {
    written = line_.write(out_);
    out_.erase(out_.begin(), out_.begin() + static_cast<std::ptrdiff_t>(written));
  }
  if (ready.read) {
    std::array<std::byte, 4096> bytes;
    const std::size_t count = line_.read(bytes);
    parser_.feed(std::span(bytes).first(count));
  }
  return written != 0;
}

void Link::pump() {
  const auto left = std::chrono::ceil<milliseconds>(deadline_ - line_.now());
  if (left.count() <= 0) {
    retry();
    return;
  }
  if (transfer(left)) deadline_ = line_.now() + patience_.reply;
  while (const std::optional<Frame> frame = parser_.next()) take(*frame);
}

void Link::retry() {
  if (++tries_ >= patience_.tries) {
    fail(fmt::format("no answer for {} ms", tries_ * patience_.reply.count()));
  }
  deadline_ = line_.now() + patience_.reply;
  parser_.abandon_partial();
  if (out_.empty()) go_back(0);  // else the port takes nothing
}

void Link::go_back(std::size_t from) {
  for (std::size_t i = from; i < pending_.size(); ++i) {
    if (pending_[i].done) continue;
    send(pending_[i].bytes);
    ++resent_;
  }
}

void Link::take(const Frame& reply) {
  if (reply.result() == Result::kSequence) {
    take_sequence(reply);
    return;
  }
  const auto found = std::find_if(pending_.begin(), pending_.end(), [&](const Pending& pending) {
    return pending.sequence == reply.sequence && pending.command == reply.request();
  });
  if (found == pending_.end() || found->done) return;  // answered twice
  switch (reply.result()) {
    case Result::kOk:
    case Result::kBusy:
      break;
    case Result::kBadAddress:
      fail(fmt::format("the board has no memory at {:#x}", reply.address));
    default:
      fail(fmt::format("the board does not understand command {} (result {})", reply.command & 15,
                       reply.command >> 4));
  }
  const std::size_t expected = found->command == Command::kWait ? 4 : found->into.size();
  if (reply.payload.size() != expected) fail("the board's answer has the wrong size");
  if (found->command == Command::kWait) {
    busy_ = reply.result() == Result::kBusy;
    ctrl_ = word_at(reply.payload, 0, 4);
  } else {
    std::copy(reply.payload.begin(), reply.payload.end(), found->into.begin());
  }
  found->done = true;
  // Commands are executed in order. So those before it were, too; of reads the answers are missing.
  bool missing = false;
  for (auto it = pending_.begin(); it != found; ++it) {
    if (!reads(it->command)) it->done = true;
    missing = missing || !it->done;
  }
  if (missing && !went_back_) {
    went_back_ = true;
    for (auto it = pending_.begin(); it != found; ++it) {
      if (it->done) continue;
      send(it->bytes);
      ++resent_;
    }
  }
  while (!pending_.empty() && pending_.front().done) {
    pending_.pop_front();
    went_back_ = false;
  }
  deadline_ = line_.now() + patience_.reply;
  tries_ = 0;
}

void Link::take_sequence(const Frame& reply) {
  if (pending_.empty()) return;
  if (reply.address > 0xFF) fail("the board was reset: it has lost what was loaded");
  const auto ahead = static_cast<std::uint8_t>(reply.address - pending_.front().sequence);
  if (ahead >= pending_.size() || went_back_) return;
  went_back_ = true;
  go_back(ahead);
}

}  // namespace sterna::serial
