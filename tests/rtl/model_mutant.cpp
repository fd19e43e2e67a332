// SPDX-License-Identifier: Apache-2.0
#include "tests/rtl/model_mutant.h"

#include "Vsterna_mutant.h"
#include "sim/rtl/verilated_model.h"

namespace sterna::rtl {

std::unique_ptr<RtlModel> make_mutant_model(unsigned fault, RtlModelOptions options) {
  options.plusargs.push_back(fmt::format("+mutation={}", fault));
  return std::make_unique<VerilatedModel<Vsterna_mutant>>(options);
}

}  // namespace sterna::rtl
