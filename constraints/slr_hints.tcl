# SPDX-License-Identifier: Apache-2.0
# Before placement: each channel's memory side is drawn to the SLR of its DDR4 controller (UG949: USER_SLR_ASSIGNMENT is a hint
# that the placer may overrule). Written for the U250; the generate block is sterna_top's.
foreach channel {0 1 2 3} slr {SLR0 SLR1 SLR2 SLR3} {
  set cells [get_cells -hierarchical -filter "NAME =~ */gen_channel\\\[$channel\\\].u_axi_mux"]
  if {[llength $cells] > 0} {set_property USER_SLR_ASSIGNMENT $slr $cells}
}
