# SPDX-License-Identifier: Apache-2.0
# Faults in FFFIN and FFFOUT; see mutations.cmake.

# Legality.
mutation(fffout_of_other_trees frontend/sterna_decode.sv
  [=[walked_q != {trees2[TreesBits-1:0], depth2}]=]
  [=[1'b0]=])
mutation(trees_forgotten_at_once frontend/sterna_decode.sv
  [=[valid_q[2] && tree_in2]=]
  [=[valid_q[2] && tree_in2 && trees2[0]]=])

# The walk.
mutation(walk_levels_of_blocks memory/sterna_fff_walk.sv
  [=[PathBits'({paths_read_q[PathBits*l+:PathBits], picks[4*l+:4]} >> s)]=]
  [=[PathBits'({paths_read_q[PathBits*l+:PathBits], picks[4*l+:4]} >> 0)]=])
mutation(walk_goes_on_early memory/sterna_fff_walk.sv
  [=[known_q > {1'b0, read_at_q}]=]
  [=[known_q >= {1'b0, read_at_q}]=])
mutation(walk_reads_what_just_comes memory/sterna_fff_walk.sv
  [=[came_q ? picks_read_q : picks_i]=]
  [=[picks_read_q]=])
mutation(walk_forgets_whom_it_served memory/sterna_fff_walk.sv
  [=[pending_q & ~same]=]
  [=[pending_q & ~(same & lead)]=])
mutation(walk_serves_a_lane_again memory/sterna_fff_walk.sv
  [=[((active_q & {Lanes{known_read_q}}) | (some & {Lanes{comes_q}})) & ~parts_q]=]
  [=[(active_q & {Lanes{known_read_q}}) | (some & {Lanes{comes_q}})]=])
mutation(walk_knows_all_by_some memory/sterna_fff_walk.sv
  [=[picked && (some | ~active_q) == '1]=]
  [=[picked]=])
mutation(walk_leads_with_a_lane_that_waits memory/sterna_fff_walk.sv
  [=[Lanes == 1 || part[0]]=]
  [=[1'b1]=])
mutation(walk_shares_with_all memory/sterna_fff_walk.sv
  [=[keys_q[KeyBits*l+:KeyBits] == lead_q]=]
  [=[1'b1]=])
mutation(records_by_two_decisions memory/sterna_fff_walk.sv
  [=[picks[4*l+1+:3]]=]
  [=[{picks[4*l+2+:2], 1'b0}]=])
mutation(records_in_one_channel memory/sterna_fff_walk.sv
  [=[record_q ? lead_q[1:0] : served_number_q[1:0] + lead_q[3:2] - 2'd1]=]
  [=[record_q ? 2'd0 : served_number_q[1:0] + lead_q[3:2] - 2'd1]=])
mutation(trees_overlap memory/sterna_fff_walk.sv
  [=[step_q << levels_q]=]
  [=[step_q]=])

# What is kept on chip. Programs with trees run again, behind stores and uploads (program_runner).
mutation(slots_before_what_was_asked memory/sterna_fff_slots.sv
  [=[asked_q == '0 && !comes_q && !asked && !copies_q]=]
  [=[!copies_q]=])
mutation(slots_of_one_beat memory/sterna_fff_slots.sv
  [=[slot_q + 1'b1]=]
  [=[slot_q]=])
mutation(slots_give_memorys_beats memory/sterna_fff_slots.sv
  [=[memory_q ? r_data_i : given_q]=]
  [=[r_data_i]=])
mutation(slots_of_one_block memory/sterna_fff_walk.sv
  [=[served_slot_q + SlotBits'(product_q)]=]
  [=[served_slot_q]=])
mutation(slots_hold_any_block memory/sterna_fff_walk.sv
  [=[served_number_q + NumberBits'(lead_q[5:2])]=]
  [=[served_number_q]=])
mutation(slots_of_any_level memory/sterna_fff_walk.sv
  [=[kept_q && !j_q[1]]=]
  [=[kept_q]=])
mutation(slots_outlive_a_store memory/sterna_fff_table.sv
  [=[entries_q != '0 && meets != '0]=]
  [=[1'b0]=])
mutation(slots_outlive_an_upload memory/sterna_fff_table.sv
  [=[(go_q && !keep_q) || stored_q]=]
  [=[stored_q]=])
mutation(slots_hold_what_they_held memory/sterna_fff_slots.sv
  [=[forget_i || (held_q && !off_i)]=]
  [=[held_q && !off_i]=])
mutation(slots_of_any_trees memory/sterna_fff_table.sv
  [=[entry_q[LineBits+NumberBits+:KeyBits] == key_q]=]
  [=[1'b1]=])
mutation(slots_of_trees_overlap memory/sterna_fff_table.sv
  [=[next_line_q + (LineBits + 1)'(all_lines_q)]=]
  [=[next_line_q]=])
mutation(slots_beats_count_as_memorys memory/sterna_weight_channel.sv
  [=[r_valid_i && !given_i]=]
  [=[r_valid_i]=])

# From the stream to the lanes.
mutation(records_before_their_instruction memory/sterna_fff_stream.sv
  [=[records_i && loaded_i && !records_end_q]=]
  [=[1'b1]=])
mutation(blocks_before_their_biases units/sterna_ternary_matmul.sv
  [=[block_open_i && may_q]=]
  [=[may_q]=])
mutation(blocks_before_their_beats units/sterna_ternary_matmul.sv
  [=[fffin_q ? stepped_q[BlockCycles-1] : stepped_q[DataCycles-1]]=]
  [=[fffin_q ? stepped_q[BlockCycles-2] : stepped_q[DataCycles-1]]=])
mutation(beats_let_go_before_they_come memory/sterna_fff_stream.sv
  [=[(left)]=]
  [=[(kept)]=])
mutation(beats_forgotten_on_their_way memory/sterna_fff_stream.sv
  [=[cleared_q && channel_idle == '1]=]
  [=[cleared_q]=])
mutation(last_record_too_fast memory/sterna_fff_stream.sv
  [=[(!joins_open || line_pop || pause_q != '0)]=]
  [=[!joins_open]=])
mutation(sums_too_fast memory/sterna_fff_records.sv
  [=[2'(BeatWords - 2)]=]
  [=[2'd0]=])
mutation(sums_before_their_records memory/sterna_fff_records.sv
  [=[all_over_q && passed_q && pause_q == '0]=]
  [=[all_over_q && pause_q == '0]=])
mutation(sums_before_the_last_records memory/sterna_fff_records.sv
  [=[over_q == '1]=]
  [=[over_q != '0]=])
mutation(two_records_of_a_lane memory/sterna_fff_records.sv
  [=[~over_q & ~meets_q]=]
  [=[~over_q]=])
mutation(records_of_other_buses units/sterna_fff_out.sv
  [=[record_i[RecordBits*index+:RecordBits]]=]
  [=[record_i[RecordBits-1:0]]=])
mutation(records_with_the_codes units/sterna_ternary_matmul.sv
  [=[Buses > 1 && record_valid_i != '0]=]
  [=[1'b0]=])
mutation(held_records_of_one_beat memory/sterna_fff_held.sv
  [=[AtBits'(words_i) + 1'b1]=]
  [=[AtBits'(1)]=])
mutation(held_records_word_0_again memory/sterna_fff_held.sv
  [=[begun_q ? AtBits'(word_o) + 1'b1 : '0]=]
  [=['0]=])
mutation(outputs_before_they_are_complete units/sterna_fff_out.sv
  [=[valid_q[3] && last_q[3]]=]
  [=[valid_q[3]]=])
mutation(biases_take_part memory/sterna_fff_stream.sv
  [=[set_end_i ? exempt_set : exempt_line]=]
  [=['0]=])
mutation(biases_of_other_rows units/sterna_fff_drain.sv
  [=[biases[160*g+:160]]=]
  [=[biases[160*(2-g)+:160]]=])
mutation(groups_in_the_order_of_channels units/sterna_ternary_lane.sv
  [=[set_turn_q == 2'(t)]=]
  [=[1'b0]=])
mutation(pushed_with_every_block units/sterna_fff_pick.sv
  [=[fff.block && mine_i]=]
  [=[fff.block]=])
mutation(fff_done_with_the_first_lane core/sterna_core.sv
  [=[(ternary_over | ~active) == '1]=]
  [=[1'b1]=])
mutation(records_for_all_lanes memory/sterna_fff_records.sv
  [=[{masks_q[Lanes*c+:Lanes], 1'b0, word_q[10*c+:10], quads_q[8*c+:8]}]=]
  [=[{{Lanes{1'b1}}, 1'b0, word_q[10*c+:10], quads_q[8*c+:8]}]=])

mutation(fff_error_lost units/sterna_ternary_matmul.sv
  [=[Fff && fault_i]=]
  [=[1'b0]=])
mutation(fff_shared_with_itself memory/sterna_fff_walk.sv
  [=[lanes - 1'b1]=]
  [=[lanes]=])

# A lane.
mutation(fff_decision_wraps units/sterna_fff_pick.sv
  [=[!added[32] && !zero]=]
  [=[!added[31] && !zero]=])
mutation(fff_last_groups_decide_nothing units/sterna_fff_pick.sv
  [=[not_valid_q[p/Trits] ? right_q[p] : above_q[Row]]=]
  [=[right_q[p]]=])
mutation(fff_logit_wraps units/sterna_fff_pick.sv
  [=[beyond ? {sum[32], {31{!sum[32]}}} : sum[31:0]]=]
  [=[sum[31:0]]=])
mutation(fff_last_level_of_another_way units/sterna_fff_pick.sv
  [=[right3[{way0, way1, way2}]]=]
  [=[right3[{way0, way1, 1'b0}]]=])
mutation(fff_logit_of_another_way units/sterna_fff_pick.sv
  [=[(pick_o[1] ? level3_q[3*LogitBits+:LogitBits] : level3_q[2*LogitBits+:LogitBits])]=]
  [=[level3_q[3*LogitBits+:LogitBits]]=])
mutation(fff_sums_not_cleared units/sterna_fff_out.sv
  [=[read_sums_q[SumBits*o+:SumBits] & {SumBits{!first_q[2]}}]=]
  [=[read_sums_q[SumBits*o+:SumBits]]=])
mutation(fff_sums_of_word_0_cleared units/sterna_fff_out.sv
  [=[mine_q && {1'b0, word1_q} == summed_q]=]
  [=[mine_q && word1_q == '0]=])
mutation(fff_sign_of_node_0 units/sterna_fff_out.sv
  [=[all[10:1] ^ {10{minus_q}}]=]
  [=[all[10:1]]=])
mutation(fff_sign_of_node_2 units/sterna_fff_out.sv
  [=[pair_negative_q[0] ^ pair_negative_q[1]]=]
  [=[pair_negative_q[1]]=])
mutation(fff_sign_of_a_node_that_is_zero units/sterna_fff_out.sv
  [=[there[0] ? minus[0] : minus[1]]=]
  [=[minus[0]]=])
mutation(fff_sum_for_difference units/sterna_fff_out.sv
  [=[there[1] && (!there[0] || minus[0] != minus[1])]=]
  [=[there[1] && !there[0]]=])
mutation(fff_quads_of_one_word units/sterna_fff_out.sv
  [=[fff.quad / 8'(WordQuads)]=]
  [=[8'd0]=])
mutation(fff_rows_behind_the_end units/sterna_fff_out.sv
  [=[rows_left_q > LenBits'(e)]=]
  [=[1'b1]=])
mutation(fff_records_of_other_lanes units/sterna_fff_out.sv
  [=[there == '0 || !mine_q]=]
  [=[there == '0]=])
mutation(fff_end_of_other_lanes_missed units/sterna_fff_out.sv
  [=[(mine_i[b] || record_i[RecordBits*b+RecordBits-1])]=]
  [=[mine_i[b]]=])
mutation(fff_rows_of_blocks_dropped units/sterna_ternary_lane.sv
  [=[fffin_q || rows_left_q != '0]=]
  [=[rows_left_q != '0]=])
mutation(fff_five_elements_pushed units/sterna_ternary_gearbox.sv
  [=[no_quad_push_i ? '0 : CountBits'(4)]=]
  [=[no_quad_push_i ? '0 : CountBits'(Trits)]=])
mutation(fff_sums_of_one_part units/sterna_fff_out.sv
  [=[part_q == PartBits'(p)]=]
  [=[p == 0]=])
mutation(paths_of_three_blocks_are_longer core/sterna_lane.sv
  [=[{1'b0, rows[6:0], 1'b0}]=]
  [=[{1'b0, rows[6:0], 1'b1}]=])
