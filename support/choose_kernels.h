// SPDX-License-Identifier: Apache-2.0
// Which of several sets of kernels is used.
#pragma once

#include <cstdlib>
#include <span>
#include <string>

#include "support/error.h"

namespace sterna {

// The first of those that the processor can run, or the one that the environment's STERNA_CPU
// names. Throws Error where it names none of them.
template <typename Kernels>
const Kernels& choose_kernels(std::span<const Kernels* const> all) {
  const char* wanted = std::getenv("STERNA_CPU");
  if (wanted == nullptr || *wanted == 0) return *all.front();
  std::string names;
  for (const Kernels* each : all) {
    if (each->name == wanted) return *each;
    names += (names.empty() ? "" : ", ") + std::string(each->name);
  }
  throw Error("STERNA_CPU: '{}' is none of what this processor can run here: {}", wanted, names);
}

}  // namespace sterna
