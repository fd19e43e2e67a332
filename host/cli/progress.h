// SPDX-License-Identifier: Apache-2.0
// A line on the terminal that says how far long work is; silent when nobody watches.
#pragma once

#include <fmt/format.h>
#include <unistd.h>

#include <chrono>
#include <cstdint>
#include <cstdio>
#include <string>
#include <utility>

namespace sterna::cli {

class Progress {
 public:
  explicit Progress(std::string what) : what_(std::move(what)), watched_(isatty(STDERR_FILENO)) {}
  ~Progress() { clear(); }
  Progress(const Progress&) = delete;
  Progress& operator=(const Progress&) = delete;

  // Takes the line away, before others are shown.
  void clear() {
    if (shown_) fmt::print(stderr, "\r\033[K");
    shown_ = false;
  }

  void update(std::uint64_t done, std::uint64_t total, const std::string& note = "") {
    update(fmt::format("{:.0f} % {}",
                       100.0 * static_cast<double>(done) / static_cast<double>(total), note));
  }

  // Of work whose end is not known.
  void update(const std::string& note) {
    const auto now = std::chrono::steady_clock::now();
    if (!watched_ || now - last_ < std::chrono::milliseconds(100)) return;
    last_ = now;
    shown_ = true;
    fmt::print(stderr, "\r\033[K{}: {}", what_, note);
  }

 private:
  std::string what_;
  bool watched_;
  bool shown_ = false;
  std::chrono::steady_clock::time_point last_;
};

}  // namespace sterna::cli
