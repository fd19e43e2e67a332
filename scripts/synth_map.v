// SPDX-License-Identifier: Apache-2.0
// For Yosys's techmap, in `make synth-core`: what a vendor's tools do with an UltraScale+ and Yosys 0.23 does not.
//
// Signed products wider than a DSP48E2 slice's 27 by 18 bits become chains of slices. A slice adds its product to what the
// slice before it hands on, as it is or shifted right by 17 bits, so that partial products cost no look-up tables.
(* techmap_celltype = "$mul" *)
module synth_multiply (A, B, Y);
  parameter A_SIGNED = 0;
  parameter B_SIGNED = 0;
  parameter A_WIDTH = 1;
  parameter B_WIDTH = 1;
  parameter Y_WIDTH = 1;
  input [A_WIDTH-1:0] A;
  input [B_WIDTH-1:0] B;
  output [Y_WIDTH-1:0] Y;

  localparam Swap = A_WIDTH < B_WIDTH;
  localparam Wide = Swap ? B_WIDTH : A_WIDTH;
  localparam Narrow = Swap ? A_WIDTH : B_WIDTH;
  wire _TECHMAP_FAIL_ = !(A_SIGNED && B_SIGNED && Narrow > 18 && Wide > 27 && Wide <= 35);

  wire signed [34:0] x = Swap ? $signed(B) : $signed(A);
  wire signed [34:0] y = Swap ? $signed(A) : $signed(B);
  wire [17:0] x_low = {1'b0, x[16:0]}, x_high = x[34:17];
  wire signed [69:0] product;
  assign Y = product;

  wire [47:0] low, middle, high;
  generate
    if (Narrow <= 27) begin
      wire [47:0] chain;
      sterna_slice #(0, 0) s0 (y[26:0], x_low, 48'b0, low, chain);
      sterna_slice #(1, 1) s1 (y[26:0], x_high, chain, high, );
      assign product = {high, low[16:0]};
    end else begin
      wire [47:0] chain0, chain1, chain2;
      sterna_slice #(0, 0) s0 ({10'b0, y[16:0]}, x_low, 48'b0, low, chain0);
      sterna_slice #(1, 1) s1 ({{9{y[34]}}, y[34:17]}, x_low, chain0, , chain1);
      sterna_slice #(1, 0) s2 ({10'b0, y[16:0]}, x_high, chain1, middle, chain2);
      sterna_slice #(1, 1) s3 ({{9{y[34]}}, y[34:17]}, x_high, chain2, high, );
      assign product = {high, middle[16:0], low[16:0]};
    end
  endgenerate
endmodule

// One slice without its registers: a * b + (chained ? from >>> (shifted ? 17 : 0) : 0).
module sterna_slice #(
  parameter chained = 0,
  parameter shifted = 0
) (
  input [26:0] a,
  input [17:0] b,
  input [47:0] from,
  output [47:0] p,
  output [47:0] to
);
  DSP48E2 #(
    .ACASCREG(0), .ADREG(0), .ALUMODEREG(0), .AREG(0), .BCASCREG(0), .BREG(0), .CARRYINREG(0), .CARRYINSELREG(0), .CREG(0),
    .DREG(0), .INMODEREG(0), .MREG(0), .OPMODEREG(0), .PREG(0)
  ) dsp (
    .A({{3{a[26]}}, a}), .B(b), .C(48'b0), .D(27'b0), .PCIN(from), .P(p), .PCOUT(to),
    .INMODE(5'b0), .ALUMODE(4'b0), .CARRYINSEL(3'b0), .CARRYIN(1'b0), .ACIN(30'b0), .BCIN(18'b0),
    .OPMODE({2'b00, !chained ? 3'b000 : shifted ? 3'b101 : 3'b001, 4'b0101})
  );
endmodule

// A slice with the register behind its adder.
(* techmap_celltype = "sterna_multiply_add" *)
module synth_multiply_add (
  input clk_i,
  input load_i,
  input [26:0] a_i,
  input [17:0] b_i,
  input [47:0] c_i,
  output [47:0] sum_o
);
  DSP48E2 #(
    .ACASCREG(0), .ADREG(0), .ALUMODEREG(0), .AREG(0), .BCASCREG(0), .BREG(0), .CARRYINREG(0), .CARRYINSELREG(0), .CREG(0),
    .DREG(0), .INMODEREG(0), .MREG(0), .OPMODEREG(0), .PREG(1)
  ) dsp (
    .CLK(clk_i), .CEP(load_i), .RSTP(1'b0), .A({{3{a_i[26]}}, a_i}), .B(b_i), .C(c_i), .D(27'b0), .PCIN(48'b0), .P(sum_o),
    .INMODE(5'b0), .ALUMODE(4'b0), .CARRYINSEL(3'b0), .CARRYIN(1'b0), .ACIN(30'b0), .BCIN(18'b0), .OPMODE(9'b000110101)
  );
endmodule

// A slice with that and the register behind its multiplier.
(* techmap_celltype = "sterna_product_sum" *)
module synth_product_sum (
  input clk_i,
  input [1:0] load_i,
  input [26:0] a_i,
  input [17:0] b_i,
  input [47:0] c_i,
  output [47:0] sum_o
);
  DSP48E2 #(
    .ACASCREG(0), .ADREG(0), .ALUMODEREG(0), .AREG(0), .BCASCREG(0), .BREG(0), .CARRYINREG(0), .CARRYINSELREG(0), .CREG(0),
    .DREG(0), .INMODEREG(0), .MREG(1), .OPMODEREG(0), .PREG(1)
  ) dsp (
    .CLK(clk_i), .CEM(load_i[0]), .CEP(load_i[1]), .RSTM(1'b0), .RSTP(1'b0), .A({{3{a_i[26]}}, a_i}), .B(b_i), .C(c_i), .D(27'b0),
    .PCIN(48'b0), .P(sum_o), .INMODE(5'b0), .ALUMODE(4'b0), .CARRYINSEL(3'b0), .CARRYIN(1'b0), .ACIN(30'b0), .BCIN(18'b0),
    .OPMODE(9'b000110101)
  );
endmodule

// A choice among eight words takes two LUT6 and a MUXF7 a bit.
(* techmap_celltype = "$shiftx" *)
module synth_mux8 (A, B, Y);
  parameter A_SIGNED = 0;
  parameter B_SIGNED = 0;
  parameter A_WIDTH = 8;
  parameter B_WIDTH = 3;
  parameter Y_WIDTH = 1;
  parameter _TECHMAP_CONSTMSK_B_ = 0;
  parameter _TECHMAP_CONSTVAL_B_ = 0;
  input [A_WIDTH-1:0] A;
  input [B_WIDTH-1:0] B;
  output [Y_WIDTH-1:0] Y;

  localparam Low = $clog2(Y_WIDTH);  // bits of B that are zero, where it counts words
  localparam Zeros = (1 << Low) - 1;
  localparam Fail = A_WIDTH != 8 * Y_WIDTH || Y_WIDTH != 1 << Low || B_WIDTH != Low + 3 || B_SIGNED
                    || (_TECHMAP_CONSTMSK_B_ & Zeros) != Zeros || (_TECHMAP_CONSTVAL_B_ & Zeros) != 0;
  wire _TECHMAP_FAIL_ = Fail;

  genvar i;
  generate
    if (!Fail) for (i = 0; i < Y_WIDTH; i = i + 1) begin : bits
      wire low, high;
      LUT6 #(.INIT(64'hFF00F0F0CCCCAAAA)) four0 (.I0(A[i]), .I1(A[Y_WIDTH+i]), .I2(A[2*Y_WIDTH+i]), .I3(A[3*Y_WIDTH+i]),
                                                .I4(B[Low]), .I5(B[Low+1]), .O(low));
      LUT6 #(.INIT(64'hFF00F0F0CCCCAAAA)) four1 (.I0(A[4*Y_WIDTH+i]), .I1(A[5*Y_WIDTH+i]), .I2(A[6*Y_WIDTH+i]),
                                                .I3(A[7*Y_WIDTH+i]), .I4(B[Low]), .I5(B[Low+1]), .O(high));
      MUXF7 eight (.I0(low), .I1(high), .S(B[Low+2]), .O(Y[i]));
    end
  endgenerate
endmodule
