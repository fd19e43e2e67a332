// SPDX-License-Identifier: Apache-2.0
// A program on a terminal of its own, and somebody who types there.
#pragma once

#include <gtest/gtest.h>
#include <poll.h>
#include <pty.h>
#include <sys/ioctl.h>
#include <sys/wait.h>
#include <termios.h>
#include <unistd.h>

#include <string>
#include <string_view>
#include <vector>

namespace sterna {

class Terminal {
 public:
  // `environment`: NAME=VALUE, beside what the test has.
  Terminal(const std::vector<std::string>& command, const std::vector<std::string>& environment) {
    process_ = ::forkpty(&terminal_, nullptr, nullptr, nullptr);
    if (process_ != 0) return;
    for (const std::string& variable : environment) ::putenv(::strdup(variable.c_str()));
    std::vector<char*> arguments;
    for (const std::string& word : command) arguments.push_back(::strdup(word.c_str()));
    arguments.push_back(nullptr);
    ::execv(arguments[0], arguments.data());
    ::_exit(127);
  }
  ~Terminal() {
    if (process_ > 0) {
      ::kill(process_, SIGKILL);
      ::waitpid(process_, nullptr, 0);
    }
    ::close(terminal_);
  }
  Terminal(const Terminal&) = delete;
  Terminal& operator=(const Terminal&) = delete;

  void type(std::string_view keys) {
    ASSERT_EQ(::write(terminal_, keys.data(), keys.size()), static_cast<ssize_t>(keys.size()));
  }

  void resize(unsigned short rows, unsigned short columns) {
    const winsize size{rows, columns, 0, 0};
    ASSERT_EQ(::ioctl(terminal_, TIOCSWINSZ, &size), 0);
  }

  // Whether keys arrive line by line, are shown, and Ctrl-C and Ctrl-Z are signals: as a shell has
  // it.
  bool is_as_a_shell_has_it() const {
    termios modes{};
    EXPECT_EQ(::tcgetattr(terminal_, &modes), 0);
    constexpr tcflag_t kAll = ICANON | ECHO | ISIG;
    return (modes.c_lflag & kAll) == kAll;
  }

  // What is shown from the last call's end to the end of `words`, without carriage returns; all
  // that is shown, and a failure, when they never come.
  std::string until(std::string_view words) {
    for (;;) {
      if (const std::size_t at = shown_.find(words); at != std::string::npos) {
        const std::string text = shown_.substr(0, at + words.size());
        shown_.erase(0, text.size());
        return text;
      }
      if (!read()) break;
    }
    ADD_FAILURE() << "no '" << words << "' in: " << shown_;
    return shown_;
  }

  // The program's exit code, when it has ended by itself; what it still showed is dropped.
  int end() {
    while (read()) {
    }
    int status = 0;
    ::waitpid(process_, &status, 0);
    process_ = -1;
    return WIFEXITED(status) ? WEXITSTATUS(status) : -1;
  }

 private:
  static constexpr int kTimeout = 60'000;  // ms; only a program that hangs gets there

  bool read() {
    pollfd ready{terminal_, POLLIN, 0};
    if (::poll(&ready, 1, kTimeout) <= 0) return false;
    char bytes[4096];
    const ssize_t count = ::read(terminal_, bytes, sizeof(bytes));
    if (count <= 0) return false;  // EIO: the program has gone
    for (const char c : std::string_view(bytes, static_cast<std::size_t>(count))) {
      if (c != '\r') shown_ += c;
    }
    return true;
  }

  pid_t process_ = -1;
  int terminal_ = -1;
  std::string shown_;
};

// A shell that runs the command line, with job control, and leaves the terminal's modes as commands
// leave them.
class ShellTerminal : public Terminal {
 public:
  explicit ShellTerminal(const std::string& command)
      : Terminal({"/bin/sh", "-i"}, {"TERM=dumb", "PS1=shell> ", "ENV="}) {
    until("shell> ");
    type(command + "\n");
  }

  // Ctrl-Z, a command of the shell's, and back to what had the terminal.
  void suspend_and_go_on() {
    type("\x1A");
    until("Stopped");
    until("shell> ");
    EXPECT_TRUE(is_as_a_shell_has_it());
    type("echo $((40 + 2))\n");
    until("\n42\nshell> ");
    type("fg\n");
    until("fg\n");  // as it is typed,
    until("\n");    // and the command line, as the shell says it
  }

  // When the command has ended: the exit code of the shell.
  int leave() {
    until("shell> ");
    EXPECT_TRUE(is_as_a_shell_has_it());
    type("exit\n");
    return end();
  }
};

}  // namespace sterna
