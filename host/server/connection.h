// SPDX-License-Identifier: Apache-2.0
// The socket of a request that is being handled. httplib tells a handler who the client is, but not
// whether it is still there.
#pragma once

#include <string>

namespace sterna::server {

class Connection {
 public:
  // That of the client at this address to a port of this process, which has to stay open as long as
  // this object lives.
  Connection(int port, const std::string& client, int client_port);

  // False when the client has closed its end, or half of it.
  bool is_open() const;

 private:
  int socket_;  // -1: there is none
};

}  // namespace sterna::server
