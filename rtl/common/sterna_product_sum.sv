// SPDX-License-Identifier: Apache-2.0
// One DSP slice with a register behind its multiplier, too: a product, and a cycle later its sum with what comes then. Where a DSP
// lies far from what it works for, neither wire has to share its cycle with the other.
//
// Handshake: none; load_i[0] loads the product, load_i[1] the sum.
// Latency: two cycles, c_i one behind a_i and b_i; a sum a cycle.
module sterna_product_sum (
  input  logic               clk_i,
  input  logic        [ 1:0] load_i,
  input  logic signed [26:0] a_i,
  input  logic signed [17:0] b_i,
  input  logic signed [47:0] c_i,
  output logic signed [47:0] sum_o  // a_i * b_i + c_i
);
  logic signed [44:0] product_q;

  always_ff @(posedge clk_i) begin
    if (load_i[0]) product_q <= a_i * b_i;
    if (load_i[1]) sum_o <= 48'(product_q) + c_i;
  end
endmodule
