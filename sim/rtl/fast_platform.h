// The platform for functional tests: an AxiMemory a channel, host transfers in no time.
#pragma once

#include <memory>

#include "sim/rtl/axi_memory.h"
#include "sim/rtl/rtl_platform.h"

namespace sterna {

std::unique_ptr<RtlPlatform> make_fast_platform(const PlatformParts& parts,
                                                const AxiMemoryOptions& options);

}  // namespace sterna
