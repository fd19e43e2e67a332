// SPDX-License-Identifier: Apache-2.0
// Fetches what FFFIN and FFFOUT read of their matrices, and hands it to the Ternary MatMul: blocks as group sets with their biases,
// and records.
//
// Commands: start_i takes an instruction in program order, ahead of the core (weight_stream); fff_walk says what to fetch, the
// lanes' picks_i where the walk goes on. stop_i drops what is left at the program's end.
// Handshake: visits come in order. blocks_i says that FFFIN runs: a block's biases are read out as a line, then its group sets may be
// popped (open_o and valid_o, pop_i; set_last_i with a set's last pop, and set_end_i). The channel that has the biases takes no part in the block's last set.
// records_i says that FFFOUT runs, loaded_i that its lanes have all of its vector: its records go out on the buses to the lanes, a beat of each channel a cycle (fff_records),
// and behind them its sums, a word's so long after another's that the lanes may rescale them (fff_out). Where there are four records at most, the beats of all but the last are held
// as they come (fff_held), and go out between those of the last one, each before the last one's of the same outputs. records_end_o with the last beat that says that outputs are
// complete. Beats follow their pops on data_o two cycles later, and on line_o and the buses three cycles later. A bus error travels with its beat. idle_o: no beat is outstanding.
// Slots of SlotBeats a channel (0: none) keep blocks of the first two levels from program to program (fff_table, fff_slots): go_i with keep_i says that
// the host has not written memory since the last one, store_i what Load/Store writes.
// Stages registers lie between the channels' ports and here. What lanes wait for crosses them once: beats are held here, unlike the
// weight stream's, which are many and come ahead.
// Latency: three cycles from a request of fff_walk to valid_o and 2 * Stages, besides memory's.
`include "rtl/assertions.svh"

module sterna_fff_stream #(
  parameter int unsigned BeatBits     = 512,
  parameter int unsigned VecLen       = 1024,
  parameter int unsigned Channels     = 1,
  parameter int unsigned Lanes        = 1,
  parameter int unsigned BeatsPerStep = 1,
  parameter int unsigned Outstanding  = 256,
  parameter int unsigned Stages       = 0,
  parameter int unsigned SlotBeats    = 0,
  parameter int unsigned Buses        = 1,  // of records, to the lanes: Channels or one
  localparam int unsigned VisitBits  = 13 + Lanes,
  localparam int unsigned RecordBits = 19,  // sterna_ternary_pkg::record_t's
  localparam int unsigned SharedBits = Lanes > 1 ? $clog2(Lanes) : 1
) (
  input  logic clk_i,
  input  logic rst_ni,
  input  logic go_i,    // a program starts
  input  logic keep_i,  // and what the slots hold is still what memory holds
  input  logic stop_i,
  output logic idle_o,

  input  logic [Lanes-1:0]       active_i,
  input  logic                   start_i,
  output logic                   ready_o,
  input  logic [127:0]           instr_i,
  input  logic [Channels*64-1:0] addr_i,
  input  logic [Lanes-1:0]       picks_valid_i,
  input  logic [Lanes*4-1:0]     picks_i,

  // Load/Store's requests.
  input  logic [Channels-1:0] store_i,
  input  logic [63:0]         store_addr_i,
  input  logic [31:0]         store_lines_i,

  // Each channel's axi_mux.
  output logic [Channels-1:0]          ar_valid_o,
  input  logic [Channels-1:0]          ar_ready_i,
  output logic [Channels*64-1:0]       ar_addr_o,
  output logic [Channels*9-1:0]        ar_beats_o,
  input  logic [Channels-1:0]          r_valid_i,
  input  logic [Channels*BeatBits-1:0] r_data_i,
  input  logic [Channels-1:0]          r_error_i,

  // Ternary MatMul: group sets, as weight_stream's.
  input  logic                                      blocks_i,
  output logic                                      open_o,      // valid_o counts: the block's biases have been popped
  output logic [BeatsPerStep-1:0]                   valid_o,
  output logic                                      last_set_o,  // the set is the last of the last block
  input  logic                                      pop_i,
  input  logic [BeatsPerStep-1:0]                   pop_leaves_i,  // with pop_i: beats that it does not take
  input  logic                                      set_last_i,  // a pop would be a set's last
  input  logic                                      set_end_i,   // with such a pop
  output logic [Channels*BeatsPerStep*BeatBits-1:0] data_o,
  output logic [BeatsPerStep-1:0]                   error_o,

  // A block's biases.
  output logic                 line_valid_o,
  output logic [BeatBits-1:0]  line_data_o,
  output logic [9:0]           line_word_o,
  output logic                 line_end_o,    // its last beat
  output logic [VisitBits-1:0] line_visit_o,  // fff_walk's
  // Records: on each bus {last, word, quad}, and which lanes are meant.
  input  logic                        records_i,
  input  logic                        loaded_i,
  output logic [Buses-1:0]            record_valid_o,
  output logic [Buses*RecordBits-1:0] record_o,
  output logic [Buses*Lanes-1:0]      record_mine_o,
  output logic [Buses*BeatBits-1:0]   record_data_o,
  output logic                        records_end_o,
  output logic                        fault_o,  // a beat of these came with an error

  // For the counters: FFFOUT waits for a beat; fff_walk's.
  output logic                  wait_record_o,
  output logic                  visited_o,
  output logic                  visited_record_o,
  output logic                  visited_hit_o,
  output logic [SharedBits-1:0] shared_o
);
  localparam int unsigned WordsPerLine = 512 / BeatBits;
  localparam int unsigned Sets         = Channels == 1 ? 3 : 4 / Channels;  // of a block
  localparam int unsigned FifoBeats    = 512;
  localparam int unsigned HeldBeats    = 64;  // of three records; fff_lines'
  localparam int unsigned BeatWords    = 4;  // register words of the outputs of a record's beat, of which the lanes rescale one a cycle
  localparam int unsigned DataCycles   = 2;  // from a pop to data_o
  localparam int unsigned OnTheirWay   = Outstanding < FifoBeats ? Outstanding : FifoBeats;

  // A program's end drops everything until memory has answered: from the cycle after stop_i on, which has far to go, and for two cycles at least, since
  // fff_slots announces a beat so long ahead. What comes in with stop_i or a cycle later is dropped with the rest.
  logic clear_d, clear_q, cleared_q;  // cleared_q: for a cycle or more
  logic run_q = 1'b0;                 // neither that nor a reset, as there is much to reset
  logic [Channels-1:0] channel_idle;

  assign idle_o  = !clear_q;
  assign clear_d = stop_i || (clear_q && !(cleared_q && channel_idle == '1));
  always_ff @(posedge clk_i) begin
    cleared_q <= clear_q;
    clear_q   <= rst_ni && clear_d;
    run_q     <= rst_ni && !clear_d;
  end

  // -------------------------------------------------------------------------------------------------------------- walk
  logic                          queue_full, queue_valid, walk_ready;
  logic [127:0]                  walk_instr;
  logic [Channels*64-1:0]        walk_addr;
  logic [2:0]                    unused_queued;
  logic [Channels-1:0]           req_valid, req_ready;
  logic [Channels*64-1:0]        req_addr;
  logic [Channels*32-1:0]        req_lines;
  logic                          new_visit, visits_full, records_full, new_few;
  logic [VisitBits-1:0]          new_visit_bits;
  logic [9:0]                    new_lines;

  // ------------------------------------------------------------------------------------------------------------- slots
  localparam int unsigned SlotLines  = SlotBeats / WordsPerLine;
  localparam int unsigned SlotBits   = SlotBeats == 0 ? 1 : $clog2(SlotLines);
  localparam int unsigned Numbers    = SlotLines < 1024 ? SlotLines : 1024;  // a block takes a line at least
  localparam int unsigned NumberBits = SlotBeats == 0 ? 2 : $clog2(Numbers);
  localparam int unsigned KeptBits   = 1 + SlotBits + NumberBits;

  logic                   queue_start;
  logic [127:0]           queue_instr;
  logic [Channels*64-1:0] queue_addr;
  logic [KeptBits-1:0]    queue_kept, walk_kept;
  logic                   off, forget;
  logic [NumberBits-1:0]  forget_number;

  if (SlotBeats != 0) begin : gen_table
    sterna_fff_table #(
      .VecLen  (VecLen),
      .Channels(Channels),
      .Lines   (SlotLines),
      .Numbers (Numbers),
      .Entries (SlotBeats / 256)
    ) u_table (
      .clk_i,
      .rst_ni,
      .clear_i        (clear_q),
      .go_i,
      .keep_i,
      .start_i,
      .ready_o,
      .instr_i,
      .addr_i,
      .valid_o        (queue_start),
      .ready_i        (!queue_full),
      .instr_o        (queue_instr),
      .addr_o         (queue_addr),
      .kept_o         (queue_kept[KeptBits-1]),
      .slot_o         (queue_kept[NumberBits+:SlotBits]),
      .number_o       (queue_kept[NumberBits-1:0]),
      .store_i,
      .store_addr_i,
      .store_lines_i,
      .off_o          (off),
      .forget_o       (forget),
      .forget_number_o(forget_number)
    );
  end else begin : gen_no_table
    logic unused_slots;
    assign unused_slots  = ^{go_i, keep_i, store_i, store_addr_i, store_lines_i, off, forget, forget_number};
    assign ready_o       = !queue_full;
    assign queue_start   = start_i;
    assign queue_instr   = instr_i;
    assign queue_addr    = addr_i;
    assign queue_kept    = '0;
    assign off           = 1'b1;
    assign forget        = 1'b0;
    assign forget_number = '0;
  end

  sterna_fifo #(
    .Width(128 + Channels * 64 + KeptBits),
    .Depth(4)
  ) u_queue (
    .clk_i,
    .rst_ni (run_q),
    .push_i (queue_start && !queue_full),
    .data_i ({queue_instr, queue_addr, queue_kept}),
    .full_o (queue_full),
    .pop_i  (queue_valid && walk_ready),
    .valid_o(queue_valid),
    .data_o ({walk_instr, walk_addr, walk_kept}),
    .count_o(unused_queued)
  );

  logic [NumberBits-1:0] look_number, req_number;
  logic [Channels-1:0]   held_blocks, req_hit;
  logic                  req_keep, req_last;
  logic [SlotBits-1:0]   req_slot;

  sterna_fff_walk #(
    .VecLen  (VecLen),
    .Channels(Channels),
    .Lanes   (Lanes),
    .FewLines(HeldBeats / 3 / WordsPerLine),
    .SlotBits(SlotBits),
    .NumberBits(NumberBits)
  ) u_walk (
    .clk_i,
    .rst_ni,
    .clear_i      (clear_q),
    .active_i,
    .start_i      (queue_valid),
    .ready_o      (walk_ready),
    .instr_i      (walk_instr),
    .addr_i       (walk_addr),
    .kept_i       (walk_kept[KeptBits-1]),
    .slot_i       (walk_kept[NumberBits+:SlotBits]),
    .number_i     (walk_kept[NumberBits-1:0]),
    .picks_valid_i,
    .picks_i,
    .req_valid_o  (req_valid),
    .req_ready_i  (req_ready),
    .req_addr_o   (req_addr),
    .req_lines_o  (req_lines),
    .look_number_o(look_number),
    .held_i       (held_blocks),
    .req_keep_o   (req_keep),
    .req_hit_o    (req_hit),
    .req_last_o   (req_last),
    .req_slot_o   (req_slot),
    .req_number_o (req_number),
    .visit_valid_o(new_visit),
    .visit_full_i (visits_full),
    .visit_o      (new_visit_bits),
    .visit_lines_o(new_lines),
    .visit_few_o  (new_few),
    .visited_o,
    .visited_record_o,
    .visited_hit_o,
    .shared_o
  );

  // ------------------------------------------------------------------------------------------------------------ visits
  logic                 visit_valid, visit_end, ended_q;  // the visit at the head is over, and was so a cycle ago
  logic [VisitBits-1:0] visit;
  logic                 visit_few;
  logic [9:0]           visit_words;  // beats of its line, less one
  logic [4:0]           queued_visits;
  logic                 push_visit;
  logic                 many, fresh_q;  // the new visit is fff_records'; the instruction's first
  logic                 unused_full;
  logic [9:0]           new_words;

  // In the place of fff_records' visits there is one here, the first.
  assign many        = new_visit_bits[2] && !new_few;
  assign push_visit  = new_visit && !visits_full;
  assign new_words   = new_visit_bits[2] ? 10'(new_lines * 10'(WordsPerLine)) - 10'd1 : 10'(WordsPerLine - 1);

  // It is pushed a cycle late.
  logic                  queue_visit_q;
  logic [VisitBits+10:0] new_visit_q;

  always_ff @(posedge clk_i) begin
    if (!run_q) fresh_q <= 1'b1;
    else if (push_visit) fresh_q <= new_visit_bits[0];
    queue_visit_q     <= run_q && push_visit && (!many || fresh_q);
    new_visit_q       <= {new_few, new_words, new_visit_bits};
    visits_full <= rst_ni && (queued_visits >= 5'd12 || records_full);
  end

  sterna_fifo #(
    .Width(VisitBits + 11),
    .Depth(16)
  ) u_visits (
    .clk_i,
    .rst_ni (run_q),
    .push_i (queue_visit_q),
    .data_i (new_visit_q),
    .full_o (unused_full),
    .pop_i  (ended_q),
    .valid_o(visit_valid),
    .data_o ({visit_few, visit_words, visit}),
    .count_o(queued_visits)
  );

  logic       visit_record, visit_last;
  logic [1:0] visit_channel;
  assign visit_last    = visit[0];
  assign visit_record  = visit[2];
  assign visit_channel = visit[4:3];

  // A visit's line first, then a block's sets. That a line may be popped is known a cycle ahead, and the visit leaves a cycle late:
  // what the channels hold has little time.
  logic                    line_open_q, line_open_d;  // the line's beats may be popped
  logic [Channels-1:0]     may_pop_q;      // those of this channel
  logic                    records_end_q;  // FFFOUT's last record has been popped
  logic                    held, joins;    // the line is to be held; the others' beats, held, go out with its own
  logic                    joins_open;     // and its own may follow
  logic                    parts, parts_open_q, parts_end, parts_wait;  // the visit is fff_records'; theirs may be popped; the last sums go out
  logic [Channels-1:0]     first_valid, first_pop;
  logic                    sets_q;        // its line has been popped
  logic [1:0]              set_q;
  logic [9:0]              word_q;        // beats of the line popped
  logic [1:0]              pause_q;       // of the last record, before its next beat
  logic [Channels-1:0]     line_channel, exempt_line, exempt_set, exempt_q;
  logic [Channels-1:0]     exempt_past_q[DataCycles];  // i: i + 1 cycles ago
  logic                    line_pop, line_end;
  logic [Channels*BeatsPerStep-1:0] valid, kept, left, error;

  always_comb begin
    for (int unsigned c = 0; c < Channels; c++) line_channel[c] = Channels == 1 || visit_channel == 2'(c);
    line_pop = 1'b0;
    for (int unsigned c = 0; c < Channels; c++) line_pop = line_pop || (line_channel[c] && valid[BeatsPerStep*c]);
    if (!line_open_q) line_pop = 1'b0;
  end
  assign held      = visit_record && visit_few && !visit_last;
  assign joins     = visit_record && visit_few && visit_last;
  assign parts     = visit_record && !visit_few;
  assign line_end  = line_pop && word_q == visit_words;
  assign line_open_d = visit_valid && !ended_q && !sets_q && !line_end && !parts && (held || (visit_record ? records_i && !records_end_q : blocks_i))
                       && !(joins && (!joins_open || line_pop || pause_q != '0));
  assign visit_end = (line_end && visit_record) || parts_end || (set_end_i && set_q == 2'(Sets - 1));

  always_ff @(posedge clk_i) begin
    if (!run_q) begin
      line_open_q   <= 1'b0;
      may_pop_q     <= '0;
      parts_open_q  <= 1'b0;
      pause_q       <= '0;
      ended_q       <= 1'b0;
      records_end_q <= 1'b0;
      sets_q <= 1'b0;
      set_q  <= '0;
      word_q <= '0;
    end else begin
      line_open_q   <= line_open_d;
      may_pop_q     <= line_channel & {Channels{line_open_d}};
      parts_open_q  <= visit_valid && !ended_q && parts && !parts_end && records_i && loaded_i && !records_end_q;
      pause_q       <= line_pop ? 2'(BeatWords - 2) : pause_q - 2'(pause_q != '0);
      ended_q       <= visit_end;
      records_end_q <= records_i && (records_end_q || (line_end && visit_last) || parts_end);
      sets_q <= (line_end && !visit_record) || (sets_q && !visit_end);
      if (set_end_i) set_q <= visit_end ? '0 : set_q + 1'b1;
      if (line_pop) word_q <= line_end ? '0 : word_q + 1'b1;
    end
    wait_record_o <= rst_ni && !records_end_q && records_i && (line_open_q ? !line_pop : !visit_valid || parts_wait);
    // The channel of the biases, in the last set.
    if (line_end || set_end_i) exempt_q <= set_end_i ? exempt_set : exempt_line;
    for (int unsigned i = 0; i < DataCycles; i++) exempt_past_q[i] <= i == 0 ? exempt_q : exempt_past_q[(i+DataCycles-1)%DataCycles];
  end

  // What every channel will have in the next cycle is known for each pop that there may be in this one, which only chooses. With several channels,
  // of which another one may be exempt from the next set, it is looked at a cycle late after a line and after a set.
  logic [BeatsPerStep-1:0] after_none, valid_d;
  logic                    pops;  // and what is left counts

  assign exempt_line = Channels > 1 && Sets == 1 ? line_channel : '0;
  assign exempt_set  = Channels > 1 && set_q + 2'd1 == 2'(Sets - 1) ? line_channel : '0;
  assign pops        = pop_i ? Channels == 1 || !set_last_i : line_pop && Channels == 1;

  always_comb begin
    error_o = '0;
    for (int unsigned c = 0; c < Channels; c++) begin
      error_o = error_o | (error[BeatsPerStep*c+:BeatsPerStep] & {BeatsPerStep{!exempt_past_q[DataCycles-1][c]}});
    end
  end

  sterna_fff_every #(
    .Channels    (Channels),
    .BeatsPerStep(BeatsPerStep)
  ) u_every_kept (
    .left_i  (kept),
    .exempt_i(Channels > 1 ? exempt_q : '0),
    .pop_i   (1'b1),
    .none_i  (1'b0),
    .other_i ('0),
    .valid_o (after_none)
  );
  sterna_fff_every #(
    .Channels    (Channels),
    .BeatsPerStep(BeatsPerStep)
  ) u_every (
    .left_i  (left),
    .exempt_i(Channels > 1 ? exempt_q : '0),
    .pop_i   (pops),
    .none_i  (!(pop_i || line_open_q)),  // or line_pop, which comes late: nothing counts until the line is out
    .other_i (after_none),
    .valid_o (valid_d)
  );

  always_ff @(posedge clk_i) begin
    if (!run_q) valid_o <= '0;
    else valid_o <= valid_d;
  end

  for (genvar b = 0; b < BeatsPerStep; b++) begin : gen_known
    logic [Channels-1:0] beats;
    for (genvar c = 0; c < Channels; c++) begin : gen_channel_beat
      assign beats[c] = valid[BeatsPerStep*c+b] || exempt_q[c];
    end
    `STERNA_ASSERT(ValidInEveryChannel, !sets_q || valid_o[b] == (beats == '1 && !(Channels > 1 && $past(pop_i ? set_last_i : line_pop))))
    logic unused_beats;
    assign unused_beats = &beats;
  end
  assign open_o     = sets_q;
  assign last_set_o = visit_last && set_q == 2'(Sets - 1);

  // ------------------------------------------------------------------------------------------------------------- lines
  sterna_fff_lines #(
    .BeatBits    (BeatBits),
    .Channels    (Channels),
    .Lanes       (Lanes),
    .BeatsPerStep(BeatsPerStep),
    .Buses       (Buses),
    .DataCycles  (DataCycles)
  ) u_lines (
    .clk_i,
    .rst_ni         (run_q),
    .push_i         (push_visit && many),
    .push_visit_i   (new_visit_bits),
    .push_words_i   (new_words),
    .full_o         (records_full),
    .visit_i        (visit),
    .visit_words_i  (visit_words),
    .pop_i          (line_pop),
    .end_i          (line_end),
    .word_i         (word_q),
    .channel_i      (line_channel),
    .held_i         (held),
    .joins_i        (joins),
    .joins_ready_i  (visit_valid && !ended_q && joins && !records_end_q && records_i),
    .joins_open_o   (joins_open),
    .parts_open_i   (parts_open_q),
    .valid_i        (first_valid),
    .may_pop_i      (may_pop_q),
    .first_pop_o    (first_pop),
    .parts_end_o    (parts_end),
    .parts_wait_o   (parts_wait),
    .data_i         (data_o),
    .error_i        (error),
    .line_valid_o,
    .line_data_o,
    .line_word_o,
    .line_end_o,
    .line_visit_o,
    .record_valid_o,
    .record_o,
    .record_mine_o,
    .record_data_o,
    .records_end_o,
    .fault_o
  );

  // ---------------------------------------------------------------------------------------------------------- channels
  for (genvar c = 0; c < Channels; c++) begin : gen_channel
    logic                    pop;
    logic [BeatsPerStep-1:0] pop_beats;

    assign pop       = first_pop[c] || (pop_i && !exempt_q[c]);
    assign first_valid[c] = valid[BeatsPerStep*c];
    assign pop_beats = sets_q ? ~pop_leaves_i : BeatsPerStep'(1);

    // What is on its way through these is outstanding, and survives a program's end.
    logic                ar_valid, ar_ready, r_valid, r_error;
    logic [63:0]         ar_addr;
    logic [8:0]          ar_beats;
    logic [BeatBits-1:0] r_data;

    sterna_slice #(
      .Stages(Stages),
      .Width (73)
    ) u_ar (
      .clk_i,
      .rst_ni,
      .valid_i(ar_valid),
      .ready_o(ar_ready),
      .data_i ({ar_addr, ar_beats}),
      .valid_o(ar_valid_o[c]),
      .ready_i(ar_ready_i[c]),
      .data_o ({ar_addr_o[64*c+:64], ar_beats_o[9*c+:9]})
    );
    // The last of its registers apart: a beat, from wherever, is known of a cycle ahead.
    logic r_soon, r_soon_error, slot_soon, from_slot, beat_valid;
    logic [BeatBits-1:0] r_soon_data;

    sterna_pipe_reg #(
      .Stages(Stages == 0 ? 0 : Stages - 1),
      .Width (BeatBits + 1)
    ) u_r (
      .clk_i,
      .rst_ni,
      .valid_i(r_valid_i[c]),
      .data_i ({r_error_i[c], r_data_i[BeatBits*c+:BeatBits]}),
      .valid_o(r_soon),
      .data_o ({r_soon_error, r_soon_data})
    );
    sterna_pipe_reg #(
      .Stages(Stages == 0 ? 0 : 1),
      .Width (BeatBits + 1)
    ) u_r_last (
      .clk_i,
      .rst_ni,
      .valid_i(r_soon),
      .data_i ({r_soon_error, r_soon_data}),
      .valid_o(r_valid),
      .data_o ({r_error, r_data})
    );
    if (Stages == 0) begin : gen_beat_now
      logic unused_soon;
      assign unused_soon = slot_soon;
      assign beat_valid  = r_valid || from_slot;
    end else begin : gen_beat_soon
      always_ff @(posedge clk_i) beat_valid <= rst_ni && (r_soon || slot_soon);
    end

    logic                ask_valid, ask_ready, room, reserve, beat_error;
    logic [BeatBits-1:0] beat_data;

    if (SlotBeats != 0) begin : gen_slots
      sterna_fff_slots #(
        .BeatBits(BeatBits),
        .Beats   (SlotBeats),
        .Numbers (Numbers)
      ) u_slots (
        .clk_i,
        .rst_ni,
        .clear_i        (clear_q),
        .off_i          (off),
        .forget_i       (forget),
        .forget_number_i(forget_number),
        .look_number_i  (look_number),
        .held_o         (held_blocks[c]),
        .req_valid_i    (req_valid[c]),
        .req_ready_o    (req_ready[c]),
        .req_lines_i    (req_lines[32*c+:10]),
        .req_hit_i      (req_hit[c]),
        .req_keep_i     (req_keep),
        .req_last_i     (req_last),
        .req_slot_i     (req_slot),
        .req_number_i   (req_number),
        .ask_valid_o    (ask_valid),
        .ask_ready_i    (ask_ready),
        .room_i         (room),
        .reserve_o      (reserve),
        .r_valid_i      (r_valid),
        .r_data_i       (r_data),
        .r_error_i      (r_error),
        .soon_o         (slot_soon),
        .given_o        (from_slot),
        .r_data_o       (beat_data),
        .r_error_o      (beat_error)
      );
    end else begin : gen_no_slots
      logic unused_slot;
      assign unused_slot    = ^{r_valid, room, look_number, req_keep, req_hit[c], req_last, req_slot, req_number};
      assign held_blocks[c] = 1'b0;
      assign ask_valid      = req_valid[c];
      assign req_ready[c]   = ask_ready;
      assign reserve        = 1'b0;
      assign from_slot      = 1'b0;
      assign slot_soon      = 1'b0;
      assign beat_data      = r_data;
      assign beat_error     = r_error;
    end

    sterna_weight_channel #(
      .BeatBits    (BeatBits),
      .BeatsPerStep(BeatsPerStep),
      .FifoBeats   (FifoBeats),
      .Outstanding (OnTheirWay),
      .Queue       (1'b0)
    ) u_channel (
      .clk_i,
      .rst_ni,
      .far_rst_ni (rst_ni),
      .run_i      (run_q),
      .few_i      (1'b0),
      .idle_o     (channel_idle[c]),
      .req_valid_i(ask_valid),
      .req_ready_o(ask_ready),
      .req_addr_i (req_addr[64*c+:64]),
      .req_lines_i(req_lines[32*c+:32]),
      .ar_valid_o (ar_valid),
      .ar_ready_i (ar_ready),
      .ar_addr_o  (ar_addr),
      .ar_beats_o (ar_beats),
      .r_valid_i  (beat_valid),
      .r_data_i   (beat_data),
      .r_error_i  (beat_error),
      .room_o     (room),
      .reserve_i  (reserve),
      .given_i    (from_slot),
      .valid_o    (valid[BeatsPerStep*c+:BeatsPerStep]),
      .kept_o     (kept[BeatsPerStep*c+:BeatsPerStep]),
      .left_o     (left[BeatsPerStep*c+:BeatsPerStep]),
      .data_o     (data_o[BeatsPerStep*BeatBits*c+:BeatsPerStep*BeatBits]),
      .error_o    (error[BeatsPerStep*c+:BeatsPerStep]),
      .pop_i      (pop),
      .pop_beats_i(pop_beats)
    );
  end

  `STERNA_ASSERT(NothingStartsAfterTheEnd, !start_i || !cleared_q)
  `STERNA_ASSERT(NothingOutlivesTheEnd, clear_q || !cleared_q || {queue_valid, queue_visit_q, visit_valid, req_valid, valid} == '0)
  `STERNA_ASSERT(PopsSets, !pop_i || sets_q)
  `STERNA_ASSERT(PopsOfItsChannel, may_pop_q == (line_channel & {Channels{line_open_q}}))
  `STERNA_ASSERT(EndsSets, set_end_i == (pop_i && set_last_i))
endmodule
