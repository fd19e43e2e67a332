// SPDX-License-Identifier: Apache-2.0
// What scripts/synth_map.v uses of a DSP48E2, as UG579 describes it: OPMODE's Z adds nothing, PCIN, C or PCIN shifted; P has a register or none.
module DSP48E2 #(
  parameter ACASCREG = 1, ADREG = 1, ALUMODEREG = 1, AREG = 1, BCASCREG = 1, BREG = 1, CARRYINREG = 1, CARRYINSELREG = 1,
  parameter CREG = 1, DREG = 1, INMODEREG = 1, MREG = 1, OPMODEREG = 1, PREG = 1
) (
  input signed [29:0] A, ACIN,
  input signed [17:0] B, BCIN,
  input signed [47:0] C, PCIN,
  input signed [26:0] D,
  input [4:0] INMODE,
  input [3:0] ALUMODE,
  input [2:0] CARRYINSEL,
  input CARRYIN, CLK, CEP, RSTP,
  input [8:0] OPMODE,
  output signed [47:0] P, PCOUT
);
  wire signed [26:0] a = A[26:0];
  wire signed [47:0] z = OPMODE[6:4] == 3'b000 ? 48'sd0 : OPMODE[6:4] == 3'b001 ? PCIN : OPMODE[6:4] == 3'b011 ? C : PCIN >>> 17;
  wire signed [47:0] sum = a * B + z;
  reg signed [47:0] p_q;
  always @(posedge CLK) if (RSTP) p_q <= 48'd0; else if (CEP) p_q <= sum;
  assign P = PREG ? p_q : sum;
  assign PCOUT = P;
endmodule
