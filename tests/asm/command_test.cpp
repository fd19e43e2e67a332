// SPDX-License-Identifier: Apache-2.0
// The verbs asm and disasm as a person runs them: files, exit codes, nothing half-written.
#include <gtest/gtest.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cstdlib>
#include <filesystem>
#include <string>

#include "support/error.h"
#include "support/files.h"

namespace sterna::assembly {
namespace {

namespace fs = std::filesystem;

class Command : public testing::Test {
 protected:
  void SetUp() override {
    folder_ = fs::temp_directory_path() / fmt::format("sterna_command_{}", ::getpid());
    fs::create_directories(folder_);
  }
  void TearDown() override { fs::remove_all(folder_); }

  // Runs `sterna ARGUMENTS` in the test's folder; standard output and error go to out and err
  // there.
  int run(const std::string& arguments) const {
    const std::string command = fmt::format("cd '{}' && exec > out 2> err && '{}' {}",
                                            folder_.string(), STERNA_COMMAND, arguments);
    const int status = std::system(command.c_str());
    return WIFEXITED(status) ? WEXITSTATUS(status) : -1;
  }
  std::string text(const char* name) const { return read_text_file(folder_ / name); }
  void write(const char* name, std::string_view contents) const {
    write_file_atomically(folder_ / name, contents);
  }
  bool exists(const char* name) const { return fs::exists(folder_ / name); }

  fs::path folder_;
};

TEST_F(Command, AssemblesAndDisassembles) {
  write("prog.s", "HALT\n");
  ASSERT_EQ(run("asm prog.s -o prog.bin --mem prog.mem --list"), 0) << text("err");
  EXPECT_EQ(text("out"), "0000  00000000000000000000000000000001  prog.s:1: HALT\n");
  EXPECT_EQ(text("prog.mem"), "00000000000000000000000000000001\n");
  ASSERT_EQ(run("disasm prog.bin"), 0) << text("err");
  EXPECT_EQ(text("out").substr(0, 5), "HALT ");
}

// All outputs, and what is printed is one of them, or none.
TEST_F(Command, WritesAllOutputsOrNone) {
  write("prog.s", "HALT\n");
  write("old.bin", "old");
  write("kept", "old");
  fs::create_hard_link(folder_ / "old.bin", folder_ / "hard");
  fs::create_symlink("old.bin", folder_ / "soft");
  fs::create_symlink("new.bin", folder_ / "dangling");
  const std::string two = ": two outputs are the same file\n";
  const std::pair<const char*, std::string> cases[] = {
      {"-o old.bin --mem ./old.bin", "sterna: ./old.bin" + two},
      {"-o old.bin --mem hard", "sterna: hard" + two},
      {"-o soft --mem old.bin", "sterna: old.bin" + two},
      {"-o new.bin --mem new.bin", "sterna: new.bin" + two},
      {"-o dangling --mem new.bin", "sterna: new.bin" + two},
      {"-o /dev/stdout --mem /dev/fd/1", "sterna: /dev/fd/1" + two},
      {"-o kept --mem no/where", "sterna: no/where: cannot write: No such file or directory\n"},
      {"-o kept --mem prog.s", "sterna: prog.s: input and output are the same file\n"},
      {"-o kept --mem prog.s < prog.s", "sterna: prog.s: input and output are the same file\n"},
      {"-o kept --mem new.bin --list > /dev/full",
       "sterna: cannot write the output: No space left on device\n"},
  };
  for (const auto& [arguments, message] : cases) {
    EXPECT_EQ(run(fmt::format("asm prog.s {}", arguments)), 1) << arguments;
    EXPECT_EQ(text("err"), message) << arguments;
    EXPECT_EQ(text("old.bin"), "old") << arguments;
    EXPECT_EQ(text("kept"), "old") << arguments;
    EXPECT_FALSE(exists("new.bin")) << arguments;
    EXPECT_EQ(text("prog.s"), "HALT\n") << arguments;
  }
  EXPECT_EQ(run("asm prog.s -o /dev/null --mem /dev/null"), 0) << text("err");
}

TEST_F(Command, LeavesNoOutputBehindAnError) {
  write("prog.s", "HALTS\n");
  write("prog.bin", "old");
  EXPECT_EQ(run("asm prog.s -o prog.bin --mem prog.mem --list"), 1);
  EXPECT_EQ(text("err"), "prog.s:1:1: error: unknown instruction 'HALTS'\n  HALTS\n  ^~~~~\n");
  EXPECT_EQ(text("out"), "");
  EXPECT_EQ(text("prog.bin"), "old");
  EXPECT_FALSE(exists("prog.mem"));
}

TEST_F(Command, RefusesInOneLine) {
  write("prog.s", "HALT\n");
  write("not.bin", "HALT\n");
  write("empty.s", "# nothing\n");
  write("page.s", "\n<!DOCTYPE html>\n");
  write("binary.s", std::string_view("\x89STERNA\0\n", 9));
  const std::pair<const char*, const char*> cases[] = {
      {"asm nowhere.s --list", "sterna: nowhere.s: cannot open: No such file or directory\n"},
      {"asm prog.s -o no/where.bin",
       "sterna: no/where.bin: cannot write: No such file or directory\n"},
      {"asm prog.s -o /dev/full", "sterna: /dev/full: cannot write: No space left on device\n"},
      {"asm prog.s", "sterna: asm: nothing to write: give -o, --mem or --list\n"},
      {"disasm not.bin",
       "sterna: not.bin: not an assembled Sterna program: text that begins with 'HALT'\n"},
      {"asm empty.s -o no.bin", "sterna: empty.s: no instruction in it\n"},
      {"sim empty.s", "sterna: empty.s: no instruction in it\n"},
      {"debug empty.s", "sterna: empty.s: no instruction in it\n"},
      {"asm page.s -o no.bin", "sterna: page.s: not assembly source: an HTML or XML page\n"},
      {"sim page.s", "sterna: page.s: not assembly source: an HTML or XML page\n"},
      {"sim binary.s", "sterna: binary.s: not assembly source: binary data\n"},
      {"disasm .", "sterna: .: not a regular file\n"},
      {"asm", "sterna: source is required (sterna --help tells more)\n"},
      {"frob asm", "sterna: 'frob' is no command (sterna --help tells more)\n"},
      {"data frob", "sterna: 'frob' is no command (sterna --help tells more)\n"},
      {"--frob", "sterna: '--frob' is no option, and no command (sterna --help tells more)\n"},
      {"asm prog.s --list --one b --two=2",
       "sterna: not expected: --one b --two=2 (sterna --help tells more)\n"},
  };
  for (const auto& [arguments, message] : cases) {
    EXPECT_EQ(run(arguments), 1) << arguments;
    EXPECT_EQ(text("err"), message);
  }
  const std::string full = fmt::format("cd '{}' && '{}' asm prog.s --list > /dev/full 2> err",
                                       folder_.string(), STERNA_COMMAND);
  EXPECT_NE(std::system(full.c_str()), 0);
  EXPECT_EQ(text("err"), "sterna: cannot write the output: No space left on device\n");
}

TEST_F(Command, TellsItsVersion) {
  ASSERT_EQ(run("--version"), 0);
  EXPECT_EQ(text("out").substr(0, 7), "sterna ");
}

}  // namespace
}  // namespace sterna::assembly
