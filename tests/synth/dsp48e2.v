// SPDX-License-Identifier: Apache-2.0
// What scripts/synth_map.v and rtl/common/sterna_quad_add.sv use of a DSP48E2, as UG579 describes it: a product and what OPMODE's Z adds (nothing, PCIN, C
// or PCIN shifted); or four sums of 12 bits of A:B, C and PCIN, to which ALUMODE adds or from which it takes. Registers as the parameters say.
module DSP48E2 #(
  parameter ACASCREG = 1, ADREG = 1, ALUMODEREG = 1, AREG = 1, BCASCREG = 1, BREG = 1, CARRYINREG = 1, CARRYINSELREG = 1,
  parameter CREG = 1, DREG = 1, INMODEREG = 1, MREG = 1, OPMODEREG = 1, PREG = 1, USE_MULT = "MULTIPLY", USE_SIMD = "ONE48"
) (
  input signed [29:0] A, ACIN,
  input signed [17:0] B, BCIN,
  input signed [47:0] C, PCIN,
  input signed [26:0] D,
  input [4:0] INMODE,
  input [3:0] ALUMODE,
  input [2:0] CARRYINSEL,
  input CARRYIN, CARRYCASCIN, MULTSIGNIN, CLK, CEP, RSTP,
  input CEA1, CEA2, CEAD, CEALUMODE, CEB1, CEB2, CEC, CECARRYIN, CECTRL, CED, CEINMODE, CEM,
  input RSTA, RSTALLCARRYIN, RSTALUMODE, RSTB, RSTC, RSTCTRL, RSTD, RSTINMODE, RSTM,
  input [8:0] OPMODE,
  output signed [47:0] P, PCOUT
);
  reg signed [29:0] a_q;
  reg signed [17:0] b_q;
  reg signed [47:0] m_q;
  reg signed [47:0] c_q;
  reg [8:0] opmode_q;
  reg [3:0] alumode_q;
  wire signed [29:0] a30 = AREG ? a_q : A;
  wire signed [17:0] b = BREG ? b_q : B;
  wire signed [47:0] c = CREG ? c_q : C;
  wire [8:0] opmode = OPMODEREG ? opmode_q : OPMODE;
  wire [3:0] alumode = ALUMODEREG ? alumode_q : ALUMODE;
  wire signed [26:0] a = a30[26:0];
  wire signed [47:0] z = opmode[6:4] == 3'b000 ? 48'sd0 : opmode[6:4] == 3'b001 ? PCIN : opmode[6:4] == 3'b011 ? c : PCIN >>> 17;
  always @(posedge CLK) begin
    if (CEA2) a_q <= A;
    if (CEB2) b_q <= B;
    if (CEC) c_q <= C;
    if (RSTM) m_q <= 48'd0; else if (CEM) m_q <= a * b;
    if (CECTRL) opmode_q <= OPMODE;
    if (CEALUMODE) alumode_q <= ALUMODE;
  end
  wire signed [47:0] product = (MREG ? m_q : a * b) + z;

  wire [47:0] x = opmode[1:0] == 2'b11 ? {a30, b} : 48'd0;
  wire [47:0] y = opmode[3:2] == 2'b11 ? c : 48'd0;
  wire [47:0] w = opmode[8:7] == 2'b11 ? c : 48'd0;
  wire [47:0] four;
  genvar i;
  generate
    for (i = 0; i < 48; i = i + 12) begin : field
      assign four[i +: 12] = alumode == 4'b0011 ? z[i +: 12] - (w[i +: 12] + x[i +: 12] + y[i +: 12])
                                                : z[i +: 12] + (w[i +: 12] + x[i +: 12] + y[i +: 12]);
    end
  endgenerate

  wire signed [47:0] sum = USE_SIMD == "FOUR12" ? four : product;
  reg signed [47:0] p_q;
  always @(posedge CLK) if (RSTP) p_q <= 48'd0; else if (CEP) p_q <= sum;
  assign P = PREG ? p_q : sum;
  assign PCOUT = P;
endmodule
