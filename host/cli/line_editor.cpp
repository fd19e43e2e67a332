// SPDX-License-Identifier: Apache-2.0
#include "host/cli/line_editor.h"

#include <histedit.h>

#include <clocale>
#include <csignal>
#include <cstdio>
#include <utility>

#include "host/cli/history.h"
#include "host/cli/output.h"
#include "support/error.h"

namespace sterna::cli {

struct LineEditor::Terminal {
  EditLine* edit = nullptr;
  History* lines = nullptr;
  std::string prompt;
  bool given_up = false;  // Ctrl-C

  ~Terminal() {
    if (lines != nullptr) ::history_end(lines);
    if (edit != nullptr) ::el_end(edit);
  }

  static Terminal& of(EditLine* edit) {
    void* terminal = nullptr;
    ::el_get(edit, EL_CLIENTDATA, &terminal);
    return *static_cast<Terminal*>(terminal);
  }
  static char* show_prompt(EditLine* edit) { return of(edit).prompt.data(); }
  static unsigned char give_up(EditLine* edit, int) {
    of(edit).given_up = true;
    return CC_EOF;
  }
  static unsigned char suspend(EditLine* edit, int) {
    ::el_set(edit, EL_PREP_TERM, 0);
    ::raise(SIGTSTP);
    ::el_set(edit, EL_PREP_TERM, 1);
    return CC_REDISPLAY;
  }
  void remember(const std::string& line) {
    HistEvent event;
    ::history(lines, &event, H_ENTER, line.c_str());
  }
};

LineEditor::LineEditor(std::vector<std::string> history)
    : history_(std::move(history)), terminal_(std::make_unique<Terminal>()) {
  // Characters are what the terminal shows, UTF-8 also where the environment asks for nothing.
  std::setlocale(LC_CTYPE, "");
  if (MB_CUR_MAX == 1) std::setlocale(LC_CTYPE, "C.UTF-8");
  Terminal& t = *terminal_;
  t.edit = ::el_init("sterna", stdin, stdout, stderr);
  t.lines = ::history_init();
  if (t.edit == nullptr || t.lines == nullptr) throw Error("cannot use the terminal for editing");
  ::el_set(t.edit, EL_CLIENTDATA, &t);
  ::el_set(t.edit, EL_PROMPT, &Terminal::show_prompt);
  ::el_set(t.edit, EL_EDITOR, "emacs");
  ::el_set(t.edit, EL_HIST, ::history, t.lines);
  ::el_set(t.edit, EL_SIGNAL, 1);  // the window's new size, for one
  // While a line is edited Ctrl-C and Ctrl-Z are keys like others.
  ::el_set(t.edit, EL_SETTY, "-d", "-isig", nullptr);
  ::el_set(t.edit, EL_ADDFN, "give-up", "Give up the line", &Terminal::give_up);
  ::el_set(t.edit, EL_BIND, "^C", "give-up", nullptr);
  ::el_set(t.edit, EL_ADDFN, "suspend", "Stop the program for now", &Terminal::suspend);
  ::el_set(t.edit, EL_BIND, "^Z", "suspend", nullptr);
  ::el_set(t.edit, EL_BIND, "^R", "em-inc-search-prev", nullptr);
  HistEvent event;
  ::history(t.lines, &event, H_SETSIZE, static_cast<int>(kHistoryLines));
  ::history(t.lines, &event, H_SETUNIQUE, 1);
  for (const std::string& line : history_) t.remember(line);
}

LineEditor::~LineEditor() = default;

std::optional<std::string> LineEditor::read(const std::string& prompt) {
  Terminal& t = *terminal_;
  t.prompt = prompt;
  for (;;) {
    t.given_up = false;
    ::el_set(t.edit, EL_PREP_TERM, 1);  // else the prompt is there before its keys are
    int count = 0;
    const char* text = ::el_gets(t.edit, &count);
    if (text != nullptr && count > 0) {
      std::string line(text, static_cast<std::size_t>(count));
      if (line.ends_with('\n')) line.pop_back();
      if (!line.empty() && (history_.empty() || history_.back() != line)) {
        history_.push_back(line);
        t.remember(line);
      }
      return line;
    }
    show("\n");
    if (!t.given_up) return {};
  }
}

}  // namespace sterna::cli
