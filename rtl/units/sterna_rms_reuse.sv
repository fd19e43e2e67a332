// SPDX-License-Identifier: Apache-2.0
// What is known of the RMS units' last scalars before an instruction issues, once for all lanes, whose programs are the same: the
// factor of the last NORM (of its va, len and eps), and the largest magnitude of what it wrote.
//
// Commands: instr_i is looked up; valid_i takes it, in program order: a NORM fills; a NORML fills the magnitude only, as its factor depends on a lift.
// Invalidation: an instruction of any unit that writes the register. Nothing else writes registers. A
// reset, and a program's end: in an idle lane the scalars are an earlier program's.
// Latency: hits are combinational from instr_i.
module sterna_rms_reuse #(
  parameter int unsigned LenBits = 14
) (
  input  logic         clk_i,
  input  logic         rst_ni,
  input  logic         valid_i,
  input  logic         rms_i,     // instr_i is the RMS unit's
  input  logic         writes_i,  // it writes its vd
  input  logic [127:0] instr_i,
  output logic         factor_hit_o,   // instr_i is a NORM of the cached factor
  output logic         amax_hit_o      // instr_i is a QUANT of the cached magnitude
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
  assign norml = op == sterna_isa_pkg::OP_NORML;
  assign quant = op == sterna_isa_pkg::OP_QUANT;

  // The last NORM.
  logic [RegBits-1:0] source_q, result_q;
  logic [LenBits-1:0] len_q;
  logic [EpsBits-1:0] eps_q;
  logic               factor_valid_q, amax_valid_q;
  logic               start, fills, writes;
  assign start  = valid_i && rms_i;
  assign fills  = valid_i && (rms_i && (norm || norml));  // valid_i comes last
  assign writes = valid_i && writes_i;

  always_ff @(posedge clk_i) begin
    if (fills) begin
      source_q <= va;
      result_q <= vd;
      len_q    <= len;
      eps_q    <= eps;
    end
  end

  always_ff @(posedge clk_i) begin
    if (!rst_ni) begin
      factor_valid_q <= 1'b0;
      amax_valid_q   <= 1'b0;
    end else begin  // masks: valid_i comes late for an enable
      factor_valid_q <= (fills && norm && va != vd) || (!fills && factor_valid_q && !(writes && vd == source_q));
      amax_valid_q   <= fills || (amax_valid_q && !((writes && vd == result_q) || start));  // a QUANT has a maximum of its own
    end
  end

  logic same_len;
  assign same_len     = len == len_q;
  assign factor_hit_o = norm && factor_valid_q && va == source_q && same_len && eps == eps_q;
  assign amax_hit_o   = quant && amax_valid_q && va == result_q && same_len;

  logic unused;
  assign unused = ^instr_i;
endmodule
