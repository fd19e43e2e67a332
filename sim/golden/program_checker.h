// SPDX-License-Identifier: Apache-2.0
// Mistakes that the architecture allows but no program wants, for people who write programs by
// hand.
#pragma once

#include <array>
#include <cstdint>
#include <functional>
#include <string>
#include <vector>

#include "sim/golden/simulator.h"

namespace sterna::golden {

// Follows a program from its start, step by step, and reports
//   - elements of a register that are read though nothing has written them since the program's
//   start,
//   - a product (TMATMUL, FFFIN, FFFOUT) from a register that was not quantised,
//   - a product from memory that the program also stores to: the hardware may read the matrix
//   before or after the store.
class ProgramChecker {
 public:
  // `warn` gets one line per finding, with the instruction's address and its disassembly's
  // mnemonic.
  explicit ProgramChecker(std::function<void(const std::string&)> warn);

  // The next step of the program.
  void observe(const Step& step);

 private:
  void check_read(const Step& step, const RegisterRead& read);
  void check_stores(const Step& step);
  void check_matrix(const Step& step);
  void warn(const Step& step, const std::string& what) const;

  std::function<void(const std::string&)> warn_;
  // Every write begins at element 0 and covers whole lines, so that one number a register says what
  // was written.
  std::array<std::uint64_t, kMaxRegisters> lines_written_{};
  std::array<bool, kMaxRegisters> quantised_{};
  std::vector<Step::Range> stored_, matrices_;
};

}  // namespace sterna::golden
