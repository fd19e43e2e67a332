// SPDX-License-Identifier: Apache-2.0
#include "host/xrt/xrt_device.h"

#include <experimental/xrt_system.h>
#include <experimental/xrt_xclbin.h>
#include <version.h>
#include <xrt/xrt_bo.h>
#include <xrt/xrt_device.h>
#include <xrt/xrt_kernel.h>

#include <algorithm>
#include <cstdlib>
#include <cstring>
#include <map>
#include <optional>
#include <thread>
#include <utility>

#include "host/xrt/emulation_load.h"
#include "host/xrt/restart.h"
#include "host/xrt/transfer_queue.h"
#include "host/xrt/xclbin_check.h"
#include "isa/generated/isa.h"
#include "isa/generated/kernel.h"
#include "support/error.h"
#include "support/files.h"

namespace sterna::card {
namespace {

// Bits of CTRL.
constexpr std::uint32_t kStart = 1, kDone = 2, kIdle = 4;

// A piece of an upload: copied while the piece before it travels.
constexpr std::size_t kPieceBytes = std::size_t{4} << 20;

// A token of a fast card is over within this time, so CTRL is read without a pause until then.
constexpr std::chrono::milliseconds kEagerPolling{2};
constexpr std::chrono::microseconds kPollPause{100};

// A kernel that another process left running gets this long to come to its end.
constexpr std::chrono::seconds kIdleTimeout{2};

// What XRT says, fit for the end of our line: its first line.
std::string reason(const std::exception& error) {
  const std::string_view text = error.what();
  return printable(text.substr(0, text.find('\n')), 200);
}

// Runs a piece of XRT's API; what it throws becomes an Error that starts with `what`.
template <typename Work>
auto attempt(const std::string& what, Work&& work) {
  try {
    return work();
  } catch (const Error&) {
    throw;
  } catch (const std::exception& error) {
    throw Error("xrt: {}: {}", what, reason(error));
  }
}

// XRT finds its libraries for cards and for emulation through this variable only.
void require_runtime() {
  if (const char* folder = std::getenv("XILINX_XRT"); folder == nullptr || *folder == '\0') {
    throw Error(
        "xrt: XILINX_XRT is not set: source XRT's setup.sh (/opt/xilinx/xrt/setup.sh), or use "
        "--emulate");
  }
}

bool is_index(const std::string& device) {
  return !device.empty() && device.size() <= 4 &&
         device.find_first_not_of("0123456789") == std::string::npos;
}

xrt::device open_card(const XrtOptions& options) {
  require_runtime();
  // XRT counts no emulated card before it is loaded; there is one.
  const unsigned count =
      options.emulate ? 1 : attempt("cannot look for cards", xrt::system::enumerate_devices);
  if (count == 0) {
    throw Error("xrt: no card: XRT {} finds none (--emulate needs none)", xrt_version());
  }
  const std::string what =
      fmt::format("cannot open card {} (`sterna devices` lists them)", printable(options.device));
  if (!is_index(options.device)) return attempt(what, [&] { return xrt::device(options.device); });
  const auto index = static_cast<unsigned>(std::stoul(options.device));
  if (index >= count) throw Error("xrt: {}: there are {}", what, count);
  return attempt(what, [&] { return xrt::device(index); });
}

// Our kernel's only compute unit in `file`.
xrt::xclbin::ip find_unit(const xrt::xclbin& xclbin, const std::string& file) {
  std::string others;
  for (const xrt::xclbin::kernel& kernel : xclbin.get_kernels()) {
    if (kernel.get_name() == kKernelName) {
      const std::vector<xrt::xclbin::ip> units = kernel.get_cus();
      if (units.size() != 1) {
        throw Error("{}: {} compute units of kernel {}, not one", file, units.size(), kKernelName);
      }
      return units.front();
    }
    others += (others.empty() ? "" : ", ") + printable(kernel.get_name());
  }
  throw Error("{}: no kernel '{}' in it ({})", file, kKernelName,
              others.empty() ? "it has none" : "it has " + others);
}

// The number of the argument that points to segment `segment`.
int pointer_argument(unsigned segment) {
  const auto found =
      std::find_if(kKernelArguments.begin(), kKernelArguments.end(), [&](const auto& argument) {
        return argument.is_pointer && argument.segment == static_cast<int>(segment);
      });
  return static_cast<int>(found - kKernelArguments.begin());
}

class XrtDevice final : public Device {
 public:
  explicit XrtDevice(const XrtOptions& options) : emulated_(options.emulate) {
    check_xclbin(options.xclbin, options.emulate ? XclbinTarget::kEmulation : XclbinTarget::kCard);
    const xrt::xclbin xclbin = attempt(options.xclbin + ": cannot be read", [&] {
      const std::vector<std::byte> bytes = read_file(options.xclbin);
      const auto* data = reinterpret_cast<const char*>(bytes.data());
      return xrt::xclbin(std::vector<char>(data, data + bytes.size()));
    });
    const xrt::xclbin::ip unit = attempt(options.xclbin + ": cannot be read",
                                         [&] { return find_unit(xclbin, options.xclbin); });
    if (unit.get_size() < kRegisterMapBytes) {
      throw Error("{}: kernel {} has {} bytes of registers, not {}", options.xclbin, kKernelName,
                  unit.get_size(), kRegisterMapBytes);
    }
    std::optional<EmulationLoad> load;
    if (options.emulate) load.emplace();
    card_ = open_card(options);
    name_ = options.emulate ? "xrt (hw_emu)" : "xrt (" + card_name() + ")";
    const xrt::uuid uuid =
        attempt("cannot load " + options.xclbin, [&] { return card_.load_xclbin(xclbin); });
    if (const xrt::uuid loaded = card_.get_xclbin_uuid(); uuid != loaded) {
      throw Error("{}: the card holds {}, not {} ({}): another process uses it", name_,
                  loaded.to_string(), options.xclbin, uuid.to_string());
    }
    // Exclusive access is what lets a process write registers beside the arguments (ROM_DATA, say).
    kernel_ = attempt(
        fmt::format("cannot take kernel {} (does another process use it?)", kKernelName), [&] {
          return xrt::kernel(card_, uuid, std::string(kKernelName),
                             xrt::kernel::cu_access_mode::exclusive);
        });
    find_banks(unit);
    wait_until_idle();
  }

