# SPDX-License-Identifier: Apache-2.0
# Alveo U250: four DDR4-2400 DIMMs, one an SLR.
namespace eval board {
  variable part xcu250-figd2104-2L-e
  variable platform xilinx_u250_gen3x16_xdma_4_1_202210_1
  variable banks {DDR[0] DDR[1] DDR[2] DDR[3]}  ;# of channel 0, 1, ...
  variable slrs {SLR0 SLR1 SLR2 SLR3}           ;# where each bank's controller is
}
