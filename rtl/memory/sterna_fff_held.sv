// SPDX-License-Identifier: Apache-2.0
// Holds the records of an FFFOUT but for its last one, and gives them out word by word with that one's beats: so that a word's outputs are
// complete with each of the last one's, and none waits for the others' later words.
//
// Commands: hold_i takes a beat of a record, end_i with its last one; three records at most, of words_i + 1 beats each, Beats in all. ready_i:
// the last record is next, and may be read. Once open_o, it may be popped: its beats come two cycles later, four apart. next_i says that one
// of them goes out which is not its last, end_all_i that it is.
// Handshake: valid_o without ready. A beat of each record held: of word 0 from the cycle after ready_i on, of the next word from the cycle after
// next_i on.
// Latency: one cycle.
`include "rtl/assertions.svh"

module sterna_fff_held #(
  parameter int unsigned BeatBits  = 512,
  parameter int unsigned Beats     = 64,
  parameter int unsigned VisitBits = 14
) (
  input  logic clk_i,
  input  logic rst_ni,

  input  logic                 hold_i,
  input  logic [BeatBits-1:0]  data_i,
  input  logic                 error_i,
  input  logic [VisitBits-1:0] visit_i,
  input  logic                 end_i,

  input  logic [9:0] words_i,  // of the record at the head of the visits
  input  logic       ready_i,
  output logic       open_o,
  input  logic       next_i,
  input  logic       end_all_i,

  output logic                 valid_o,
  output logic [BeatBits-1:0]  data_o,
  output logic                 error_o,
  output logic [9:0]           word_o,
  output logic                 end_o,  // the record's last beat
  output logic [VisitBits-1:0] visit_o
);
  localparam int unsigned AtBits    = $clog2(Beats);
  localparam int unsigned ReadyTime = 3;  // cycles that ready_i lasts before open_o

  (* ram_style = "distributed" *) logic [BeatBits:0]    mem[Beats];
  (* ram_style = "distributed" *) logic [VisitBits-1:0] visits[4];

  logic [AtBits-1:0] write_q, read_q;
  logic [1:0]        records_q;  // held
  logic [1:0]        left_q;     // of the word that goes out
  logic [1:0]        at_q;
  logic              begun_q;    // the first word has
  logic [ReadyTime-1:0] ready_q;
  logic              begin_word;

  always_ff @(posedge clk_i) begin
    if (hold_i) begin
      mem[write_q]      <= {error_i, data_i};
      visits[records_q] <= visit_i;
    end
  end

  // Lanes have a word of their vector when FFFOUT starts, and want this long for it.
  assign open_o     = ready_q[records_q == '0 ? 0 : records_q == 2'd3 ? ReadyTime - 1 : ReadyTime - 2];
  assign begin_word = next_i || (ready_q[ReadyTime-2] && !begun_q);

  always_ff @(posedge clk_i) begin
    if (!rst_ni || end_all_i) begin
      write_q   <= '0;
      records_q <= '0;
      left_q    <= '0;
      begun_q   <= 1'b0;
      ready_q   <= '0;
    end else begin
      write_q   <= write_q + AtBits'(hold_i);
      records_q <= records_q + 2'(hold_i && end_i);
      left_q    <= begin_word ? records_q : left_q - 2'(left_q != '0);
      begun_q   <= begun_q || begin_word;
      ready_q   <= {ready_q[ReadyTime-2:0], ready_i};
    end
    if (begin_word) begin
      word_o <= begun_q ? word_o + 1'b1 : '0;
      read_q <= begun_q ? AtBits'(word_o) + 1'b1 : '0;
      at_q   <= '0;
    end else begin
      read_q <= read_q + AtBits'(words_i) + 1'b1;
      at_q   <= at_q + 1'b1;
    end
  end

  assign valid_o           = left_q != '0;
  assign {error_o, data_o} = mem[read_q];
  assign visit_o           = visits[at_q];
  assign end_o             = word_o == words_i;

  `STERNA_ASSERT(HoldsThree, !(hold_i && records_q == 2'd3))
  `STERNA_ASSERT(GivesInTime, !next_i || left_q == '0)
endmodule
