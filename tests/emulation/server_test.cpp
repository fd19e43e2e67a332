// SPDX-License-Identifier: Apache-2.0
// The device process without XRT: its protocol over a pair of sockets, and the card behind it.
#include "sim/xrt/server.h"

#include <gtest/gtest.h>
#include <sys/socket.h>

#include <atomic>
#include <chrono>
#include <cstring>
#include <future>
#include <map>
#include <thread>

#include "asm/assembler.h"
#include "host/xclbin/memory_map.h"
#include "isa/generated/isa.h"
#include "rpc.pb.h"
#include "sim/platform/memory_model.h"
#include "sim/rtl/fast_platform.h"
#include "tests/host/test_folder.h"

namespace sterna::hw_emu {
namespace {

constexpr std::chrono::minutes kTimeout{1};  // nothing takes so long, but for a test that fails
constexpr std::uint32_t kApStart = 1, kApDone = 2, kApIdle = 4;

class FakeCard final : public Card {
 public:
  void write_register(std::uint32_t offset, std::uint32_t value) override {
    writes.emplace_back(offset, value);
    if (offset == reg::kCtrl) slices_left = 3;
  }
  std::uint32_t read_register(std::uint32_t offset) override { return offset * 3; }
  std::span<std::byte> memory(std::uint64_t address, std::uint64_t bytes) override {
    if (address < 0x1000 || address + bytes > 0x1000 + data.size()) return {};
    return std::span(data).subspan(address - 0x1000, bytes);
  }
  bool advance() override {
    if (slices_left == 0) return false;
    if (--slices_left != 0) return true;
    finished.set_value();
    return false;
  }
  std::uint64_t cycles() const override { return 42; }

  std::vector<std::pair<std::uint32_t, std::uint32_t>> writes;
  std::vector<std::byte> data{256};
  std::atomic<int> slices_left = 0;
  std::promise<void> finished;
};

struct Pair {
  Pair() {
    int ends[2];
    if (::socketpair(AF_UNIX, SOCK_STREAM, 0, ends) != 0) throw Error("no socket pair");
    host = Socket(ends[0]);
    device = Socket(ends[1]);
  }
  Socket host, device;
};

// The host's end, byte by byte as XRT sends it.
class Host {
 public:
  explicit Host(Card& card) : server_([this, &card] { run(card); }) {}
  ~Host() {
    sockets_.host = Socket();
    server_.join();
  }

  void send_raw(const std::string& bytes) { sockets_.host.send(bytes); }

  void send(std::uint32_t call, const std::string& body) {
    std::string header("\x09\0\0\0\0\0\0\0\0\x15\0\0\0\0", 14);
    const std::uint64_t size = body.size();
    std::memcpy(&header[1], &size, 8);
    std::memcpy(&header[10], &call, 4);
    send_raw(header + body);
  }

  template <typename Reply>
  Reply reply() {
    std::string header(9, '\0');
    EXPECT_TRUE(sockets_.host.receive(header.data(), header.size()));
    EXPECT_EQ(header[0], '\x09');
    std::uint64_t size = 0;
    std::memcpy(&size, &header[1], 8);
    std::string body(size, '\0');
    EXPECT_TRUE(sockets_.host.receive(body.data(), body.size()));
    Reply reply;
    EXPECT_TRUE(reply.ParseFromString(body));
    return reply;
  }

  template <typename Reply, typename Body>
  Reply call(std::uint32_t number, const Body& body) {
    send(number, body.SerializeAsString());
    return reply<Reply>();
  }

  // What ended the server; "" for a good end.
  std::string end() {
    sockets_.host = Socket();
    server_.join();
    server_ = std::thread([] {});
    return error_;
  }

  // Whether the server has got its second socket; waits for that.
  bool second_connected() {
    return second_taken_.get_future().wait_for(kTimeout) == std::future_status::ready;
  }

  // The bytes that the second socket carried by the end.
  std::string farewell() {
    second_.device = Socket();
    std::string all;
    for (char c = 0; second_.host.receive(&c, 1);) all += c;
    return all;
  }

