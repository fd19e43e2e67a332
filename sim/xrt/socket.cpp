// SPDX-License-Identifier: Apache-2.0
#include "sim/xrt/socket.h"

#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <utility>

#include "rpc.pb.h"
#include "support/error.h"

namespace sterna::hw_emu {
namespace {

constexpr std::size_t kRequestHeaderBytes = 14;
constexpr std::uint64_t kMaxBodyBytes = std::uint64_t{1} << 30;

}  // namespace

Socket::~Socket() {
  if (descriptor_ >= 0) ::close(descriptor_);
}

Socket::Socket(Socket&& other) noexcept : descriptor_(std::exchange(other.descriptor_, -1)) {}

Socket& Socket::operator=(Socket&& other) noexcept {
  std::swap(descriptor_, other.descriptor_);
  return *this;
}

Socket Socket::connect(const std::string& path) {
  sockaddr_un address{};
  address.sun_family = AF_UNIX;
  if (path.size() >= sizeof(address.sun_path)) {
    throw Error("{}: too long for a socket ({} characters at most)", path,
                sizeof(address.sun_path) - 1);
  }
  std::memcpy(address.sun_path, path.c_str(), path.size());
  Socket socket(::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0));
  if (!socket.connected()) throw Error("cannot make a socket: {}", std::strerror(errno));
  if (::connect(socket.descriptor_, reinterpret_cast<const sockaddr*>(&address), sizeof(address)) !=
      0) {
    return {};
  }
  return socket;
}

bool Socket::receive(void* data, std::size_t bytes) const {
  auto* to = static_cast<std::byte*>(data);
  while (bytes != 0) {
    const ssize_t n = ::read(descriptor_, to, bytes);
    if (n < 0 && errno == EINTR) continue;
    if (n == 0 || (n < 0 && errno == ECONNRESET)) return false;
    if (n < 0) throw Error("cannot read from the host: {}", std::strerror(errno));
    to += n;
    bytes -= static_cast<std::size_t>(n);
  }
  return true;
}

void Socket::send(const std::string& data) const {
  std::size_t sent = 0;
  while (sent != data.size()) {
    // A host that has gone shows at the next receive(); it must not end us by a signal here.
    const ssize_t n = ::send(descriptor_, data.data() + sent, data.size() - sent, MSG_NOSIGNAL);
    if (n < 0 && errno == EINTR) continue;
    if (n < 0 && (errno == EPIPE || errno == ECONNRESET)) return;
    if (n < 0) throw Error("cannot write to the host: {}", std::strerror(errno));
    sent += static_cast<std::size_t>(n);
  }
}

std::optional<Request> receive_request(const Socket& socket) {
  std::string bytes(kRequestHeaderBytes, '\0');
  if (!socket.receive(bytes.data(), bytes.size())) return std::nullopt;
  rpc::Header header;
  if (!header.ParseFromString(bytes) || !header.has_call()) {
    throw Error("protocol: the host sent what is not a request");
  }
  if (header.size() > kMaxBodyBytes) {
    throw Error("protocol: call {} with {} bytes", header.call(), header.size());
  }
  Request request{.call = header.call(), .body = std::string(header.size(), '\0')};
  if (!socket.receive(request.body.data(), request.body.size())) return std::nullopt;
  return request;
}

void send_reply(const Socket& socket, const google::protobuf::MessageLite& body) {
  rpc::Header header;
  header.set_size(body.ByteSizeLong());
  socket.send(header.SerializeAsString() + body.SerializeAsString());
}

void send_request(const Socket& socket, std::uint32_t call) {
  rpc::Header header;
  header.set_size(0);
  header.set_call(call);
  socket.send(header.SerializeAsString());
}

}  // namespace sterna::hw_emu
