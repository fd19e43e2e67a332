// SPDX-License-Identifier: Apache-2.0
// One DSP slice: a product, an addition, and the register behind them.
//
// Handshake: none; load_i loads.
// Latency: one cycle, a sum a cycle.
module sterna_multiply_add (
  input  logic               clk_i,
  input  logic               load_i,
  input  logic signed [26:0] a_i,
  input  logic signed [17:0] b_i,
  input  logic signed [47:0] c_i,
  output logic signed [47:0] sum_o  // a_i * b_i + c_i
);
  always_ff @(posedge clk_i) begin
    if (load_i) sum_o <= a_i * b_i + c_i;
  end
endmodule
