// SPDX-License-Identifier: Apache-2.0
#include "host/model/saturation.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <vector>

#include "host/model/scaling.h"

namespace sterna::model {
namespace {

Scaling scaling_of(const SternaFile& file) {
  const auto mean = [&](const std::string& name) {
    const auto& matrices = file.header().matrices;
    return std::ranges::find(matrices, name, &PackedMatrix::name)->mean;
  };
  return choose_scaling(
      {file.header().model, [&](const std::string& name) { return file.reference(name); }, mean});
}

}  // namespace

std::string list_of(std::span<const std::string> names) {
  constexpr std::size_t kMost = 4;
  const std::size_t shown = std::min(kMost, names.size());
  const std::string text = fmt::format("{}", fmt::join(names.first(shown), ", "));
  return names.size() == shown ? text : fmt::format("{} and {} more", text, names.size() - shown);
}

std::string saturation_line(const SternaFile& file, std::uint64_t instructions) {
  if (instructions == 0) return "";
  const std::vector<std::string> places = scaling_of(file).may_saturate;
  return fmt::format(
      "warning: {} instructions saturated, results may be wrong; by its bounds the model may leave "
      "the range in {}",
      instructions, places.empty() ? "no tensor: a sum or a rounding did" : list_of(places));
}

}  // namespace sterna::model
