// SPDX-License-Identifier: Apache-2.0
// Ternary MatMul unit, the part that all lanes share: a matrix streamed from DRAM times a quantised register (docs/numerics.md).
//
// Commands: TMATMUL. Every lane copies va to its activation buffer; then each step multiplies min(BeatsPerStep, what is left of
// the row group) beats of every channel. Row group g (five rows) lies in channel g mod Channels, so a group set, Channels row
// groups, is streamed by all channels side by side. Weights are decoded here, once for all lanes.
// Handshake: start_i while ready_o, done_o with the lanes' last write. A step is taken when count_i covers its beats, its
// activations are in the buffers, and the lanes can drain the group set that it ends; pop_count_o pops the beats. wait_dram_o says
// that only the beats are missing. Lanes are never stalled. A bus error of a beat is the instruction's (error_o, with done_o).
// Latency: the first step 3 + BeatsPerStep cycles after start_i at the earliest, then a step a cycle; a group set takes Channels
// cycles at least, more where a register word holds fewer than five elements. Control and codes reach the lanes through
// LaneStages registers, so that lanes may lie anywhere on a card.
// BeatsPerStep: 1 or 2.
`include "rtl/assertions.svh"

module sterna_ternary_matmul #(
  parameter int unsigned BeatBits     = 512,
  parameter int unsigned VecLen       = 8192,
  parameter int unsigned Channels     = 1,
  parameter int unsigned BeatsPerStep = 1,
  parameter int unsigned LaneStages   = 0,
  localparam int unsigned Trits       = sterna_isa_pkg::TRITS_PER_BYTE,
  localparam int unsigned CodeBits    = 2 * Trits * BeatBits / 8,  // of a beat
  localparam int unsigned CountBits   = $clog2(BeatsPerStep + 1),
  localparam int unsigned BeatsBits   = $clog2(Channels * BeatsPerStep + 1)
) (
  input  logic clk_i,
  input  logic rst_ni,

  input  logic         start_i,
  output logic         ready_o,
  input  logic [127:0] instr_i,
  output logic         done_o,
  output logic [1:0]   error_o,

  // Weight stream.
  input  logic [CountBits-1:0]                      count_i,      // beats valid in every channel
  input  logic [Channels*BeatsPerStep*BeatBits-1:0] data_i,       // beat b of channel c: part c*BeatsPerStep + b
  input  logic [BeatsPerStep-1:0]                   error_i,      // beat b of some channel came with a bus error
  output logic [CountBits-1:0]                      pop_count_o,  // beats of every channel popped this cycle

  // To every ternary_lane.
  output logic [sterna_ternary_pkg::CONTROL_BITS-1:0] control_o,
  output logic [Channels*BeatsPerStep*CodeBits-1:0]   codes_o,      // two cycles after their step in control_o
  input  logic                                        lane_done_i,  // the lanes write their last words

  output logic                 wait_dram_o,  // stalled by memory only
  output logic [BeatsBits-1:0] beats_o       // popped this cycle, of all channels
);
  localparam int unsigned Columns      = BeatBits / 8;
  localparam int unsigned WordElems    = BeatBits / 32;
  localparam int unsigned WordsPerLine = 512 / BeatBits;
  localparam int unsigned ChannelBits  = $clog2(Channels);
  localparam int unsigned LenBits      = $clog2(VecLen + 1);
  localparam int unsigned WordBits     = $clog2(VecLen / Columns + BeatsPerStep);  // a row group's words, or a step's
  // A lane drains a group set in so many cycles (ternary_lane).
  localparam int unsigned SetCycles    = Channels * ((Trits + WordElems - 1) / WordElems);
  localparam int unsigned PauseBits    = $clog2(SetCycles + 1);

  typedef enum logic [1:0] {Idle, Count, Run, Drain} state_e;
  state_e state_q, state_d;

  // ------------------------------------------------------------------------------------------------------- instruction
  logic [LenBits-1:0]  len, len_q, rows_q;
  logic [WordBits-1:0] row_words_q;  // of a row group in one channel, and of va

  assign len = LenBits'(instr_i[sterna_isa_pkg::FIELD_LEN_LSB+:sterna_isa_pkg::FIELD_LEN_BITS]);

  always_ff @(posedge clk_i) begin
    if (start_i) begin
      len_q       <= len;
      rows_q      <= LenBits'(instr_i[sterna_isa_pkg::FIELD_ROWS_LSB+:sterna_isa_pkg::FIELD_ROWS_BITS]);
      row_words_q <= WordBits'((32'(len) + 32'd63) / 64 * WordsPerLine);
    end
  end

  // ------------------------------------------------------------------------------------------- activations to the lanes
  // A word a cycle; steps may use it two cycles later.
  logic [WordBits-1:0] load_q, loaded_q;  // words requested; words that steps may use
  logic [LenBits-1:0]  columns_q;         // from word load_q on
  logic [Columns-1:0]  keep;
  logic                load;

  assign load = state_q == Run && load_q != row_words_q;
  assign keep = columns_q >= LenBits'(Columns) ? '1 : ~({Columns{1'b1}} << columns_q);

  always_ff @(posedge clk_i) begin
    if (state_q == Count) begin
      load_q    <= '0;
      loaded_q  <= '0;
      columns_q <= len_q;
    end else begin
      loaded_q <= load_q;
      if (load) begin
        load_q    <= load_q + 1'b1;
        columns_q <= columns_q > LenBits'(Columns) ? columns_q - LenBits'(Columns) : '0;
      end
    end
  end

  // ------------------------------------------------------------------------------------------------------------- steps
  logic [WordBits-1:0]  word_q, word_d;  // of the row group: the step's first
  logic [CountBits-1:0] beats_q;         // of the step, a channel
  logic                 last_q;          // step of the group set
  logic [LenBits-1:0]   sets_q;          // group sets not finished
  logic [PauseBits-1:0] pause_q;         // cycles until a group set may end
  logic                 may_step, step, finish;
  logic                 error_q;

  assign may_step = state_q == Run && loaded_q >= word_q + WordBits'(beats_q) && !(last_q && pause_q != '0);
  assign step     = may_step && count_i >= beats_q;
  assign finish   = step && last_q && sets_q == LenBits'(1);
  assign word_d   = state_q == Count || last_q ? '0 : word_q + WordBits'(BeatsPerStep);

  always_ff @(posedge clk_i) begin
    if (state_q == Count || step) begin
      word_q  <= word_d;
      beats_q <= row_words_q - word_d >= WordBits'(BeatsPerStep) ? CountBits'(BeatsPerStep) : CountBits'(row_words_q - word_d);
      last_q  <= row_words_q - word_d <= WordBits'(BeatsPerStep);
    end
    // Rows / (Trits * Channels), rounded up: Channels is a power of two.
    if (state_q == Count) begin
      sets_q <= LenBits'(((34'(rows_q) + 34'(Trits * Channels - 1)) * 34'(sterna_isa_pkg::TRITS_FACTOR)
                          >> sterna_isa_pkg::TRITS_SHIFT) >> ChannelBits);
    end else if (step && last_q) begin
      sets_q <= sets_q - 1'b1;
    end
    if (!rst_ni) pause_q <= '0;
    else if (step && last_q) pause_q <= PauseBits'(SetCycles - 1);
    else if (pause_q != '0) pause_q <= pause_q - 1'b1;
    if (state_q == Count) begin
      error_q <= 1'b0;
    end else if (step) begin
      for (int unsigned b = 0; b < BeatsPerStep; b++) begin
        if (error_i[b] && CountBits'(b) < beats_q) error_q <= 1'b1;
      end
    end
  end

  always_comb begin
    state_d = state_q;
    unique case (state_q)
      Idle:    if (start_i) state_d = Count;
      Count:   state_d = Run;
      Run:     if (finish) state_d = Drain;
      default: if (done_o) state_d = Idle;
    endcase
  end

  always_ff @(posedge clk_i) begin
    if (!rst_ni) state_q <= Idle;
    else state_q <= state_d;
  end

  // ---------------------------------------------------------------------------------------------- to the lanes and back
  sterna_ternary_pkg::control_t control_q, control_d;

  always_comb begin
    control_d           = '0;
    control_d.start     = start_i;
    control_d.imm       = instr_i[sterna_isa_pkg::FIELD_IMM_LSB+:sterna_isa_pkg::FIELD_IMM_BITS];
    control_d.rows      = instr_i[sterna_isa_pkg::FIELD_ROWS_LSB+:sterna_isa_pkg::FIELD_ROWS_BITS];
    control_d.load      = load;
    control_d.load_word = 10'(load_q);
    control_d.load_keep = 64'(keep);
    control_d.step      = step;
    control_d.step_word = 10'(word_q) >> (BeatsPerStep - 1);
    control_d.first     = word_q == '0;
    control_d.last      = last_q;
  end

  always_ff @(posedge clk_i) begin
    if (!rst_ni) control_q <= '0;
    else control_q <= control_d;
  end

  logic [Channels*BeatsPerStep*CodeBits-1:0] codes;
  logic [LaneStages+1:0]                     stepped_q;  // bit i: a step i + 1 cycles ago

  always_ff @(posedge clk_i) begin
    if (!rst_ni) stepped_q <= '0;
    else stepped_q <= {stepped_q[LaneStages:0], step};
  end

  for (genvar d = 0; d < Channels * BeatsPerStep; d++) begin : gen_decode
    sterna_trit_decode #(
      .BeatBits(BeatBits)
    ) u_trit_decode (
      .clk_i,
      .load_i   ({stepped_q[1:0], step}),
      .weights_i(data_i[BeatBits*d+:BeatBits]),
      .codes_o  (codes[CodeBits*d+:CodeBits])
    );
  end

  if (LaneStages == 0) begin : gen_direct
    assign control_o = control_q;
    assign codes_o   = codes;
    assign done_o    = lane_done_i;
  end else begin : gen_stages
    logic [sterna_ternary_pkg::CONTROL_BITS-1:0] control_stage_q[LaneStages];
    logic [Channels*BeatsPerStep*CodeBits-1:0]    codes_stage_q[LaneStages];
    logic [LaneStages-1:0]                        done_q;

    always_ff @(posedge clk_i) begin
      for (int unsigned s = 0; s < LaneStages; s++) begin
        if (!rst_ni) control_stage_q[s] <= '0;
        else control_stage_q[s] <= s == 0 ? control_q : control_stage_q[s-1];
        if (stepped_q[s+2]) codes_stage_q[s] <= s == 0 ? codes : codes_stage_q[s-1];
      end
      if (!rst_ni) done_q <= '0;
      else done_q <= (done_q << 1) | LaneStages'(lane_done_i);
    end
    assign control_o = control_stage_q[LaneStages-1];
    assign codes_o   = codes_stage_q[LaneStages-1];
    assign done_o    = done_q[LaneStages-1];
  end

  assign ready_o     = state_q == Idle;
  assign error_o     = {1'b0, error_q};
  assign pop_count_o = step ? beats_q : '0;
  assign beats_o     = BeatsBits'(pop_count_o) * BeatsBits'(Channels);
  assign wait_dram_o = may_step && !step;

  logic unused;
  assign unused = ^instr_i;  // registers are the register file's, the matrix's address is the weight stream's

  `STERNA_ASSERT(StartOnlyWhenReady, !start_i || ready_o)
  `STERNA_ASSERT(DoneInDrain, !done_o || state_q == Drain)
endmodule
