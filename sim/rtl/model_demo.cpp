#include "Vsterna_demo.h"
#include "sim/rtl/verilated_model.h"

namespace sterna {

std::unique_ptr<RtlModel> make_demo_model(const RtlModelOptions& options) {
  return std::make_unique<VerilatedModel<Vsterna_demo>>(options);
}

}  // namespace sterna
