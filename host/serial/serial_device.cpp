// SPDX-License-Identifier: Apache-2.0
#include "host/serial/serial_device.h"

#include <algorithm>
#include <array>
#include <exception>
#include <filesystem>
#include <optional>
#include <utility>

#include "device/allocator.h"
#include "host/serial/link.h"
#include "host/serial/port.h"
#include "isa/generated/isa.h"
#include "isa/generated/serial.h"
#include "support/error.h"
#include "support/files.h"

namespace sterna::serial {
namespace {

using namespace serial_line;

// Bits of CTRL.
constexpr std::uint32_t kStart = 1, kDone = 2, kIdle = 4, kDefined = 0x8f;
constexpr std::size_t kPairBytes = 8;  // of WRITE_REGISTERS: offset and value

// A program that another process left running gets this long to come to its end.
constexpr std::chrono::seconds kIdleTimeout{2};

class SerialDevice final : public Device {
 public:
  SerialDevice(const std::string& path, const Patience& patience)
      : port_(path, kBoards.front().baud),
        link_(port_, patience),
        name_(fmt::format("serial ({}, {})", printable(link_.identity().board), printable(path))),
        allocator_({{0, link_.identity().memory_bytes}}) {
    if (!ends_within(kIdleTimeout)) {
      throw Error("{}: the board still runs a program that no process waits for: reset it", name_);
    }
  }

  ~SerialDevice() override {
    try {
      if (link_.broken()) return;
      send_registers();
      link_.flush();
    } catch (const std::exception&) {  // nobody is there to hear of it
    }
  }

  std::string name() const override { return name_; }

  std::uint64_t alloc(std::size_t bytes, unsigned channel) override {
    return allocator_.alloc(bytes, channel);
  }
  void free(std::uint64_t address) override { allocator_.free(address); }

  void write_memory(std::uint64_t address, std::span<const std::byte> data) override {
    allocator_.check("upload", address, data.size());
    send_registers();
    for (std::size_t done = 0; done < data.size();) {
      const std::size_t bytes = std::min<std::size_t>(kMaxPayload, data.size() - done);
      const auto piece = data.subspan(done, bytes);
      link_.write(Command::kWriteMemory, static_cast<std::uint32_t>(address + done),
                  {piece.begin(), piece.end()});
      done += bytes;
    }
  }

  void download(std::uint64_t address, std::span<std::byte> data) override {
    allocator_.check("download", address, data.size());
    send_registers();
    for (std::size_t done = 0; done < data.size();) {
      const std::size_t bytes = std::min<std::size_t>(kMaxPayload, data.size() - done);
      link_.read(Command::kReadMemory, static_cast<std::uint32_t>(address + done),
                 data.subspan(done, bytes));
      done += bytes;
    }
    link_.flush();
  }

  void write_register(std::uint32_t offset, std::uint32_t value) override {
    check_offset(offset);
    append_word(offset, 4, registers_);
    append_word(value, 4, registers_);
    if (registers_.size() + kPairBytes > kMaxPayload) send_registers();
  }

  std::uint32_t read_register(std::uint32_t offset) override {
    check_offset(offset);
    send_registers();
    std::array<std::byte, 4> word;
    link_.read(Command::kReadRegisters, offset, word);
    link_.flush();
    return word_at(word, 0, 4);
  }

  void start_program() override {
    write_register(reg::kCtrl, kStart);
    send_registers();
  }

  void wait(std::chrono::milliseconds timeout) override {
    if (!ends_within(timeout)) throw Error("{}: no ap_done within {} ms", name_, timeout.count());
  }

  std::string report() const override {
    return link_.resent() == 0
               ? std::string()
               : fmt::format("{}: {} frames were sent again\n", name_, link_.resent());
  }

 private:
  void send_registers() {
    if (registers_.empty()) return;
    link_.write(Command::kWriteRegisters, 0, std::exchange(registers_, {}));
  }

  // The board itself watches CTRL, and answers now and then that the program still runs.
  bool ends_within(std::chrono::milliseconds timeout) {
    send_registers();
    const auto end = std::chrono::steady_clock::now() + timeout;
    for (;;) {
      if (const std::optional<std::uint32_t> ctrl = link_.wait_for_end()) {
        if ((*ctrl & (kDone | kIdle)) != 0 && (*ctrl & ~kDefined) == 0) return true;
        throw Error(
            "{}: a program has ended, but CTRL reads {:#x}: what answers is no Sterna device",
            name_, *ctrl);
      }
      if (std::chrono::steady_clock::now() > end) return false;
    }
  }

  void check_offset(std::uint32_t offset) const {
    if (offset % 4 != 0 || offset >= kRegisterMapBytes) {
      throw Error("{}: there is no control register at offset {:#x}", name_, offset);
    }
  }

  Port port_;
  Link link_;
  std::string name_;
  Allocator allocator_;
  std::vector<std::byte> registers_;  // to be written: offset and value after offset and value
};

}  // namespace

std::unique_ptr<Device> make_serial_device(const std::string& port, const Patience& patience) {
  return std::make_unique<SerialDevice>(port, patience);
}

std::vector<std::string> serial_ports() {
  std::vector<std::string> ports;
  std::error_code error;
  for (const auto& entry : std::filesystem::directory_iterator("/dev", error)) {
    const std::string name = entry.path().filename().string();
    if (name.starts_with("ttyUSB") || name.starts_with("ttyACM")) ports.push_back(entry.path());
  }
  std::sort(ports.begin(), ports.end());
  return ports;
}

}  // namespace sterna::serial
