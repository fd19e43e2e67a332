// SPDX-License-Identifier: Apache-2.0
#include "host/cli/capability_text.h"

#include <fmt/format.h>

#include <string_view>

namespace sterna::cli {
namespace {

std::string count(std::uint32_t number, std::string_view what) {
  return fmt::format("{} {}{}", number, what, number == 1 ? "" : "s");
}

}  // namespace

std::string capability_text(const Capabilities& c) {
  std::string text = fmt::format("{} of {} bits, {}, {} of {} elements, ROM of {}",
                                 count(c.channels, "channel"), c.beat_bits, count(c.lanes, "lane"),
                                 count(c.registers, "register"), c.vector_length, c.rom_depth);
  if (c.clock_khz != 0) text += fmt::format(", {:g} MHz", 1e-3 * c.clock_khz);
  return text;
}

}  // namespace sterna::cli
