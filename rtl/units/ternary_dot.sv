// Five rows times BeatBits / 8 columns: what one beat of weights adds to a row group's sums, in one lane.
//
// Two columns at a time: t0 * q0 + t1 * q1 is zero, or one of q0, q1, q0 + q1 and q0 - q1, or minus that one. The four come
// from ternary_pairs, the choice from trit_decode; so half the adders of a tree over single columns do. Both come with
// load_i[0]; load_i[s] loads stage s of three, one cycle after load_i[s-1]. Then row r's sum is
// sums_o[16*r +: SumBits] (with half the range added) + sums_o[16*r + 15]. A beat every cycle.
//
// A code is {minus, some, which of the four}; a shift, a mask and an exclusive or make the term of it, without a branch where
// software simulates it. Minus v is ~v + 1. The ones would cost an adder each; instead each adder takes in the one of its left
// term, and the one of its right term waits for the next. Two levels of adders lie between registers. Beats narrower than
// 512 bits leave terms zero. Written as trit_decode says.
module ternary_dot #(
  parameter int unsigned BeatBits = 512,
  localparam int unsigned Columns = BeatBits / 8,
  localparam int unsigned Pairs   = Columns / 2,
  localparam int unsigned Fours   = Pairs / 4
) (
  input  logic                 clk_i,
  input  logic [2:0]           load_i     /* verilator public_flat_rd */,
  input  logic [20*Pairs-1:0]  codes_i    /* verilator public_flat_rd */,  // trit_decode's
  input  logic [64*Pairs-1:0]  choices_i  /* verilator public_flat_rd */,  // ternary_pairs'
  output logic [16*5-1:0]      sums_o
);
  /* verilator no_inline_module */

  // Terms of 16 bits: {one still to be added, value}. Row r's term g is term 5*g + r.
  logic [16*5*Fours-1:0] fours_q;  // of four pairs each
  logic [16*5*2-1:0]     halves_q;

  /* verilator lint_off BLKSEQ */
  /* verilator lint_off UNUSEDSIGNAL */
  logic [3:0]  c0, c1, c2, c3;
  logic [8:0]  v0, v1, v2, v3;  // + 256: positive, so that there is no sign to extend
  logic [11:0] low, high, all;  // the spare bit below makes the one part of the operands
  logic [15:0] low2, high2, all2, all3;
  logic [639:0] eight;

  always_ff @(posedge clk_i) begin
    if (load_i[0]) begin
      for (int unsigned g = 0; g < Fours; g++) begin
        for (int unsigned r = 0; r < 5; r++) begin
          c0 = codes_i[80*g+4*r+:4];
          c1 = codes_i[80*g+20+4*r+:4];
          c2 = codes_i[80*g+40+4*r+:4];
          c3 = codes_i[80*g+60+4*r+:4];
          v0 = 9'(choices_i[256*g+:64] >> {c0[1:0], 4'b0});
          v1 = 9'(choices_i[256*g+64+:64] >> {c1[1:0], 4'b0});
          v2 = 9'(choices_i[256*g+128+:64] >> {c2[1:0], 4'b0});
          v3 = 9'(choices_i[256*g+192+:64] >> {c3[1:0], 4'b0});
          v0 = ((v0 ^ {9{c0[3]}}) & {9{c0[2]}}) ^ 9'h100;
          v1 = ((v1 ^ {9{c1[3]}}) & {9{c1[2]}}) ^ 9'h100;
          v2 = ((v2 ^ {9{c2[3]}}) & {9{c2[2]}}) ^ 9'h100;
          v3 = ((v3 ^ {9{c3[3]}}) & {9{c3[2]}}) ^ 9'h100;
          low  = {2'b0, v0, 1'b1} + {2'b0, v1, c0[3]};
          high = {2'b0, v2, 1'b1} + {2'b0, v3, c2[3]};
          all  = {low[11:1], 1'b1} + {high[11:1], c1[3]};
          fours_q[16*(5*g+r)+:16] <= {c3[3], 4'b0, all[11:1]};
        end
      end
    end
    if (load_i[1]) begin
      eight = 640'(fours_q) << (80 * (8 - Fours));  // the last one is always handed on: the sum has no room for it
      for (int unsigned h = 0; h < 2; h++) begin
        for (int unsigned r = 0; r < 5; r++) begin
          low2  = {eight[320*h+16*r+:15], 1'b1} + {eight[320*h+80+16*r+:15], eight[320*h+16*r+15]};
          high2 = {eight[320*h+160+16*r+:15], 1'b1} + {eight[320*h+240+16*r+:15], eight[320*h+160+16*r+15]};
          all2  = {low2[15:1], 1'b1} + {high2[15:1], eight[320*h+80+16*r+15]};
          halves_q[80*h+16*r+:16] <= {eight[320*h+240+16*r+15], all2[15:1]};
        end
      end
    end
    if (load_i[2]) begin
      for (int unsigned r = 0; r < 5; r++) begin
        all3 = {halves_q[16*r+:15], 1'b1} + {halves_q[80+16*r+:15], halves_q[16*r+15]};
        sums_o[16*r+:16] <= {halves_q[80+16*r+15], all3[15:1]};
      end
    end
  end
  /* verilator lint_on UNUSEDSIGNAL */
  /* verilator lint_on BLKSEQ */
endmodule
