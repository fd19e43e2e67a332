// SPDX-License-Identifier: Apache-2.0
// XRT's hardware emulation sleeps for ten seconds where it gives a simulator time to start, and for
// one where it waits for a run; ours needs milliseconds. This sleep() takes the waiting away, and
// nothing but waiting depends on it: in sterna itself, and as libsterna_xrt_fast.so for LD_PRELOAD.
#include <time.h>

// Whoever polls with sleep() comes again after a tenth of a millisecond.
extern "C" unsigned int sleep(unsigned int) {
  const timespec pause{.tv_sec = 0, .tv_nsec = 100'000};
  ::nanosleep(&pause, nullptr);
  return 0;
}
