// SPDX-License-Identifier: Apache-2.0
#include "host/xrt/private_folder.h"

#include <gtest/gtest.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <chrono>
#include <fstream>
#include <string>

#include "tests/host/test_folder.h"

namespace sterna::card {
namespace {

namespace fs = std::filesystem;

mode_t mode_of(const fs::path& path) {
  struct stat info {};
  EXPECT_EQ(::stat(path.c_str(), &info), 0);
  return info.st_mode & 07777;
}

TEST(PrivateFolder, IsNewAndOursAlone) {
  const fs::path first = make_private_folder();
  const fs::path second = make_private_folder();
  EXPECT_NE(first, second);
  EXPECT_EQ(mode_of(first), 0700u);
  EXPECT_EQ(first.parent_path(), "/tmp");
  EXPECT_EQ(first.filename().string().find_first_not_of(
                "-0123456789abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ"),
            std::string::npos);
  fs::remove(first);
  fs::remove(second);
}

TEST(PrivateFolder, TheKeptOneIsFoundAgain) {
  const model::TestFolder base;
  const fs::path folder = kept_private_folder(base / "");
  EXPECT_EQ(mode_of(folder), 0700u);
  EXPECT_EQ(kept_private_folder(base / ""), folder);
}

TEST(PrivateFolder, TheKeptOneIsNoStrangers) {
  const model::TestFolder base;
  const fs::path name = base / fmt::format("sterna-{}", ::getuid());
  const auto refused = [&] {
    model::expect_error(model::error_of([&] { kept_private_folder(base / ""); }),
                        "not a folder of this user's alone");
  };
  fs::create_directory(base / "elsewhere");
  fs::permissions(base / "elsewhere", fs::perms::owner_all);
  fs::create_directory_symlink(base / "elsewhere", name);
  refused();
  fs::remove(name);
  std::ofstream(name) << "a file";
  refused();
  fs::remove(name);
  fs::create_directory(name);
  fs::permissions(name, fs::perms::all);
  refused();
}

// Whether the folder of a process that lives on, or has ended, is there.
TEST(PrivateFolder, GoesWithTheLastProcessThatHoldsIt) {
  const model::TestFolder base;
  const fs::path folder = base / "run";
  fs::create_directories(folder / "below");
  std::ofstream(base / "old.log") << "before";
  fs::last_write_time(base / "old.log", fs::file_time_type::clock::now() - std::chrono::hours(1));
  // Processes without a parent become this test's, which can then wait for their end.
  ASSERT_EQ(::prctl(PR_SET_CHILD_SUBREAPER, 1), 0);
  int go[2];
  ASSERT_EQ(::pipe(go), 0);
  const pid_t host = ::fork();
  if (host == 0) {
    ::close(go[1]);
    remove_after_us(folder, base / "old.log");
    char byte = 0;
    // A child that outlives its parent holds the folder, too.
    if (::fork() == 0) [[maybe_unused]]
      const auto n = ::read(go[0], &byte, 1);
    ::_exit(0);
  }
  ::close(go[0]);
  ASSERT_EQ(::waitpid(host, nullptr, 0), host);
  EXPECT_TRUE(fs::exists(folder));
  ::close(go[1]);
  while (::wait(nullptr) > 0) {  // for all of them
  }
  EXPECT_FALSE(fs::exists(folder));
  EXPECT_TRUE(fs::exists(base / "old.log"));
}

}  // namespace
}  // namespace sterna::card
