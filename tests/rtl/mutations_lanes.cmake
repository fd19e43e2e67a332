# SPDX-License-Identifier: Apache-2.0
# Faults in what channels and lanes add; see mutations.cmake.

# Which lanes, and what is theirs.
mutation(lane_takes_token_of_lane_0 units/sterna_load_store.sv
  [=[token_i[32*lane_q +: 32]]=]
  [=[token_i[31:0]]=])
mutation(lane_stride_ignored units/sterna_load_store.sv
  [=[base_q + 58'(stride_q)]=]
  [=[base_q]=])
mutation(shared_store_from_first_lane units/sterna_load_store.sv
  [=[active_i[l]]=]
  [=[active_i[l] && highest == '0]=])
mutation(idle_lane_loaded units/sterna_load_store.sv
  [=[broadcast_q ? active_q : current_q]=]
  [=[broadcast_q ? '1 : current_q]=])
mutation(idle_lane_written core/sterna_core.sv
  [=[Lanes == 1 || lane_active ? starts[StartBits*Die+1 +: Units] : '0]=]
  [=[starts[StartBits*Die+1 +: Units]]=])
mutation(empty_mask_is_lane_1 core/sterna_program_start.sv
  [=[Lanes'(1)]=]
  [=[Lanes'(2)]=])
mutation(idle_lanes_token_counts core/sterna_program_start.sv
  [=[active_o[lane_q] && token_q > token_max_o]=]
  [=[token_q > token_max_o]=])
mutation(last_lanes_token_counts core/sterna_program_start.sv
  [=[active_o[lane_q] && token_q > token_max_o]=]
  [=[active_o[lane_q]]=])
mutation(done_with_the_first_lane core/sterna_lanes_done.sv
  [=[busy_q && some == '0]=]
  [=[busy_q && left != pending_q]=])
mutation(issue_with_the_first_lane core/sterna_lanes_done.sv
  [=[idle_q || some != '0]=]
  [=[idle_q || left == pending_q]=])
mutation(due_with_the_first_lane core/sterna_lanes_done.sv
  [=[due_pending_q != '0 && due_left == '0]=]
  [=[due_pending_q != '0 && due_left != due_pending_q]=])
mutation(due_of_the_quant_before core/sterna_lanes_done.sv
  [=[!rst_ni || unit_done_o[Rms]]=]
  [=[!rst_ni]=])

# The recurrence.
mutation(scan_carry_missing units/sterna_row_wise.sv
  [=[carry_i && op == sterna_isa_pkg::OP_SCAN]=]
  [=[1'b0]=])
mutation(scan_does_not_wait_for_its_carry units/sterna_row_wise.sv
  [=[start_i ? !carry : asks_d]=]
  [=[start_i || asks_d]=])
mutation(scan_does_not_wait_for_its_carry units/sterna_row_wise.sv
  [=[carry ? '0 : uses]=]
  [=[uses]=])
mutation(scan_does_not_wait_for_its_carry units/sterna_row_wise.sv
  [=[state_d == Stream && steady_q]=]
  [=[state_d == Stream]=])
mutation(scan_carry_without_prefill core/sterna_program_start.sv
  [=[prefill_i ? active & (active << 1) : '0]=]
  [=[active & (active << 1)]=])
mutation(scan_carry_from_wrong_lane core/sterna_core.sv
  [=[carry_data[(l-1)*BeatBits +: BeatBits]]=]
  [=[carry_data[0 +: BeatBits]]=])

# Lists of the greatest.
mutation(top_tie units/sterna_topk.sv
  [=[cand_q > entry_q[i]]=]
  [=[cand_q[63:32] > entry_q[i][63:32]]=])
mutation(top_tie_with_the_least units/sterna_topk.sv
  [=[{!word_q[32*e+31], word_q[32*e+:31]} >= least]=]
  [=[{!word_q[32*e+31], word_q[32*e+:31]} > least]=])
mutation(top_without_sign units/sterna_topk.sv
  [=[{!word_q[32*e+31], word_q[32*e+:31]} >= least]=]
  [=[word_q[32*e+:32] >= least]=])

# Channels.
mutation(stripe_order units/sterna_ternary_lane.sv
  [=[results_q[Held*AccBits-1:0]]=]
  [=[results_q[Channels*Trits*AccBits-1-:Held*AccBits]]=])
mutation(part_begins_as_in_channel_0 frontend/sterna_decode.sv
  [=[{line6[c], 6'd0}]=]
  [=[{line6[0], 6'd0}]=])
mutation(parts_end_in_one_channel_only frontend/sterna_decode.sv
  [=[(striped(op5) || channel5 == SegBits'(c))]=]
  [=[(channel5 == SegBits'(c))]=])
mutation(matrix_begins_in_any_channel frontend/sterna_decode.sv
  [=[(32'(seg1) & (Channels - 1)) != '0]=]
  [=[1'b0]=])
mutation(zero_groups_not_fetched frontend/sterna_decode.sv
  [=[(RowsBits + 1)'(Trits * Channels - 1)]=]
  [=[(RowsBits + 1)'(4)]=])
mutation(every_segment_in_channel_0 units/sterna_load_store.sv
  [=[Channels'(1'b1) << (seg & SegBits'(Channels - 1))]=]
  [=[Channels'(1'b1)]=])

# The stream of weights.
mutation(weights_left_at_the_end memory/sterna_weight_stream.sv
  [=[rst_ni && state_d == Run]=]
  [=[rst_ni]=])
mutation(part_fetched_twice memory/sterna_weight_stream.sv
  [=[{Channels{request_valid_q && !tree_q}} & ~accepted_q]=]
  [=[{Channels{request_valid_q && !tree_q}}]=])
mutation(weights_fetched_past_a_fault memory/sterna_weight_stream.sv
  [=[head_fault != sterna_isa_pkg::STATUS_OK]=]
  [=[1'b0]=])

# The way between dies: trees to the lanes, what can be stalled, and Load/Store's links to the channels.
mutation(hop_takes_data_with_its_first_valid_only common/sterna_die_hop.sv
  [=[valid_i[Loads-1:0] != '0]=]
  [=[valid_i[0]]=])
mutation(slice_gives_its_words_out_of_turn common/sterna_slice.sv
  [=[give_q ? word1_q[Low-1:0] : word0_q[Low-1:0]]=]
  [=[give_q ? word1_q[Low-1:0] : word1_q[Low-1:0]]=])
mutation(slice_takes_a_word_without_a_place common/sterna_slice.sv
  [=[pop || (ready_q && (!valid_q || !push))]=]
  [=[pop || ready_q]=])
mutation(link_loses_a_loads_fault memory/sterna_channel_link.sv
  [=[{far_load_data_error_i, far_load_data_i}]=]
  [=[{1'b0, far_load_data_i}]=])
mutation(link_loses_a_stores_fault memory/sterna_channel_link.sv
  [=[(far_store_resp_error_i)]=]
  [=[1'b0]=])
