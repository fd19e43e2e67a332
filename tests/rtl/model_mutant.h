// SPDX-License-Identifier: Apache-2.0
// The configuration lanes with a planted fault.
#pragma once

#include <memory>

#include "sim/rtl/rtl_model.h"

namespace sterna::rtl {

// `fault`: a number of mutations.h; 0 is none.
std::unique_ptr<RtlModel> make_mutant_model(unsigned fault, RtlModelOptions options);

}  // namespace sterna::rtl
