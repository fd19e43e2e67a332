// SPDX-License-Identifier: Apache-2.0
#pragma once

namespace sterna::server {

// page.html, to talk to the server: all that it needs is in it.
extern const char* const kPage;

}  // namespace sterna::server
