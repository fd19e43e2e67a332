// SPDX-License-Identifier: Apache-2.0
// main() of tests that call XRT: the first start only prepares the environment for the second.
#include <gtest/gtest.h>

#include <cstdio>

#include "host/xrt/restart.h"
#include "support/error.h"

int main(int argc, char** argv) {
  testing::InitGoogleTest(&argc, argv);
  if (!testing::GTEST_FLAG(list_tests) && !sterna::card::in_emulation()) {
    try {
      sterna::card::restart_in_emulation();
    } catch (const sterna::Error& error) {
      std::fprintf(stderr, "%s\n", error.what());
      return 1;
    }
  }
  return RUN_ALL_TESTS();
}
