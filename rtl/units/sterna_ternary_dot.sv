// SPDX-License-Identifier: Apache-2.0
// Dot products of five rows with BeatBits / 8 columns, in one lane: what a beat of weights adds to a row group's sums.
//
// Handshake: none; load_i[s] loads stage s of four, load_i[0] with codes_i and candidates_i.
// Latency: four cycles, a beat a cycle. Row r's sum, or minus the sum where sums_o[16*r + 15] is set, is sums_o[16*r +: 14] - 8192.
//
// Columns are taken in pairs: t0 * q0 + t1 * q1 is zero, or one of q0, q1, q0 + q1 and q0 - q1 (ternary_pairs), or minus that one;
// trit_decode makes the select codes. So the tree needs half the adders of one over single columns.
//
// Signs are relative: rel[p] = s[p] ^ s[p & (p - 1)], that of pair p against the pair that it meets in the tree; rel[0] = s[0] is
// the whole sum's. For pairs x0 .. x3 with s = + - + -, rel = + - + -: (x0 - x1) + (x2 - x3). With s = - - + -, rel = - + - -:
// -((x0 + x1) - (x2 - x3)). So an adder takes its left operand straight from a register, past its look-up table, which then has an
// input left for the right one's sign. Values are biased by half their range: all are positive, no sign is extended, and minus v
// is ~v + 1 as ever, the one being the adder's carry in. Of two pairs the left one is made zero by its register's reset, the right
// one in the look-up table. Shaped for Verilator (docs/verilator.md).
`include "rtl/verilator.svh"

module sterna_ternary_dot #(
  parameter int unsigned BeatBits = 512,
  localparam int unsigned Trits   = sterna_isa_pkg::TRITS_PER_BYTE,
  localparam int unsigned Columns = BeatBits / 8,
  localparam int unsigned Pairs   = Columns / 2,
  localparam int unsigned Twos    = Pairs / 2,
  localparam int unsigned Fours   = Pairs / 4
) (
  input  logic                 clk_i,
  input  logic [3:0]               load_i        `STERNA_OPAQUE,
  input  logic [4*Trits*Pairs-1:0] codes_i       `STERNA_OPAQUE,  // trit_decode's
  input  logic [64*Pairs-1:0]      candidates_i  `STERNA_OPAQUE,  // ternary_pairs'
  output logic [16*Trits-1:0]      sums_o
);
  `STERNA_ONE_COPY

  // Row r's part g of a stage is part Trits*g + r. Of two pairs: {rel, nonzero, 5 bits, value; rel, 6 bits, value}, the left one
  // below; of more: {rel, 4 bits, value}.
  logic [32*Trits*Twos-1:0]  twos_q;
  logic [16*Trits*Fours-1:0] fours_q;
  logic [16*Trits*2-1:0]     halves_q;

  localparam int unsigned Rows = 16 * Trits;  // bits of a part of all rows
  localparam logic [8*Rows-1:0] Zeros = {8 * Trits{16'h0400}};  // of the fours that a narrower beat lacks

  // An adder's operands have a lowest bit for the carry in: 1 + rel.
  `STERNA_TEMPORARIES_BEGIN
  `STERNA_SOME_BITS_BEGIN
  logic [3:0]   left, right;
  logic [8:0]   v0, v1, v3;
  logic [31:0]  two0, two1;
  logic [10:0]  low, high;
  logic [11:0]  all;
  logic [8*Rows-1:0] eight;
  logic [15:0]  four0, four1, four2, four3;
  logic [12:0]  low2, high2;
  logic [13:0]  all2;
  logic [15:0]  half0, half1;
  logic [14:0]  all3;

  always_ff @(posedge clk_i) begin
    if (load_i[0]) begin
      for (int unsigned t = 0; t < Twos; t++) begin
        for (int unsigned r = 0; r < Trits; r++) begin
          left  = codes_i[8*Trits*t+4*r+:4];
          right = codes_i[8*Trits*t+4*Trits+4*r+:4];
          v0    = 9'(candidates_i[128*t+:64] >> {left[1:0], 4'b0});
          v1    = 9'(candidates_i[128*t+64+:64] >> {right[1:0], 4'b0});
          twos_q[32*(Trits*t+r)+:32] <= {right[3:2], 5'b0, v1, left[3], 6'b0, left[2] ? v0 : 9'h100};
        end
      end
    end
    if (load_i[1]) begin
      for (int unsigned g = 0; g < Fours; g++) begin
        for (int unsigned r = 0; r < Trits; r++) begin
          two0 = twos_q[32*(2*Trits*g+r)+:32];
          two1 = twos_q[32*(2*Trits*g+Trits+r)+:32];
          v1   = ((two0[24:16] ^ 9'h100) & {9{two0[30]}}) ^ 9'h100;
          v3   = ((two1[24:16] ^ 9'h100) & {9{two1[30]}}) ^ 9'h100;
          low  = {1'b0, two0[8:0], 1'b1} + {1'b0, v1 ^ {9{two0[31]}}, two0[31]};
          high = {1'b0, two1[8:0], 1'b1} + {1'b0, v3 ^ {9{two1[31]}}, two1[31]};
          all  = {1'b0, low[10:1], 1'b1} + {1'b0, high[10:1] ^ {10{two1[15]}}, two1[15]};
          fours_q[Rows*g+16*r+:16] <= {two0[15], 4'b0, all[11:1]};
        end
      end
    end
    if (load_i[2]) begin
      eight = Fours == 8 ? (8 * Rows)'(fours_q) : (Zeros << (Rows * Fours)) | (8 * Rows)'(fours_q);
      for (int unsigned h = 0; h < 2; h++) begin
        for (int unsigned r = 0; r < Trits; r++) begin
          four0 = eight[4*Rows*h+16*r+:16];
          four1 = eight[4*Rows*h+Rows+16*r+:16];
          four2 = eight[4*Rows*h+2*Rows+16*r+:16];
          four3 = eight[4*Rows*h+3*Rows+16*r+:16];
          low2  = {1'b0, four0[10:0], 1'b1} + {1'b0, four1[10:0] ^ {11{four1[15]}}, four1[15]};
          high2 = {1'b0, four2[10:0], 1'b1} + {1'b0, four3[10:0] ^ {11{four3[15]}}, four3[15]};
          all2  = {1'b0, low2[12:1], 1'b1} + {1'b0, high2[12:1] ^ {12{four2[15]}}, four2[15]};
          halves_q[Rows*h+16*r+:16] <= {four0[15], 2'b0, all2[13:1]};
        end
      end
    end
    if (load_i[3]) begin
      for (int unsigned r = 0; r < Trits; r++) begin
        half0 = halves_q[16*r+:16];
        half1 = halves_q[Rows+16*r+:16];
        all3  = {1'b0, half0[12:0], 1'b1} + {1'b0, half1[12:0] ^ {13{half1[15]}}, half1[15]};
        sums_o[16*r+:16] <= {half0[15], 1'b0, all3[14:1]};
      end
    end
  end
  `STERNA_SOME_BITS_END
  `STERNA_TEMPORARIES_END
endmodule
