// SPDX-License-Identifier: Apache-2.0
#include "tests/serial/board_model.h"

#include <array>
#include <chrono>
#include <string_view>
#include <utility>

#include "isa/generated/isa.h"
#include "isa/generated/serial.h"

namespace sterna::serial {
namespace {

using namespace serial_line;

bool writes(Command command) {
  return command == Command::kWriteMemory || command == Command::kWriteRegisters;
}
bool reads(Command command) {
  return command == Command::kReadMemory || command == Command::kReadRegisters;
}

void append_text(std::string_view text, std::size_t bytes, std::vector<std::byte>& payload) {
  for (std::size_t i = 0; i < bytes; ++i)
    payload.push_back(std::byte(i < text.size() ? text[i] : 0));
}

}  // namespace

BoardModel::BoardModel(std::unique_ptr<Device> device, std::uint32_t memory_bytes)
    : device_(std::move(device)), memory_bytes_(memory_bytes) {
  device_->alloc(memory_bytes);  // all of it: the host says what it uses
}

void BoardModel::silence() { parser_ = FrameParser(Direction::kRequest); }

void BoardModel::reset() {
  greeted_ = false;
  expected_ = 0;
}

std::vector<std::byte> BoardModel::take(std::span<const std::byte> bytes) {
  std::vector<std::byte> answer;
  parser_.feed(bytes);
  while (const std::optional<Frame> request = parser_.next()) {
    append_frame(execute(*request), Direction::kReply, answer);
  }
  return answer;
}

bool BoardModel::fits(const Frame& request) const {
  const std::size_t bytes = request.payload.size();
  switch (static_cast<Command>(request.command)) {
    case Command::kHello:
    case Command::kWait:
      return bytes == 0;
    case Command::kWriteMemory:
      return bytes != 0;
    case Command::kWriteRegisters:
      return bytes != 0 && bytes % 8 == 0;
    case Command::kReadMemory:
    case Command::kReadRegisters:
      break;
    default:
      return false;
  }
  if (bytes != 2) return false;
  const std::uint32_t count = word_at(request.payload, 0, 2);
  if (count == 0 || count > kMaxPayload) return false;
  return request.request() == Command::kReadMemory ||
         (count % 4 == 0 && request.address % 4 == 0 && request.address < kRegisterMapBytes);
}

Frame BoardModel::execute(const Frame& request) {
  const Command command = request.request();
  Frame reply{request.command, request.sequence, request.address, {}};
  const auto say = [&](Result result) {
    reply.command =
        static_cast<std::uint8_t>(static_cast<unsigned>(result) << 4 | (request.command & 15));
    return reply;
  };
  if (!fits(request)) return say(Result::kBadCommand);
  const std::uint64_t bytes =
      reads(command) ? word_at(request.payload, 0, 2) : request.payload.size();
  if ((command == Command::kReadMemory || command == Command::kWriteMemory) &&
      request.address + bytes > memory_bytes_) {
    return say(Result::kBadAddress);
  }
  if (command == Command::kHello) {
    greeted_ = true;
    expected_ = static_cast<std::uint8_t>(request.sequence + 1);
    append_word(kVersion, 4, reply.payload);
    append_word(memory_bytes_, 4, reply.payload);
    append_text("ulx3s", 8, reply.payload);
    return say(Result::kOk);
  }
  const auto behind = static_cast<std::uint8_t>(expected_ - request.sequence);
  if (!greeted_ || behind > kWindow) {
    reply.address = expected_ | (greeted_ ? 0 : 256);
    return say(Result::kSequence);
  }
  const bool newest = behind == 0;
  if (newest) ++expected_;
  if (writes(command) && !newest) return say(Result::kOk);
  switch (command) {
    case Command::kReadMemory:
      reply.payload.resize(bytes);
      device_->download(request.address, reply.payload);
      break;
    case Command::kWriteMemory:
      device_->upload(request.address, request.payload);
      break;
    case Command::kReadRegisters:
      for (std::uint32_t i = 0; i < bytes; i += 4) {
        append_word(device_->read_register((request.address + i) % kRegisterMapBytes), 4,
                    reply.payload);
      }
      break;
    case Command::kWriteRegisters:
      for (std::size_t i = 0; i < bytes; i += 8) {
        device_->write_register(word_at(request.payload, i, 4) % kRegisterMapBytes & ~3U,
                                word_at(request.payload, i + 4, 4));
        ++register_writes_;
      }
      break;
    case Command::kWait: {
      const bool busy = busy_ != 0;
      if (busy) --busy_;
      const std::uint32_t ended = ctrl_ ? *ctrl_ : device_->read_register(reg::kCtrl);
      append_word(busy ? 1 : ended, 4, reply.payload);
      return say(busy ? Result::kBusy : Result::kOk);
    }
    default:
      break;
  }
  return say(Result::kOk);
}

}  // namespace sterna::serial
