// SPDX-License-Identifier: Apache-2.0
// Lines from a terminal as it gives them: for a build without libedit.
#include <poll.h>
#include <unistd.h>

#include <cerrno>
#include <csignal>
#include <iostream>
#include <utility>

#include "host/cli/line_editor.h"
#include "host/cli/output.h"

namespace sterna::cli {

struct LineEditor::Terminal {};

LineEditor::LineEditor(std::vector<std::string> history) : history_(std::move(history)) {
  std::signal(SIGCONT, [](int) {});  // that ppoll() may say so
}

LineEditor::~LineEditor() = default;

std::optional<std::string> LineEditor::read(const std::string& prompt) {
  // With Ctrl-C the terminal gives up the line itself, and with Ctrl-Z, behind which we go on here.
  // Neither signal may come between the prompt and the wait, which would not notice it.
  sigset_t guarded, before;
  sigemptyset(&guarded);
  sigaddset(&guarded, SIGINT);
  sigaddset(&guarded, SIGCONT);
  pthread_sigmask(SIG_BLOCK, &guarded, &before);
  show(prompt);
  pollfd input{STDIN_FILENO, POLLIN, 0};
  while (::ppoll(&input, 1, nullptr, &before) < 0 && errno == EINTR) show("\n" + prompt);
  pthread_sigmask(SIG_SETMASK, &before, nullptr);
  std::string line;
  if (!std::getline(std::cin, line)) {
    show("\n");
    return {};
  }
  if (!line.empty()) history_.push_back(line);
  return line;
}

}  // namespace sterna::cli
