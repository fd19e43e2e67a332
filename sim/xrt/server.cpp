// SPDX-License-Identifier: Apache-2.0
#include "sim/xrt/server.h"

#include <poll.h>

#include <cerrno>
#include <cstring>

#include "host/xclbin/memory_map.h"
#include "isa/generated/isa.h"
#include "rpc.pb.h"
#include "support/error.h"

namespace sterna::hw_emu {
namespace {

constexpr int kReconnectMilliseconds = 5;

template <typename Body>
Body parse(const Request& request) {
  Body body;
  if (!body.ParseFromString(request.body)) {
    throw Error("protocol: call {}: the body of {} bytes is not what it takes", request.call,
                request.body.size());
  }
  return body;
}

void acknowledge(const Socket& host, bool ok) {
  rpc::Acknowledgement reply;
  reply.set_ok(ok);
  send_reply(host, reply);
}

// A register access as offset and whole words inside the kernel's registers.
bool in_kernel(std::uint64_t address, std::uint64_t size) {
  return address >= xclbin::kKernelBase && address - xclbin::kKernelBase <= kRegisterMapBytes &&
         size <= kRegisterMapBytes - (address - xclbin::kKernelBase) && address % 4 == 0 &&
         size % 4 == 0;
}

void allocate(Card& card, const Request& request, const Socket& host) {
  const auto body = parse<rpc::AllocateRequest>(request);
  acknowledge(host, !card.memory(body.address(), body.size()).empty());
}

void host_to_device(Card& card, const Request& request, const Socket& host) {
  const auto body = parse<rpc::HostToDeviceRequest>(request);
  if (body.data().size() < body.size()) {
    throw Error("protocol: {} bytes for the device, but {} are there", body.size(),
                body.data().size());
  }
  const auto memory = card.memory(body.address() + body.seek(), body.size());
  std::memcpy(memory.data(), body.data().data(), memory.size());
  rpc::HostToDeviceReply reply;
  reply.set_size(memory.size());
  send_reply(host, reply);
}

void device_to_host(Card& card, const Request& request, const Socket& host) {
  const auto body = parse<rpc::DeviceToHostRequest>(request);
  const auto memory = card.memory(body.address() + body.skip(), body.size());
  rpc::DeviceToHostReply reply;
  reply.set_size(memory.size());
  reply.set_data(memory.data(), memory.size());
  send_reply(host, reply);
}

void write_registers(Card& card, const Request& request, const Socket& host) {
  const auto body = parse<rpc::WriteRegistersRequest>(request);
  const bool ok = in_kernel(body.address(), body.size()) && body.data().size() >= body.size();
  if (ok) {
    const auto offset = static_cast<std::uint32_t>(body.address() - xclbin::kKernelBase);
    const auto word = [&](std::uint32_t i) {
      std::uint32_t value = 0;
      std::memcpy(&value, body.data().data() + i, 4);
      return value;
    };
    for (std::uint32_t i = 0; i != body.size(); i += 4) {
      if (offset + i != reg::kCtrl) card.write_register(offset + i, word(i));
    }
    // What comes along with CTRL are the arguments of the run that it starts: it goes last.
    if (offset == reg::kCtrl && body.size() != 0) card.write_register(reg::kCtrl, word(0));
  }
  acknowledge(host, ok);
}

void read_registers(Card& card, const Request& request, const Socket& host) {
  const auto body = parse<rpc::ReadRegistersRequest>(request);
  rpc::ReadRegistersReply reply;
  reply.set_ok(in_kernel(body.address(), body.size()));
  if (reply.ok()) {
    const auto offset = static_cast<std::uint32_t>(body.address() - xclbin::kKernelBase);
    for (std::uint32_t i = 0; i != body.size(); i += 4) {
      const std::uint32_t value = card.read_register(offset + i);
      reply.mutable_data()->append(reinterpret_cast<const char*>(&value), 4);
    }
  }
  send_reply(host, reply);
}

}  // namespace

bool answer(Card& card, const Request& request, const Socket& host) {
  switch (request.call) {
    case rpc::SET_ENVIRONMENT:
    case rpc::FREE:
      acknowledge(host, true);
      break;
    case rpc::ALLOCATE:
      allocate(card, request, host);
      break;
    case rpc::HOST_TO_DEVICE:
      host_to_device(card, request, host);
      break;
    case rpc::DEVICE_TO_HOST:
      device_to_host(card, request, host);
      break;
    case rpc::WRITE_REGISTERS:
      write_registers(card, request, host);
      break;
    case rpc::READ_REGISTERS:
      read_registers(card, request, host);
      break;
    case rpc::TIMESTAMP: {
      rpc::TimestampReply reply;
      reply.set_cycles(card.cycles());
      send_reply(host, reply);
      break;
    }
    case rpc::MESSAGES:
      send_reply(host, rpc::MessagesReply());
      break;
    case rpc::CLOSE:
      acknowledge(host, true);
      return false;
    default:
      throw Error("protocol: unknown call {}", request.call);
  }
  return true;
}

void serve(Card& card, const Socket& host, const std::function<Socket()>& connect_second) {
  Socket farewell;
  bool running = false;
  while (true) {
    if (!farewell.connected()) farewell = connect_second();
    pollfd poll_host{.fd = host.descriptor(), .events = POLLIN, .revents = 0};
    const int patience = running ? 0 : farewell.connected() ? -1 : kReconnectMilliseconds;
    if (::poll(&poll_host, 1, patience) < 0 && errno != EINTR) {
      throw Error("cannot wait for the host: {}", std::strerror(errno));
    }
    if (poll_host.revents != 0) {
      const auto request = receive_request(host);
      if (!request) return;
      if (!answer(card, *request, host)) break;
    }
    running = card.advance();
  }
  if (farewell.connected()) send_request(farewell, rpc::CLOSE);
}

}  // namespace sterna::hw_emu
