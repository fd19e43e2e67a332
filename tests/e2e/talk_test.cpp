// SPDX-License-Identifier: Apache-2.0
// sterna run on a terminal: somebody types lines and keys, and the model answers.
#include <sys/stat.h>

#include "support/json.h"
#include "tests/e2e/model_command.h"
#include "tests/e2e/terminal.h"

namespace sterna {
namespace {

// With a build's own editor of lines, and with none.
class Talk : public ModelCommand, public testing::WithParamInterface<const char*> {
 protected:
  Terminal start(const std::vector<std::string>& options = {}) {
    std::vector<std::string> command{GetParam(), "run", STERNA_SHIPPED_MODEL};
    command.insert(command.end(), options.begin(), options.end());
    return Terminal(command, {"TERM=dumb", "XDG_STATE_HOME=" + (folder_ / "state").string()});
  }

  // A line, until the terminal has shown it.
  static void say(Terminal& terminal, const std::string& line) {
    terminal.type(line + "\n");
    terminal.until(line + "\n");
  }

  // What the model says to all of this text at once.
  std::string goes_on(const std::string& text, int count) {
    write_file_atomically(folder_ / "text", text + "\n");
    EXPECT_EQ(run(fmt::format("run {} -f text -n {} --json", STERNA_SHIPPED_MODEL, count)), 0);
    return last_line()["text"];
  }
};

TEST_P(Talk, AnswersEachLineAndRemembersAllOfThem) {
  Terminal terminal = start({"-n", "12"});
  terminal.until("Ctrl-D ends it all.\n> ");
  std::string said;
  for (const std::string line : {"ROMEO:", "First line\\\nJULIET:", "Nurse:"}) {
    if (!said.empty() && said.back() != '\n') said += '\n';
    std::string whole = line;
    if (const auto at = whole.find('\\'); at != std::string::npos) whole.erase(at, 1);
    said += whole;
    std::string answer = goes_on(said, 12);
    said += answer;
    if (answer.back() != '\n') answer += '\n';
    if (const auto at = line.find('\n'); at == std::string::npos) {
      say(terminal, line);
    } else {
      say(terminal, line.substr(0, at));
      terminal.until(". ");
      say(terminal, line.substr(at + 1));
    }
    EXPECT_EQ(terminal.until("> "), answer + "> ");
  }
  // An empty line: no line end is read, the answer goes on.
  terminal.type("\n");
  terminal.until("\n");
  const std::string more = goes_on(said, 12);
  EXPECT_EQ(terminal.until("> "), more + (more.back() == '\n' ? "> " : "\n> "));

  say(terminal, "/reset");
  terminal.until("> ");
  say(terminal, "ROMEO:");
  EXPECT_EQ(terminal.until("> ").substr(0, 12), goes_on("ROMEO:", 12));
  terminal.type("\x04");
  EXPECT_EQ(terminal.end(), 0);
}

TEST_P(Talk, ControlCEndsAnAnswerOrALineAndControlDTheProgram) {
  Terminal terminal = start({"-n", "100000000"});
  terminal.until("> ");
  terminal.type("Once\n");
  terminal.until("Once\n");
  terminal.until(" ");  // of the answer
  terminal.type("\x03");
  terminal.until("> ");  // Ctrl-C makes the terminal drop what it has not shown, a line end perhaps
  terminal.type("half a line");
  terminal.until("half a line");
  terminal.type("\x03");
  terminal.until("\n> ");
  terminal.type("/stats\n");
  EXPECT_NE(terminal.until("on cpu (").find(" tokens, "), std::string::npos);
  terminal.until("> ");  // Ctrl-D is a key of the editor's, and nothing before that reads
  terminal.type("\x04");
  EXPECT_EQ(terminal.end(), 0);
}

TEST_P(Talk, ControlZSuspendsAndItGoesOnWhereItWas) {
#ifdef STERNA_HAS_LIBEDIT
  const bool edited = GetParam() == std::string_view(STERNA_COMMAND);
#else
  const bool edited = false;
#endif
  ShellTerminal terminal(fmt::format("XDG_STATE_HOME={} {} run {} -n 100000000",
                                     (folder_ / "state").string(), GetParam(),
                                     STERNA_SHIPPED_MODEL));
  terminal.until("ends it all.\n> ");
  for (int i = 0; i < 2; ++i) {
    if (edited && i == 0) terminal.type("half a ");
    if (edited) terminal.until("half a ");
    terminal.suspend_and_go_on();
    terminal.until("> ");  // a terminal without an editor gives up the line
  }
  terminal.type(edited ? "line\n" : "half a line\n");
  terminal.until("line\n");
  terminal.until(" ");  // of the answer
  terminal.suspend_and_go_on();
  terminal.until(" ");
  terminal.type("\x03");
  terminal.until("> ");
  terminal.type("\x04");
  EXPECT_EQ(terminal.leave(), 0);
  EXPECT_EQ(text("state/sterna/history"), "half a line\n");
}

TEST_P(Talk, CommandsSetWhatTheySayOrTellWhyNot) {
  Terminal terminal = start({"-n", "8", "--seed", "3"});
  terminal.until("> ");
  const std::pair<const char*, const char*> cases[] = {
      {"/temp nan", "/temp: 'nan' is not a number\n"},
      {"/temp -1", "/temp: -1 is outside 0..1000000\n"},
      {"/temp", "/temp: '' is not a number\n"},
      {"/count 0", "/count: 0 is not in 1.."},
      {"/top-p 0", "top-p 0 is not above 0"},
      {"/tmp 1", "no command '/tmp': /help lists them\n"},
      {"/stats", "nothing was read yet\n"},
      {"/stats now", "no command '/stats'"},
  };
  for (const auto& [line, answer] : cases) {
    terminal.type(std::string(line) + "\n");
    terminal.until(answer);
    terminal.until("> ");
  }
  terminal.type("/temp 0.5\n/top-k 7\n/count 9\n/help\n");
  const std::string help = terminal.until("goes on in the next one.\n");
  for (const char* part : {"at most (9)", "token (0.5)", "for all (7)", "sampling (3)"}) {
    EXPECT_NE(help.find(part), std::string::npos) << part << " in " << help;
  }
  ASSERT_EQ(run(fmt::format("run {} -p X -n 9 --temperature 0.5 --top-k 7 --seed 3 --json",
                            STERNA_SHIPPED_MODEL)),
            0);
  const std::string answer = last_line()["text"];
  terminal.until("> ");
  say(terminal, "X");
  EXPECT_EQ(terminal.until("> ").substr(0, answer.size()), answer);
  terminal.type("\x04");
  EXPECT_EQ(terminal.end(), 0);
}

TEST_P(Talk, LinesAreKeptForTheNextTime) {
  {
    Terminal terminal = start({"-n", "1"});
    terminal.until("> ");
    terminal.type("To be\n");
    terminal.until("To be\n");
    terminal.until("> ");
    terminal.type("\x04");
    EXPECT_EQ(terminal.end(), 0);
  }
  EXPECT_EQ(text("state/sterna/history"), "To be\n");
  struct stat info {};
  ASSERT_EQ(::stat((folder_ / "state/sterna").c_str(), &info), 0);
  EXPECT_EQ(info.st_mode & 0777, 0700u) << "for the user's eyes only";
#ifdef STERNA_HAS_LIBEDIT
  if (GetParam() != std::string_view(STERNA_COMMAND)) return;
  Terminal terminal = start({"-n", "1"});
  terminal.until("> ");
  terminal.type("\x10\x01Not \n");  // the line before this one, its begin, an insertion
  terminal.until("\n");
  terminal.until("> ");
  terminal.type("\x04");
  EXPECT_EQ(terminal.end(), 0);
  EXPECT_EQ(text("state/sterna/history"), "To be\nNot To be\n");
#endif
}

// Each is answered as the same text from a file is.
TEST_P(Talk, LinesMayBeLongAndInAnyScriptAndTheWindowMayChange) {
  std::string length;
  for (int i = 0; i < 150; ++i) length += fmt::format("word{} ", i);
  for (const std::string& line :
       {std::string("Zo\xC3\xAB: \xE2\x82\xAC 5, \xE6\xB5\xB7"), length}) {
    Terminal terminal = start({"-n", "6"});
    terminal.until("> ");
    terminal.resize(20, 33);
    terminal.type(line.substr(0, 4));
    terminal.until(line.substr(0, 4));
    terminal.resize(50, 200);
    terminal.type(line.substr(4) + "\n");
    const std::string answer = goes_on(line, 6);
    const std::string shown = terminal.until(answer + (answer.back() == '\n' ? "> " : "\n> "));
    terminal.type("\x04");
    EXPECT_EQ(terminal.end(), 0);
    EXPECT_EQ(text("state/sterna/history"), line + "\n");
    write_file_atomically(folder_ / "state/sterna/history", std::string_view());
  }
}

TEST_P(Talk, SaysOnceThatNumbersLeftTheRange) {
  make("large", 256, 2, 10);
  Terminal terminal({GetParam(), "run", (folder_ / "large.sterna").string(), "-n", "2"},
                    {"TERM=dumb", "XDG_STATE_HOME=" + (folder_ / "state").string()});
  terminal.until("> ");
  say(terminal, "Hello");
  terminal.until("\nwarning: ");
  terminal.until(" instructions saturated, ");
  say(terminal, "Hello");
  terminal.type("/stats\n");
  const std::string second = terminal.until("on cpu (");
  EXPECT_EQ(second.find("warning"), std::string::npos) << second;
  terminal.until("> ");
  terminal.type("\x04");
  EXPECT_EQ(terminal.end(), 0);
}

TEST_P(Talk, RefusesWhatIsForPromptsThatAreGiven) {
  for (const char* option : {"--json", "--logits=l.bin"}) {
    Terminal terminal = start({option});
    terminal.until("is for prompts that are given, not for talking\n");
    EXPECT_EQ(terminal.end(), 1);
  }
  Terminal terminal({GetParam(), "run", (folder_ / "ids.sterna").string()}, {});
  terminal.until("no tokenizer");
  EXPECT_EQ(terminal.end(), 1);
}

#ifdef STERNA_HAS_LIBEDIT
const auto kCommands = testing::Values(STERNA_COMMAND, STERNA_PLAIN_COMMAND);
#else
const auto kCommands = testing::Values(STERNA_COMMAND);
#endif
INSTANTIATE_TEST_SUITE_P(, Talk, kCommands,
                         [](const auto& which) { return which.index == 0 ? "Edited" : "Plain"; });

}  // namespace
}  // namespace sterna
