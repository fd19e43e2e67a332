// SPDX-License-Identifier: Apache-2.0
#include "host/cli/numbers.h"

#include <algorithm>
#include <charconv>
#include <cmath>
#include <set>
#include <system_error>

#include "support/error.h"
#include "support/files.h"

namespace sterna::cli {
namespace {

constexpr std::uint64_t kLargest = std::numeric_limits<std::uint64_t>::max();

bool digits_alone(std::string_view text) {
  return !text.empty() &&
         std::all_of(text.begin(), text.end(), [](char c) { return c >= '0' && c <= '9'; });
}

// All of the text as a number, as from_chars reads it.
template <typename T, typename... Format>
std::errc read(std::string_view text, T& value, Format... format) {
  const char* end = text.data() + text.size();
  const auto [stop, error] = std::from_chars(text.data(), end, value, format...);
  return error == std::errc() && stop != end ? std::errc::invalid_argument : error;
}

// CLI11 names the option itself: the message of `parse` without that, or nothing.
template <typename Parse>
std::string message_of(Parse parse) {
  try {
    parse();
    return "";
  } catch (const Error& error) {
    return error.what();
  }
}

std::string prefix(std::string_view what) { return what.empty() ? "" : fmt::format("{}: ", what); }

}  // namespace

std::uint64_t parse_whole_number(std::string_view text, std::string_view what, std::uint64_t least,
                                 std::uint64_t most) {
  std::uint64_t value = 0;
  if (!digits_alone(text)) {
    throw Error("{}'{}' is not a whole number of {}", prefix(what), printable(text),
                least == 0 ? "zero or more" : fmt::format("{} or more", least));
  }
  if (read(text, value) != std::errc() || value < least || value > most) {
    throw Error("{}{} is not in {}..{}", prefix(what), printable(text), least, most);
  }
  return value;
}

double parse_real_number(std::string_view text, std::string_view what, double least, double most) {
  double value = 0;
  if (read(text, value) != std::errc() || !std::isfinite(value)) {
    throw Error("{}'{}' is not a number", prefix(what), printable(text));
  }
  if (value < least || value > most) {
    throw Error("{}{} is outside {}..{}", prefix(what), printable(text), least, most);
  }
  return value;
}

std::uint64_t parse_address(std::string_view text, std::string_view what) {
  const bool hex = text.starts_with("0x") || text.starts_with("0X");
  std::uint64_t value = 0;
  if (read(text.substr(hex ? 2 : 0), value, hex ? 16 : 10) != std::errc()) {
    throw Error("{}'{}' is not a number of up to 64 bits, decimal or 0x hexadecimal", prefix(what),
                printable(text));
  }
  return value;
}

std::vector<std::string> split_list(std::string_view text, std::string_view what) {
  std::vector<std::string> places;
  for (std::size_t begin = 0; begin <= text.size();) {
    const std::size_t end = std::min(text.find(',', begin), text.size());
    if (end == begin) {
      throw Error("{}place {} is empty in the list '{}'", prefix(what), places.size() + 1,
                  printable(text));
    }
    places.emplace_back(text.substr(begin, end - begin));
    begin = end + 1;
  }
  return places;
}

std::vector<std::uint32_t> parse_list(std::string_view text, std::string_view what) {
  std::vector<std::uint32_t> values;
  for (const std::string& place : split_list(text, what)) {
    values.push_back(static_cast<std::uint32_t>(
        parse_whole_number(place, what, 0, std::numeric_limits<std::uint32_t>::max())));
  }
  return values;
}

CLI::Validator whole_number_in(std::uint64_t least, std::uint64_t most) {
  const bool limited = most != kLargest && most != std::numeric_limits<std::uint32_t>::max();
  return CLI::Validator(
      [=](std::string& text) {
        return message_of(
            [&] { text = fmt::format("{}", parse_whole_number(text, "", least, most)); });
      },
      limited ? fmt::format("{}..{}", least, most) : "");
}

CLI::Validator real_number(double least, double most) {
  return CLI::Validator(
      [=](const std::string& text) {
        return message_of([&] { parse_real_number(text, "", least, most); });
      },
      fmt::format("{}..{}", least, most));
}

CLI::Validator each(const CLI::Validator& check) {
  return CLI::Validator(
      [check](std::string& text) {
        std::string problem;
        const std::string unread = message_of([&] {
          std::string list;
          std::set<std::string> seen;
          for (std::string& place : split_list(text, "")) {
            if (problem.empty()) problem = check(place);
            if (problem.empty() && !seen.insert(place).second) {
              problem = fmt::format("{} stands twice in the list", printable(place));
            }
            list += (list.empty() ? "" : ",") + place;
          }
          text = list;
        });
        return unread.empty() ? problem : unread;
      },
      check.get_description());
}

}  // namespace sterna::cli
