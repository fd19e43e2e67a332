// SPDX-License-Identifier: Apache-2.0
// Included before verilated_fst_c.cpp, which contains GTKWave's FST writer, by the compiler's
// command line: its files are ours.
#pragma once

#include <sys/mman.h>
#include <verilated.h>
#include <verilated_fst_c.h>

#include <cstdio>
#include <cstdlib>

#include "sim/rtl/wave_file.h"

#define fopen(name, mode) sterna::rtl::fst_open(name, mode)
#define tmpfile() sterna::rtl::fst_working_file()
#define fclose(file) sterna::rtl::fst_close(file)
#define mmap(address, length, protection, flags, file, offset) \
  sterna::rtl::fst_map(length, protection, flags, file)
