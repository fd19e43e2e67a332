// SPDX-License-Identifier: Apache-2.0
// Reductions of the RMS unit: sum of squares and largest magnitude, 2^31 - 1 at most, over all words so far.
//
// Commands: max_clear_i sets the maximum to 1 (amax is never 0), sum_set_i the sum to sum_i.
// Handshake: none; load_i[s] loads stage s of three from the stage before: two levels of up to four operands, then the total.
// Latency: three cycles from a word's values to the total, a word a cycle.
// Elems: at most 16.
`include "rtl/verilator.svh"

module sterna_rms_reduce #(
  parameter int unsigned Elems = 16  // at most 16
) (
  input  logic                clk_i,
  input  logic                max_clear_i,
  input  logic [2:0]          max_load_i,
  input  logic [32*Elems-1:0] magnitudes_i,
  output logic [30:0]         max_o,
  input  logic                sum_set_i,
  input  logic [63:0]         sum_i,
  input  logic [2:0]          sum_load_i,
  input  logic [50*Elems-1:0] squares_i,
  output logic [63:0]         sum_o
);
  // Filled up with zeros to four groups of four, so that the tree has one shape.
  logic [16*32-1:0] magnitudes;
  logic [16*50-1:0] squares;
  assign magnitudes = (16 * 32)'(magnitudes_i);
  assign squares    = (16 * 50)'(squares_i);

  // Shaped for Verilator (docs/verilator.md).
  `STERNA_TEMPORARIES_BEGIN

  // Of four the largest: each is compared with each. Groups 0 to 3 are of a word, group 4 of what these have found. A magnitude of 2^31
  // counts as one less.
  logic [4*32-1:0] maxima;
  for (genvar g = 0; g < 5; g++) begin : gen_max
    logic [4*32-1:0] four;
    logic            over;  // one of them is 2^31
    logic [30:0]     m0, m1, m2, m3, largest_q;
    logic            second, fourth, upper;  // of the lower two the second, of the upper two the fourth; the upper two's

    if (g < 4) begin : gen_word
      assign four                = magnitudes[128*g+:128];
      assign maxima[32*g+:32]    = {1'b0, largest_q};
    end else begin : gen_total
      assign four = maxima;
    end

    assign over = four[31] || four[63] || four[95] || four[127];

    always_ff @(posedge clk_i) begin
      if (max_load_i[g/4]) begin
        m0     = four[0+:31];
        m1     = four[32+:31];
        m2     = four[64+:31];
        m3     = four[96+:31];
        second = m1 > m0;
        fourth = m3 > m2;
        upper  = second ? (fourth ? m3 > m1 : m2 > m1) : (fourth ? m3 > m0 : m2 > m0);
        case ({upper, upper ? fourth : second})
          2'd0:    largest_q <= m0;
          2'd1:    largest_q <= m1;
          2'd2:    largest_q <= m2;
          default: largest_q <= m3;
        endcase
        if (over) largest_q <= '1;
      end
    end
  end

  logic [4*52-1:0] sums_q;
  for (genvar g = 0; g < 4; g++) begin : gen_sum
    always_ff @(posedge clk_i) begin
      if (sum_load_i[0]) begin
        sums_q[52*g+:52] <= (52'(squares[50*(4*g)+:50]) + 52'(squares[50*(4*g+1)+:50]))
            + (52'(squares[50*(4*g+2)+:50]) + 52'(squares[50*(4*g+3)+:50]));
      end
    end
  end

  logic [53:0] word_sum_q;
  always_ff @(posedge clk_i) begin
    if (sum_load_i[1]) begin
      word_sum_q <= (54'(sums_q[0+:52]) + 54'(sums_q[52+:52]))
          + (54'(sums_q[104+:52]) + 54'(sums_q[156+:52]));
    end
    if (max_clear_i) max_o <= 31'd1;
    else if (max_load_i[2]) max_o <= max_o > gen_max[4].largest_q ? max_o : gen_max[4].largest_q;
    if (sum_set_i) sum_o <= sum_i;
    else if (sum_load_i[2]) sum_o <= sum_o + 64'(word_sum_q);
  end
  `STERNA_TEMPORARIES_END
endmodule
