// SPDX-License-Identifier: Apache-2.0
#include "host/server/connection.h"

#include <netdb.h>
#include <poll.h>
#include <sys/socket.h>

#include <charconv>
#include <filesystem>
#include <system_error>
#include <utility>

namespace sterna::server {
namespace {

using NameOf = int (*)(int, sockaddr*, socklen_t*);  // getsockname, getpeername

// Address and port of one end of a socket, as httplib writes them; port -1: it is none of a
// network.
std::pair<std::string, int> end(int socket, NameOf name_of) {
  sockaddr_storage storage{};
  auto* const address = reinterpret_cast<sockaddr*>(&storage);
  socklen_t size = sizeof(storage);
  char host[NI_MAXHOST], port[NI_MAXSERV];
  if (name_of(socket, address, &size) != 0 ||
      (address->sa_family != AF_INET && address->sa_family != AF_INET6) ||
      ::getnameinfo(address, size, host, sizeof(host), port, sizeof(port),
                    NI_NUMERICHOST | NI_NUMERICSERV) != 0) {
    return {"", -1};
  }
  return {host, std::stoi(port)};
}

int find(int port, const std::pair<std::string, int>& client) {
  std::error_code none;
  for (const auto& entry : std::filesystem::directory_iterator("/proc/self/fd", none)) {
    const std::string number = entry.path().filename().string();
    int socket = -1;
    std::from_chars(number.data(), number.data() + number.size(), socket);
    if (end(socket, ::getpeername) == client && end(socket, ::getsockname).second == port) {
      return socket;
    }
  }
  return -1;
}

}  // namespace

Connection::Connection(int port, const std::string& client, int client_port)
    : socket_(find(port, {client, client_port})) {}

bool Connection::is_open() const {
  if (socket_ < 0) return true;  // writing will tell
  pollfd look{socket_, POLLRDHUP, 0};
  return ::poll(&look, 1, 0) <= 0;
}

}  // namespace sterna::server
