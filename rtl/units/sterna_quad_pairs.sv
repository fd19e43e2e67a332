// SPDX-License-Identifier: Apache-2.0
// What the slices of quad_dot take of a beat's activations in four streams, for the rows of all channels: of each pair of neighbouring columns the
// difference and the second one, each when its slice wants it.
//
// Handshake: none; load_i with activations_i, and moves_i then and in each of the Chain - 1 cycles behind.
// Latency: pair p's a cycle and p mod Chain more.
//
// What waits moves all at once, so that it may be a shift register of look-up tables. Shaped for Verilator (docs/verilator.md).
`include "rtl/verilator.svh"

module sterna_quad_pairs #(
  parameter int unsigned BeatBits = 512,
  localparam int unsigned Pairs   = BeatBits / 16,
  localparam int unsigned Chain   = Pairs < 8 ? Pairs : 8  // slices
) (
  input  logic                  clk_i,
  input  logic                  load_i,
  input  logic                  moves_i,
  input  logic [4*BeatBits-1:0] activations_i,  // of stream s: part s; byte c: column c, biased by 128
  output logic [48*Pairs-1:0]   differences_o,  // of pair p: part p, as quad_add takes it
  output logic [48*Pairs-1:0]   seconds_o
);
  for (genvar p = 0; p < Pairs; p++) begin : gen_pair
    localparam int unsigned Cycles = p % Chain;
    for (genvar k = 0; k <= Cycles; k++) begin : gen_stage
      logic [47:0] difference_q, second_q;
      if (k == 0) begin : gen_first
        `STERNA_TEMPORARIES_BEGIN
        logic [8:0]  difference;
        logic [7:0]  second;
        logic [47:0] differences, seconds;

        always_ff @(posedge clk_i) begin
          if (load_i) begin
            for (int unsigned s = 0; s < 4; s++) begin
              second     = activations_i[BeatBits*s+16*p+8+:8];
              difference = {1'b0, activations_i[BeatBits*s+16*p+:8]} - {1'b0, second};  // of which the bias falls out
              differences[12*s+:12] = {{3{difference[8]}}, difference};
              seconds[12*s+:12]     = {{5{!second[7]}}, second[6:0]};
            end
            difference_q <= differences;
            second_q     <= seconds;
          end
        end
        `STERNA_TEMPORARIES_END
      end else begin : gen_later
        always_ff @(posedge clk_i) begin
          if (moves_i) begin
            difference_q <= gen_stage[k-1].difference_q;
            second_q     <= gen_stage[k-1].second_q;
          end
        end
      end
    end
    assign differences_o[48*p+:48] = gen_stage[Cycles].difference_q;
    assign seconds_o[48*p+:48]     = gen_stage[Cycles].second_q;
  end
endmodule
