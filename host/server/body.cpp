// SPDX-License-Identifier: Apache-2.0
#include "host/server/body.h"

#include <memory>
#include <utility>

namespace sterna::server {
namespace {

// So much of a body that is too large is read and thrown away, so that its client, which may look
// for the response only when all is sent, gets to see it.
constexpr std::size_t kThrownAway = 16u << 20;

constexpr const char* kWrong = "invalid_request_error";

}  // namespace

std::string read_body(const httplib::Request& request, const httplib::ContentReader& reader,
                      std::size_t limit, const httplib::Response& response) {
  std::string body;
  // Then there is none (RFC 9112, 6.3), and httplib would wait for the connection's end.
  if (!request.has_header("Content-Length") && !request.has_header("Transfer-Encoding"))
    return body;
  std::size_t size = 0;
  const auto take = [&](const char* data, std::size_t bytes) {
    size += bytes;
    if (size <= limit) body.append(data, bytes);
    return size <= limit + kThrownAway;
  };
  const bool form = request.is_multipart_form_data();
  const bool whole = form ? reader([](const auto&) { return true; }, take) : reader(take);
  if (size > limit || response.status == 413) {  // what httplib says to Content-Length
    throw BodyError(413, kWrong, "", fmt::format("the body is larger than {} bytes", limit));
  }
  if (!whole) throw BodyError(400, kWrong, "", "the body is broken, or its end did not come");
  if (form) throw ApiError(415, kWrong, "", "the body is a form, and not JSON");
  return body;
}

bool has_unread_body(const httplib::Request& request) {
  for (const char* method : {"POST", "PUT", "PATCH", "DELETE"}) {
    if (request.method == method) return false;
  }
  const std::string length = request.get_header_value("Content-Length");
  return (!length.empty() && length != "0") || request.has_header("Transfer-Encoding");
}

// httplib goes on with a connection unless writing a response has failed. Of a HEAD it would write
// no body, so nothing could fail.
void end_connection(const httplib::Request& request, httplib::Response& response) {
  const bool head = request.method == "HEAD";
  const_cast<httplib::Request&>(request).method = "GET";
  const auto body = std::make_shared<const std::string>(std::move(response.body));
  response.body.clear();
  const std::string type = response.get_header_value("Content-Type");
  response.headers.erase("Content-Type");
  if (request.get_header_value("Connection") != "close") {  // httplib says it then
    response.set_header("Connection", "close");
  }
  response.set_content_provider(
      body->size(), type,
      [body, head](std::size_t offset, std::size_t length, httplib::DataSink& sink) {
        if (!head) sink.write(body->data() + offset, length);
        return false;
      });
}

}  // namespace sterna::server
