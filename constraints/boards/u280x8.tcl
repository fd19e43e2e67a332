# SPDX-License-Identifier: Apache-2.0
# Alveo U280 for eight channels: four pseudo-channels each (1 GB), the port of the first.
namespace eval board {
  variable part xcu280-fsvh2892-2L-e
  variable platform xilinx_u280_gen3x16_xdma_1_202211_1
  variable banks {HBM[0:3] HBM[4:7] HBM[8:11] HBM[12:15] HBM[16:19] HBM[20:23] HBM[24:27] HBM[28:31]}
  variable slrs {SLR0 SLR0 SLR0 SLR0 SLR0 SLR0 SLR0 SLR0}
}