  std::string name() const override { return name_; }

  std::uint64_t alloc(std::size_t bytes, unsigned channel) override {
    if (channel >= banks_.size()) {
      throw Error("alloc: channel {} does not exist (the device has {})", channel, banks_.size());
    }
    const Bank& bank = banks_[channel];
    Buffer buffer;
    try {
      buffer.object = xrt::bo(card_, std::max<std::size_t>(bytes, 1), xrt::bo::flags::normal,
                              static_cast<xrt::memory_group>(bank.group));
      buffer.host = buffer.object.map<std::byte*>();
    } catch (const std::exception& error) {
      throw Error("{}: {} bytes do not fit memory {} of {} bytes: {}", name_, bytes, bank.tag,
                  bank.bytes, reason(error));
    }
    // XRT's emulation sends what lies here along when it asks for the device's bytes.
    if (emulated_) std::memset(buffer.host, 0, buffer.object.size());
    buffer.bytes = bytes;
    const std::uint64_t address = buffer.object.address();
    buffers_[address] = std::move(buffer);
    return address;
  }

  void free(std::uint64_t address) override {
    const auto found = buffers_.find(address);
    if (found == buffers_.end()) throw Error("free: {:#x} is not an allocation", address);
    finish_uploads();
    buffers_.erase(found);
  }

  void write_memory(std::uint64_t address, std::span<const std::byte> data) override {
    auto [buffer, offset] = find("upload", address, data.size());
    if (buffer->uploading) finish_uploads();  // it still reads the bytes that would change
    for (std::size_t done = 0; done < data.size();) {
      const std::size_t bytes = std::min(kPieceBytes, data.size() - done);
      std::memcpy(buffer->host + offset + done, data.data() + done, bytes);
      uploads_.push([object = buffer->object, bytes, at = offset + done]() mutable {
        object.sync(XCL_BO_SYNC_BO_TO_DEVICE, bytes, at);
      });
      buffer->uploading = true;
      done += bytes;
    }
  }

  void download(std::uint64_t address, std::span<std::byte> data) override {
    auto [buffer, offset] = find("download", address, data.size());
    if (data.empty()) return;
    finish_uploads();
    attempt("cannot read memory", [&, object = buffer->object, at = offset]() mutable {
      object.sync(XCL_BO_SYNC_BO_FROM_DEVICE, data.size(), at);
    });
    std::memcpy(data.data(), buffer->host + offset, data.size());
  }

  void write_register(std::uint32_t offset, std::uint32_t value) override {
    check_offset(offset);
    attempt("cannot write a register", [&] { kernel_.write_register(offset, value); });
  }
  std::uint32_t read_register(std::uint32_t offset) override {
    check_offset(offset);
    return attempt("cannot read a register", [&] { return kernel_.read_register(offset); });
  }

  void start_program() override {
    finish_uploads();
    write_register(reg::kCtrl, kStart);
  }

  void wait(std::chrono::milliseconds timeout) override {
    if (!poll(timeout)) throw Error("{}: no ap_done within {} ms", name_, timeout.count());
  }

