// SPDX-License-Identifier: Apache-2.0
#include "sim/rtl/rtl_model.h"

#include <fmt/ranges.h>

#include <algorithm>
#include <iterator>

#include "configurations.h"
#include "sim/rtl/rtl_device.h"
#include "support/error.h"
#include "support/files.h"

namespace sterna::rtl {

std::vector<std::string> rtl_configurations() {
  std::vector<std::string> names;
  names.reserve(std::size(kBuiltConfigurations));
  for (const BuiltConfiguration& c : kBuiltConfigurations) names.emplace_back(c.name);
  return names;
}

void require_configuration(const std::string& name) {
  const std::vector<std::string> built = rtl_configurations();
  const auto is = [&](const std::string& other) { return other == name; };
  if (std::any_of(built.begin(), built.end(), is)) return;
  if (built.empty()) {
    throw Error("this sterna was built without the simulated hardware (make host): make builds it");
  }
  const std::string list = fmt::format("built are {}", fmt::join(built, ", "));
  if (std::none_of(kUnbuilt.begin(), kUnbuilt.end(), is)) {
    throw Error("no configuration '{}'; {}", printable(name), list);
  }
  // make u250 is the same for the one that is asked for most.
  throw Error("the configuration {} is not built ({}): {}", name, list,
              name == "u250"
                  ? "make u250"
                  : fmt::format("cmake -S . -B build '-DSTERNA_CONFIGS=tiny;demo;{}' && cmake "
                                "--build build --target sterna",
                                name));
}

std::unique_ptr<RtlModel> make_rtl_model(const std::string& configuration,
                                         const RtlModelOptions& options) {
  require_configuration(configuration);
  return std::find_if(std::begin(kBuiltConfigurations), std::end(kBuiltConfigurations),
                      [&](const BuiltConfiguration& c) { return c.name == configuration; })
      ->make(options);
}

std::unique_ptr<RtlDevice> make_rtl_device(const RtlOptions& options) {
  return make_rtl_device(
      options,
      make_rtl_model(options.configuration,
                     {.seed = options.seed, .wave = options.wave, .record = options.record}));
}

}  // namespace sterna::rtl
