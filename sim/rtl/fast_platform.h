// SPDX-License-Identifier: Apache-2.0
// The platform for functional tests: an AxiMemory a channel, host transfers in no time.
#pragma once

#include <memory>

#include "sim/rtl/axi_memory.h"
#include "sim/rtl/rtl_platform.h"

namespace sterna::rtl {

// `options` are channel 0's; each further channel answers `latency_step` cycles later, and stalls
// on its own.
std::unique_ptr<RtlPlatform> make_fast_platform(const PlatformParts& parts,
                                                const AxiMemoryOptions& options,
                                                unsigned latency_step = 0);

}  // namespace sterna::rtl
