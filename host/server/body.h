// SPDX-License-Identifier: Apache-2.0
// The body of a request, within bounds also where it comes in chunks or packed: httplib holds its
// own limit against Content-Length alone.
#pragma once

#include <httplib.h>

#include <cstddef>
#include <string>

#include "host/server/api_error.h"

namespace sterna::server {

// The body has not been read to its end: what else comes on the connection is no request.
class BodyError : public ApiError {
 public:
  using ApiError::ApiError;
};

// Throws BodyError for one that is larger than `limit`, or broken, and ApiError for a form.
std::string read_body(const httplib::Request& request, const httplib::ContentReader& reader,
                      std::size_t limit, const httplib::Response& response);

// httplib reads a body of POST, PUT, PATCH and DELETE. That of another method it would leave to be
// taken for the next request.
bool has_unread_body(const httplib::Request& request);

// Ends the connection behind the response, which is there.
void end_connection(const httplib::Request& request, httplib::Response& response);

}  // namespace sterna::server
