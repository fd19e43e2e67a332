// SPDX-License-Identifier: Apache-2.0
// Machines with a planted fault. `fault`: a number of mutations.h; 0 is none.
#pragma once

#include <memory>

#include "sim/rtl/rtl_model.h"

namespace sterna::rtl {

// mutant.f: three lanes, two channels; rows of an odd number of beats.
std::unique_ptr<RtlModel> make_mutant_model(unsigned fault, RtlModelOptions options);
// mutant_eight.f: two lanes, eight channels.
std::unique_ptr<RtlModel> make_mutant_eight_model(unsigned fault, RtlModelOptions options);
// The configuration lanes: five lanes, four channels.
std::unique_ptr<RtlModel> make_mutant_lanes_model(unsigned fault, RtlModelOptions options);

}  // namespace sterna::rtl
