// SPDX-License-Identifier: Apache-2.0
// Inputs: what is no file, what stands in the place of one, and lines as any editor leaves them.
#include "support/files.h"

#include <gtest/gtest.h>
#include <sys/stat.h>
#include <unistd.h>

#include <iterator>
#include <string>
#include <utility>
#include <vector>

#include "support/disguise.h"
#include "support/json.h"
#include "support/lines.h"
#include "support/mapped_inputs.h"
#include "tests/host/test_folder.h"

namespace sterna {
namespace {

namespace fs = std::filesystem;

constexpr std::string_view kPointer =
    "version https://git-lfs.github.com/spec/v1\n"
    "oid sha256:4d7a214614ab2935c943f9e0ff69d22eadbb8f32b1258daaa5e2ca24d17e2393\nsize 12345\n";

class FilesTest : public testing::Test {
 protected:
  fs::path file(const std::string& name, std::string_view contents) {
    write_file_atomically(folder_ / name, contents);
    return folder_ / name;
  }
  model::TestFolder folder_;
};

TEST_F(FilesTest, RefusesWhatIsNoFileWithoutWaiting) {
  ASSERT_EQ(::mkfifo((folder_ / "fifo").c_str(), 0600), 0);
  fs::create_directory(folder_ / "sub");
  for (const fs::path& path : {folder_ / "fifo", folder_ / "sub", fs::path("/dev/zero")}) {
    model::expect_error(model::error_of([&] { MappedFile file(path); }),
                        path.string() + ": not a regular file");
  }
  model::expect_error(model::error_of([&] { MappedFile file(folder_ / "none"); }),
                      "none: cannot open: No such file");
  fs::create_symlink("nowhere", folder_ / "dangling");
  model::expect_error(model::error_of([&] { MappedFile file(folder_ / "dangling"); }),
                      "dangling: cannot open, a link to nowhere: No such file");
}

TEST_F(FilesTest, OnlyWhatHasNoNameIsAbsent) {
  fs::create_symlink("nowhere", folder_ / "dangling");
  file("f", "");
  EXPECT_TRUE(is_present(folder_ / "dangling"));
  EXPECT_TRUE(is_present(folder_ / "f"));
  EXPECT_FALSE(is_present(folder_ / "none"));
  EXPECT_FALSE(is_present(folder_ / "f" / "below"));
}

TEST_F(FilesTest, AnInputThatShrinksEndsTheProcessInOneLine) {
  const fs::path path = file("shrinks", std::string(1 << 20, 'x'));
  const auto read_what_is_gone = [&] {
    end_when_inputs_shrink();
    MappedFile first(path);
    const MappedFile moved = std::move(first);
    AtomicFile output(folder_ / "output");
    fs::resize_file(path, 0);
    ::_exit(moved.bytes().back() == std::byte{'x'} ? 2 : 3);
  };
  EXPECT_EXIT(read_what_is_gone(), testing::ExitedWithCode(1),
              "^sterna: .*/shrinks: became shorter while it was read\n$");
  EXPECT_EQ(std::distance(fs::directory_iterator(folder_ / ""), {}), 1) << "the input alone";
}

TEST_F(FilesTest, RefusesAPointerOfGitLfs) {
  model::expect_error(model::error_of([&] { read_file(file("p", kPointer)); }),
                      "p: a Git LFS pointer");
  const std::string long_text = std::string(kPointer) + std::string(2000, 'x');
  EXPECT_EQ(read_file(file("t", long_text)).size(), long_text.size()) << "a text that starts so";
}

TEST_F(FilesTest, SaysWhatTextStandsInTheWay) {
  const auto instead = [](std::string_view text) {
    return found_instead(std::as_bytes(std::span(text)));
  };
  EXPECT_EQ(instead("\n <!DOCTYPE html><html>"), ": an HTML or XML page");
  EXPECT_EQ(instead("Entry not found"), ": text that begins with 'Entry not found'");
  EXPECT_EQ(instead("404\r\n"), ": text that begins with '404'");
  EXPECT_EQ(instead(""), ": an empty file");
  EXPECT_EQ(instead(std::string_view("\x40\0\0\0\0\0\0\0{\"a\"", 12)), "");
  model::expect_error(model::error_of([] { parse_json_object(" <html></html>", "config.json"); }),
                      "config.json: not JSON: an HTML or XML page");
}

TEST_F(FilesTest, DamagedJsonIsDescribedByPlaceAndInWords) {
  const std::pair<std::string_view, std::string_view> cases[] = {
      {"{\"a\": 1,\n \"b\": nul}",
       "f: not JSON: line 2, column 10, while parsing value - invalid literal"},
      {"{\"a\": 1",
       "f: not JSON: line 1, column 8, while parsing object - unexpected end of input"},
      {"{\"a\": \"\xFF\"}", "f: not JSON: line 1, column 8, while parsing value - invalid string"},
      {"{\"a\": 1e999}", "f: not JSON: number overflow parsing '1e999'"},
      {"{} {}", "f: not JSON: line 1, column 4, while parsing value"},
      {"[1]", "f: not a JSON object but array"},
  };
  for (const auto& [text, part] : cases) {
    const std::string message = model::error_of([&text = text] { parse_json_object(text, "f"); });
    EXPECT_TRUE(message.starts_with(part)) << message;
    EXPECT_EQ(message.find("exception"), std::string::npos) << message;
  }
}

TEST_F(FilesTest, TextComesWithoutItsByteOrderMark) {
  EXPECT_EQ(read_text_file(file("marked", "\xEF\xBB\xBFtext")), "text");
  EXPECT_EQ(read_text_file(file("plain", "text")), "text");
  model::expect_error(
      model::error_of([&] { read_text_file(file("wide", "\xFF\xFEt\1e\1x\1t\1")); }), "UTF-16");
}

TEST_F(FilesTest, LinesEndAsTheyLike) {
  const auto lines = [](std::string_view text) {
    std::vector<std::string> all;
    for_each_line(text, [&](std::string_view line, unsigned number) {
      EXPECT_EQ(number, all.size() + 1);
      all.emplace_back(line);
    });
    return all;
  };
  const std::vector<std::string> expected = {"a", "", "b c"};
  EXPECT_EQ(lines("a\n\nb c\n"), expected);
  EXPECT_EQ(lines("a\r\n\r\nb c\r\n"), expected);
  EXPECT_EQ(lines("a\n\r\nb c"), expected);
  EXPECT_EQ(lines(""), std::vector<std::string>());
  EXPECT_EQ(with_line_feeds("a\r\n\r\nb\rc\r"), "a\n\nb\rc\r");
}

}  // namespace
}  // namespace sterna
