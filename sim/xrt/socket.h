// SPDX-License-Identifier: Apache-2.0
// A connected Unix socket, and the frames that go over it.
#pragma once

#include <google/protobuf/message_lite.h>

#include <cstdint>
#include <optional>
#include <string>

namespace sterna::hw_emu {

// Owns a file descriptor.
class Socket {
 public:
  Socket() = default;
  explicit Socket(int descriptor) : descriptor_(descriptor) {}
  ~Socket();
  Socket(Socket&& other) noexcept;
  Socket& operator=(Socket&& other) noexcept;

  // Connects to the Unix socket at `path`; not connected when nobody listens there (yet). Throws
  // Error when the path is too long for a socket.
  static Socket connect(const std::string& path);

  bool connected() const { return descriptor_ >= 0; }
  int descriptor() const { return descriptor_; }

  // Whole frames; both throw Error when the system refuses. receive() gives false when the other
  // side has closed the connection, be it in the middle of a frame.
  bool receive(void* data, std::size_t bytes) const;
  void send(const std::string& data) const;

 private:
  int descriptor_ = -1;
};

struct Request {
  std::uint32_t call = 0;  // rpc::Call, or a number that it does not know
  std::string body;
};

// The next request; nothing when the other side has gone. Throws Error for what is no frame, or for
// a body of more than 1 GiB.
std::optional<Request> receive_request(const Socket& socket);
void send_reply(const Socket& socket, const google::protobuf::MessageLite& body);
// A request without a body.
void send_request(const Socket& socket, std::uint32_t call);

}  // namespace sterna::hw_emu
