// SPDX-License-Identifier: Apache-2.0
// Ternary MatMul unit, the part that all lanes share: a matrix streamed from DRAM times a quantised register (docs/numerics.md).
//
// Commands: TMATMUL; with Fff FFFIN and FFFOUT. Every lane copies va to its activation buffer; then each step multiplies min(BeatsPerStep, what is left of
// the row group) beats of every channel. Row group g (five rows) lies in channel g mod Channels, so a group set, Channels row
// groups, is streamed by all channels side by side. Weights are decoded here, once for all lanes. FFFIN is group sets, too, those of
// the blocks that fff_stream brings; FFFOUT only copies va, and then lets the records go by to the lanes.
// Handshake: start_i while ready_o, done_o with the lanes' last write. A step is taken when its beats are valid, its activations
// will be in the buffers in time, and the lanes can drain the group set that it ends; pop_o pops the beats, which come two cycles
// later, or DataStages after that. wait_dram_o says that only the beats are missing. Lanes are never stalled. A bus error of a beat is the instruction's
// (error_o, with done_o).
// Latency: the first pop 1 + BeatsPerStep cycles after start_i at the earliest, then a step a cycle; a group set takes Channels
// cycles at least, more where a register word holds fewer than five elements. The lanes are told of a step three cycles after its
// pop, and DataStages. Control and codes reach them through LaneStages registers, so that lanes may lie anywhere on a card.
// BeatsPerStep: 1 or 2.
`include "rtl/assertions.svh"

module sterna_ternary_matmul #(
  parameter int unsigned BeatBits     = 512,
  parameter int unsigned VecLen       = 8192,
  parameter int unsigned Channels     = 1,
  parameter int unsigned BeatsPerStep = 1,
  parameter int unsigned LaneStages   = 0,
  parameter int unsigned DataStages   = 0,
  parameter bit          Fff          = 1'b0,
  parameter int unsigned Lanes        = 1,  // only of FFF
  parameter bit          Quads        = 1'b0,  // ternary_lane's
  parameter int unsigned Buses        = 1,     // likewise
  localparam int unsigned Trits       = sterna_isa_pkg::TRITS_PER_BYTE,
  localparam int unsigned CodeBits    = 2 * Trits * BeatBits / 8,  // of a beat
  localparam int unsigned BeatsBits   = $clog2(Channels * BeatsPerStep + 1),
  localparam int unsigned VisitBits   = 13 + Lanes
) (
  input  logic clk_i,
  input  logic rst_ni,

  input  logic         start_i,
  output logic         ready_o,
  input  logic [127:0] instr_i,
  output logic         done_o,
  output logic [1:0]   error_o,

  // Weight stream.
  input  logic [BeatsPerStep-1:0]                   valid_i,  // beat b, and those before it, in every channel
  output logic                                      pop_o,
  output logic [BeatsPerStep-1:0]                   pop_beats_o,  // with pop_o: beat b, and those before it, of every channel
  input  logic [Channels*BeatsPerStep*BeatBits-1:0] data_i,   // of the pop then: beat b of channel c: part c*BeatsPerStep + b
  input  logic [BeatsPerStep-1:0]                   error_i,  // its beat b of some channel came with a bus error

  // fff_stream: the blocks' group sets, likewise, and biases; records.
  output logic                                      tree_o,           // FFFIN or FFFOUT runs
  output logic                                      blocks_o,
  input  logic                                      block_open_i,     // block_valid_i counts
  input  logic [BeatsPerStep-1:0]                   block_valid_i,
  input  logic                                      block_last_set_i,
  output logic                                      block_pop_o,
  output logic [BeatsPerStep-1:0]                   block_leaves_o,   // with block_pop_o: beats that it does not take, by a register of its own
  output logic                                      block_set_last_o,  // a pop would be a set's last
  output logic                                      block_set_end_o,
  input  logic [Channels*BeatsPerStep*BeatBits-1:0] block_data_i,
  input  logic [BeatsPerStep-1:0]                   block_error_i,
  input  logic                                      line_valid_i,
  input  logic [BeatBits-1:0]                       line_data_i,
  input  logic [9:0]                                line_word_i,
  input  logic                                      line_end_i,
  input  logic [VisitBits-1:0]                      line_visit_i,
  output logic                                      records_o,
  output logic                                      loaded_o,         // the lanes will have all of va
  input  logic [Buses-1:0]                          record_valid_i,
  input  logic [Buses*sterna_ternary_pkg::RECORD_BITS-1:0] record_i,
  input  logic [Buses*Lanes-1:0]                    record_mine_i,
  input  logic [Buses*BeatBits-1:0]                 record_data_i,
  input  logic                                      records_end_i,
  input  logic                                      fault_i,          // a line or a record came with a bus error

  // To every ternary_lane.
  output logic [sterna_ternary_pkg::FFF_BITS-1:0]   fff_o,
  output logic [Lanes-1:0]                          fff_mine_o,
  output logic [Buses-1:0]                          record_valid_o,
  output logic [Buses*sterna_ternary_pkg::RECORD_BITS-1:0] record_o,
  output logic [Buses*Lanes-1:0]                    record_mine_o,
  output logic [BeatBits-1:0]                       record_data_o,  // with one bus; else they are in the lowest bits of their channels' codes
  output logic [sterna_ternary_pkg::CONTROL_BITS-1:0] control_o,
  output logic [Channels*BeatsPerStep*CodeBits-1:0]   codes_o,      // two cycles after their step in control_o
  output logic                                        codes_new_o,  // they are, or records are in them
  input  logic                                        lane_done_i,  // the lanes write their last words

  // Stalled by memory only; FFFIN, by the walk, too.
  output logic                 wait_dram_o,
  output logic                 wait_block_o,
  output logic [BeatsBits-1:0] beats_o       // popped this cycle, of all channels
);
  localparam int unsigned Columns      = BeatBits / 8;
  localparam int unsigned WordElems    = BeatBits / 32;
  localparam int unsigned WordsPerLine = 512 / BeatBits;
  localparam int unsigned Chain        = Columns < 16 ? Columns / 2 : 8;  // quad_dot's
  localparam int unsigned ChannelBits  = $clog2(Channels);
  localparam int unsigned LenBits      = $clog2(VecLen + 1);
  localparam int unsigned WordBits     = $clog2(VecLen / Columns + BeatsPerStep);  // a row group's words, or a step's
  // A lane drains a group set in so many cycles (ternary_lane).
  localparam int unsigned SetCycles    = Channels * ((Trits + WordElems - 1) / WordElems);
  localparam int unsigned PauseBits    = $clog2(SetCycles + 1);

  typedef enum logic [2:0] {Idle, Path, Count, Run, Drain} state_e;  // Path: of FFFOUT, whose va is as long as FFFIN's paths
  state_e state_q, state_d;

  // ------------------------------------------------------------------------------------------------------- instruction
  logic [LenBits-1:0]  len, len_q;        // of va
  logic [LenBits-1:0]  rows, rows_q;      // elements of vd; the field
  logic [LenBits:0]    rows_up_q;    // so that the division rounds up to a row group in every channel
  logic [WordBits-1:0] row_words_q;  // of a row group in one channel, and of va

  logic [sterna_isa_pkg::OP_BITS-1:0] op;
  logic                fffin, fffin_q, fffout, fffout_q;
  logic [LenBits-1:0]  len_field, rows_field, path_in, path_out, path_q;  // elements between FFFIN and FFFOUT

  assign op         = instr_i[sterna_isa_pkg::FIELD_OP_LSB+:sterna_isa_pkg::OP_BITS];
  assign fffin      = Fff && op == sterna_isa_pkg::OP_BITS'(sterna_isa_pkg::OP_FFFIN);
  assign fffout     = Fff && op == sterna_isa_pkg::OP_BITS'(sterna_isa_pkg::OP_FFFOUT);
  assign len_field  = LenBits'(instr_i[sterna_isa_pkg::FIELD_LEN_LSB+:sterna_isa_pkg::FIELD_LEN_BITS]);
  assign rows_field = LenBits'(instr_i[sterna_isa_pkg::FIELD_ROWS_LSB+:sterna_isa_pkg::FIELD_ROWS_BITS]);
  assign path_in    = LenBits'(sterna_ternary_pkg::path_elements(7'(rows_field), instr_i[sterna_isa_pkg::FIELD_DEPTH_LSB+2+:2]));
  assign path_out   = LenBits'(sterna_ternary_pkg::path_elements(7'(len_field), instr_i[sterna_isa_pkg::FIELD_DEPTH_LSB+2+:2]));
  assign len  = Fff && state_q == Path ? path_q : len_field;
  assign rows = fffin ? path_in : rows_field;

  always_ff @(posedge clk_i) begin
    if (start_i) begin
      rows_q      <= rows_field;
      rows_up_q   <= (LenBits + 1)'(rows_field) + (LenBits + 1)'(Trits * Channels - 1);
      path_q      <= path_out;
    end
    if (start_i || state_q == Path) begin
      len_q       <= len;
      row_words_q <= WordBits'((32'(len) + 32'd63) / 64 * WordsPerLine);
    end
  end

  // ------------------------------------------------------------------------------------------- activations to the lanes
  // A word a cycle, and never stalled: that of a step's last word may be requested with the step itself, whose codes take longer.
  // In the first group set, steps wait for their words: so many as are loaded may be taken. Later ones find all words in the buffers.
  logic                load_q, late_q;         // a word is requested; the first group set is over
  logic [WordBits-1:0] load_word_q, load_left_q;
  logic [WordBits-1:0] loaded_q;               // steps, in the first group set, without the last cycle's change, which
  logic [1:0]          change_q;               // is to be added
  logic                any_loaded_q;           // they are not zero, known ahead
  logic [WordBits-1:0] whole_q;                // words from load_word_q on that va fills
  logic                over_q;                 // it has none of va
  logic [Columns-1:0]  part_q, keep;           // elements of the word that va fills in part; of load_word_q
  logic                loads_step;             // the next cycle requests a step's last word

  assign keep       = (part_q | {Columns{whole_q != '0}}) & {Columns{!over_q}};
  assign loads_step = load_q && load_left_q != WordBits'(1) && (BeatsPerStep == 1 || !load_word_q[0] || load_left_q == WordBits'(2));

  always_ff @(posedge clk_i) begin
    if (!rst_ni) load_q <= 1'b0;
    else load_q <= state_q == Count || (load_q && load_left_q != WordBits'(1));
    if (state_q == Count) begin
      load_word_q <= '0;
      load_left_q <= row_words_q;
      whole_q     <= WordBits'(len_q / LenBits'(Columns));
      over_q      <= 1'b0;
    end else if (load_q) begin
      load_word_q <= load_word_q + 1'b1;
      load_left_q <= load_left_q - 1'b1;
      whole_q     <= whole_q - 1'b1;
      over_q      <= over_q || whole_q == '0;
    end
    part_q <= ~({Columns{1'b1}} << (len_q % LenBits'(Columns)));
  end

  // ------------------------------------------------------------------------------------------------------------- steps
  // This step, and from which word on the next one is: so that what a step is is known a cycle ahead.
  logic [WordBits-1:0]     word_q;         // of the row group: the step's first
  logic [BeatsPerStep-1:0] beats_q;        // its beats, of a channel: beat b
  logic [BeatsPerStep-1:0] not_beats_q;    // ~beats_q, for what is popped
  logic                    first_q, last_q;  // of the group set
  logic [WordBits-1:0]     next_word_q, next_left_q;  // words of the row group from there on
  logic [WordBits-1:0]     word, left;
  logic [LenBits-1:0]      sets_q;         // group sets not finished, a cycle late
  logic                    ended_q;        // one of them is
  logic                    last_set_q;
  logic [PauseBits-1:0]    pause_q;        // cycles until a group set may end
  logic                    paused_q;       // not zero
  logic                    product_q, blocks_q;  // Run: of TMATMUL, of FFFIN
  logic                    may_q, step, ends_set;  // may_q: but for its beats it may be taken
  logic                    last_set, record_end;
  logic                    more, last_next, paused_next;  // two steps may be taken; the next one ends its group set; pause_q will not be zero
  logic                    error_q;

  // What is popped of either stream is decided for itself: valid_i and block_valid_i come late.
  assign last_set = fffin_q ? block_last_set_i : last_set_q;
  assign pop_o           = product_q && may_q && (not_beats_q | valid_i) == '1;
  assign block_pop_o     = blocks_q && block_open_i && may_q && (not_beats_q | block_valid_i) == '1;
  assign block_set_last_o = last_q;
  assign block_set_end_o = block_pop_o && last_q;
  assign step     = pop_o || block_pop_o;
  assign pop_beats_o     = beats_q;
  assign block_leaves_o  = not_beats_q;
  assign tree_o          = state_q != Idle && (fffin_q || fffout_q);
  assign blocks_o        = blocks_q;
  assign ends_set = step && last_q;
  assign word     = next_word_q;  // of Count 0
  assign left     = state_q == Count ? row_words_q : next_left_q;
  assign more     = loaded_q > WordBits'(2'(2'd1 - change_q));
  assign last_next   = left <= WordBits'(BeatsPerStep);
  assign paused_next = paused_q && pause_q != PauseBits'(1);

  always_ff @(posedge clk_i) begin
    if (state_q == Count || step) begin
      word_q      <= word;
      first_q     <= word == '0;
      last_q      <= last_next;
      for (int unsigned b = 0; b < BeatsPerStep; b++) begin
        beats_q[b]     <= left > WordBits'(b);
        not_beats_q[b] <= (left <= WordBits'(b));
      end
      next_word_q <= (word + WordBits'(BeatsPerStep)) & {WordBits{!last_next}};  // a mask, as a reset would take its time
      next_left_q <= last_next ? row_words_q : left - WordBits'(BeatsPerStep);
    end
    if (start_i) next_word_q <= '0;
    if (state_q == Count) may_q <= (BeatsPerStep == 1 || row_words_q == WordBits'(1)) && !(last_next && paused_next);
    else if (step) may_q <= (late_q || last_q || loads_step || more) && !(last_next && (last_q ? SetCycles > 1 : paused_next));
    else may_q <= (late_q || loads_step || any_loaded_q) && !(last_q && paused_next);
    // Rows / (Trits * Channels): Channels is a power of two.
    ended_q <= ends_set;
    if (state_q == Count) sets_q <= LenBits'((34'(rows_up_q) * 34'(sterna_isa_pkg::TRITS_FACTOR) >> sterna_isa_pkg::TRITS_SHIFT) >> ChannelBits);
    else if (ended_q) sets_q <= sets_q - 1'b1;
    // ends_set comes late: it masks here and below, as in an enable it would take more time.
    last_set_q <= state_q == Count ? 32'(rows_q) <= Trits * Channels
                : (ends_set && sets_q == (ended_q ? LenBits'(3) : LenBits'(2))) || (!ends_set && last_set_q);
    if (state_q == Count) begin
      late_q       <= 1'b0;
      loaded_q     <= WordBits'(BeatsPerStep == 1 || row_words_q == WordBits'(1));
      change_q     <= '0;
      any_loaded_q <= BeatsPerStep == 1 || row_words_q == WordBits'(1);
    end else begin
      late_q       <= late_q || ends_set;
      loaded_q     <= loaded_q + {{WordBits - 1{change_q[1]}}, change_q[0]};
      change_q     <= {1'b0, loads_step} - {1'b0, step};
      any_loaded_q <= loads_step || (step ? more : any_loaded_q);
    end
    if (!rst_ni) begin
      pause_q  <= '0;
      paused_q <= 1'b0;
    end else begin
      pause_q  <= (PauseBits'(SetCycles - 1) & {PauseBits{ends_set}}) | ((pause_q - 1'b1) & {PauseBits{paused_q && !ends_set}});
      paused_q <= (SetCycles > 1 && ends_set) || (paused_next && !ends_set);
    end
  end

  always_comb begin
    state_d = state_q;
    unique case (state_q)
      Idle:    if (start_i) state_d = fffout ? Path : Count;
      Path:    state_d = Count;
      Count:   state_d = Run;
      Run:     if ((ends_set && last_set) || record_end) state_d = Drain;
      default: if (done_o) state_d = Idle;
    endcase
  end

  always_ff @(posedge clk_i) begin
    if (!rst_ni) state_q <= Idle;
    else state_q <= state_d;
    product_q <= rst_ni && state_d == Run && !fffin_q && !fffout_q;
    blocks_q  <= rst_ni && state_d == Run && fffin_q;
  end

  // ---------------------------------------------------------------------------------------------- to the lanes and back
  // Steps go to the lanes two cycles late, behind their beats, and their codes two cycles behind them.
  sterna_ternary_pkg::control_t control_q, control_d;
  localparam int unsigned DataCycles  = 2 + DataStages;  // from a pop to its beats,
  localparam int unsigned BlockCycles = 2;               // of fff_stream's
  logic [DataCycles-1:0]            stepped_q;   // bit i: a step i + 1 cycles ago; so, too, the others
  logic                             arrives;     // a step whose beats are here
  logic [LaneStages+2:0]            followed_q;  // bit i: i + 1 cycles ago
  logic [DataCycles-1:0]            was_first_q, was_last_q;
  logic [9:0]                       words_q[DataCycles];
  logic [BeatsPerStep-1:0]          beats_past_q[DataCycles];
  logic [1:0]                       turn_q;      // the channel behind that of the block's biases

  always_ff @(posedge clk_i) begin
    if (!rst_ni) begin
      stepped_q  <= '0;
      followed_q <= '0;
    end else begin
      stepped_q  <= {stepped_q[DataCycles-2:0], step};
      followed_q <= {followed_q[LaneStages+1:0], arrives};
    end
    for (int unsigned i = 0; i < DataCycles; i++) begin
      words_q[i]      <= i == 0 ? 10'(word_q) : words_q[(i+DataCycles-1)%DataCycles];
      beats_past_q[i] <= i == 0 ? beats_q : beats_past_q[(i+DataCycles-1)%DataCycles];
    end
    was_first_q  <= {was_first_q[DataCycles-2:0], first_q};
    was_last_q   <= {was_last_q[DataCycles-2:0], last_q};
    if (state_q == Count) error_q <= 1'b0;
    else if (arrives && ((fffin_q ? block_error_i & beats_past_q[BlockCycles-1] : error_i & beats_past_q[DataCycles-1]) != '0)) error_q <= 1'b1;
    else if (Fff && fault_i) error_q <= 1'b1;
  end

  always_comb begin
    control_d           = '0;
    control_d.start     = start_i;
    control_d.imm       = instr_i[sterna_isa_pkg::FIELD_IMM_LSB+:sterna_isa_pkg::FIELD_IMM_BITS];
    control_d.mode      = fffin ? sterna_ternary_pkg::MODE_FFFIN : fffout ? sterna_ternary_pkg::MODE_FFFOUT : sterna_ternary_pkg::MODE_TMATMUL;
    control_d.rows      = 16'(rows);
    control_d.load      = load_q;
    control_d.load_word = 10'(load_word_q);
    control_d.load_keep = 64'(keep);
    control_d.step      = arrives;
    control_d.step_word = (fffin_q ? words_q[BlockCycles-1] : words_q[DataCycles-1]) >> (BeatsPerStep - 1);
    control_d.step_one  = fffin_q ? !beats_past_q[BlockCycles-1][BeatsPerStep-1] : !beats_past_q[DataCycles-1][BeatsPerStep-1];
    control_d.first     = fffin_q ? was_first_q[BlockCycles-1] : was_first_q[DataCycles-1];
    control_d.last      = fffin_q ? was_last_q[BlockCycles-1] : was_last_q[DataCycles-1];
    control_d.turn      = fffin_q ? turn_q : '0;
  end

  assign arrives = fffin_q ? stepped_q[BlockCycles-1] : stepped_q[DataCycles-1];

  always_ff @(posedge clk_i) begin
    if (!rst_ni) control_q <= '0;
    else control_q <= control_d;
  end

  logic [Channels*BeatsPerStep*CodeBits-1:0] codes, codes_or_records;
  logic                                      lanes_done;  // they write their last words
  logic                                      records;     // they come on their wires
  logic [LaneStages:0]                       records_q;   // bit i: i + 1 cycles ago

  for (genvar d = 0; d < Channels * BeatsPerStep; d++) begin : gen_decode
    sterna_trit_decode #(
      .BeatBits(BeatBits),
      .Chains  (Quads)
    ) u_trit_decode (
      .clk_i,
      .load_i   ({followed_q[1:0], arrives}),
      .weights_i(fffin_q ? block_data_i[BeatBits*d+:BeatBits] : data_i[BeatBits*d+:BeatBits]),
      .codes_o  (codes[CodeBits*d+:CodeBits])
    );
  end

  assign records = Buses > 1 && record_valid_i != '0;

  always_ff @(posedge clk_i) records_q <= rst_ni ? (LaneStages + 1)'({records_q, records}) : '0;

  // Several buses take the codes' wires, of which no step has need while records come.
  if (Buses == 1) begin : gen_one_bus
    assign codes_or_records = codes;
  end else begin : gen_buses
    always_comb begin
      codes_or_records = codes;
      for (int unsigned b = 0; b < Buses; b++) begin
        if (records) codes_or_records[BeatsPerStep*CodeBits*b+:BeatBits] = record_data_i[BeatBits*b+:BeatBits];
      end
    end
  end

  sterna_pipe_reg #(
    .Stages(LaneStages),
    .Valids(Buses),
    .Width (Buses * (sterna_ternary_pkg::RECORD_BITS + Lanes))
  ) u_record_stages (
    .clk_i,
    .rst_ni,
    .valid_i(record_valid_i),
    .data_i ({record_i, record_mine_i}),
    .valid_o(record_valid_o),
    .data_o ({record_o, record_mine_o})
  );

  if (Buses == 1) begin : gen_record_data
    logic unused_valid;
    sterna_pipe_reg #(
      .Stages(LaneStages),
      .Width (BeatBits)
    ) u_data_stages (
      .clk_i,
      .rst_ni,
      .valid_i(record_valid_i[0]),
      .data_i (record_data_i),
      .valid_o(unused_valid),
      .data_o (record_data_o)
    );
  end else begin : gen_data_in_codes
    assign record_data_o = '0;
  end

  if (LaneStages == 0) begin : gen_direct
    assign control_o   = control_q;
    assign codes_o     = codes_or_records;
    assign codes_new_o = followed_q[2] || records;
    assign lanes_done  = lane_done_i;
  end else begin : gen_stages
    logic [sterna_ternary_pkg::CONTROL_BITS-1:0] control_stage_q[LaneStages];
    logic [Channels*BeatsPerStep*CodeBits-1:0]    codes_stage_q[LaneStages];
    logic [LaneStages-1:0]                        done_q;

    always_ff @(posedge clk_i) begin
      for (int unsigned s = 0; s < LaneStages; s++) begin
        if (!rst_ni) control_stage_q[s] <= '0;
        else control_stage_q[s] <= s == 0 ? control_q : control_stage_q[s-1];
        if (followed_q[s+2] || (s == 0 ? records : records_q[s-1])) codes_stage_q[s] <= s == 0 ? codes_or_records : codes_stage_q[s-1];
      end
      if (!rst_ni) done_q <= '0;
      else done_q <= (done_q << 1) | LaneStages'(lane_done_i);
    end
    assign control_o = control_stage_q[LaneStages-1];
    assign codes_o   = codes_stage_q[LaneStages-1];
    assign codes_new_o = followed_q[LaneStages+2] || records_q[LaneStages-1];
    assign lanes_done = done_q[LaneStages-1];
  end

  // FFFOUT's lanes may be done before the last beats, where those are behind the rows.
  if (Fff && WordsPerLine > 1) begin : gen_early
    logic early_q;
    always_ff @(posedge clk_i) early_q <= rst_ni && state_q == Run && (lanes_done || early_q);
    assign done_o = state_q == Drain && (lanes_done || early_q);
  end else begin : gen_never_early
    assign done_o = lanes_done;
  end

  // ---------------------------------------------------------------------------------------------------------------- FFF
  if (Fff) begin : gen_fff
    logic [1:0] mode_q;
    always_ff @(posedge clk_i) begin
      if (start_i) mode_q <= {fffout, fffin};
    end
    assign {fffout_q, fffin_q} = mode_q;

    // Few records may come at once: the first word of va, which has all of their quads, is in the lanes' buffers before the first beat;
    // the multiplier is there long before the first sum.
    assign records_o  = state_q == Run && fffout_q;
    assign loaded_o   = !load_q;
    assign record_end = records_end_i;

    // A block's biases come before its steps, the next one's behind them.
    always_ff @(posedge clk_i) begin
      if (line_valid_i) turn_q <= (line_visit_i[4:3] + 2'd1) & 2'(Channels - 1);
    end

    sterna_fff_drain #(
      .BeatBits  (BeatBits),
      .Channels  (Channels),
      .Lanes     (Lanes),
      .LaneStages(LaneStages),
      .Latency   (Quads ? 13 + Chain : 15)
    ) u_drain (
      .clk_i,
      .rst_ni,
      .line_valid_i,
      .line_data_i,
      .line_word_i,
      .line_end_i,
      .line_visit_i,
      .set_end_i(block_set_end_o),
      .fff_o,
      .mine_o   (fff_mine_o)
    );
  end else begin : gen_no_fff
    logic unused_fff;
    assign unused_fff     = ^{block_open_i, block_valid_i, block_last_set_i, block_data_i, block_error_i, line_valid_i, line_data_i, line_word_i,
                              line_end_i, line_visit_i, records_end_i, fault_i, path_in, path_q};
    assign fffin_q        = 1'b0;
    assign fffout_q       = 1'b0;
    assign records_o      = 1'b0;
    assign loaded_o       = 1'b0;
    assign record_end     = 1'b0;
    assign turn_q         = '0;
    assign fff_o          = '0;
    assign fff_mine_o     = '0;
  end

  assign ready_o     = state_q == Idle;
  assign error_o     = {1'b0, error_q};
  always_comb begin
    beats_o = '0;
    for (int unsigned b = 0; b < BeatsPerStep; b++) beats_o = beats_o + BeatsBits'(pop_o && beats_q[b]);
    beats_o = beats_o * BeatsBits'(Channels);
  end
  assign wait_dram_o  = product_q && may_q && !step;
  assign wait_block_o = blocks_q && may_q && !step;

  logic unused;
  assign unused = ^{instr_i, word_q};  // registers are the register file's, the matrix's address is the weight stream's; a word of a row has ten bits at most

  `STERNA_ASSERT(StartOnlyWhenReady, !start_i || ready_o)
  `STERNA_ASSERT(KnownAhead, !(product_q || blocks_q) || may_q == ((late_q || any_loaded_q) && !(last_q && paused_q)))
  `STERNA_ASSERT(DoneInDrain, !done_o || state_q == Drain)
endmodule
