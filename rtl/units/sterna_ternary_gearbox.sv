// SPDX-License-Identifier: Apache-2.0
// Gearbox from groups of five elements to register words, zero-filled to the end of the last line.
//
// Commands: push_i adds a group; flush_i, from the last push on, emits what is left and then zeros, from the cycle after on; clear_i
// empties it. quad_push_i adds four elements, and nothing else then does; while nothing is left, whole_i puts a whole word through.
// Handshake: word_valid_o is never stalled. Groups may come every cycle where a word holds more than five elements, otherwise no
// faster than the words leave.
// Latency: a word is complete the cycle after the push that fills it; while flush_i, a word a cycle.
`include "rtl/assertions.svh"

module sterna_ternary_gearbox #(
  parameter int unsigned BeatBits = 512,
  localparam int unsigned Trits = sterna_isa_pkg::TRITS_PER_BYTE
) (
  input  logic                clk_i,
  input  logic                rst_ni,
  input  logic                clear_i,
  input  logic                any_i,       // a push of any kind: a register of its own, since all slots wait for it
  input  logic                push_i,
  input  logic [Trits*32-1:0] elements_i,
  input  logic                quad_push_i,
  input  logic                no_quad_push_i,  // !quad_push_i, for what is counted
  input  logic [127:0]        quad_i,
  input  logic                whole_i,
  input  logic [BeatBits-1:0] whole_word_i,
  input  logic                flush_i,
  output logic                word_next_o,   // a word is complete in the next cycle
  output logic                word_valid_o,
  output logic [BeatBits-1:0] word_o
);
  localparam int unsigned WordElems = BeatBits / 32;
  localparam int unsigned Slots     = WordElems - 1 + Trits;
  localparam int unsigned CountBits = $clog2(Slots + 1);

  // Elements are in the lowest slots; the others are zero.
  logic [Slots*32-1:0]  slots_q;
  logic [CountBits-1:0] left_q, left_d;   // elements, once a word has been popped
  logic [CountBits-1:0] not_left_q;       // ~left_q, for what is counted, where that one is for all slots
  logic [CountBits-1:0] left;             // ~not_left_q
  logic [CountBits-1:0] count;            // with those that are pushed
  logic                 pop_q, rest_q;    // a word is popped; !pop_q, for all slots
  logic                 full;

  assign left  = ~not_left_q;
  assign count = left + (push_i ? CountBits'(Trits) : no_quad_push_i ? '0 : CountBits'(4));

  // count >= WordElems, told without the sum, since a push is late. Bit n: a word is full where n were left, and nothing, five or four come.
  localparam int unsigned Counts = 1 << CountBits;
  localparam logic [Counts-1:0] Full     = {Counts{1'b1}} << WordElems;
  localparam logic [Counts-1:0] PushFull = {Counts{1'b1}} << (WordElems > Trits ? WordElems - Trits : 0);
  localparam logic [Counts-1:0] QuadFull = {Counts{1'b1}} << (WordElems > 4 ? WordElems - 4 : 0);
  assign full = Full[left] || (push_i && PushFull[left]) || (!no_quad_push_i && QuadFull[left]);

  // Quads have places of their own.
  logic [BeatBits-1:0] quads;
  if (WordElems >= 4) begin : gen_quads
    logic [WordElems/4-1:0] quad_at_q;  // where the next one goes: one-hot
    for (genvar q = 0; q < WordElems / 4; q++) begin : gen_quad
      localparam int unsigned First = 4 * q;
      assign quads[32*First+:128] = quad_push_i && quad_at_q[q] ? quad_i : '0;
      `STERNA_ASSERT(QuadIsInItsPlace, !quad_push_i || quad_at_q[q] == (left_q == CountBits'(First)))
    end

    always_ff @(posedge clk_i) begin
      if (!rst_ni || clear_i) quad_at_q <= (WordElems / 4)'(1);
      else if (quad_push_i) quad_at_q <= WordElems > 4 ? quad_at_q << 1 | quad_at_q >> (WordElems / 4 - 1) : quad_at_q;
    end
  end else begin : gen_no_quads
    logic unused;
    assign unused = ^quad_i;
    assign quads  = '0;
  end

  always_ff @(posedge clk_i) begin
    if (clear_i) slots_q <= '0;
    else if (any_i || !rest_q) begin
      slots_q <= (rest_q ? slots_q : slots_q >> BeatBits)
          | (push_i ? (Slots * 32)'(elements_i) << {left_q, 5'b0} : '0)
          | (whole_i ? (Slots * 32)'(whole_word_i) : '0) | (Slots * 32)'(quads);
    end
  end

  assign left_d = flush_i ? '0 : full ? count - CountBits'(WordElems) : count;
  always_ff @(posedge clk_i) begin
    if (!rst_ni || clear_i) begin
      left_q     <= '0;
      not_left_q <= '1;
      pop_q      <= 1'b0;
      rest_q     <= 1'b1;
    end else begin
      left_q     <= left_d;
      not_left_q <= ~left_d;
      pop_q      <= word_next_o;
      rest_q     <= !word_next_o;
    end
  end

  assign word_next_o  = flush_i || full || whole_i;
  assign word_valid_o = pop_q;
  assign word_o       = slots_q[BeatBits-1:0];

  `STERNA_ASSERT(CopiesAgree, not_left_q == ~left_q && no_quad_push_i == !quad_push_i && rest_q == !pop_q)
  `STERNA_ASSERT(FullByCount, full == (count >= CountBits'(WordElems)))
  `STERNA_ASSERT(WholeWhenEmpty, !whole_i || left_q == '0)
  `STERNA_ASSERT(OneAtATime, 2'(push_i) + 2'(quad_push_i) + 2'(whole_i) == 2'(any_i))
endmodule
