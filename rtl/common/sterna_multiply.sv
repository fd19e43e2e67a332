// SPDX-License-Identifier: Apache-2.0
// A product wider than a DSP slice's, in two of them one behind the other: the second adds what the first hands on, 17 bits lower.
//
// Handshake: none; load_i[s] loads stage s of two, load_i[0] with the operands.
// Latency: two cycles, a product a cycle.
module sterna_multiply (
  input  logic               clk_i,
  input  logic        [ 1:0] load_i,
  input  logic signed [26:0] a_i,
  input  logic signed [34:0] b_i,
  input  logic signed [47:0] c_i,
  output logic signed [61:0] product_o  // a_i * b_i + c_i
);
  logic signed [47:0] low, high;
  logic signed [26:0] a_q;
  logic signed [17:0] b_q;
  logic signed [17:0] b_low;
  logic        [16:0] tail_q;
  assign b_low = $signed({1'b0, b_i[16:0]});

  sterna_multiply_add u_low (
    .clk_i,
    .load_i(load_i[0]),
    .a_i,
    .b_i   (b_low),
    .c_i,
    .sum_o (low)
  );

  sterna_multiply_add u_high (
    .clk_i,
    .load_i(load_i[1]),
    .a_i   (a_q),
    .b_i   (b_q),
    .c_i   (low >>> 17),
    .sum_o (high)
  );

  always_ff @(posedge clk_i) begin
    if (load_i[0]) begin
      a_q <= a_i;
      b_q <= $signed(b_i[34:17]);
    end
    if (load_i[1]) tail_q <= low[16:0];
  end

  assign product_o = $signed({high[44:0], tail_q});

  logic unused;
  assign unused = ^high[47:45];  // signs
endmodule
