// SPDX-License-Identifier: Apache-2.0
// One element's arithmetic of the RMS unit (docs/numerics.md). One 32 by 32 multiplier serves both passes: the square of |x|,
// then the product with the weight.
//
// Handshake: none. at_i[t] says that an element is in the pipeline at time t, where time 0 is the cycle in which x_i and w_i are
// valid; a register of time t+1 is loaded when at_i[t] is high and holds otherwise.
// Latency: an element a cycle;
//
//   time           0      1     2      3     4     5       6     7     8
//   first pass     x_i    x     |x|    prod  prod  square
//   second, QUANT  x_i    x     prod   prod  shift q8
//   second, NORM   x_i    x     prod   prod  shift y       prod  prod  norm, then |norm|
module sterna_rms_lane (
  input  logic        clk_i,
  input  logic [ 8:0] at_i,
  input  logic        first_i,    // the first of the two passes
  input  logic        quant_i,    // QUANT (else NORM)
  input  logic [25:0] mantissa_i,
  input  logic [ 5:0] shift_i,    // T - 1
  input  logic        keep_i,     // with x_i: within the vector; else x counts as zero
  input  logic [31:0] x_i,
  input  logic [31:0] w_i,
  output logic [30:0] magnitude_o,  // at time 2; of NORM's result at time 9
  output logic [49:0] square_o,     // at time 5
  output logic [ 7:0] q8_o,         // at time 5
  output logic [31:0] norm_o,       // at time 8
  output logic        saturated_o   // with norm_o: it was clamped
);
  localparam int unsigned F      = sterna_isa_pkg::FRACTION_BITS;
  localparam logic [31:0] FixMax = 32'h7FFF_FFFF;
  localparam logic [31:0] FixMin = 32'h8000_0000;

  // ---------------------------------------------------------------- operands
  logic [31:0] x_q;
  logic [31:0] w_q, w2_q, w3_q, w4_q, w5_q;
  logic [31:0] signed_value, negated;
  logic        magnitude_en;

  assign signed_value = first_i ? x_q : norm_o;
  assign negated      = -signed_value;
  assign magnitude_en = first_i ? at_i[1] : !quant_i && at_i[8];

  always_ff @(posedge clk_i) begin
    if (at_i[0]) x_q <= keep_i ? x_i : 32'd0;
    if (magnitude_en) begin
      magnitude_o <= signed_value == FixMin ? FixMax[30:0]
                   : signed_value[31] ? negated[30:0] : signed_value[30:0];
    end
    if (!first_i && !quant_i) begin
      if (at_i[0]) w_q <= w_i;
      if (at_i[1]) w2_q <= w_q;
      if (at_i[2]) w3_q <= w2_q;
      if (at_i[3]) w4_q <= w3_q;
      if (at_i[4]) w5_q <= w4_q;
    end
  end

  // ---------------------------------------------------------------- scale: rs(x * M, T), saturated
  // One less than T (which is at least 2) is shifted first, so that the round-up bit comes out of the shifter.
  logic signed [57:0] scaled_q, scaled2_q, shifted_q;
  logic signed [57:0] rounded;
  logic [31:0]        y_q;

  assign rounded = (shifted_q >>> 1) + $signed({57'b0, shifted_q[0]});

  always_ff @(posedge clk_i) begin
    if (!first_i) begin
      if (at_i[1]) scaled_q <= $signed(x_q) * $signed({1'b0, mantissa_i});
      if (at_i[2]) scaled2_q <= scaled_q;
      if (at_i[3]) shifted_q <= scaled2_q >>> shift_i;
      if (at_i[4]) begin
        if (quant_i) q8_o <= rounded > 58'sd127 ? 8'd127 : rounded < -58'sd127 ? -8'sd127 : rounded[7:0];
        else y_q <= rounded[57:31] == {27{rounded[31]}} ? rounded[31:0] : rounded[57] ? FixMin : FixMax;
      end
    end
  end

  // ---------------------------------------------------------------- multiplier
  logic signed [63:0] product_q, product2_q;
  logic [63-F:0]      product_rounded;
  logic               product_en, product2_en;

  assign product_en      = !quant_i && (first_i ? at_i[2] : at_i[5]);
  assign product2_en     = !quant_i && (first_i ? at_i[3] : at_i[6]);
  assign product_rounded = product2_q[63:F] + (64 - F)'(product2_q[F-1]);

  always_ff @(posedge clk_i) begin
    if (product_en) begin
      product_q <= $signed(first_i ? {1'b0, magnitude_o} : y_q)
          * $signed(first_i ? {1'b0, magnitude_o} : w5_q);
    end
    if (product2_en) product2_q <= product_q;
    if (first_i && !quant_i && at_i[4]) square_o <= product2_q[61:12] + 50'(product2_q[11]);
    if (!first_i && !quant_i && at_i[7]) begin
      norm_o <= product_rounded[63-F:31] == {33 - F{product_rounded[31]}} ? product_rounded[31:0]
              : product_rounded[63-F] ? FixMin : FixMax;
      saturated_o <= product_rounded[63-F:31] != {33 - F{product_rounded[31]}};
    end
  end

  logic unused;
  assign unused = ^{negated[31], product2_q[10:0]};
endmodule
