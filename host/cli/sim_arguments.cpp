// SPDX-License-Identifier: Apache-2.0
#include "host/cli/sim_arguments.h"

#include <limits>
#include <string_view>
#include <utility>

#include "host/cli/numbers.h"
#include "isa/generated/isa.h"
#include "support/error.h"
#include "support/files.h"

namespace sterna::cli {
namespace {

// The parts before and after the first `separator`; throws Error showing the option's form.
std::pair<std::string, std::string> split(const std::string& text, char separator,
                                          std::string_view form) {
  const std::size_t at = text.find(separator);
  if (at == std::string::npos || at + 1 == text.size()) {
    throw Error("{}: '{}' is not of this form", form, printable(text));
  }
  return {text.substr(0, at), text.substr(at + 1)};
}

}  // namespace

LoadArgument parse_load(const std::string& text) {
  const auto [address, file] = split(text, '=', "--load ADDRESS=FILE");
  return {parse_address(address, "--load"), file};
}

DumpArgument parse_dump(const std::string& text) {
  constexpr std::string_view kForm = "--dump ADDRESS:BYTES=FILE";
  const auto [range, file] = split(text, '=', kForm);
  const auto [address, bytes] = split(range, ':', kForm);
  DumpArgument dump{parse_address(address, "--dump"), parse_address(bytes, "--dump"), file};
  if (dump.bytes == 0) throw Error("--dump: no bytes to write");
  return dump;
}

SegmentArgument parse_segment(const std::string& text) {
  constexpr std::string_view kForm = "--seg NUMBER=ADDRESS:BYTES[:STRIDE]";
  const auto [segment, range] = split(text, '=', kForm);
  const auto [address, rest] = split(range, ':', kForm);
  const auto [bytes, stride] = rest.find(':') == std::string::npos
                                   ? std::pair(rest, std::string("0"))
                                   : split(rest, ':', kForm);
  const std::uint64_t number = parse_address(segment, "--seg");
  if (number >= kSegments) throw Error("--seg: {} is not in 0..{}", number, kSegments - 1);
  const std::uint64_t apart = parse_address(stride, "--seg");
  if (apart % kLineBytes != 0 || apart / kLineBytes > std::numeric_limits<std::uint32_t>::max()) {
    throw Error("--seg: lanes cannot be {} bytes apart: whole lines of {}", apart, kLineBytes);
  }
  return {static_cast<unsigned>(number), parse_address(address, "--seg"),
          parse_address(bytes, "--seg"), static_cast<std::uint32_t>(apart / kLineBytes)};
}

TokenArgument parse_token(const std::string& text) {
  const auto [lane, id] = text.find('=') == std::string::npos
                              ? std::pair(std::string("0"), text)
                              : split(text, '=', "--token [LANE=]ID");
  const std::uint64_t number = parse_address(lane, "--token"), token = parse_address(id, "--token");
  if (number >= kMaxLanes) throw Error("--token: lane {} is not in 0..{}", number, kMaxLanes - 1);
  if (token > std::numeric_limits<std::uint32_t>::max()) {
    throw Error("--token: {} is not a number of 32 bits", token);
  }
  return {static_cast<unsigned>(number), static_cast<std::uint32_t>(token)};
}

InputArgument parse_input(const std::string& text) {
  constexpr std::string_view kForm = "--input NAME[@LANE]=NUMBERS|FILE";
  auto [name, value] = split(text, '=', kForm);
  InputArgument input{std::move(name), {}, std::move(value)};
  if (const std::size_t at = input.name.find('@'); at != std::string::npos) {
    const std::string lane = input.name.substr(at + 1);
    input.lane = static_cast<unsigned>(parse_whole_number(lane, "--input: lane", 0, kMaxLanes - 1));
    input.name.resize(at);
  }
  const std::size_t first = input.value.find_first_not_of("+- \t,");
  const char c = first == std::string::npos ? 'x' : input.value[first];
  const bool point = c == '.' && first + 1 < input.value.size() && input.value[first + 1] >= '0' &&
                     input.value[first + 1] <= '9';
  const bool list = input.value.front() == ',' || (c >= '0' && c <= '9') || point;
  input.is_file = !list;
  return input;
}

OutputArgument parse_output(const std::string& text) {
  auto [name, file] = split(text, '=', "--output NAME=FILE");
  return {std::move(name), std::move(file)};
}

}  // namespace sterna::cli
