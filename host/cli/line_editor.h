// SPDX-License-Identifier: Apache-2.0
// Lines from a terminal, with editing and history where the build has libedit.
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <vector>

namespace sterna::cli {

class LineEditor {
 public:
  // `history`: earlier lines, the oldest first. As long as it lives, Interrupts must, too.
  explicit LineEditor(std::vector<std::string> history);
  ~LineEditor();
  LineEditor(const LineEditor&) = delete;
  LineEditor& operator=(const LineEditor&) = delete;

  // The next line, without its end; nothing when the input has ended (Ctrl-D). Ctrl-C gives up what
  // was typed.
  std::optional<std::string> read(const std::string& prompt);

  // With all that were read, but empty ones and repetitions.
  const std::vector<std::string>& history() const { return history_; }

 private:
  struct Terminal;

  std::vector<std::string> history_;
  std::unique_ptr<Terminal> terminal_;
};

}  // namespace sterna::cli
