#include "sim/rtl/rtl_model.h"

#include <fmt/ranges.h>
#include <verilated.h>

#include "host/support/error.h"

namespace sterna {
namespace {

struct Configuration {
  const char* name;
  std::unique_ptr<RtlModel> (*make)(const RtlModelOptions&);
};
constexpr Configuration kConfigurations[] = {{"tiny", make_tiny_model}, {"demo", make_demo_model}};

}  // namespace

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

}  // namespace sterna

// What Verilated code calls when an assertion of the RTL fails; Verilator's own ends the process.
void vl_fatal(const char* file, int line, const char* hierarchy, const char* message) {
  throw sterna::Error("rtl: {} at {}:{} {}", message, file, line, hierarchy);
}
