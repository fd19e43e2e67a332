// SPDX-License-Identifier: Apache-2.0
// For LD_PRELOAD: names on stderr every variable that setenv() adds to the environment.
#include <dlfcn.h>

#include <cstdio>
#include <cstdlib>

extern "C" int setenv(const char* name, const char* value, int replace) {
  if (std::getenv(name) == nullptr) std::fprintf(stderr, "added: %s\n", name);
  using Setenv = int (*)(const char*, const char*, int);
  static const auto next = reinterpret_cast<Setenv>(::dlsym(RTLD_NEXT, "setenv"));
  return next(name, value, replace);
}
