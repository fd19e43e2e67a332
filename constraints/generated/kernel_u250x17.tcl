# SPDX-License-Identifier: Apache-2.0
# Generated from isa/isa.toml and rtl/config/u250x17.f by isagen (`make generate`).
namespace eval kernel {
  variable name sterna
  variable vlnv sterna:kernel:sterna:1.0
  variable top sterna_kernel_4
  variable clock_khz 300000
  variable control {s_axi_control 0x1000}  ;# port, bytes of its map
  variable memory {m_axi_gmem0 m_axi_gmem1 m_axi_gmem2 m_axi_gmem3}  ;# ports, in the order of the channels
  variable parameters {
    Lanes 17
    BeatsPerStep 2
    BeatBits 512
    VecLen 8192
    Registers 8
    RomDepth 8192
    WeightFifo 8192
    Outstanding 512
    LaneStages 3
    Dies 4
    FffTrees 64
    FffSlotBeats 8192
    ClockKhz 300000
  }
  # Registers: name, offset, bits, memory port of a pointer's bank.
  variable registers {
    {CTRL 0x000 32 {}}
    {GIE 0x004 32 {}}
    {IER 0x008 32 {}}
    {ISR 0x00c 32 {}}
    {seg0_base 0x010 64 m_axi_gmem0}
    {seg0_size 0x018 32 {}}
    {seg0_lane_stride 0x01c 32 {}}
    {seg1_base 0x020 64 m_axi_gmem1}
    {seg1_size 0x028 32 {}}
    {seg1_lane_stride 0x02c 32 {}}
    {seg2_base 0x030 64 m_axi_gmem2}
    {seg2_size 0x038 32 {}}
    {seg2_lane_stride 0x03c 32 {}}
    {seg3_base 0x040 64 m_axi_gmem3}
    {seg3_size 0x048 32 {}}
    {seg3_lane_stride 0x04c 32 {}}
    {seg4_base 0x050 64 m_axi_gmem0}
    {seg4_size 0x058 32 {}}
    {seg4_lane_stride 0x05c 32 {}}
    {seg5_base 0x060 64 m_axi_gmem1}
    {seg5_size 0x068 32 {}}
    {seg5_lane_stride 0x06c 32 {}}
    {seg6_base 0x070 64 m_axi_gmem2}
    {seg6_size 0x078 32 {}}
    {seg6_lane_stride 0x07c 32 {}}
    {seg7_base 0x080 64 m_axi_gmem3}
    {seg7_size 0x088 32 {}}
    {seg7_lane_stride 0x08c 32 {}}
    {seg8_base 0x090 64 m_axi_gmem0}
    {seg8_size 0x098 32 {}}
    {seg8_lane_stride 0x09c 32 {}}
    {seg9_base 0x0a0 64 m_axi_gmem1}
    {seg9_size 0x0a8 32 {}}
    {seg9_lane_stride 0x0ac 32 {}}
    {seg10_base 0x0b0 64 m_axi_gmem2}
    {seg10_size 0x0b8 32 {}}
    {seg10_lane_stride 0x0bc 32 {}}
    {seg11_base 0x0c0 64 m_axi_gmem3}
    {seg11_size 0x0c8 32 {}}
    {seg11_lane_stride 0x0cc 32 {}}
    {seg12_base 0x0d0 64 m_axi_gmem0}
    {seg12_size 0x0d8 32 {}}
    {seg12_lane_stride 0x0dc 32 {}}
    {seg13_base 0x0e0 64 m_axi_gmem1}
    {seg13_size 0x0e8 32 {}}
    {seg13_lane_stride 0x0ec 32 {}}
    {seg14_base 0x0f0 64 m_axi_gmem2}
    {seg14_size 0x0f8 32 {}}
    {seg14_lane_stride 0x0fc 32 {}}
    {seg15_base 0x100 64 m_axi_gmem3}
    {seg15_size 0x108 32 {}}
    {seg15_lane_stride 0x10c 32 {}}
    {entry 0x110 32 {}}
    {lane_mask_lo 0x114 32 {}}
    {lane_mask_hi 0x118 32 {}}
    {prefill 0x11c 32 {}}
    {token0 0x120 32 {}}
    {token1 0x124 32 {}}
    {token2 0x128 32 {}}
    {token3 0x12c 32 {}}
    {token4 0x130 32 {}}
    {token5 0x134 32 {}}
    {token6 0x138 32 {}}
    {token7 0x13c 32 {}}
    {token8 0x140 32 {}}
    {token9 0x144 32 {}}
    {token10 0x148 32 {}}
    {token11 0x14c 32 {}}
    {token12 0x150 32 {}}
    {token13 0x154 32 {}}
    {token14 0x158 32 {}}
    {token15 0x15c 32 {}}
    {token16 0x160 32 {}}
  }
}
