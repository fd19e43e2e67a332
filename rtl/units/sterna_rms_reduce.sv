// SPDX-License-Identifier: Apache-2.0
// Reductions of the RMS unit: sum of squares and largest magnitude, over all words so far.
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
  input  logic [31*Elems-1:0] magnitudes_i,
  output logic [30:0]         max_o,
  input  logic                sum_set_i,
  input  logic [63:0]         sum_i,
  input  logic [2:0]          sum_load_i,
  input  logic [50*Elems-1:0] squares_i,
  output logic [63:0]         sum_o
);
  // Filled up with zeros to four groups of four, so that the tree has one shape.
  logic [16*31-1:0] magnitudes;
  logic [16*50-1:0] squares;
  assign magnitudes = (16 * 31)'(magnitudes_i);
  assign squares    = (16 * 50)'(squares_i);

  // Shaped for Verilator (docs/verilator.md).
  `STERNA_TEMPORARIES_BEGIN
  logic [30:0] low, high;  // the larger of two each

  logic [4*31-1:0] maxima_q;
  logic [4*52-1:0] sums_q;
  for (genvar g = 0; g < 4; g++) begin : gen_group
    logic [30:0] m0, m1, m2, m3;
    always_ff @(posedge clk_i) begin
      if (max_load_i[0]) begin
        m0 = magnitudes[31*(4*g)+:31];
        m1 = magnitudes[31*(4*g+1)+:31];
        m2 = magnitudes[31*(4*g+2)+:31];
        m3 = magnitudes[31*(4*g+3)+:31];
        m0 = m0 > m1 ? m0 : m1;
        m2 = m2 > m3 ? m2 : m3;
        maxima_q[31*g+:31] <= m0 > m2 ? m0 : m2;
      end
      if (sum_load_i[0]) begin
        sums_q[52*g+:52] <= (52'(squares[50*(4*g)+:50]) + 52'(squares[50*(4*g+1)+:50]))
            + (52'(squares[50*(4*g+2)+:50]) + 52'(squares[50*(4*g+3)+:50]));
      end
    end
  end

  logic [30:0] word_max_q;
  logic [53:0] word_sum_q;
  always_ff @(posedge clk_i) begin
    if (max_load_i[1]) begin
      low        = maxima_q[0+:31] > maxima_q[31+:31] ? maxima_q[0+:31] : maxima_q[31+:31];
      high       = maxima_q[62+:31] > maxima_q[93+:31] ? maxima_q[62+:31] : maxima_q[93+:31];
      word_max_q <= low > high ? low : high;
    end
    if (sum_load_i[1]) begin
      word_sum_q <= (54'(sums_q[0+:52]) + 54'(sums_q[52+:52]))
          + (54'(sums_q[104+:52]) + 54'(sums_q[156+:52]));
    end
    if (max_clear_i) max_o <= 31'd1;
    else if (max_load_i[2]) max_o <= max_o > word_max_q ? max_o : word_max_q;
    if (sum_set_i) sum_o <= sum_i;
    else if (sum_load_i[2]) sum_o <= sum_o + 64'(word_sum_q);
  end
  `STERNA_TEMPORARIES_END
endmodule
