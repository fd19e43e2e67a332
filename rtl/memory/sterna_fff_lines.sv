// SPDX-License-Identifier: Apache-2.0
// What fff_stream reads out besides group sets: blocks' biases, and records, which go to the lanes on buses.
//
// Commands: pop_i, a beat of the line of the visit at the head, of channel_i: biases, which go out as they come; a record that is held (held_i), or the last one, which
// others that are held join (joins_i; fff_held). push_i, a visit of many records (fff_records); parts_open_i: they are the FFFOUT's that runs, and may be popped.
// Handshake: what is popped is on data_i DataCycles cycles later, and goes out a cycle after that.
// Buses: one, or Channels, each of which then has a bus of its own.
`include "rtl/assertions.svh"

module sterna_fff_lines #(
  parameter int unsigned BeatBits     = 512,
  parameter int unsigned Channels     = 1,
  parameter int unsigned Lanes        = 1,
  parameter int unsigned BeatsPerStep = 1,
  parameter int unsigned Buses        = 1,
  parameter int unsigned DataCycles   = 2,
  parameter int unsigned HeldBeats    = 64,  // of three records
  parameter int unsigned BeatWords    = 4,   // cycles from a word of sums to the next
  localparam int unsigned VisitBits  = 13 + Lanes,
  localparam int unsigned RecordBits = 19
) (
  input  logic clk_i,
  input  logic rst_ni,

  // Visits of many records.
  input  logic                 push_i,
  input  logic [VisitBits-1:0] push_visit_i,
  input  logic [9:0]           push_words_i,  // beats less one
  output logic                 full_o,

  // The visit at the head.
  input  logic [VisitBits-1:0] visit_i,
  input  logic [9:0]           visit_words_i,
  input  logic                 pop_i,
  input  logic                 end_i,      // its last beat
  input  logic [9:0]           word_i,
  input  logic [Channels-1:0]  channel_i,
  input  logic                 held_i,
  input  logic                 joins_i,
  input  logic                 joins_ready_i,
  output logic                 joins_open_o,

  input  logic                parts_open_i,
  input  logic [Channels-1:0] valid_i,
  input  logic [Channels-1:0] may_pop_i,    // a line's beats
  output logic [Channels-1:0] first_pop_o,  // what is popped of these and of records; decided here, as the tools would otherwise take it from pop_i, which is later
  output logic                parts_end_o,
  output logic                parts_wait_o,

  input  logic [Channels*BeatsPerStep*BeatBits-1:0] data_i,
  input  logic [Channels*BeatsPerStep-1:0]          error_i,

  // As fff_stream's.
  output logic                        line_valid_o,
  output logic [BeatBits-1:0]         line_data_o,
  output logic [9:0]                  line_word_o,
  output logic                        line_end_o,
  output logic [VisitBits-1:0]        line_visit_o,
  output logic [Buses-1:0]            record_valid_o,
  output logic [Buses*RecordBits-1:0] record_o,
  output logic [Buses*Lanes-1:0]      record_mine_o,
  output logic [Buses*BeatBits-1:0]   record_data_o,
  output logic                        records_end_o,
  output logic                        fault_o
);
  localparam int unsigned BusBits = RecordBits + Lanes;

  // ------------------------------------------------------------------------------------------------------- many records
  logic [Channels-1:0]      parts_pop, parts_may_pop;

  assign first_pop_o = valid_i & (may_pop_i | parts_may_pop);
  logic [Buses-1:0]         parts_valid, joins, bus_valid;
  logic [Buses*BusBits-1:0] parts_bus, bus;

  sterna_fff_records #(
    .Channels (Channels),
    .Lanes    (Lanes),
    .Buses    (Buses),
    .BeatWords(BeatWords)
  ) u_records (
    .clk_i,
    .rst_ni,
    .push_i,
    .mask_i     (push_visit_i[13+:Lanes]),
    .quad_i     (push_visit_i[12:5]),
    .channel_i  (push_visit_i[4:3]),
    .words_i    (push_words_i),
    .last_i     (push_visit_i[0]),
    .full_o,
    .open_i     (parts_open_i),
    .valid_i,
    .may_pop_o  (parts_may_pop),
    .pop_o      (parts_pop),
    .end_o      (parts_end_o),
    .wait_o     (parts_wait_o),
    .bus_valid_o(parts_valid),
    .bus_o      (parts_bus)
  );

  // What goes to the lanes on each bus, {mask, last, word, quad}.
  always_comb begin
    for (int unsigned b = 0; b < Buses; b++) begin
      joins[b]     = pop_i && joins_i && (Buses == 1 || channel_i[b]);
      bus_valid[b] = parts_valid[b] || joins[b];
      // Not by what is popped, which comes late; and masks, as a bit that is one would become a register's set.
      bus[BusBits*b+:BusBits] = (parts_bus[BusBits*b+:BusBits] & {BusBits{parts_valid[b]}})
                                | ({visit_i[13+:Lanes], 1'b1, word_i, visit_i[12:5]} & {BusBits{!parts_valid[b]}});
    end
  end

  // ------------------------------------------------------------------------------------------------------- what is popped
  // Index i: i + 1 cycles ago.
  logic [DataCycles-1:0]    line_q, ends_q, holds_q, parts_end_q;
  logic [9:0]               words_q[DataCycles];
  logic [Channels-1:0]      channels_q[DataCycles];  // of which a line's beat was popped
  logic [VisitBits-1:0]     visits_q[DataCycles];
  logic [Buses-1:0]         bus_valid_q[DataCycles];
  logic [Buses*BusBits-1:0] bus_q[DataCycles];
  logic [Channels-1:0]      bad;
  logic [BeatBits-1:0]      line;
  logic                     hold;

  assign hold = line_q[DataCycles-1] && holds_q[DataCycles-1];

  always_comb begin
    line = '0;
    for (int unsigned c = 0; c < Channels; c++) begin
      line   = line | (data_i[BeatsPerStep*BeatBits*c+:BeatBits] & {BeatBits{channels_q[DataCycles-1][c]}});
      bad[c] = error_i[BeatsPerStep*c] && channels_q[DataCycles-1][c];
    end
  end

  always_ff @(posedge clk_i) begin
    for (int unsigned i = 0; i < DataCycles; i++) begin
      if (!rst_ni) begin
        bus_valid_q[i] <= '0;
        channels_q[i]  <= '0;
      end else begin
        bus_valid_q[i] <= i == 0 ? bus_valid : bus_valid_q[(i+DataCycles-1)%DataCycles];
        channels_q[i]  <= i == 0 ? (channel_i & {Channels{pop_i}}) | parts_pop : channels_q[(i+DataCycles-1)%DataCycles];
      end
      bus_q[i]    <= i == 0 ? bus : bus_q[(i+DataCycles-1)%DataCycles];
      words_q[i]  <= i == 0 ? word_i : words_q[(i+DataCycles-1)%DataCycles];
      visits_q[i] <= i == 0 ? visit_i : visits_q[(i+DataCycles-1)%DataCycles];
    end
    holds_q <= {holds_q[DataCycles-2:0], held_i};
    ends_q  <= {ends_q[DataCycles-2:0], end_i};
    if (!rst_ni) begin
      line_q      <= '0;
      parts_end_q <= '0;
    end else begin
      line_q      <= {line_q[DataCycles-2:0], pop_i};
      parts_end_q <= {parts_end_q[DataCycles-2:0], parts_end_o};
    end
  end

  // ------------------------------------------------------------------------------------------------ records that are held
  logic                 next_word_q, last_word_q;  // of the last record goes out: not its last one, or that
  logic                 gives;
  logic [BeatBits-1:0]  given;
  logic                 given_error, given_end;
  logic [9:0]           given_word;
  logic [VisitBits-1:0] given_visit;

  always_ff @(posedge clk_i) begin
    next_word_q <= rst_ni && line_q[DataCycles-2] && joins_i && !ends_q[DataCycles-2];
    last_word_q <= rst_ni && line_q[DataCycles-2] && visits_q[DataCycles-2][2] && visits_q[DataCycles-2][0] && ends_q[DataCycles-2];
  end

  sterna_fff_held #(
    .BeatBits (BeatBits),
    .Beats    (HeldBeats),
    .VisitBits(VisitBits)
  ) u_held (
    .clk_i,
    .rst_ni,
    .hold_i (hold),
    .data_i (line),
    .error_i(bad != '0),
    .visit_i(visits_q[DataCycles-1]),
    .end_i  (ends_q[DataCycles-1]),
    .words_i(visit_words_i),
    .ready_i(joins_ready_i),
    .open_o (joins_open_o),
    .next_i (next_word_q),
    .end_all_i(last_word_q),
    .valid_o(gives),
    .data_o (given),
    .error_o(given_error),
    .word_o (given_word),
    .end_o  (given_end),
    .visit_o(given_visit)
  );

  // ------------------------------------------------------------------------------------------------------------ they go out
  logic goes;  // biases do
  assign goes = line_q[DataCycles-1] && !visits_q[DataCycles-1][2];

  always_ff @(posedge clk_i) begin
    if (!rst_ni) begin
      line_valid_o   <= 1'b0;
      record_valid_o <= '0;
      records_end_o  <= 1'b0;
      fault_o        <= 1'b0;
    end else begin
      line_valid_o   <= goes;
      record_valid_o <= bus_valid_q[DataCycles-1] | Buses'(gives);
      records_end_o  <= last_word_q || parts_end_q[DataCycles-1];
      fault_o        <= (bad != '0 && !hold) || (gives && given_error);
    end
    if (goes) begin
      line_data_o  <= line;
      line_word_o  <= words_q[DataCycles-1];
      line_visit_o <= visits_q[DataCycles-1];
      line_end_o   <= ends_q[DataCycles-1];
    end
    // Those that were held go out on the first bus.
    for (int unsigned b = 0; b < Buses; b++) begin
      {record_mine_o[Lanes*b+:Lanes], record_o[RecordBits*b+:RecordBits]} <= b == 0 && gives ? {given_visit[13+:Lanes], 1'b0, given_word, given_visit[12:5]}
                                                                             : bus_q[DataCycles-1][BusBits*b+:BusBits];
      if (bus_valid_q[DataCycles-1][b] || (b == 0 && gives)) begin
        record_data_o[BeatBits*b+:BeatBits] <= b == 0 && gives ? given : Buses == 1 ? line : data_i[BeatsPerStep*BeatBits*b+:BeatBits];
      end
    end
  end

  logic unused;
  assign unused = ^{given_end, given_visit[4:0], push_visit_i[2:1], data_i, error_i};

  `STERNA_ASSERT(OneOnABus, (parts_valid & joins) == '0)
  `STERNA_ASSERT(OneBeatACycle, !(gives && bus_valid_q[DataCycles-1] != '0))
endmodule
