// SPDX-License-Identifier: Apache-2.0
// One element's arithmetic of the RMS unit (docs/numerics.md). One 32 by 32 multiplier serves both passes: the square of x, then
// the product with the weight.
//
// Handshake: none. load_i loads the registers of a stage (rms_pkg); what is not loaded holds.
// Latency: an element a cycle; the unit raises the bits of load_i at these times, time 0 being the cycle in which x_i and w_i are valid:
//
//   time               0      1     2        3     4      5       6     7     8
//   first pass, sum    x_i    x     factors  prod  prod   square
//   first pass, QUANT  x_i    x     |x|
//   second, QUANT      x_i    x     prod     prod  shift  q8
//   second, NORM       x_i    x     prod     prod  shift  factors prod  prod  norm, then |norm|
`include "rtl/verilator.svh"

module sterna_rms_lane (
  input  logic        clk_i,
  input  logic [sterna_rms_pkg::LOAD_BITS-1:0] load_i,  // sterna_rms_pkg::load_t
  input  logic        first_i,      // the first of the two passes
  input  logic [25:0] mantissa_i,
  input  logic [ 5:0] shift_i,      // T - 1
  input  logic        keep_i,       // with x_i: within the vector; else x counts as zero
  input  logic [31:0] x_i,
  input  logic [31:0] w_i,
  output logic [31:0] magnitude_o,  // unsigned; at time 2, of NORM's result at time 9
  output logic [49:0] square_o,     // at time 5
  output logic [ 7:0] q8_o,         // at time 5
  output logic [31:0] norm_o,       // at time 8
  output logic        saturated_o   // with norm_o: it was clamped
);
  localparam int unsigned F      = sterna_isa_pkg::FRACTION_BITS;
  localparam logic [31:0] FixMax = 32'h7FFF_FFFF;
  localparam logic [31:0] FixMin = 32'h8000_0000;

  sterna_rms_pkg::load_t load;
  assign load = load_i;

  // ---------------------------------------------------------------- operands
  logic [31:0] x_q;
  logic [31:0] w_q, w2_q, w3_q, w4_q;

  always_ff @(posedge clk_i) begin
    if (load.x) x_q <= keep_i ? x_i : 32'd0;
    if (load.weight[0]) w_q <= w_i;
    if (load.weight[1]) w2_q <= w_q;
    if (load.weight[2]) w3_q <= w2_q;
    if (load.weight[3]) w4_q <= w3_q;
  end

  // ---------------------------------------------------------------- scale: rs(x * M, T)
  // One less than T (which is at least 2) is shifted first, so that the round-up bit comes out of the shifter. Neither NORM's y nor
  // QUANT's result can be clamped here (docs/numerics.md), so no bit above them is kept.
  logic signed [26:0] mantissa;
  logic signed [61:0] scaled;
  logic        [32:0] shifted_q;
  logic        [31:0] y;          // of the second pass; in the first, the factor of a square

  assign mantissa = $signed({1'b0, mantissa_i});

  sterna_multiply u_scale (
    .clk_i,
    .load_i   (load.scale),
    .a_i      (mantissa),
    .b_i      (35'($signed(x_q))),
    .c_i      ('0),
    .product_o(scaled)
  );

  // By sixteens first: each step has fewer bits to give than the one before it.
  `STERNA_TEMPORARIES_BEGIN
  logic signed [47:0] by_sixteens;
  logic signed [35:0] by_fours;
  always_ff @(posedge clk_i) begin
    if (load.shift) begin
      by_sixteens = 48'(scaled >>> {shift_i[5:4], 4'b0});
      by_fours    = 36'(by_sixteens >>> {shift_i[3:2], 2'b0});
      shifted_q   <= $unsigned(33'(by_fours >>> shift_i[1:0]));
    end
  end
  `STERNA_TEMPORARIES_END

  always_ff @(posedge clk_i) begin
    if (load.q8) q8_o <= y[7:0];
  end

  // ---------------------------------------------------------------- multiplier
  // Two products, of the factor's lower 26 bits and its upper six, rounded in the first; their sum, saturated by the factors' signs.
  // min(|x|, 2^31 - 1)^2 is the square of x, but for the least x that of x + 1.
  logic        [31:0] factor_q, weight_q;
  logic signed [26:0] factor_low;
  logic signed [61:0] low, high;
  logic        [36:0] upper;    // of the product, from bit 26 on, but for a second sign
  logic      [62-F:0] rounded;
  logic               fits, negative_q, negative2_q;
  logic        [31:0] limited;  // x
  logic        [ 1:0] equal;
  logic        [31:0] norm;

  // What a square wants instead of y goes in front of the sum, whose look-up tables have inputs left, not behind it.
  assign limited = {x_q[31:1], x_q[0] || x_q == FixMin};
  assign y       = 32'(!first_i && shifted_q[0]) + (first_i ? limited : shifted_q[32:1]);

  always_ff @(posedge clk_i) begin
    if (load.factors) begin
      factor_q <= y;
      weight_q <= first_i ? limited : w4_q;
    end
    if (load.product[0]) negative_q <= factor_q[31] ^ weight_q[31];
    if (load.product[1]) negative2_q <= negative_q;
  end

  assign factor_low = $signed({1'b0, factor_q[25:0]});

  sterna_multiply u_low (
    .clk_i,
    .load_i   (load.product),
    .a_i      (factor_low),
    .b_i      (35'($signed(weight_q))),
    .c_i      (first_i ? 48'h800 : 48'h80_0000),  // half of the last bit that stays: 12 bits go, or F
    .product_o(low)
  );
  sterna_multiply u_high (
    .clk_i,
    .load_i   (load.product),
    .a_i      (27'($signed(factor_q[31:26]))),
    .b_i      (35'($signed(weight_q))),
    .c_i      ('0),
    .product_o(high)
  );

  assign upper   = $unsigned(37'(low >>> 26)) + high[36:0];
  assign rounded = {upper, low[25:F]};

  // Whether the bits from 31 on are equal: those from Middle on, and those up to it. Both choose; one bit of the two would be a level more.
  localparam int unsigned Middle = (31 + 62 - F + 1) / 2;
  assign equal = {rounded[62-F:Middle] == {63 - F - Middle{rounded[62-F]}}, rounded[Middle:31] == {Middle - 30{rounded[31]}}};
  assign fits  = equal == '1;

  sterna_choose #(
    .Words(4),
    .Width(32)
  ) u_norm (
    .index_i(equal),
    .words_i({rounded[31:0], {3{negative2_q ? FixMin : FixMax}}}),
    .word_o (norm)
  );

  always_ff @(posedge clk_i) begin
    if (load.square) square_o <= {upper[35:0], low[25:12]};
    if (load.norm) begin
      norm_o      <= norm;
      saturated_o <= !fits;
    end
  end

  // ---------------------------------------------------------------- magnitude: 2^31 of the least; the maximum is clamped (rms_reduce)
  logic [31:0] value;
  assign value = first_i ? x_q : norm_o;

  always_ff @(posedge clk_i) begin
    if (load.magnitude) magnitude_o <= 32'(value[31]) + (value ^ {32{value[31]}});
  end

  logic unused;
  assign unused = ^{low[11:0], high[61:37]};
endmodule
