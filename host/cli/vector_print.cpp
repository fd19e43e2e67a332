// SPDX-License-Identifier: Apache-2.0
#include "host/cli/vector_print.h"

#include <fmt/format.h>

#include <iterator>

#include "asm/immediates.h"

namespace sterna::cli {
namespace {

constexpr std::size_t kElementsALine = 8;

double real(std::uint32_t element) { return assembly::decode_immediate(ImmKind::kFix, element); }

}  // namespace

std::string vector_block(std::string_view name, std::span<const std::uint32_t> elements) {
  std::string text = fmt::format("{} =", name);
  for (std::size_t i = 0; i < elements.size(); ++i) {
    fmt::format_to(std::back_inserter(text), "{}{:12.7f}", i % kElementsALine == 0 ? "\n" : " ",
                   real(elements[i]));
  }
  return text + "\n";
}

std::string vector_lines(std::span<const std::uint32_t> elements) {
  std::string text;
  for (const std::uint32_t element : elements) {
    fmt::format_to(std::back_inserter(text), "{:.7f}\n", real(element));
  }
  return text;
}

}  // namespace sterna::cli
