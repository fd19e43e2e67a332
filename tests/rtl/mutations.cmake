# SPDX-License-Identifier: Apache-2.0
# Faults that lockstep or the AXI checks must find. mutation(NAME FILE TEXT INSTEAD): TEXT, an expression, must stand exactly
# once in rtl/FILE; two entries with one NAME make one fault. mutant.cmake plants them.

# Ternary MatMul.
mutation(trit_sign_is_of_one_pair units/sterna_trit_decode.sv
  [=[minus[20*p+:20] ^ minus[20*(Chains && p % Chain != 0 ? p - p % Chain : p & (p - 1))+:20]]=]
  [=[minus[20*p+:20]]=])
mutation(matmul_sum_of_minus units/sterna_ternary_lane.sv
  [=[{{(AccBits - 15) {beats_q[14]}}, beats_q[14:0], beats_q[15]}]=]
  [=[{{(AccBits - 15) {beats_q[14]}}, beats_q[14:0], 1'b0}]=])
mutation(trit_order units/sterna_trit_decode.sv
  [=[{6'b0, last[9:8], next[11:8], half_q[16*c+8+:4]}]=]
  [=[{6'b0, last[9:8], half_q[16*c+8+:4], next[11:8]}]=])
mutation(quad_minus common/sterna_quad_add.sv
  [=[chain_i ^ minus]=]
  [=[chain_i]=])
mutation(quad_carry_into_the_next_stream common/sterna_quad_add.sv
  [=[(sum & ~Tops) + (left & ~Tops)]=]
  [=[sum + (left & ~Tops)]=])
mutation(quad_second_twice common/sterna_quad_add.sv
  [=[second_q & {48{code_q[2]}}]=]
  [=[48'b0]=])
mutation(quad_difference units/sterna_quad_pairs.sv
  [=[{3{difference[8]}}]=]
  [=[3'b0]=])
mutation(quad_sign_of_all units/sterna_quad_dot.sv
  [=[{chain_minus[r], 1'b0, all[14:1] ^ 14'h2000}]=]
  [=[{2'b0, all[14:1] ^ 14'h2000}]=])
mutation(quad_lane_of_another units/sterna_ternary_quad.sv
  [=[sums[SumsBits*l+:SumsBits]]=]
  [=[sums[SumsBits*(l/2)+:SumsBits]]=])
mutation(quad_stops_a_cycle_early units/sterna_ternary_quad.sv
  [=[{valid_q[Chain:0], step_i}]=]
  [=[{valid_q[Chain-1:0], step_i}]=])
mutation(quad_stops_without_its_first_lane core/sterna_core.sv
  [=[starts[StartBits*Die+Units+1+First +: Real] != '0]=]
  [=[starts[StartBits*Die+Units+1+First]]=])
mutation(matmul_column_tail units/sterna_ternary_matmul.sv
  [=[part_q | {Columns{whole_q != '0}}]=]
  [=[{Columns{1'b1}}]=])
mutation(matmul_row_tail units/sterna_ternary_lane.sv
  [=[rows_left_q > LenBits'(r)]=]
  [=[1'b1]=])
mutation(matmul_sums_not_cleared units/sterna_ternary_lane.sv
  [=[first_q[End] ? AccBits'(0) : acc_q]=]
  [=[acc_q]=])
mutation(matmul_early_step units/sterna_ternary_matmul.sv
  [=[(late_q || loads_step || any_loaded_q)]=]
  [=[1'b1]=])
mutation(matmul_early_step units/sterna_ternary_matmul.sv
  [=[(late_q || last_q || loads_step || more)]=]
  [=[1'b1]=])
mutation(matmul_step_before_its_last_word units/sterna_ternary_matmul.sv
  [=[(late_q || last_q || loads_step || more)]=]
  [=[(late_q || last_q || loads_step || any_loaded_q)]=])
mutation(matmul_step_before_its_last_word units/sterna_ternary_matmul.sv
  [=[(step ? more : any_loaded_q)]=]
  [=[any_loaded_q]=])
mutation(matmul_word_of_the_next_step units/sterna_ternary_matmul.sv
  [=[words_q[DataCycles-1]]=]
  [=[words_q[DataCycles-2]]=])
mutation(matmul_last_step_too_early units/sterna_ternary_matmul.sv
  [=[was_last_q[DataCycles-1]]=]
  [=[was_last_q[DataCycles-2]]=])
mutation(matmul_first_step_too_early units/sterna_ternary_matmul.sv
  [=[was_first_q[DataCycles-1]]=]
  [=[was_first_q[DataCycles-2]]=])
mutation(matmul_set_too_many units/sterna_ternary_matmul.sv
  [=[ended_q ? LenBits'(3) : LenBits'(2)]=]
  [=[ended_q ? LenBits'(2) : LenBits'(1)]=])
mutation(matmul_error_a_cycle_early units/sterna_ternary_matmul.sv
  [=[arrives && ((fffin_q ? block_error_i & beats_past_q[BlockCycles-1] : error_i & beats_past_q[DataCycles-1]) != '0)]=]
  [=[stepped_q[DataCycles-2] && (error_i & beats_past_q[DataCycles-2]) != '0]=])
mutation(matmul_group_set_not_drained units/sterna_ternary_matmul.sv
  [=[(last_q ? SetCycles > 1 : paused_next)]=]
  [=[1'b0]=])
mutation(matmul_group_set_not_drained units/sterna_ternary_matmul.sv
  [=[last_q && paused_next]=]
  [=[1'b0]=])
mutation(matrix_at_the_address_of_the_next memory/sterna_weight_stream.sv
  [=[!request_valid_q]=]
  [=[1'b1]=])
mutation(matrix_forgotten memory/sterna_weight_stream.sv
  [=[request_valid_q && !ready_d]=]
  [=[1'b0]=])
mutation(weights_not_dropped memory/sterna_weight_channel.sv
  [=[{run_i, few_i}]=]
  [=[{1'b1, few_i}]=])
mutation(lost_weight_error memory/sterna_weight_channel.sv
  [=[{r_error_i, r_data_i}]=]
  [=[{1'b0, r_data_i}]=])
mutation(matmul_rounding units/sterna_ternary_rescale.sv
  [=[16'h800]=]
  [=[16'h7FF]=])
mutation(matmul_multiplier_rounding units/sterna_ternary_rescale.sv
  [=[ProductBits'(shifted_q[0])]=]
  [=[ProductBits'(1'b0)]=])
mutation(matmul_saturation units/sterna_ternary_rescale.sv
  [=[!rounded[AccBits+20]]=]
  [=[rounded[AccBits+20]]=])
mutation(stale_scale core/sterna_register_file.sv
  [=[scale_en_i && writes_q[Writer][r]]=]
  [=[scale_en_i && writes_q[Writer][r] && scale_q[r] == '0]=])
mutation(scale_survives_start core/sterna_register_file.sv
  [=[!rst_ni || clear_i]=]
  [=[!rst_ni]=])

mutation(saturation_of_last_lane core/sterna_events.sv
  [=[clamped | (saturated_i[l*Units +: Units] & Saturates)]=]
  [=[saturated_i[l*Units +: Units] & Saturates]=])

# Row-wise.
mutation(gate_saturation_uncounted units/sterna_row_alu.sv
  [=[gate_i && first_saturated_q]=]
  [=[1'b0]=])
mutation(saturation_beyond_the_end units/sterna_row_alu.sv
  [=[keep_i && saturated]=]
  [=[saturated]=])
mutation(sigmoid_power units/sterna_row_alu.sv
  [=[{!power_i[3], power_i[2:0]}]=]
  [=[4'd8]=])
mutation(sub_swapped units/sterna_row_wise.sv
  [=[a_word[32*e+:32]]=]
  [=[rd_data_i[BeatBits+32*e+:32]]=])
mutation(sub_swapped units/sterna_row_wise.sv
  [=[rd_data_i[BeatBits+32*e+:32]]=]
  [=[a_word[32*e+:32]]=])
mutation(gate_swapped units/sterna_row_wise.sv
  [=[rd_data_i[BeatBits+32*e+:32]]=]
  [=[rd_data_i[2*BeatBits+32*e+:32]]=])
mutation(gate_swapped units/sterna_row_wise.sv
  [=[rd_data_i[2*BeatBits+32*e+:32]]=]
  [=[rd_data_i[BeatBits+32*e+:32]]=])
mutation(mul_rounding units/sterna_row_alu.sv
  [=[48'(!exp_i) << (F - 1)]=]
  [=[48'd0]=])
mutation(row_done_before_its_last_word units/sterna_row_wise.sv
  [=[left_words_q == (WordAddrBits + 1)'(1)]=]
  [=[left_words_q == (WordAddrBits + 1)'(2)]=])
mutation(row_tail units/sterna_row_alu.sv
  [=[keep_i ? result : 32'd0]=]
  [=[result]=])
mutation(sigmoid_sign units/sterna_row_alu.sv
  [=[(sigmoid ^ {1'b0, {F{flags7_q.negative}}})]=]
  [=[sigmoid]=])
mutation(sigmoid_end units/sterna_row_alu.sv
  [=[magnitude[F+4+p*HighBits+:HighBits] != '0]=]
  [=[magnitude[F+3+p*HighBits+:HighBits] != '0]=])
mutation(phi_end units/sterna_row_alu.sv
  [=[phi_i && index_q[9]]=]
  [=[1'b0]=])
mutation(relu_of_negative units/sterna_row_alu.sv
  [=[relu_i && !gen_delay[0].word_q[31]]=]
  [=[relu_i]=])
mutation(exp_end units/sterna_row_alu.sv
  [=[9'sd7]=]
  [=[9'sd6]=])
mutation(interpolation_rounding units/sterna_row_alu.sv
  [=[(!flags7_q.above && sum[DxBits+Excess-1])]=]
  [=[1'b0]=])
mutation(exp_interpolation_rounding units/sterna_row_alu.sv
  [=[{value4_q, exp_i, (DxBits - 1)'(0)}]=]
  [=[{value4_q, 1'b0, (DxBits - 1)'(0)}]=])
mutation(product_of_signs units/sterna_row_alu.sv
  [=[negative3_q ? FixMin : FixMax]=]
  [=[negative2_q ? FixMin : FixMax]=])
mutation(addend_of_another_instruction units/sterna_row_wise.sv
  [=[load_q.operands && gate_q]=]
  [=[load_q.operands]=])
mutation(exp_shift_of_sixteen units/sterna_row_alu.sv
  [=[flags8_q.shift[4] ? shifted_q >> 16 : shifted_q]=]
  [=[shifted_q]=])
mutation(delayed_by_one_less units/sterna_row_alu.sv
  [=[gen_delay[7].word_q]=]
  [=[gen_delay[6].word_q]=])
mutation(div_sign units/sterna_row_divide.sv
  [=[a_q[31] ^ b_q[31]]=]
  [=[a_q[31]]=])

# RMS.
mutation(lift_too_far units/sterna_rms.sv
  [=[7'sd48]=]
  [=[7'sd49]=])
mutation(lift_survives_start units/sterna_rms.sv
  [=[!rst_ni || clear_i]=]
  [=[!rst_ni]=])
mutation(eps_not_lifted units/sterna_rms.sv
  [=[norml_q ? power_q : 5'sd0]=]
  [=[5'sd0]=])
mutation(lifted_factor_reused units/sterna_rms_reuse.sv
  [=[norm && va != vd]=]
  [=[va != vd]=])
mutation(norm_saturation_uncounted units/sterna_rms_lane.sv
  [=[!fits]=]
  [=[1'b0]=])
mutation(rms_done_before_its_last_word units/sterna_rms.sv
  [=[writes_q == CountBits'(1)]=]
  [=[writes_q == CountBits'(2)]=])
mutation(quant_due_too_early units/sterna_rms.sv
  [=[DueBits'(read_q) >= due_read_q]=]
  [=[1'b1]=])
mutation(quant_word_of_three units/sterna_rms.sv
  [=[quarter_q == 2'd3]=]
  [=[quarter_q == 2'd2]=])
mutation(rms_tail units/sterna_rms_lane.sv
  [=[keep_i ? x_i : 32'd0]=]
  [=[x_i]=])
mutation(quant_rounding units/sterna_rms_lane.sv
  [=[32'(!first_i && shifted_q[0])]=]
  [=[32'd0]=])
mutation(square_rounding units/sterna_rms_lane.sv
  [=[48'h800]=]
  [=[48'd0]=])
mutation(magnitude_of_the_least units/sterna_rms_reduce.sv
  [=[four[31] || four[63] || four[95] || four[127]]=]
  [=[1'b0]=])
mutation(square_of_the_least units/sterna_rms_lane.sv
  [=[x_q == FixMin]=]
  [=[1'b0]=])
mutation(norm_parity units/sterna_rms_scalar.sv
  [=[zeros_q[0] ^ count_zeros_q[0]]=]
  [=[1'b0]=])
mutation(norm_without_eps units/sterna_rms.sv
  [=[64'(epsilon_q)]=]
  [=[64'd0]=])
mutation(norm_of_zeros units/sterna_rms_scalar.sv
  [=[norm_i && sum_i[15:8] == '0]=]
  [=[1'b0]=])
mutation(quant_shift units/sterna_rms_scalar.sv
  [=[6'd49]=]
  [=[6'd48]=])

# What the RMS unit uses again.
mutation(factor_of_a_register_that_was_written units/sterna_rms_reuse.sv
  [=[writes && vd == source_q]=]
  [=[1'b0]=])
mutation(rms_does_not_see_a_load core/sterna_issue.sv
  [=[next_result != sterna_isa_pkg::RESULT_NONE]=]
  [=[next_result != sterna_isa_pkg::RESULT_NONE && !next_unit[sterna_isa_pkg::UNIT_LSU]]=])
mutation(rms_does_not_see_a_row core/sterna_issue.sv
  [=[next_result != sterna_isa_pkg::RESULT_NONE]=]
  [=[next_result != sterna_isa_pkg::RESULT_NONE && !next_unit[sterna_isa_pkg::UNIT_ROW]]=])
mutation(rms_does_not_see_a_product core/sterna_issue.sv
  [=[next_result != sterna_isa_pkg::RESULT_NONE]=]
  [=[next_result != sterna_isa_pkg::RESULT_NONE && !next_unit[sterna_isa_pkg::UNIT_TMM]]=])
mutation(rms_does_not_see_a_list core/sterna_issue.sv
  [=[next_result != sterna_isa_pkg::RESULT_NONE]=]
  [=[next_result != sterna_isa_pkg::RESULT_NONE && !next_unit[sterna_isa_pkg::UNIT_TOP]]=])
mutation(factor_of_what_norm_overwrote units/sterna_rms_reuse.sv
  [=[va != vd]=]
  [=[1'b1]=])
mutation(factor_of_another_register units/sterna_rms_reuse.sv
  [=[va == source_q]=]
  [=[1'b1]=])
mutation(factor_of_another_length units/sterna_rms_reuse.sv
  [=[len == len_q]=]
  [=[norm || len == len_q]=])
mutation(factor_of_another_eps units/sterna_rms_reuse.sv
  [=[eps == eps_q]=]
  [=[1'b1]=])
mutation(factor_lost_to_a_quant units/sterna_rms_scalar.sv
  [=[cycle_q == Ready && norm_i]=]
  [=[cycle_q == Ready]=])
mutation(amax_of_a_quant units/sterna_rms_reuse.sv
  [=[(writes && vd == result_q) || start]=]
  [=[writes && vd == result_q]=])
mutation(amax_of_a_register_that_was_written units/sterna_rms_reuse.sv
  [=[writes && vd == result_q]=]
  [=[1'b0]=])
mutation(amax_of_another_register units/sterna_rms_reuse.sv
  [=[va == result_q]=]
  [=[1'b1]=])
mutation(amax_of_another_length units/sterna_rms_reuse.sv
  [=[len == len_q]=]
  [=[quant || len == len_q]=])

# Lists of the greatest.
mutation(top_ids units/sterna_topk.sv
  [=[~(base_q + 32'(place))]=]
  [=[base_q + 32'(place)]=])
mutation(list_done_before_its_last_word units/sterna_topk.sv
  [=[write_q == OutBits'(OutWords - 2)]=]
  [=[write_q == OutBits'(OutWords - 3)]=])
mutation(top_tail units/sterna_topk.sv
  [=[LenBits'(e) < left_q]=]
  [=[1'b1]=])
mutation(top_survives_start units/sterna_topk.sv
  [=[!rst_ni || clear_i]=]
  [=[!rst_ni]=])

# Issue.
mutation(no_raw_stall core/sterna_router.sv
  [=[(coming_sources_i & writes_q[u]) != '0]=]
  [=[1'b0]=])
mutation(no_stall_behind_what_just_issued core/sterna_router.sv
  [=[(coming_sources_i & dest_d) != '0]=]
  [=[1'b0]=])
mutation(chained_scan frontend/sterna_decode.sv
  [=[sterna_isa_pkg::chains(op5)]=]
  [=[sterna_isa_pkg::chains(op5) || op5 == sterna_isa_pkg::OP_SCAN]=])
mutation(word_read_before_it_is_written core/sterna_register_file.sv
  [=[lead_q[WordAddrBits:2] != '0]=]
  [=[lead_q != '0]=])
mutation(register_complete_before_its_last_word core/sterna_register_file.sv
  [=[written == total_q]=]
  [=[written + 1'b1 >= total_q]=])
mutation(rows_counted_as_columns core/sterna_lane.sv
  [=[17'(rows)]=]
  [=[17'(len)]=])
mutation(no_war_stall core/sterna_router.sv
  [=[(coming_dest_i & reads_q[u]) != '0]=]
  [=[1'b0]=])
mutation(no_waw_stall core/sterna_router.sv
  [=[(coming_dest_i & writes_q[u]) != '0]=]
  [=[1'b0]=])
mutation(no_port_stall core/sterna_router.sv
  [=[(coming_sources_i & reads_q[u]) != '0]=]
  [=[1'b0]=])
mutation(norm_beside_the_list core/sterna_router.sv
  [=[coming_unit_i[v] && Bus[4*u +: 4] == Bus[4*v +: 4]]=]
  [=[coming_unit_i[v] && Bus[4*u +: 4] == Bus[4*v +: 4] && u >= v]=])
mutation(list_beside_norm core/sterna_router.sv
  [=[coming_unit_i[v] && Bus[4*u +: 4] == Bus[4*v +: 4]]=]
  [=[coming_unit_i[v] && Bus[4*u +: 4] == Bus[4*v +: 4] && u <= v]=])
mutation(halt_does_not_wait core/sterna_router.sv
  [=[!rst_ni || busy]=]
  [=[!rst_ni]=])
mutation(last_fault_wins core/sterna_router.sv
  [=[flight_pc_q[v] < flight_pc_q[u]]=]
  [=[flight_pc_q[v] > flight_pc_q[u]]=])

# Legality and addresses.
mutation(address_wraps frontend/sterna_decode.sv
  [=[$signed(60'(end6)) > room6[c]]=]
  [=[1'b0]=])
mutation(address_wraps_in_the_last_copy frontend/sterna_decode.sv
  [=[60'(copy5)]=]
  [=[60'd0]=])
mutation(segment_end_off_by_one frontend/sterna_decode.sv
  [=[end6 > 50'(size6[c])]=]
  [=[end6 > 50'(size6[c]) + 50'd1]=])
mutation(length_bound frontend/sterna_decode.sv
  [=[32'(len1) > VecLen]=]
  [=[32'(len1) > VecLen + 1]=])
mutation(embedding_row units/sterna_load_store.sv
  [=[line_q + 58'(product_q)]=]
  [=[line_q]=])
mutation(embedding_end frontend/sterna_decode.sv
  [=[in_table2 ? fix_lines2 : q8_lines2 & {LenBits{matrix2}}]=]
  [=[q8_lines2 & {LenBits{matrix2}}]=])
mutation(scale_exponent_bound frontend/sterna_decode.sv
  [=[32'(scale1[ExponentBits-1:0]) < sterna_isa_pkg::MIN_SCALE_EXPONENT]=]
  [=[32'(scale1[ExponentBits-1:0]) < sterna_isa_pkg::MIN_SCALE_EXPONENT - 1]=])

# Memory.
mutation(load_tail units/sterna_load_store.sv
  [=[keep_q[e] ? word[e*32 +: 32] : 32'd0]=]
  [=[word[e*32 +: 32]]=])
mutation(store_reads_ahead_without_room units/sterna_load_store.sv
  [=[held_q < FifoCntBits'(FifoWords - 1)]=]
  [=[1'b1]=])
mutation(burst_too_long memory/sterna_axi_burst_splitter.sv
  [=[Block - request_index]=]
  [=[Block + 1'b1 - request_index]=])
mutation(burst_length_off_by_one memory/sterna_axi_mux.sv
  [=[8'(aw_beats - 9'd1)]=]
  [=[8'(aw_beats)]=])
mutation(lost_read_error memory/sterna_axi_read_engine.sv
  [=[{r_error_i, r_data_i}]=]
  [=[{1'b0, r_data_i}]=])
mutation(lost_write_error memory/sterna_axi_write_engine.sv
  [=[error_q || b_error_i]=]
  [=[1'b0]=])
mutation(store_does_not_wait memory/sterna_axi_write_engine.sv
  [=[b_valid_i && last_response]=]
  [=[w_valid_q && w_ready_i && w_last_o]=])
mutation(store_loses_the_beat_that_is_held memory/sterna_axi_write_engine.sv
  [=[held_valid_q ? held_data_q : data_i]=]
  [=[data_i]=])
mutation(burst_that_is_held_is_forgotten memory/sterna_axi_mux.sv
  [=[(rst_ni && held_valid_q) || ar_granted]=]
  [=[ar_granted]=])
mutation(write_data_waits_for_the_address memory/sterna_axi_write_engine.sv
  [=[sending_d && !held_valid_d]=]
  [=[sending_d && sending_q && !aw_valid_q && !held_valid_d]=])

# Resets.
mutation(reset_leaves_a_burst_without_its_data memory/sterna_axi_write_engine.sv
  [=[(sending_q && !(take_beat && last_beat))]=]
  [=[(rst_ni && sending_q && !(take_beat && last_beat))]=])
mutation(beats_of_the_past_are_taken memory/sterna_axi_mux.sv
  [=[{m_axi_rvalid_i, open}]=]
  [=[{m_axi_rvalid_i, 1'b1}]=])
mutation(reset_forgets_what_was_asked memory/sterna_axi_mux.sv
  [=[ar_valid_q || reads_outstanding_q != '0 || writes_outstanding]=]
  [=[ar_valid_q || writes_outstanding]=])
mutation(reset_forgets_what_was_written memory/sterna_axi_mux.sv
  [=[ar_valid_q || reads_outstanding_q != '0 || writes_outstanding]=]
  [=[ar_valid_q || reads_outstanding_q != '0]=])
mutation(counters_survive_a_reset core/sterna_counters.sv
  [=[clear_i || !rst_ni]=]
  [=[clear_i]=])

# Arguments.
mutation(arguments_change_while_a_program_runs top/sterna_control.sv
  [=[(takes)]=]
  [=[1'b1]=])
mutation(segments_written_later_are_not_told top/sterna_control_segments.sv
  [=[(written_q && !tells_q) || wr_words_i != '0]=]
  [=[written_q && !tells_q]=])
mutation(a_program_begins_before_the_last_segment top/sterna_control_segments.sv
  [=[tells_q && last]=]
  [=[tells_q && index_q == '0]=])
mutation(a_table_of_one_channel_for_all frontend/sterna_decode.sv
  [=[(segment.index & SegBits'(Channels - 1)) == SegBits'(c)]=]
  [=[(segment.index & SegBits'(Channels - 1)) == '0]=])
