// SPDX-License-Identifier: Apache-2.0
// A folder that lives as long as a test, and a check that something fails with the right line.
#pragma once

#include <gtest/gtest.h>
#include <unistd.h>

#include <algorithm>
#include <filesystem>
#include <string>

#include "support/error.h"

namespace sterna::model {

class TestFolder {
 public:
  TestFolder() {
    const auto* info = testing::UnitTest::GetInstance()->current_test_info();
    std::string name =
        fmt::format("sterna_{}_{}_{}", info->test_suite_name(), info->name(), ::getpid());
    std::replace(name.begin(), name.end(), '/', '_');  // parameterised tests have one
    path_ = std::filesystem::temp_directory_path() / name;
    std::filesystem::create_directories(path_);
  }
  ~TestFolder() { std::filesystem::remove_all(path_); }
  TestFolder(const TestFolder&) = delete;
  TestFolder& operator=(const TestFolder&) = delete;

  std::filesystem::path operator/(const std::string& name) const { return path_ / name; }

 private:
  std::filesystem::path path_;
};

// The message of the Error that `action` throws; "" when it throws none.
template <typename Action>
std::string error_of(Action action) {
  try {
    action();
  } catch (const Error& error) {
    return error.what();
  }
  return "";
}

// An error is one line and says `part`.
inline void expect_error(const std::string& message, const std::string& part) {
  EXPECT_NE(message.find(part), std::string::npos)
      << "got: " << (message.empty() ? "no error" : message) << "\nwanted: " << part;
  EXPECT_EQ(message.find('\n'), std::string::npos) << message;
}

}  // namespace sterna::model
