// SPDX-License-Identifier: Apache-2.0
// From groups of five elements to register words, and zeros to the end of the last line.
//
// A group with push_i; a word leaves as soon as it is complete (word_valid_o, never stalled). Once flush_i is high no
// group comes any more, and a word leaves every cycle, filled up with zeros. clear_i empties the box.
// Groups may come every cycle when a word holds more than five elements, else no faster than the words leave.
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
  output logic                word_valid_o,
  output logic [BeatBits-1:0] word_o
);
  localparam int unsigned WordElems = BeatBits / 32;
  localparam int unsigned Slots     = WordElems - 1 + Trits;
  localparam int unsigned CountBits = $clog2(Slots + 1);

  // Elements wait in the lowest slots; the others are zero.
  logic [Slots*32-1:0]  slots_q;
  logic [CountBits-1:0] count_q, left;
  logic                 pop;

  assign pop  = flush_i || count_q >= CountBits'(WordElems);
  assign left = !pop ? count_q : flush_i ? '0 : count_q - CountBits'(WordElems);

  always_ff @(posedge clk_i) begin
    if (clear_i) slots_q <= '0;
    else if (push_i || pop) begin
      slots_q <= (pop ? slots_q >> BeatBits : slots_q)
          | (push_i ? (Slots * 32)'(elements_i) << {left, 5'b0} : '0);
    end
  end

  always_ff @(posedge clk_i) begin
    if (!rst_ni || clear_i) count_q <= '0;
    else count_q <= left + (push_i ? CountBits'(Trits) : '0);
  end

  assign word_valid_o = pop;
  assign word_o       = slots_q[BeatBits-1:0];
endmodule
