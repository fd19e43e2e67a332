#include "sim/rtl/rtl_model.h"

#include <fmt/ranges.h>

#include "configurations.h"
#include "host/support/error.h"
#include "sim/rtl/rtl_device.h"

namespace sterna {

std::vector<std::string> rtl_configurations() {
  std::vector<std::string> names;
  for (const Configuration& c : kConfigurations) names.emplace_back(c.name);
  return names;
}

std::unique_ptr<RtlModel> make_rtl_model(const std::string& configuration,
                                         const RtlModelOptions& options) {
  for (const Configuration& c : kConfigurations) {
    if (configuration == c.name) return c.make(options);
  }
  throw Error("rtl: no configuration '{}'; there are {}", configuration,
              fmt::join(rtl_configurations(), ", "));
}

std::unique_ptr<RtlDevice> make_rtl_device(const RtlOptions& options) {
  return make_rtl_device(
      options, make_rtl_model(options.configuration, {.seed = options.seed, .wave = options.wave}));
}

}  // namespace sterna
