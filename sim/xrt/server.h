// SPDX-License-Identifier: Apache-2.0
// Answers XRT's emulation protocol for a card.
#pragma once

#include <functional>

#include "sim/xrt/kernel_platform.h"
#include "sim/xrt/socket.h"

namespace sterna::hw_emu {

// Answers one request. False once it was the close. Throws Error for calls that it does not know
// and for bodies that are not what the call takes, or what the card throws.
bool answer(Card& card, const Request& request, const Socket& host);

// Answers the host until it closes the device or its connection, and lets the card run in between.
// XRT also listens on a second socket, which carries nothing but our farewell: `connect_second` is
// asked for it every few milliseconds until it is connected.
void serve(Card& card, const Socket& host, const std::function<Socket()>& connect_second);

}  // namespace sterna::hw_emu