 private:
  struct Bank {
    int group = 0;  // XRT's number for what the channel's port is wired to
    std::string tag;
    std::uint64_t bytes = 0;
  };
  struct Buffer {
    xrt::bo object;
    std::byte* host = nullptr;  // XRT's copy on this side
    std::size_t bytes = 0;      // as asked for
    bool uploading = false;     // the queue may hold pieces of it
  };

  std::string card_name() {
    return attempt("cannot ask the card for its name", [&] {
      return card_.get_info<xrt::info::device::name>() + ", " +
             card_.get_info<xrt::info::device::bdf>();
    });
  }

  // A segment of channel c may only lie in the memory that c's port is wired to, which XRT knows by
  // kernel argument.
  void find_banks(const xrt::xclbin::ip& unit) {
    const std::uint32_t channels = read_register(reg::kChannels);
    if (channels == 0 || channels > kSegments) {
      throw Error("{}: CHANNELS reads {}: this is no Sterna device", name_, channels);
    }
    for (std::uint32_t c = 0; c < channels; ++c) {
      unsigned segment = 0;
      while (segment_channel(segment, channels) != c) ++segment;
      const int argument = pointer_argument(segment);
      attempt(fmt::format("the xclbin does not say in which memory argument {} lies",
                          kKernelArguments[static_cast<std::size_t>(argument)].name),
              [&] {
                const int group = kernel_.group_id(argument);
                const std::vector<xrt::xclbin::mem> memories = unit.get_arg(argument).get_mems();
                Bank bank{group, "?", 0};
                if (!memories.empty()) {
                  bank.tag = printable(memories.front().get_tag());
                  bank.bytes = memories.front().get_size_kb() << 10;
                }
                banks_.push_back(bank);
              });
    }
  }

  void wait_until_idle() {
    if (!poll(kIdleTimeout)) {
      throw Error("{}: the kernel still runs a program that no process waits for: reset the card",
                  name_);
    }
  }

  // Whether the kernel came to its end in time. ap_done clears on read, so that idle counts as
  // well: it is low from ap_start to the end.
  bool poll(std::chrono::milliseconds timeout) {
    const auto start = std::chrono::steady_clock::now();
    while ((read_register(reg::kCtrl) & (kDone | kIdle)) == 0) {
      const auto waited = std::chrono::steady_clock::now() - start;
      if (waited > timeout) return false;
      if (waited > kEagerPolling) std::this_thread::sleep_for(kPollPause);
    }
    return true;
  }

  void finish_uploads() {
    for (auto& [address, buffer] : buffers_) buffer.uploading = false;
    attempt("cannot write memory", [&] { uploads_.drain(); });
  }

  // The allocation around [address, address + bytes), and where in it they start.
  std::pair<Buffer*, std::size_t> find(const char* action, std::uint64_t address,
                                       std::size_t bytes) {
    auto it = buffers_.upper_bound(address);
    if (it != buffers_.begin()) {
      --it;
      const std::uint64_t offset = address - it->first;
      if (offset <= it->second.bytes && bytes <= it->second.bytes - offset) {
        return {&it->second, offset};
      }
    }
    throw Error("{}: {} bytes at {:#x} are outside every allocation", action, bytes, address);
  }

  void check_offset(std::uint32_t offset) const {
    if (offset % 4 != 0 || offset >= kRegisterMapBytes) {
      throw Error("xrt: there is no control register at offset {:#x}", offset);
    }
  }

  const bool emulated_;
  std::string name_;
  xrt::device card_;
  xrt::kernel kernel_;
  std::vector<Bank> banks_;                  // by channel
  std::map<std::uint64_t, Buffer> buffers_;  // by address
  TransferQueue uploads_;                    // ends before the buffers do
};

}  // namespace

std::unique_ptr<Device> make_xrt_device(const XrtOptions& options) {
  return std::make_unique<XrtDevice>(options);
}

std::vector<XrtCard> xrt_cards() {
  require_card_environment();
  require_runtime();
  const unsigned count = attempt("cannot look for cards", xrt::system::enumerate_devices);
  std::vector<XrtCard> cards;
  for (unsigned i = 0; i < count; ++i) {
    XrtCard card{i, "?", ""};
    try {
      const xrt::device device(i);
      card.bdf = device.get_info<xrt::info::device::bdf>();
      card.platform = device.get_info<xrt::info::device::name>();
    } catch (const std::exception& error) {
      card.platform = "does not answer: " + reason(error);
    }
    cards.push_back(card);
  }
  return cards;
}

std::string xrt_version() { return xrt_build_version; }

}  // namespace sterna::card
