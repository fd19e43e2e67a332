# SPDX-License-Identifier: Apache-2.0
# Generated from rtl/config/u250x1.f by scripts/floorplan.py: before placement, what lies on which die (SLR).
# A cell below one that is named elsewhere lies where it is named itself.
set top [lindex [get_cells -hierarchical -filter {REF_NAME =~ sterna_top*}] 0]
proc place {block dies cells} {
  create_pblock $block
  resize_pblock $block -add $dies
  foreach cell $cells {add_cells_to_pblock $block [get_cells $::top/$cell]}
}
place die0 {SLR0} {
  u_core/u_lane_trees/u_start_tree/gen_stage[1].gen_die[0].gen_hop.u_hop
  u_core/u_lane_trees/u_start_tree/gen_stage[2].gen_die[0].gen_hop.u_hop
  u_core/u_lane_trees/u_load_tree/gen_stage[1].gen_die[0].gen_hop.u_hop
  u_core/u_lane_trees/u_load_tree/gen_stage[2].gen_die[0].gen_hop.u_hop
  u_core/u_lane_trees/u_control_tree/gen_stage[1].gen_die[0].gen_hop.u_hop
  u_core/u_lane_trees/u_control_tree/gen_stage[2].gen_die[0].gen_hop.u_hop
  u_core/u_lane_trees/u_codes_tree/gen_stage[1].gen_die[0].gen_hop.u_hop
  u_core/u_lane_trees/u_codes_tree/gen_stage[2].gen_die[0].gen_hop.u_hop
  u_core/u_lane_trees/u_fff_tree/gen_stage[1].gen_die[0].gen_hop.u_hop
  u_core/u_lane_trees/u_fff_tree/gen_stage[2].gen_die[0].gen_hop.u_hop
  u_core/u_lane_trees/u_record_tree/gen_stage[1].gen_die[0].gen_hop.u_hop
  u_core/u_lane_trees/u_record_tree/gen_stage[2].gen_die[0].gen_hop.u_hop
  u_die_reset/u_tree/gen_stage[1].gen_die[0].gen_hop.u_hop
  u_die_reset/u_tree/gen_stage[2].gen_die[0].gen_hop.u_hop
  gen_channel[0].u_axi_mux
  u_core/u_weights/u_weight_stream/gen_channel[0].u_weight_channel
  u_core/gen_lane[0].u_lane
}
place die1 {SLR1} {
  u_core/u_weights/gen_fff.u_fff_stream/u_walk
  u_core/u_weights/gen_fff.u_fff_stream/u_lines
  u_core/u_weights/gen_fff.u_fff_stream/u_every
  u_control
  u_die_reset
  u_core/u_issue
  u_core/u_load_store
  u_core/u_weights/u_ternary_matmul
  u_core/u_counters
  u_core/u_weights/u_weight_stream/u_fetch
  u_core/u_weights/u_weight_stream/u_decode
  u_core/u_lane_trees/u_start_tree/gen_stage[1].gen_die[1].gen_hop.u_hop
  u_core/u_lane_trees/u_start_tree/gen_stage[2].gen_die[1].gen_hop.u_hop
  u_core/u_lane_trees/u_load_tree/gen_stage[1].gen_die[1].gen_hop.u_hop
  u_core/u_lane_trees/u_load_tree/gen_stage[2].gen_die[1].gen_hop.u_hop
  u_core/u_lane_trees/u_control_tree/gen_stage[1].gen_die[1].gen_hop.u_hop
  u_core/u_lane_trees/u_control_tree/gen_stage[2].gen_die[1].gen_hop.u_hop
  u_core/u_lane_trees/u_codes_tree/gen_stage[1].gen_die[1].gen_hop.u_hop
  u_core/u_lane_trees/u_codes_tree/gen_stage[2].gen_die[1].gen_hop.u_hop
  u_core/u_lane_trees/u_fff_tree/gen_stage[1].gen_die[1].gen_hop.u_hop
  u_core/u_lane_trees/u_fff_tree/gen_stage[2].gen_die[1].gen_hop.u_hop
  u_core/u_lane_trees/u_record_tree/gen_stage[1].gen_die[1].gen_hop.u_hop
  u_core/u_lane_trees/u_record_tree/gen_stage[2].gen_die[1].gen_hop.u_hop
  u_die_reset/u_tree/gen_stage[1].gen_die[1].gen_hop.u_hop
  u_die_reset/u_tree/gen_stage[2].gen_die[1].gen_hop.u_hop
  u_core/u_weights/u_weight_stream/gen_channel[0].u_weight_channel/u_banks/u_held
  u_core/u_weights/gen_fff.u_fff_stream/gen_channel[0].u_channel
  gen_channel[1].u_axi_mux
  u_core/u_weights/u_weight_stream/gen_channel[1].u_weight_channel
  u_core/u_weights/u_weight_stream/gen_channel[1].u_weight_channel/u_banks/u_held
  u_core/u_weights/gen_fff.u_fff_stream/gen_channel[1].u_channel
  u_core/u_weights/u_weight_stream/gen_channel[2].u_weight_channel/u_banks/u_held
  u_core/u_weights/gen_fff.u_fff_stream/gen_channel[2].u_channel
  u_core/u_weights/u_weight_stream/gen_channel[3].u_weight_channel/u_banks/u_held
  u_core/u_weights/gen_fff.u_fff_stream/gen_channel[3].u_channel
}
place die2 {SLR2} {
  u_core/u_lane_trees/u_start_tree/gen_stage[1].gen_die[2].gen_hop.u_hop
  u_core/u_lane_trees/u_start_tree/gen_stage[2].gen_die[2].gen_hop.u_hop
  u_core/u_lane_trees/u_load_tree/gen_stage[1].gen_die[2].gen_hop.u_hop
  u_core/u_lane_trees/u_load_tree/gen_stage[2].gen_die[2].gen_hop.u_hop
  u_core/u_lane_trees/u_control_tree/gen_stage[1].gen_die[2].gen_hop.u_hop
  u_core/u_lane_trees/u_control_tree/gen_stage[2].gen_die[2].gen_hop.u_hop
  u_core/u_lane_trees/u_codes_tree/gen_stage[1].gen_die[2].gen_hop.u_hop
  u_core/u_lane_trees/u_codes_tree/gen_stage[2].gen_die[2].gen_hop.u_hop
  u_core/u_lane_trees/u_fff_tree/gen_stage[1].gen_die[2].gen_hop.u_hop
  u_core/u_lane_trees/u_fff_tree/gen_stage[2].gen_die[2].gen_hop.u_hop
  u_core/u_lane_trees/u_record_tree/gen_stage[1].gen_die[2].gen_hop.u_hop
  u_core/u_lane_trees/u_record_tree/gen_stage[2].gen_die[2].gen_hop.u_hop
  u_die_reset/u_tree/gen_stage[1].gen_die[2].gen_hop.u_hop
  u_die_reset/u_tree/gen_stage[2].gen_die[2].gen_hop.u_hop
  gen_channel[2].u_axi_mux
  u_core/u_weights/u_weight_stream/gen_channel[2].u_weight_channel
}
place die3 {SLR3} {
  u_core/u_lane_trees/u_start_tree/gen_stage[2].gen_die[3].gen_hop.u_hop
  u_core/u_lane_trees/u_load_tree/gen_stage[2].gen_die[3].gen_hop.u_hop
  u_core/u_lane_trees/u_control_tree/gen_stage[2].gen_die[3].gen_hop.u_hop
  u_core/u_lane_trees/u_codes_tree/gen_stage[2].gen_die[3].gen_hop.u_hop
  u_core/u_lane_trees/u_fff_tree/gen_stage[2].gen_die[3].gen_hop.u_hop
  u_core/u_lane_trees/u_record_tree/gen_stage[2].gen_die[3].gen_hop.u_hop
  u_die_reset/u_tree/gen_stage[2].gen_die[3].gen_hop.u_hop
  gen_channel[3].u_axi_mux
  u_core/u_weights/u_weight_stream/gen_channel[3].u_weight_channel
}
place links {SLR0 SLR1 SLR2 SLR3} {
  gen_channel[0].u_channel_link
  u_core/u_weights/u_weight_stream/gen_channel[0].u_weight_channel/u_run
  u_core/u_weights/u_weight_stream/gen_channel[0].u_weight_channel/u_requests_far
  u_core/u_weights/u_weight_stream/gen_channel[0].u_weight_channel/u_idle
  u_core/u_weights/u_weight_stream/gen_channel[0].u_weight_channel/u_banks/u_pushes
  u_core/u_weights/u_weight_stream/gen_channel[0].u_weight_channel/u_banks/u_pops
  u_core/u_weights/u_weight_stream/gen_channel[0].u_weight_channel/u_banks/u_words
  u_core/u_weights/gen_fff.u_fff_stream/gen_channel[0].u_ar
  u_core/u_weights/gen_fff.u_fff_stream/gen_channel[0].u_r
  gen_channel[1].u_channel_link
  u_core/u_weights/u_weight_stream/gen_channel[1].u_weight_channel/u_run
  u_core/u_weights/u_weight_stream/gen_channel[1].u_weight_channel/u_requests_far
  u_core/u_weights/u_weight_stream/gen_channel[1].u_weight_channel/u_idle
  u_core/u_weights/u_weight_stream/gen_channel[1].u_weight_channel/u_banks/u_pushes
  u_core/u_weights/u_weight_stream/gen_channel[1].u_weight_channel/u_banks/u_pops
  u_core/u_weights/u_weight_stream/gen_channel[1].u_weight_channel/u_banks/u_words
  u_core/u_weights/gen_fff.u_fff_stream/gen_channel[1].u_ar
  u_core/u_weights/gen_fff.u_fff_stream/gen_channel[1].u_r
  gen_channel[2].u_channel_link
  u_core/u_weights/u_weight_stream/gen_channel[2].u_weight_channel/u_run
  u_core/u_weights/u_weight_stream/gen_channel[2].u_weight_channel/u_requests_far
  u_core/u_weights/u_weight_stream/gen_channel[2].u_weight_channel/u_idle
  u_core/u_weights/u_weight_stream/gen_channel[2].u_weight_channel/u_banks/u_pushes
  u_core/u_weights/u_weight_stream/gen_channel[2].u_weight_channel/u_banks/u_pops
  u_core/u_weights/u_weight_stream/gen_channel[2].u_weight_channel/u_banks/u_words
  u_core/u_weights/gen_fff.u_fff_stream/gen_channel[2].u_ar
  u_core/u_weights/gen_fff.u_fff_stream/gen_channel[2].u_r
  gen_channel[3].u_channel_link
  u_core/u_weights/u_weight_stream/gen_channel[3].u_weight_channel/u_run
  u_core/u_weights/u_weight_stream/gen_channel[3].u_weight_channel/u_requests_far
  u_core/u_weights/u_weight_stream/gen_channel[3].u_weight_channel/u_idle
  u_core/u_weights/u_weight_stream/gen_channel[3].u_weight_channel/u_banks/u_pushes
  u_core/u_weights/u_weight_stream/gen_channel[3].u_weight_channel/u_banks/u_pops
  u_core/u_weights/u_weight_stream/gen_channel[3].u_weight_channel/u_banks/u_words
  u_core/u_weights/gen_fff.u_fff_stream/gen_channel[3].u_ar
  u_core/u_weights/gen_fff.u_fff_stream/gen_channel[3].u_r
  u_core/gen_lane[0].u_delay_returns
  u_core/u_stored/gen_die_stored[0].u_delay_stored
  u_core/u_stored/gen_die_stored[1].u_delay_stored
  u_core/u_stored/gen_die_stored[2].u_delay_stored
  u_core/u_stored/gen_die_stored[3].u_delay_stored
}
