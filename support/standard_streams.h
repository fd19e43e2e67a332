// SPDX-License-Identifier: Apache-2.0
// The three files that a program expects to be given.
#pragma once

namespace sterna {

// Those that are closed get a file that answers every access with an error, as a closed one does:
// else the next file that is opened would be taken for standard output. To be called before
// anything is opened.
void occupy_standard_streams();

}  // namespace sterna
