# SPDX-License-Identifier: Apache-2.0
# Faults that need the eight channels of mutant_eight.f: most take the last four of them for the first. See mutations.cmake.
mutation(load_store_of_four_channels units/sterna_load_store.sv
  [=[seg & SegBits'(Channels - 1)]=]
  [=[seg & SegBits'((Channels - 1) & 3)]=])
mutation(part_begins_as_four_channels_before frontend/sterna_decode.sv
  [=[{line6[c], 6'd0}]=]
  [=[{line6[c & 3], 6'd0}]=])
mutation(access_begins_as_four_channels_before frontend/sterna_decode.sv
  [=[instr_q[6][sterna_isa_pkg::FIELD_SEG_LSB +: SegBits] & SegBits'(Channels - 1)]=]
  [=[instr_q[6][sterna_isa_pkg::FIELD_SEG_LSB +: SegBits] & SegBits'((Channels - 1) & 3)]=])
mutation(sums_of_four_channels units/sterna_ternary_lane.sv
  [=[SetBits'(Channels)]=]
  [=[SetBits'((Channels - 1) % 4 + 1)]=])
mutation(groups_behind_the_end_are_the_next_products units/sterna_ternary_lane.sv
  [=[!rst_ni || start]=]
  [=[!rst_ni]=])

# Dot products of a lane alone, which two lanes have.
mutation(trit_sign units/sterna_ternary_dot.sv
  [=[v1 ^ {9{two0[31]}}]=]
  [=[v1]=])
mutation(trit_minus_is_not units/sterna_ternary_dot.sv
  [=[{1'b0, v3 ^ {9{two1[31]}}, two1[31]}]=]
  [=[{1'b0, v3 ^ {9{two1[31]}}, 1'b0}]=])
mutation(trit_none_on_the_left units/sterna_ternary_dot.sv
  [=[left[2] ? v0 : 9'h100]=]
  [=[v0]=])
mutation(pair_difference units/sterna_ternary_pairs.sv
  [=[{8'b1, q0} - {8'b0, q1}]=]
  [=[{8'b1, q1} - {8'b0, q0}]=])
