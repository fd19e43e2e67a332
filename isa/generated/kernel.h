// SPDX-License-Identifier: Apache-2.0
// Generated from isa/isa.toml by isagen (`make generate`): edit that file, not this one.
// clang-format off
#pragma once

#include <array>
#include <cstdint>
#include <string_view>

namespace sterna {

// The design as a Vitis kernel.
inline constexpr std::string_view kKernelName = "sterna";
inline constexpr std::string_view kKernelControlPort = "s_axi_control";
inline constexpr std::string_view kKernelMemoryPort = "m_axi_gmem";  // and the channel's number

// Memory segment s lives in the bank of this channel, and so behind port m_axi_gmem<channel>.
constexpr std::uint32_t segment_channel(std::uint32_t segment, std::uint32_t channels) {
  return segment % channels;
}

struct KernelArgument {
  std::string_view name;
  std::uint32_t offset = 0;  // of its first control register
  std::uint32_t bytes = 0;   // 8 for a pointer, 4 for a scalar
  bool is_pointer = false;   // the address of a segment's buffer
  int segment = -1;          // whose argument it is; -1: no segment's
  int lane = -1;             // likewise; a build lacks those of lanes that it lacks
};
// In the order of their numbers, which is that of the offsets; those of the lanes come last.
inline constexpr std::array<KernelArgument, 116> kKernelArguments = {{
    {"seg0_base", 0x010, 8, true, 0, -1},
    {"seg0_size", 0x018, 4, false, 0, -1},
    {"seg0_lane_stride", 0x01c, 4, false, 0, -1},
    {"seg1_base", 0x020, 8, true, 1, -1},
    {"seg1_size", 0x028, 4, false, 1, -1},
    {"seg1_lane_stride", 0x02c, 4, false, 1, -1},
    {"seg2_base", 0x030, 8, true, 2, -1},
    {"seg2_size", 0x038, 4, false, 2, -1},
    {"seg2_lane_stride", 0x03c, 4, false, 2, -1},
    {"seg3_base", 0x040, 8, true, 3, -1},
    {"seg3_size", 0x048, 4, false, 3, -1},
    {"seg3_lane_stride", 0x04c, 4, false, 3, -1},
    {"seg4_base", 0x050, 8, true, 4, -1},
    {"seg4_size", 0x058, 4, false, 4, -1},
    {"seg4_lane_stride", 0x05c, 4, false, 4, -1},
    {"seg5_base", 0x060, 8, true, 5, -1},
    {"seg5_size", 0x068, 4, false, 5, -1},
    {"seg5_lane_stride", 0x06c, 4, false, 5, -1},
    {"seg6_base", 0x070, 8, true, 6, -1},
    {"seg6_size", 0x078, 4, false, 6, -1},
    {"seg6_lane_stride", 0x07c, 4, false, 6, -1},
    {"seg7_base", 0x080, 8, true, 7, -1},
    {"seg7_size", 0x088, 4, false, 7, -1},
    {"seg7_lane_stride", 0x08c, 4, false, 7, -1},
    {"seg8_base", 0x090, 8, true, 8, -1},
    {"seg8_size", 0x098, 4, false, 8, -1},
    {"seg8_lane_stride", 0x09c, 4, false, 8, -1},
    {"seg9_base", 0x0a0, 8, true, 9, -1},
    {"seg9_size", 0x0a8, 4, false, 9, -1},
    {"seg9_lane_stride", 0x0ac, 4, false, 9, -1},
    {"seg10_base", 0x0b0, 8, true, 10, -1},
    {"seg10_size", 0x0b8, 4, false, 10, -1},
    {"seg10_lane_stride", 0x0bc, 4, false, 10, -1},
    {"seg11_base", 0x0c0, 8, true, 11, -1},
    {"seg11_size", 0x0c8, 4, false, 11, -1},
    {"seg11_lane_stride", 0x0cc, 4, false, 11, -1},
    {"seg12_base", 0x0d0, 8, true, 12, -1},
    {"seg12_size", 0x0d8, 4, false, 12, -1},
    {"seg12_lane_stride", 0x0dc, 4, false, 12, -1},
    {"seg13_base", 0x0e0, 8, true, 13, -1},
    {"seg13_size", 0x0e8, 4, false, 13, -1},
    {"seg13_lane_stride", 0x0ec, 4, false, 13, -1},
    {"seg14_base", 0x0f0, 8, true, 14, -1},
    {"seg14_size", 0x0f8, 4, false, 14, -1},
    {"seg14_lane_stride", 0x0fc, 4, false, 14, -1},
    {"seg15_base", 0x100, 8, true, 15, -1},
    {"seg15_size", 0x108, 4, false, 15, -1},
    {"seg15_lane_stride", 0x10c, 4, false, 15, -1},
    {"entry", 0x110, 4, false, -1, -1},
    {"lane_mask_lo", 0x114, 4, false, -1, -1},
    {"lane_mask_hi", 0x118, 4, false, -1, -1},
    {"prefill", 0x11c, 4, false, -1, -1},
    {"token0", 0x120, 4, false, -1, 0},
    {"token1", 0x124, 4, false, -1, 1},
    {"token2", 0x128, 4, false, -1, 2},
    {"token3", 0x12c, 4, false, -1, 3},
    {"token4", 0x130, 4, false, -1, 4},
    {"token5", 0x134, 4, false, -1, 5},
    {"token6", 0x138, 4, false, -1, 6},
    {"token7", 0x13c, 4, false, -1, 7},
    {"token8", 0x140, 4, false, -1, 8},
    {"token9", 0x144, 4, false, -1, 9},
    {"token10", 0x148, 4, false, -1, 10},
    {"token11", 0x14c, 4, false, -1, 11},
    {"token12", 0x150, 4, false, -1, 12},
    {"token13", 0x154, 4, false, -1, 13},
    {"token14", 0x158, 4, false, -1, 14},
    {"token15", 0x15c, 4, false, -1, 15},
    {"token16", 0x160, 4, false, -1, 16},
    {"token17", 0x164, 4, false, -1, 17},
    {"token18", 0x168, 4, false, -1, 18},
    {"token19", 0x16c, 4, false, -1, 19},
    {"token20", 0x170, 4, false, -1, 20},
    {"token21", 0x174, 4, false, -1, 21},
    {"token22", 0x178, 4, false, -1, 22},
    {"token23", 0x17c, 4, false, -1, 23},
    {"token24", 0x180, 4, false, -1, 24},
    {"token25", 0x184, 4, false, -1, 25},
    {"token26", 0x188, 4, false, -1, 26},
    {"token27", 0x18c, 4, false, -1, 27},
    {"token28", 0x190, 4, false, -1, 28},
    {"token29", 0x194, 4, false, -1, 29},
    {"token30", 0x198, 4, false, -1, 30},
    {"token31", 0x19c, 4, false, -1, 31},
    {"token32", 0x1a0, 4, false, -1, 32},
    {"token33", 0x1a4, 4, false, -1, 33},
    {"token34", 0x1a8, 4, false, -1, 34},
    {"token35", 0x1ac, 4, false, -1, 35},
    {"token36", 0x1b0, 4, false, -1, 36},
    {"token37", 0x1b4, 4, false, -1, 37},
    {"token38", 0x1b8, 4, false, -1, 38},
    {"token39", 0x1bc, 4, false, -1, 39},
    {"token40", 0x1c0, 4, false, -1, 40},
    {"token41", 0x1c4, 4, false, -1, 41},
    {"token42", 0x1c8, 4, false, -1, 42},
    {"token43", 0x1cc, 4, false, -1, 43},
    {"token44", 0x1d0, 4, false, -1, 44},
    {"token45", 0x1d4, 4, false, -1, 45},
    {"token46", 0x1d8, 4, false, -1, 46},
    {"token47", 0x1dc, 4, false, -1, 47},
    {"token48", 0x1e0, 4, false, -1, 48},
    {"token49", 0x1e4, 4, false, -1, 49},
    {"token50", 0x1e8, 4, false, -1, 50},
    {"token51", 0x1ec, 4, false, -1, 51},
    {"token52", 0x1f0, 4, false, -1, 52},
    {"token53", 0x1f4, 4, false, -1, 53},
    {"token54", 0x1f8, 4, false, -1, 54},
    {"token55", 0x1fc, 4, false, -1, 55},
    {"token56", 0x200, 4, false, -1, 56},
    {"token57", 0x204, 4, false, -1, 57},
    {"token58", 0x208, 4, false, -1, 58},
    {"token59", 0x20c, 4, false, -1, 59},
    {"token60", 0x210, 4, false, -1, 60},
    {"token61", 0x214, 4, false, -1, 61},
    {"token62", 0x218, 4, false, -1, 62},
    {"token63", 0x21c, 4, false, -1, 63},
}};

}  // namespace sterna
