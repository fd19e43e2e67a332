// SPDX-License-Identifier: Apache-2.0
// Pre-adders of ternary_dot: of each pair of neighbouring columns both activations, their sum and their difference, once for the
// rows of all channels.
//
// Handshake: none; load_i loads.
// Latency: one cycle. Shaped for Verilator (docs/verilator.md).
`include "rtl/verilator.svh"

module sterna_ternary_pairs #(
  parameter int unsigned BeatBits = 512,
  localparam int unsigned Pairs = BeatBits / 16
) (
  input  logic                clk_i,
  input  logic                load_i         `STERNA_OPAQUE,
  input  logic [BeatBits-1:0] activations_i  `STERNA_OPAQUE,  // byte c: column c, biased by 128
  output logic [64*Pairs-1:0] candidates_o   // pair p: q0, q1, q0 + q1, q0 - q1, biased by 256, in 16 bits each
);
  `STERNA_ONE_COPY

  `STERNA_TEMPORARIES_BEGIN
  logic [7:0]  q0, q1;
  logic [15:0] sum, difference;

  always_ff @(posedge clk_i) begin
    if (load_i) begin
      for (int unsigned p = 0; p < Pairs; p++) begin
        q0         = activations_i[16*p+:8];
        q1         = activations_i[16*p+8+:8];
        sum        = {8'b0, q0} + {8'b0, q1};
        difference = {8'b1, q0} - {8'b0, q1};
        candidates_o[64*p+:64] <= {difference, sum, 7'b0, q1[7], q1, 7'b0, q0[7], q0} ^ 64'h80_0080;  // the two: + 128 more
      end
    end
  end
  `STERNA_TEMPORARIES_END
endmodule
