# Faults that lockstep or the AXI checks must find. mutation(NAME FILE TEXT INSTEAD): TEXT, an expression, must stand exactly
# once in rtl/FILE; two entries with one NAME make one fault. mutant.cmake plants them.

# Ternary MatMul.
mutation(trit_sign units/ternary_dot.sv
  [=[q ^ {8{!plus}}]=]
  [=[q ^ {8{plus}}]=])
mutation(trit_minus_is_not units/ternary_dot.sv
  [=[!zero && !plus]=]
  [=[1'b0]=])
mutation(trit_order units/trit_decode.sv
  [=[{t4[9], t3[9], t2[9], x[3], x[1], t4[8], t3[8], t2[8], x[2], x[0]}]=]
  [=[{x[1], x[3], t2[9], t3[9], t4[9], x[0], x[2], t2[8], t3[8], t4[8]}]=])
mutation(matmul_column_tail units/ternary_matmul.sv
  [=[columns_q >= LenBits'(Columns)]=]
  [=[1'b1]=])
mutation(matmul_row_tail units/ternary_matmul.sv
  [=[rows_left_q > LenBits'(r)]=]
  [=[1'b1]=])
mutation(matmul_sums_not_cleared units/ternary_matmul.sv
  [=[first_q ? '0 : accs_q[AccBits*r+:AccBits]]=]
  [=[accs_q[AccBits*r+:AccBits]]=])
mutation(matmul_rounding units/ternary_rescale.sv
  [=[16'h800]=]
  [=[16'h7FF]=])
mutation(matmul_multiplier_rounding units/ternary_rescale.sv
  [=[ProductBits'(shifted_q[0])]=]
  [=[ProductBits'(1'b0)]=])
mutation(matmul_saturation units/ternary_rescale.sv
  [=[!rounded[AccBits+20]]=]
  [=[rounded[AccBits+20]]=])
mutation(stale_scale core/register_file.sv
  [=[scale_en_i && write_to_q[Rms] == IndexBits'(r)]=]
  [=[scale_en_i && write_to_q[Rms] == IndexBits'(r) && scale_q[r] == '0]=])
mutation(scale_survives_start core/register_file.sv
  [=[!rst_ni || clear_i]=]
  [=[!rst_ni]=])

# Row-wise.
mutation(sub_swapped units/row_wise.sv
  [=[rd_data_i[32*e+:32]]=]
  [=[rd_data_i[BeatBits+32*e+:32]]=])
mutation(sub_swapped units/row_wise.sv
  [=[rd_data_i[BeatBits+32*e+:32]]=]
  [=[rd_data_i[32*e+:32]]=])
mutation(gate_swapped units/row_wise.sv
  [=[rd_data_i[BeatBits+32*e+:32]]=]
  [=[rd_data_i[2*BeatBits+32*e+:32]]=])
mutation(gate_swapped units/row_wise.sv
  [=[rd_data_i[2*BeatBits+32*e+:32]]=]
  [=[rd_data_i[BeatBits+32*e+:32]]=])
mutation(mul_rounding units/row_alu.sv
  [=[(64 - F)'(product2_q[F-1])]=]
  [=[(64 - F)'(1'b0)]=])
mutation(row_tail units/row_alu.sv
  [=[keep_i ? result : 32'd0]=]
  [=[result]=])
mutation(sigmoid_sign units/row_alu.sv
  [=[facts6_q.negative ? One - sigmoid : sigmoid]=]
  [=[sigmoid]=])
mutation(sigmoid_end units/row_alu.sv
  [=[magnitude[31:F+4] != '0]=]
  [=[magnitude[31:F+3] != '0]=])
mutation(exp_end units/row_alu.sv
  [=[9'sd7]=]
  [=[9'sd6]=])
mutation(interpolation_rounding units/row_alu.sv
  [=[SumBits'(1) << (WayBits + Excess - 1)]=]
  [=[SumBits'(0)]=])
mutation(div_sign units/row_divide.sv
  [=[a_q[31] ^ b_q[31]]=]
  [=[a_q[31]]=])

# RMS.
mutation(rms_tail units/rms_lane.sv
  [=[keep_i ? x_i : 32'd0]=]
  [=[x_i]=])
mutation(quant_rounding units/rms_lane.sv
  [=[$signed({57'b0, shifted_q[0]})]=]
  [=[58'sd0]=])
mutation(square_rounding units/rms_lane.sv
  [=[50'(product2_q[11])]=]
  [=[50'd0]=])
mutation(norm_parity units/rms_scalar.sv
  [=[zeros_q[0] ^ count_zeros_q[0]]=]
  [=[1'b0]=])
mutation(quant_shift units/rms_scalar.sv
  [=[6'd49]=]
  [=[6'd48]=])

# Issue.
mutation(no_raw_stall core/router.sv
  [=[(sources_i & writes_any) != '0]=]
  [=[1'b0]=])
mutation(no_war_stall core/router.sv
  [=[(dest_i & reads_any) != '0]=]
  [=[1'b0]=])
mutation(no_waw_stall core/router.sv
  [=[(dest_i & writes_any) != '0]=]
  [=[1'b0]=])
mutation(no_port_stall core/router.sv
  [=[(sources_i & reads_any) != '0]=]
  [=[1'b0]=])
mutation(halt_does_not_wait core/router.sv
  [=[stop && busy_q == '0]=]
  [=[stop]=])
mutation(last_fault_wins core/router.sv
  [=[flight_pc_q[u] < bus_pc_d]=]
  [=[1'b1]=])

# Legality and addresses.
mutation(segment_end_off_by_one core/decode.sv
  [=[end6 > 50'(size6)]=]
  [=[end6 > 50'(size6) + 50'd1]=])
mutation(length_bound core/decode.sv
  [=[32'(len1) > VecLen]=]
  [=[32'(len1) > VecLen + 1]=])
mutation(embedding_row core/decode.sv
  [=[(op4 == sterna_isa_pkg::OP_EMB ? 49'(product4) : '0)]=]
  [=['0]=])
mutation(scale_exponent_bound core/decode.sv
  [=[32'(scale1[ExponentBits-1:0]) < sterna_isa_pkg::MIN_SCALE_EXPONENT]=]
  [=[32'(scale1[ExponentBits-1:0]) < sterna_isa_pkg::MIN_SCALE_EXPONENT - 1]=])

# Memory.
mutation(load_tail units/load_store.sv
  [=[LenBits'(i) < elems_q ? word_in[i*32 +: 32] : 32'd0]=]
  [=[word_in[i*32 +: 32]]=])
mutation(burst_too_long memory/axi_burst_splitter.sv
  [=[(IndexBits + 1)'(LinesPerBurst)]=]
  [=[(IndexBits + 1)'(LinesPerBurst + 1)]=])
mutation(burst_length_off_by_one memory/dram_router.sv
  [=[8'(aw_beats - 9'd1)]=]
  [=[8'(aw_beats)]=])
mutation(lost_read_error memory/axi_read_engine.sv
  [=[{r_error_i, r_data_i}]=]
  [=[{1'b0, r_data_i}]=])
mutation(lost_write_error memory/axi_write_engine.sv
  [=[b_valid_i && b_error_i]=]
  [=[1'b0]=])
mutation(store_does_not_wait memory/axi_write_engine.sv
  [=[state_q == Response && outstanding_q == '0]=]
  [=[state_q == Response]=])
