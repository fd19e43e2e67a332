#include "Vsterna_tiny.h"
#include "sim/rtl/verilated_model.h"

namespace sterna {

std::unique_ptr<RtlModel> make_tiny_model(const RtlModelOptions& options) {
  return std::make_unique<VerilatedModel<Vsterna_tiny>>(options);
}

}  // namespace sterna
