// SPDX-License-Identifier: Apache-2.0
// Gearbox from groups of five elements to register words, zero-filled to the end of the last line.
//
// Commands: push_i adds a group; flush_i, from the last push on, emits what is left and then zeros, from the cycle after on; clear_i
// empties it.
// Handshake: word_valid_o is never stalled. Groups may come every cycle where a word holds more than five elements, otherwise no
// faster than the words leave.
// Latency: a word is complete the cycle after the push that fills it; while flush_i, a word a cycle.
module sterna_ternary_gearbox #(
  parameter int unsigned BeatBits = 512,
  localparam int unsigned Trits = sterna_isa_pkg::TRITS_PER_BYTE
) (
  input  logic                clk_i,
  input  logic                rst_ni,
  input  logic                clear_i,
  input  logic                push_i,
  input  logic [Trits*32-1:0] elements_i,
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
  logic [CountBits-1:0] left_q, count;  // elements, once a word has been popped; with those that are pushed
  logic                 pop_q, full;

  assign count = left_q + (push_i ? CountBits'(Trits) : '0);
  assign full  = count >= CountBits'(WordElems);

  always_ff @(posedge clk_i) begin
    if (clear_i) slots_q <= '0;
    else if (push_i || pop_q) begin
      slots_q <= (pop_q ? slots_q >> BeatBits : slots_q)
          | (push_i ? (Slots * 32)'(elements_i) << {left_q, 5'b0} : '0);
    end
  end

  always_ff @(posedge clk_i) begin
    if (!rst_ni || clear_i) begin
      left_q <= '0;
      pop_q  <= 1'b0;
    end else begin
      left_q <= flush_i ? '0 : full ? count - CountBits'(WordElems) : count;
      pop_q  <= word_next_o;
    end
  end

  assign word_next_o  = flush_i || full;
  assign word_valid_o = pop_q;
  assign word_o       = slots_q[BeatBits-1:0];
endmodule