 private:
  void run(Card& card) {
    try {
      int tries = 0;
      serve(card, sockets_.device, [&] {
        if (++tries < 3) return Socket();
        if (tries == 3) second_taken_.set_value();
        return std::move(second_.device);
      });
    } catch (const Error& error) {
      error_ = error.what();
    }
    sockets_.device = Socket();
  }

  Pair sockets_, second_;
  std::promise<void> second_taken_;
  std::string error_;
  std::thread server_;
};

TEST(EmulationServer, RegistersAreReadInWords) {
  FakeCard card;
  Host host(card);
  rpc::ReadRegistersRequest request;
  request.set_address(xclbin::kKernelBase + 0x300);
  request.set_size(8);
  const auto reply = host.call<rpc::ReadRegistersReply>(11, request);
  EXPECT_TRUE(reply.ok());
  ASSERT_EQ(reply.data().size(), 8u);
  std::uint32_t words[2];
  std::memcpy(words, reply.data().data(), 8);
  EXPECT_EQ(words[0], 0x300u * 3);
  EXPECT_EQ(words[1], 0x304u * 3);
}

TEST(EmulationServer, ControlIsWrittenLast) {
  FakeCard card;
  Host host(card);
  rpc::WriteRegistersRequest request;
  request.set_address(xclbin::kKernelBase);
  request.set_size(12);
  const std::uint32_t words[] = {1, 2, 3};
  request.set_data(words, sizeof(words));
  EXPECT_TRUE(host.call<rpc::Acknowledgement>(9, request).ok());
  host.end();
  using Writes = std::vector<std::pair<std::uint32_t, std::uint32_t>>;
  EXPECT_EQ(card.writes, (Writes{{4, 2}, {8, 3}, {0, 1}}));
}

TEST(EmulationServer, AccessesOutsideTheRegistersAreRefused) {
  FakeCard card;
  Host host(card);
  rpc::ReadRegistersRequest read;
  rpc::WriteRegistersRequest write;
  write.set_data(std::string(8, '\0'));
  for (const auto& [address, size] :
       std::map<std::uint64_t, std::uint32_t>{{0, 4},
                                              {xclbin::kKernelBase - 4, 4},
                                              {xclbin::kKernelBase + 2, 4},
                                              {xclbin::kKernelBase + 4, 3},
                                              {xclbin::kKernelBase + kRegisterMapBytes - 4, 8},
                                              {~std::uint64_t{0} - 3, 4}}) {
    read.set_address(address);
    read.set_size(size);
    EXPECT_FALSE(host.call<rpc::ReadRegistersReply>(11, read).ok()) << address;
    write.set_address(address);
    write.set_size(size);
    EXPECT_FALSE(host.call<rpc::Acknowledgement>(9, write).ok()) << address;
  }
  write.set_address(xclbin::kKernelBase);
  write.set_size(12);  // but 8 bytes of data
  EXPECT_FALSE(host.call<rpc::Acknowledgement>(9, write).ok());
  EXPECT_EQ(host.end(), "");
  EXPECT_TRUE(card.writes.empty());
}

TEST(EmulationServer, MemoryThereAndBack) {
  FakeCard card;
  Host host(card);
  rpc::AllocateRequest allocate;
  allocate.set_address(0x1000);
  allocate.set_size(256);
  EXPECT_TRUE(host.call<rpc::Acknowledgement>(4, allocate).ok());
  allocate.set_size(257);
  EXPECT_FALSE(host.call<rpc::Acknowledgement>(4, allocate).ok());

  rpc::HostToDeviceRequest to;
  to.set_address(0x1000);
  to.set_seek(16);
  to.set_data("sterna");
  to.set_size(6);
  EXPECT_EQ(host.call<rpc::HostToDeviceReply>(6, to).size(), 6u);
  EXPECT_EQ(std::memcmp(&card.data[16], "sterna", 6), 0);
  to.set_address(0xFF00);
  EXPECT_EQ(host.call<rpc::HostToDeviceReply>(6, to).size(), 0u);

  rpc::DeviceToHostRequest from;
  from.set_address(0x1010);
  from.set_skip(2);
  from.set_size(4);
  const auto reply = host.call<rpc::DeviceToHostReply>(7, from);
  EXPECT_EQ(reply.size(), 4u);
  EXPECT_EQ(reply.data(), "erna");
}

TEST(EmulationServer, SmallCalls) {
  FakeCard card;
  Host host(card);
  const rpc::MessagesReply empty;
  EXPECT_TRUE(host.call<rpc::Acknowledgement>(20, empty).ok());
  EXPECT_TRUE(host.call<rpc::Acknowledgement>(5, empty).ok());
  EXPECT_EQ(host.call<rpc::TimestampReply>(17, empty).cycles(), 42u);
  EXPECT_FALSE(host.call<rpc::MessagesReply>(19, empty).has_display());
}

TEST(EmulationServer, CloseIsAnsweredAndSaidFarewellTo) {
  FakeCard card;
  Host host(card);
  ASSERT_TRUE(host.second_connected());  // it comes late
  EXPECT_TRUE(host.call<rpc::Acknowledgement>(1, rpc::MessagesReply()).ok());
  EXPECT_EQ(host.end(), "");
  EXPECT_EQ(host.farewell(), std::string("\x09\0\0\0\0\0\0\0\0\x15\x01\0\0\0", 14));
}

TEST(EmulationServer, AHostThatGoesEndsIt) {
  FakeCard card;
  {
    Host host(card);
    EXPECT_EQ(host.end(), "");
  }
  Host host(card);  // in the middle of a request
  host.send_raw(std::string("\x09\x20\0\0\0\0\0\0\0\x15\x06\0\0\0ab", 16));
  EXPECT_EQ(host.end(), "");
}

TEST(EmulationServer, WhatIsNoRequestIsAnError) {
  FakeCard card;
  const auto error_after = [&](std::uint32_t call, const std::string& body) {
    Host host(card);
    host.send(call, body);
    return host.end();
  };
  model::expect_error(error_after(99, ""), "unknown call 99");
  model::expect_error(error_after(6, "\xFF\xFF"), "call 6");
  model::expect_error(error_after(11, ""), "call 11");
  rpc::HostToDeviceRequest lies;
  lies.set_address(0x1000);
  lies.set_seek(0);
  lies.set_data("four");
  lies.set_size(5);
  model::expect_error(error_after(6, lies.SerializeAsString()), "5 bytes");
  Host host(card);
  host.send_raw(std::string(14, 'x'));
  model::expect_error(host.end(), "not a request");
  Host large(card);
  large.send_raw(std::string("\x09\0\0\0\0\xFF\0\0\0\x15\x06\0\0\0", 14));
  model::expect_error(large.end(), "call 6");
}

TEST(EmulationServer, TheKernelRunsWithoutBeingAsked) {
  FakeCard card;
  Host host(card);
  rpc::WriteRegistersRequest start;
  start.set_address(xclbin::kKernelBase);
  start.set_size(4);
  start.set_data(std::string("\x01\0\0\0", 4));
  EXPECT_TRUE(host.call<rpc::Acknowledgement>(9, start).ok());
  EXPECT_EQ(card.finished.get_future().wait_for(kTimeout), std::future_status::ready);
  host.end();
}

constexpr std::uint64_t kBank = xclbin::kMaxBankBytes;

std::unique_ptr<rtl::RtlPlatform> fast(const rtl::PlatformParts& parts) {
  return rtl::make_fast_platform(parts, {});
}

TEST(KernelPlatform, EachBankIsMemoryAndNothingElseIs) {
  KernelPlatform card("tiny", fast, kBank);
  EXPECT_EQ(card.memory(xclbin::bank_base(0, kBank), kBank).size(), kBank);
  EXPECT_EQ(card.memory(xclbin::bank_base(0, kBank) + kBank - 64, 64).size(), 64u);
  EXPECT_TRUE(card.memory(xclbin::bank_base(0, kBank) + kBank - 64, 65).empty());
  EXPECT_TRUE(card.memory(xclbin::bank_base(1, kBank), 64).empty());  // tiny has one channel
  EXPECT_TRUE(card.memory(xclbin::bank_base(0, kBank), ~std::uint64_t{0}).empty());
}

// SET and SV on segment 0, then HALT; gives STATUS.
std::uint32_t run_store(KernelPlatform& card, std::uint64_t base) {
  const assembly::Assembly assembly = assembly::assemble_text(
      "SET v0, fix(3), 16\nSV v0, [b0], 16\nHALT\n", "store.s", [](const auto&) { return ""; });
  card.write_register(reg::kRomAddr, 0);
  for (const Instruction& instruction : assembly.program.instructions) {
    for (const std::uint32_t word : instruction.words) card.write_register(reg::kRomData, word);
  }
  card.write_register(reg::seg_base_lo(0), static_cast<std::uint32_t>(base));
  card.write_register(reg::seg_base_hi(0), static_cast<std::uint32_t>(base >> 32));
  card.write_register(reg::seg_size(0), 1);
  card.write_register(reg::kCtrl, kApStart);
  std::uint32_t control = 0;
  for (int i = 0; i < 10'000; ++i) {
    control = card.read_register(reg::kCtrl);
    if ((control & kApDone) != 0) break;
    EXPECT_EQ(control & kApIdle, 0u) << "idle between start and completion";
    card.advance();
  }
  EXPECT_NE(control & kApDone, 0u);
  return card.read_register(reg::kStatus);
}

TEST(KernelPlatform, AProgramStoresIntoItsBank) {
  KernelPlatform card("tiny", fast, kBank);
  const std::uint64_t address = xclbin::bank_base(0, kBank) + 0x1'8000'1000;
  EXPECT_EQ(run_store(card, address), static_cast<std::uint32_t>(Status::kOk));
  std::uint32_t value = 0;
  std::memcpy(&value, card.memory(address, 4).data(), 4);
  EXPECT_EQ(value, 3u << kFractionBits);
  // Outside the bank there is no memory: the bus answers with an error.
  EXPECT_EQ(run_store(card, xclbin::bank_base(0, kBank) + kBank),
            static_cast<std::uint32_t>(Status::kWriteError));
}

// The same program, the same result, and another time.
TEST(KernelPlatform, Ddr4TakesItsTime) {
  KernelPlatform untimed("tiny", fast, kBank), timed("tiny", platform::ddr4_platform({}), kBank);
  const std::uint64_t address = xclbin::bank_base(0, kBank) + 0x1000;
  for (KernelPlatform* card : {&untimed, &timed}) {
    EXPECT_EQ(run_store(*card, address), static_cast<std::uint32_t>(Status::kOk));
    std::uint32_t value = 0;
    std::memcpy(&value, card->memory(address, 4).data(), 4);
    EXPECT_EQ(value, 3u << kFractionBits);
  }
  const std::uint32_t cycles = kCounters[static_cast<std::size_t>(Counter::kCycles)].offset;
  EXPECT_NE(untimed.read_register(cycles), timed.read_register(cycles));
}

TEST(KernelPlatform, DoneWaitsForTheHost) {
  KernelPlatform card("tiny", fast, kBank);
  EXPECT_FALSE(card.advance());               // nothing to do
  card.write_register(reg::kCtrl, kApStart);  // an empty ROM: an illegal instruction
  int slices = 0;
  while (card.advance()) ASSERT_LT(++slices, 1000);
  EXPECT_NE(card.read_register(reg::kCtrl) & kApDone, 0u);
  EXPECT_EQ(card.read_register(reg::kCtrl) & kApDone, 0u);  // and is read once
}

}  // namespace
}  // namespace sterna::hw_emu
