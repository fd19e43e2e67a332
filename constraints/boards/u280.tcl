# SPDX-License-Identifier: Apache-2.0
# Alveo U280: HBM behind SLR0. A channel takes eight pseudo-channels (2 GB), as one has 256 MB.
namespace eval board {
  variable part xcu280-fsvh2892-2L-e
  variable platform xilinx_u280_gen3x16_xdma_1_202211_1
  variable banks {HBM[0:7] HBM[8:15] HBM[16:23] HBM[24:31]}
  variable slrs {SLR0 SLR0 SLR0 SLR0}
}
