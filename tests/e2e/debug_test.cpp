// SPDX-License-Identifier: Apache-2.0
// sterna debug on a terminal: keys that a pipe has not.
#include <fmt/format.h>

#include <string>

#include "support/files.h"
#include "tests/e2e/terminal.h"
#include "tests/host/test_folder.h"

namespace sterna {
namespace {

constexpr unsigned kInstructions = 2000;  // more than a terminal holds of what step shows of them

class DebugTerminal : public testing::Test {
 protected:
  DebugTerminal() {
    std::string program;
    for (unsigned i = 0; i < kInstructions; ++i) program += "SET v0, fix(1), 16\n";
    write_file_atomically(folder_ / "long.s", program + "HALT\n");
  }
  Terminal start() {
    return Terminal({STERNA_COMMAND, "debug", (folder_ / "long.s").string()}, {"TERM=dumb"});
  }

  model::TestFolder folder_;
};

TEST_F(DebugTerminal, ControlCStopsBetweenTwoInstructionsAndControlDEnds) {
  Terminal terminal = start();
  terminal.until("(sterna) ");
  terminal.type("step 2000\n");
  terminal.until("pc   10 ");
  terminal.type("\x03");
  terminal.until("interrupted\nnext  pc ");
  terminal.until("(sterna) ");
  terminal.type("half a line\x03");
  terminal.until("half a line\n(sterna) ");
  terminal.type("continue\n");
  terminal.until("\nended: OK at pc 2000\n(sterna) ");
  terminal.type("\x04");
  EXPECT_EQ(terminal.end(), 0);
}

TEST_F(DebugTerminal, ControlZSuspendsAndItGoesOnWhereItWas) {
  ShellTerminal terminal(fmt::format("{} debug {}", STERNA_COMMAND, (folder_ / "long.s").string()));
  terminal.until("(sterna) ");
  terminal.suspend_and_go_on();
  terminal.until("(sterna) ");
  terminal.type("step 2000\n");
  terminal.until("pc   10 ");
  terminal.suspend_and_go_on();
  terminal.until("\nnext  pc 2000 ");
  terminal.until("\n(sterna) ");
  terminal.type("quit\n");
  EXPECT_EQ(terminal.leave(), 0);
}

TEST_F(DebugTerminal, MistakesAreToldAndItGoesOn) {
  Terminal terminal = start();
  terminal.until("(sterna) ");
  const std::pair<const char*, const char*> cases[] = {
      {"frobnicate", "there is no command 'frobnicate': see help\n"},
      {"step 0", "step: 0 is not in 1.."},
      {"until nowhere", "'nowhere' is no label, line or *ADDRESS\n"},
      {"print v99", "register: 99 is not in 0..15\n"},
      {"", "register: 99 is not in 0..15\n"},  // the last one again
  };
  for (const auto& [line, answer] : cases) {
    terminal.type(std::string(line) + "\n");
    terminal.until(answer);
    terminal.until("(sterna) ");
  }
  terminal.type("quit\n");
  EXPECT_EQ(terminal.end(), 0);
}

}  // namespace
}  // namespace sterna
