// SPDX-License-Identifier: Apache-2.0
// Outputs: what stands under a name before, while and after it is written.
#include "support/atomic_file.h"

#include <fcntl.h>
#include <gtest/gtest.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <csignal>
#include <filesystem>
#include <string>

#include "support/files.h"
#include "support/watched_files.h"
#include "tests/host/test_folder.h"

namespace sterna {
namespace {

namespace fs = std::filesystem;

class AtomicFileTest : public testing::Test {
 protected:
  void SetUp() override { fs::create_directories(folder_ / ""); }

  fs::path file(const std::string& name, std::string_view contents) {
    write_file_atomically(folder_ / name, contents);
    return folder_ / name;
  }
  std::size_t entries() const {
    const fs::directory_iterator begin(folder_ / "");
    return static_cast<std::size_t>(std::distance(begin, fs::directory_iterator()));
  }

  model::TestFolder folder_;
};

struct stat info_of(const fs::path& path) {
  struct stat info {};
  EXPECT_EQ(::lstat(path.c_str(), &info), 0) << path;
  return info;
}

// Reads a pipe until all who write to it have closed it.
std::string read_all(int pipe) {
  std::string text;
  char buffer[256];
  for (ssize_t n = 0; (n = ::read(pipe, buffer, sizeof buffer)) > 0;) {
    text.append(buffer, static_cast<std::size_t>(n));
  }
  ::close(pipe);
  return text;
}

TEST_F(AtomicFileTest, TheOldContentsStayUntilCommit) {
  const fs::path path = file("f", "old");
  {
    AtomicFile output(path);
    output.write(std::string_view("new"));
    EXPECT_EQ(read_text_file(path), "old");
    EXPECT_EQ(entries(), 2u) << "the temporary lies beside it";
  }
  EXPECT_EQ(read_text_file(path), "old");
  EXPECT_EQ(entries(), 1u);
  AtomicFile output(path);
  output.write(std::string_view("new"));
  output.commit();
  EXPECT_EQ(read_text_file(path), "new");
  EXPECT_EQ(entries(), 1u);
}

TEST_F(AtomicFileTest, ANewFileHasTheModeThatTheMaskLeaves) {
  const mode_t mask = ::umask(027);
  file("f", "x");
  ::umask(mask);
  EXPECT_EQ(info_of(folder_ / "f").st_mode & 07777, 0640u);
}

TEST_F(AtomicFileTest, ModeAndOwnerAreKept) {
  const fs::path path = file("f", "old");
  ASSERT_EQ(::chmod(path.c_str(), 0604), 0);
  const bool gives_away = ::chown(path.c_str(), 1234, 4321) == 0;  // root may
  file("f", "new");
  EXPECT_EQ(info_of(path).st_mode & 07777, 0604u);
  EXPECT_EQ(read_text_file(path), "new");
  EXPECT_EQ(info_of(path).st_uid, gives_away ? 1234u : ::getuid());
  EXPECT_EQ(info_of(path).st_gid, gives_away ? 4321u : ::getgid());
}

TEST_F(AtomicFileTest, LinksAreFollowed) {
  const fs::path target = file("target", "old");
  fs::create_symlink("target", folder_ / "second");
  fs::create_symlink(folder_ / "second", folder_ / "first");
  file("first", "new");
  EXPECT_TRUE(fs::is_symlink(folder_ / "first"));
  EXPECT_TRUE(fs::is_symlink(folder_ / "second"));
  EXPECT_FALSE(fs::is_symlink(target));
  EXPECT_EQ(read_text_file(target), "new");

  fs::create_directory(folder_ / "inside");
  fs::create_symlink("../beside", folder_ / "inside" / "to_nothing");
  write_file_atomically(folder_ / "inside" / "to_nothing", std::string_view("made"));
  EXPECT_EQ(read_text_file(folder_ / "beside"), "made");

  fs::create_symlink("circle", folder_ / "circle");
  model::expect_error(model::error_of([&] { file("circle", "x"); }), "symbolic links");
}

TEST_F(AtomicFileTest, OtherNamesOfAFileSeeTheNewContents) {
  const fs::path path = file("f", "the old contents");
  fs::create_hard_link(path, folder_ / "other");
  file("f", "new");
  EXPECT_EQ(read_text_file(folder_ / "other"), "new");
  EXPECT_EQ(info_of(path).st_ino, info_of(folder_ / "other").st_ino);
  {
    AtomicFile output(path);
    output.write(std::string_view("half"));
  }
  EXPECT_EQ(read_text_file(path), "new") << "nothing was committed";
}

TEST_F(AtomicFileTest, DevicesAndPipesAreWrittenInPlace) {
  write_file_atomically("/dev/null", std::string_view("gone"));
  EXPECT_TRUE(fs::is_character_file("/dev/null"));
  model::expect_error(
      model::error_of([] { write_file_atomically("/dev/full", std::string_view("x")); }),
      "/dev/full: cannot write: No space left on device");

  const fs::path fifo = folder_ / "fifo";
  ASSERT_EQ(::mkfifo(fifo.c_str(), 0600), 0);
  const int reader = ::open(fifo.c_str(), O_RDONLY | O_NONBLOCK);
  write_file_atomically(fifo, std::string_view("through"));
  EXPECT_EQ(read_all(reader), "through");
  EXPECT_TRUE(fs::is_fifo(fifo));
  EXPECT_EQ(entries(), 1u);
}

TEST_F(AtomicFileTest, APipeGetsRandomAccessAtCommit) {
  int ends[2];
  ASSERT_EQ(::pipe(ends), 0);
  AtomicFile output(fmt::format("/dev/fd/{}", ends[1]), AtomicFile::Access::kRandom);
  ::close(ends[1]);
  output.write(std::string_view("?ello"));
  output.overwrite(0, std::as_bytes(std::span("h", 1)));
  EXPECT_EQ(output.position(), 5u);
  output.commit();
  EXPECT_EQ(read_all(ends[0]), "hello");
}

// As `-o /dev/stdout >> file` has it.
TEST_F(AtomicFileTest, AnOpenFileIsWrittenWhereItStands) {
  const fs::path path = file("f", "before ");
  for (const auto access : {AtomicFile::Access::kSequential, AtomicFile::Access::kRandom}) {
    const int open = ::open(path.c_str(), O_WRONLY | O_APPEND);
    AtomicFile output(fmt::format("/proc/self/fd/{}", open), access);
    output.write(std::string_view("after "));
    output.commit();
    ::close(open);
  }
  EXPECT_EQ(read_text_file(path), "before after after ");
  EXPECT_EQ(entries(), 1u);
}

TEST_F(AtomicFileTest, LongNamesHaveATemporaryToo) {
  const std::string name(255, 'n');
  file(name, "x");
  EXPECT_EQ(read_text_file(folder_ / name), "x");
}

TEST_F(AtomicFileTest, RefusesWhatCannotBeWritten) {
  fs::create_directory(folder_ / "sub");
  model::expect_error(model::error_of([&] { file("sub", "x"); }), "is a directory");
  model::expect_error(model::error_of([&] { file("no/f", "x"); }),
                      "cannot write: No such file or directory");
  model::expect_error(model::error_of([] { AtomicFile output(""); }),
                      "cannot write: No such file or directory");
  model::expect_error(model::error_of([] { AtomicFile output("/dev/fd/9999"); }),
                      "/dev/fd/9999: cannot write");
}

// The parent's view of a child that does something and dies of it.
template <typename Action>
int status_of_child(Action&& action) {
  const pid_t child = ::fork();
  if (child == 0) {
    action();
    ::_exit(0);
  }
  int status = 0;
  ::waitpid(child, &status, 0);
  return status;
}

TEST_F(AtomicFileTest, AFullDiskIsAnError) {
  const fs::path path = folder_ / "f";
  const int status = status_of_child([&] {
    std::signal(SIGXFSZ, SIG_IGN);
    const rlimit limit{4096, 4096};
    ::setrlimit(RLIMIT_FSIZE, &limit);
    const std::string message = model::error_of([&] { file("f", std::string(10000, 'x')); });
    ::_exit(message.ends_with("cannot write: File too large") ? 42 : 1);
  });
  EXPECT_EQ(WEXITSTATUS(status), 42);
  EXPECT_EQ(entries(), 0u);
}

TEST_F(AtomicFileTest, SignalsLeaveNothingBehind) {
  for (const int signal : {SIGINT, SIGTERM, SIGHUP, SIGPIPE, SIGSEGV}) {
    const int status = status_of_child([&] {
      const rlimit no_core{0, 0};
      ::setrlimit(RLIMIT_CORE, &no_core);
      std::signal(signal, SIG_DFL);
      remove_temporaries_on_signals();
      AtomicFile first(folder_ / "first"), second(folder_ / "second");
      file("committed", "x");
      ::raise(signal);
    });
    EXPECT_TRUE(WIFSIGNALED(status) && WTERMSIG(status) == signal) << signal;
    EXPECT_EQ(entries(), 1u) << "only what was committed; signal " << signal;
  }
}

TEST_F(AtomicFileTest, AnIgnoredSignalStaysIgnored) {
  const int status = status_of_child([] {
    std::signal(SIGHUP, SIG_IGN);
    remove_temporaries_on_signals();
    ::raise(SIGHUP);
    ::_exit(42);
  });
  EXPECT_EQ(WEXITSTATUS(status), 42);
}

// In a child, for the watch has no end.
TEST_F(AtomicFileTest, WatchedFilesHaveOneUse) {
  file("input", "in");
  file("output", "old");
  fs::create_symlink("input", folder_ / "link");
  fs::create_symlink("new", folder_ / "to_new");
  const auto refused = [](const std::string& part, const auto& action) {
    if (model::error_of(action).find(part) == std::string::npos) {
      ADD_FAILURE() << "not refused: " << part << ": " << model::error_of(action);
      ::_exit(1);
    }
  };
  const int status = status_of_child([&] {
    watch_files();
    read_text_file(folder_ / "input");
    refused("input and output are the same file", [&] { file("input", "x"); });
    refused("link: input and output are the same file", [&] { file("link", "x"); });
    file("output", "new");
    refused("two outputs are the same file", [&] { file("output", "x"); });
    file("new", "x");
    refused("two outputs are the same file", [&] { AtomicFile output(folder_ / "to_new"); });
    AtomicFile open(folder_ / "link2");
    refused("two outputs", [&] { AtomicFile again(folder_ / "link2"); });
    file("/dev/null", "x");
    file("/dev/null", "x");
  });
  EXPECT_EQ(status, 0);
  EXPECT_EQ(read_text_file(folder_ / "input"), "in");
  EXPECT_EQ(read_text_file(folder_ / "output"), "new");
}

TEST_F(AtomicFileTest, AnOutputIsNotRead) {
  file("f", "old");
  const int status = status_of_child([&] {
    watch_files();
    const AtomicFile output(folder_ / "f");
    ::_exit(model::error_of([&] { read_text_file(folder_ / "f"); }).ends_with("are the same file")
                ? 42
                : 1);
  });
  EXPECT_EQ(WEXITSTATUS(status), 42);
}

}  // namespace
}  // namespace sterna
