// SPDX-License-Identifier: Apache-2.0
// One DSP slice as four adders of 12 bits: what a code makes of two numbers is added to a sum, or taken away from it, in each of four streams.
//
// Handshake: none; load_i[0] loads the numbers and the code, load_i[1], a cycle later, the sum.
// Latency: two cycles from the numbers and the code to sum_o; the sum of the slice before is taken a cycle behind them, when that has it.
//
// Field s of 12 bits is stream s's, in two's complement. Difference and second are q0 - q1 and q1: alone, together (q0), and with the second twice
// (q0 + q1) they are what two trits can make of q0 and q1, but for the sign. With STERNA_DSP48E2 it is the slice itself, which synthesis tools do not find
// behind what it does: the difference in A and B, the second in C, chosen by OPMODE, and the sign in ALUMODE (AMD UG579, "SIMD mode").
// Otherwise shaped for Verilator (docs/verilator.md).
`include "rtl/verilator.svh"

`STERNA_UNTRACED_BEGIN
module sterna_quad_add (
  input  logic        clk_i,
  input  logic [1:0]  load_i,
  input  logic [47:0] difference_i,
  input  logic [47:0] second_i,
  input  logic [3:0]  code_i,   // {minus, second once more, second, difference}
  input  logic [47:0] chain_i,  // chain_o of the slice before, or zero
  output logic [47:0] chain_o,  // to the next slice,
  output logic [47:0] sum_o     // and out of the chain
);
`ifdef STERNA_DSP48E2
  DSP48E2 #(
    .USE_MULT("NONE"), .USE_SIMD("FOUR12"), .ACASCREG(1), .ADREG(0), .ALUMODEREG(1), .AREG(1), .BCASCREG(1), .BREG(1), .CARRYINREG(0),
    .CARRYINSELREG(0), .CREG(1), .DREG(0), .INMODEREG(0), .MREG(0), .OPMODEREG(1), .PREG(1)
  ) u_slice (
    .CLK(clk_i), .A(difference_i[47:18]), .B(difference_i[17:0]), .C(second_i), .D(27'b0), .PCIN(chain_i), .PCOUT(chain_o), .P(sum_o),
    .OPMODE({{2{code_i[2]}}, 3'b001, {2{code_i[1]}}, {2{code_i[0]}}}), .ALUMODE({2'b00, {2{code_i[3]}}}), .INMODE(5'b0), .CARRYINSEL(3'b0),
    .CARRYIN(1'b0), .ACIN(30'b0), .BCIN(18'b0), .CARRYCASCIN(1'b0), .MULTSIGNIN(1'b0), .CEA1(1'b0), .CEA2(load_i[0]), .CEAD(1'b0),
    .CEALUMODE(load_i[0]), .CEB1(1'b0), .CEB2(load_i[0]), .CEC(load_i[0]), .CECARRYIN(1'b0), .CECTRL(load_i[0]), .CED(1'b0), .CEINMODE(1'b0),
    .CEM(1'b0), .CEP(load_i[1]), .RSTA(1'b0), .RSTALLCARRYIN(1'b0), .RSTALUMODE(1'b0), .RSTB(1'b0), .RSTC(1'b0), .RSTCTRL(1'b0), .RSTD(1'b0),
    .RSTINMODE(1'b0), .RSTM(1'b0), .RSTP(1'b0)
  );
`else
  // All four fields in one addition: their top bits, which nothing may carry out of, are added by themselves.
  localparam logic [47:0] Tops = {4{12'h800}};
  logic [47:0] difference_q, second_q, sum_q;
  logic [3:0]  code_q;

  `STERNA_TEMPORARIES_BEGIN
  logic [47:0] left, right, sum, minus;

  always_ff @(posedge clk_i) begin
    if (load_i[0]) begin
      difference_q <= difference_i;
      second_q     <= second_i;
      code_q       <= code_i;
    end
    if (load_i[1]) begin
      minus = {48{code_q[3]}};
      left  = difference_q & {48{code_q[0]}};
      right = second_q & {48{code_q[1]}};
      left  = ((left & ~Tops) + (right & ~Tops)) ^ ((left ^ right) & Tops);
      right = second_q & {48{code_q[2]}};
      left  = ((left & ~Tops) + (right & ~Tops)) ^ ((left ^ right) & Tops);
      sum   = chain_i ^ minus;  // less a number is ~(~sum + number)
      sum_q <= ((sum & ~Tops) + (left & ~Tops)) ^ ((sum ^ left) & Tops) ^ minus;
    end
  end
  `STERNA_TEMPORARIES_END

  assign chain_o = sum_q;
  assign sum_o   = sum_q;
`endif
endmodule
`STERNA_UNTRACED_END
