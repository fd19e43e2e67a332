// SPDX-License-Identifier: Apache-2.0
// How many words a weight_banks holds, as far as that matters in the next cycle.
//
// Commands: push_i adds a word, pop_i takes one away, or with pop_two_i two.
// Handshake: none. kept_o[b]: word b is held in the next cycle, and those before it, where none is popped in this one; left_o[b]:
// where those that pop_two_i says are.
// Latency: kept_o, left_o hang on push_i and pop_two_i; not on pop_i, which comes late and has only to choose. So this is a module of
// its own: in one with that choice Yosys, which knows no arrival times, would choose first and count then. What was pushed and popped
// is added to the count a cycle late.
// BeatsPerStep: 1 or 2. Depth: words, a power of two.
`include "rtl/assertions.svh"

module sterna_weight_count #(
  parameter int unsigned BeatsPerStep = 2,
  parameter int unsigned Depth        = 16
) (
  input  logic                    clk_i,
  input  logic                    rst_ni,
  input  logic                    push_i,
  input  logic                    pop_i,
  input  logic                    pop_two_i,
  output logic [BeatsPerStep-1:0] kept_o,
  output logic [BeatsPerStep-1:0] left_o
);
  localparam int unsigned PtrBits = $clog2(Depth);
  localparam int unsigned Most    = 2 * BeatsPerStep;  // words that may matter in the next cycle

  logic [PtrBits:0] held_q, held_d;  // without the last cycle's push and pop, which
  logic [1:0]       change_d, change_q;  // is to be added
  logic [1:0]       not_change_q;  // ~change_q, for the count, where that one has several words' look-up tables to decide
  logic [Most:0]    has, stays;  // bit k: k words are held; once what may be popped now is gone
  logic [Most+3:0]  had_q;  // bit k: held_q is k - 1 or more

  assign held_d = held_q + {{PtrBits - 1{!not_change_q[1]}}, ~not_change_q};

  always_comb begin
    // One look-up table each: several channels' counts meet in a cycle.
    for (int unsigned k = 0; k <= Most; k++) begin
      case (change_q)
        2'b01:   has[k] = had_q[k];
        2'b00:   has[k] = had_q[k+1];
        2'b11:   has[k] = had_q[k+2];
        default: has[k] = had_q[k+3];
      endcase
    end
    stays = pop_two_i ? has >> 2 : has >> 1;
    for (int unsigned b = 0; b < BeatsPerStep; b++) begin
      kept_o[b] = push_i ? b == 0 || has[b] : has[b+1];
      left_o[b] = push_i ? b == 0 || stays[b] : stays[b+1];
    end
  end

  assign change_d = {1'b0, push_i} - {pop_i && pop_two_i, pop_i && !pop_two_i};

  always_ff @(posedge clk_i) begin
    if (!rst_ni) begin
      held_q   <= '0;
      had_q    <= (Most + 4)'(3);
      change_q <= '0;
      not_change_q <= '1;
    end else begin
      held_q   <= held_d;
      for (int unsigned k = 0; k <= Most + 3; k++) had_q[k] <= k == 0 || held_d >= (PtrBits + 1)'(k - 1);
      change_q <= change_d;
      not_change_q <= ~change_d;
    end
  end

  `STERNA_ASSERT(CopiesAgree, not_change_q == ~change_q)
  `STERNA_ASSERT(PushWhenFull, held_d + (PtrBits + 1)'(push_i) -
      (PtrBits + 1)'(pop_i) - (PtrBits + 1)'(pop_i && pop_two_i) <= (PtrBits + 1)'(Depth))
  `STERNA_ASSERT(PopsWhatIsHeld, !pop_i || has[pop_two_i ? 2 : 1])
endmodule
