#include "host/cli/sim_arguments.h"

#include <charconv>
#include <limits>
#include <string_view>
#include <utility>

#include "asm/generated/isa.h"
#include "host/support/error.h"
#include "host/support/files.h"

namespace sterna {
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

std::uint64_t parse_number(const std::string& text, const std::string& option) {
  const bool hex = text.starts_with("0x") || text.starts_with("0X");
  const char* begin = text.data() + (hex ? 2 : 0);
  const char* end = text.data() + text.size();
  std::uint64_t value = 0;
  const auto [stop, error] = std::from_chars(begin, end, value, hex ? 16 : 10);
  if (error != std::errc() || stop != end) {
    throw Error("{}: '{}' is not a number of up to 64 bits, decimal or 0x hexadecimal", option,
                printable(text));
  }
  return value;
}

LoadArgument parse_load(const std::string& text) {
  const auto [address, file] = split(text, '=', "--load ADDRESS=FILE");
  return {parse_number(address, "--load"), file};
}

DumpArgument parse_dump(const std::string& text) {
  constexpr std::string_view kForm = "--dump ADDRESS:BYTES=FILE";
  const auto [range, file] = split(text, '=', kForm);
  const auto [address, bytes] = split(range, ':', kForm);
  return {parse_number(address, "--dump"), parse_number(bytes, "--dump"), file};
}

SegmentArgument parse_segment(const std::string& text) {
  constexpr std::string_view kForm = "--seg NUMBER=ADDRESS:BYTES[:STRIDE]";
  const auto [segment, range] = split(text, '=', kForm);
  const auto [address, rest] = split(range, ':', kForm);
  const auto [bytes, stride] = rest.find(':') == std::string::npos
                                   ? std::pair(rest, std::string("0"))
                                   : split(rest, ':', kForm);
  const std::uint64_t number = parse_number(segment, "--seg");
  if (number >= kSegments) throw Error("--seg: {} is not in 0..{}", number, kSegments - 1);
  const std::uint64_t apart = parse_number(stride, "--seg");
  if (apart % kLineBytes != 0 || apart / kLineBytes > std::numeric_limits<std::uint32_t>::max()) {
    throw Error("--seg: lanes cannot be {} bytes apart: whole lines of {}", apart, kLineBytes);
  }
  return {static_cast<unsigned>(number), parse_number(address, "--seg"),
          parse_number(bytes, "--seg"), static_cast<std::uint32_t>(apart / kLineBytes)};
}

TokenArgument parse_token(const std::string& text) {
  const auto [lane, id] = text.find('=') == std::string::npos
                              ? std::pair(std::string("0"), text)
                              : split(text, '=', "--token [LANE=]ID");
  const std::uint64_t number = parse_number(lane, "--token"), token = parse_number(id, "--token");
  if (number >= kMaxLanes) throw Error("--token: lane {} is not in 0..{}", number, kMaxLanes - 1);
  if (token > std::numeric_limits<std::uint32_t>::max()) {
    throw Error("--token: {} is not a number of 32 bits", token);
  }
  return {static_cast<unsigned>(number), static_cast<std::uint32_t>(token)};
}

}  // namespace sterna
