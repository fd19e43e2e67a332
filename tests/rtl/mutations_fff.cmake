# SPDX-License-Identifier: Apache-2.0
# Faults in FFFIN and FFFOUT; see mutations.cmake.

# Legality.
mutation(fffout_of_other_trees frontend/sterna_decode.sv
  [=[walked_q != {trees2[TreesBits-1:0], depth2}]=]
  [=[1'b0]=])
mutation(trees_forgotten_at_once frontend/sterna_decode.sv
  [=[advance && valid_q[2] && tree_in2]=]
  [=[advance && valid_q[2] && tree_in2 && trees2[0]]=])

# The walk.
mutation(walk_levels_of_blocks memory/sterna_fff_walk.sv
  [=[(3'd4 - above_levels_q)]=]
  [=[3'd0]=])
mutation(walk_goes_on_early memory/sterna_fff_walk.sv
  [=[j_q != '0 && known_q <= {1'b0, above_q}]=]
  [=[j_q != '0 && known_q < {1'b0, above_q}]=])
mutation(walk_shares_with_all memory/sterna_fff_walk.sv
  [=[keys_q[KeyBits*l+:KeyBits] == lead_q]=]
  [=[1'b1]=])
mutation(records_by_two_decisions memory/sterna_fff_walk.sv
  [=[{block, lead_q[2:0]}]=]
  [=[{block, lead_q[2:1], 1'b0}]=])
mutation(records_in_one_channel memory/sterna_fff_walk.sv
  [=[(record_q ? ChannelBits : 0)]=]
  [=[0]=])
mutation(trees_overlap memory/sterna_fff_walk.sv
  [=[(BlockBits'(1) << log_q)]=]
  [=[BlockBits'(1)]=])

# From the stream to the lanes.
mutation(records_before_their_instruction memory/sterna_fff_stream.sv
  [=[records_i && !records_end_q]=]
  [=[records_i]=])
mutation(biases_take_part memory/sterna_fff_stream.sv
  [=[Channels > 1 && (set_end_i ? set_q + 2'd1 : 2'd0) == 2'(Sets - 1)]=]
  [=[1'b0]=])
mutation(biases_of_other_rows units/sterna_fff_drain.sv
  [=[next - bias_channel - 2'd1]=]
  [=[next - bias_channel]=])
mutation(pushed_with_every_block units/sterna_fff_drain.sv
  [=[drained && push]=]
  [=[drained]=])
mutation(records_for_all_lanes units/sterna_fff_drain.sv
  [=[fff_d.record ? line_mask : block[Lanes+2:3]]=]
  [=[fff_d.record ? {Lanes{1'b1}} : block[Lanes+2:3]]=])
