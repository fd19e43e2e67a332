// SPDX-License-Identifier: Apache-2.0
// What the RMS unit still has from its last instructions: the factor of the last NORM, which is that of its source's first
// len elements and eps, and the largest magnitude of what it wrote. Each is good until an instruction starts that writes
// its register. (Nothing else writes registers, so that they may even come from the program before.)
module sterna_rms_reuse #(
  parameter int unsigned LenBits = 14
) (
  input  logic         clk_i,
  input  logic         rst_ni,
  input  logic         start_i,  // the RMS unit starts instr_i
  input  logic         other_i,  // another unit does, and will write its vd
  input  logic [127:0] instr_i,
  output logic         same_factor_o,  // instr_i is a NORM that needs no first pass
  output logic         same_amax_o     // it is a QUANT that needs none
);
  localparam int unsigned RegBits = sterna_isa_pkg::FIELD_VD_BITS;
  localparam int unsigned OpBits  = sterna_isa_pkg::FIELD_OP_BITS;
  localparam int unsigned EpsBits = sterna_isa_pkg::FIELD_IMM_BITS;

  logic [OpBits-1:0]  op;
  logic [RegBits-1:0] vd, va;
  logic [LenBits-1:0] len;
  logic [EpsBits-1:0] eps;
  logic               norm, norml, quant;
  assign op    = instr_i[sterna_isa_pkg::FIELD_OP_LSB +: OpBits];
  assign vd    = instr_i[sterna_isa_pkg::FIELD_VD_LSB +: RegBits];
  assign va    = instr_i[sterna_isa_pkg::FIELD_VA_LSB +: RegBits];
  assign len   = LenBits'(instr_i[sterna_isa_pkg::FIELD_LEN_LSB +: sterna_isa_pkg::FIELD_LEN_BITS]);
  assign eps   = instr_i[sterna_isa_pkg::FIELD_IMM_LSB +: EpsBits];
  assign norm  = op == sterna_isa_pkg::OP_NORM;
  assign norml = op == sterna_isa_pkg::OP_NORML;  // whose factor nobody else can use
  assign quant = op == sterna_isa_pkg::OP_QUANT;

  // The last NORM.
  logic [RegBits-1:0] source_q, result_q;
  logic [LenBits-1:0] len_q;
  logic [EpsBits-1:0] eps_q;
  logic               factor_q, amax_q;  // still good
  logic               writes;
  assign writes = start_i || other_i;

  always_ff @(posedge clk_i) begin
    if (start_i && (norm || norml)) begin
      source_q <= va;
      result_q <= vd;
      len_q    <= len;
      eps_q    <= eps;
    end
  end

  always_ff @(posedge clk_i) begin
    if (!rst_ni) begin
      factor_q <= 1'b0;
      amax_q   <= 1'b0;
    end else if (start_i && (norm || norml)) begin
      factor_q <= norm && va != vd;
      amax_q   <= 1'b1;
    end else begin
      if (writes && vd == source_q) factor_q <= 1'b0;
      if ((writes && vd == result_q) || start_i) amax_q <= 1'b0;  // a QUANT has a maximum of its own
    end
  end

  logic same_len;
  assign same_len      = len == len_q;
  assign same_factor_o = norm && factor_q && va == source_q && same_len && eps == eps_q;
  assign same_amax_o   = quant && amax_q && va == result_q && same_len;

  logic unused;
  assign unused = ^instr_i;  // vb is the router's
endmodule
