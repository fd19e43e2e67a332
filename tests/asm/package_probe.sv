// SPDX-License-Identifier: Apache-2.0
// Shows what the generated package and ROM say, for the test that compares them with the C++ side.
module package_probe (
  input  logic         clk_i,
  input  logic [7:0]   op_i,
  output logic [127:0] used_o,
  output logic         legal_o,
  output logic         distinct_o,
  output logic         chains_o,
  output logic         scale_o,
  output logic         fff_o,
  output logic [2:0]   result_o,
  output logic [2:0]   access_o,
  output logic [4:0]   unit_o,
  output logic [4:0]   shared_o,
  output logic [14:0]  first_reads_o,  // unit u: bits 3*u +: 3
  output logic [15:0]  read_operands_o,
  output logic [7:0]   operands_o,  // vd va vb vc mem len rows imm, bit 0 first
  input  logic [10:0]  a_addr_i,
  input  logic [10:0]  b_addr_i,
  output logic [27:0]  a_value_o,
  output logic [21:0]  a_slope_o,
  output logic [14:0]  a_curve_o,
  output logic [27:0]  b_value_o,
  output logic [21:0]  b_slope_o,
  output logic [14:0]  b_curve_o
);
  assign used_o = sterna_isa_pkg::used_bits(op_i);
  assign legal_o = sterna_isa_pkg::is_legal_opcode(op_i);
  assign distinct_o = sterna_isa_pkg::needs_distinct(op_i);
  assign chains_o = sterna_isa_pkg::chains(op_i);
  assign scale_o = sterna_isa_pkg::takes_scale(op_i);
  assign fff_o = sterna_isa_pkg::needs_fff(op_i);
  assign result_o = sterna_isa_pkg::result_of(op_i);
  assign access_o = sterna_isa_pkg::access_of(op_i);
  assign unit_o = sterna_isa_pkg::unit_of(op_i);
  assign shared_o = sterna_isa_pkg::UNIT_SHARED;
  assign read_operands_o = sterna_isa_pkg::READ_OPERANDS;
  assign first_reads_o[3*sterna_isa_pkg::UNIT_LSU+:3] = 3'(sterna_isa_pkg::READ_LSU);
  assign first_reads_o[3*sterna_isa_pkg::UNIT_ROW+:3] = 3'(sterna_isa_pkg::READ_ROW);
  assign first_reads_o[3*sterna_isa_pkg::UNIT_RMS+:3] = 3'(sterna_isa_pkg::READ_RMS);
  assign first_reads_o[3*sterna_isa_pkg::UNIT_TMM+:3] = 3'(sterna_isa_pkg::READ_TMM);
  assign first_reads_o[3*sterna_isa_pkg::UNIT_TOP+:3] = 3'(sterna_isa_pkg::READ_TOP);
  assign operands_o = {
    sterna_isa_pkg::uses_imm(op_i), sterna_isa_pkg::uses_rows(op_i),
    sterna_isa_pkg::uses_len(op_i), sterna_isa_pkg::uses_mem(op_i),
    sterna_isa_pkg::uses_vc(op_i), sterna_isa_pkg::uses_vb(op_i),
    sterna_isa_pkg::uses_va(op_i), sterna_isa_pkg::uses_vd(op_i)
  };

  sterna_parabola_rom u_parabola_rom (
    .clk_i,
    .en_i(1'b1),
    .a_addr_i,
    .b_addr_i,
    .a_word_o({a_curve_o, a_slope_o, a_value_o}),
    .b_word_o({b_curve_o, b_slope_o, b_value_o})
  );
endmodule
