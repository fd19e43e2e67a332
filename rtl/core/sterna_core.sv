// SPDX-License-Identifier: Apache-2.0
// The machine without memory ports and control bus: frontend, router, Load/Store, the weights' path, counters, and Lanes lanes of
// registers and units in lockstep under the one router.
//
// Commands: start_i runs the program at entry_i; end_o is its last cycle, status_o and status_pc_o say how it ended.
// Handshake: arguments are stable from start_i to end_o. Memory may stall every port; axi_mux of each channel has the other end.
// One instruction starts in all active lanes in the same cycle; a unit is done when every active lane is.
// Dies: the front (all that the lanes share) lies in the middle one; the lanes, in the order of their numbers, and the channels are spread over them.
// Whatever goes between the front and a lane crosses one border of dies a cycle, of LaneStages' registers Dies / 2 (die_tree); between
// the front and a channel as many, of the weights' path here, of Load/Store's outside (channel_link).
// Latency: an instruction takes 2 * LaneStages cycles more than in its unit, and a product Dies / 2 * 2 from the channels.
`include "rtl/assertions.svh"
`include "rtl/verilator.svh"

module sterna_core #(
  parameter int unsigned Channels     = 1,
  parameter int unsigned Lanes        = 1,
  parameter int unsigned BeatsPerStep = 1,
  parameter int unsigned BeatBits     = 512,
  parameter int unsigned VecLen       = 8192,
  parameter int unsigned Registers    = 8,
  parameter int unsigned RomDepth     = 1024,
  parameter int unsigned WeightFifo   = 512,
  parameter int unsigned Outstanding  = 256,
  parameter int unsigned LaneStages   = 0,
  parameter int unsigned Dies         = 1,
  parameter bit          Fff          = 1'b0,
  parameter int unsigned FffSlotBeats = 0,
  parameter              RomFile      = "",
  localparam int unsigned Counters    = sterna_isa_pkg::COUNTERS,
  localparam int unsigned CounterBits = $clog2(Counters),
  localparam int unsigned StatusBits  = sterna_isa_pkg::STATUS_BITS,
  localparam int unsigned RomAddrBits = $clog2(RomDepth),
  localparam int unsigned Units       = sterna_isa_pkg::UNITS
) (
  input  logic clk_i,
  input  logic rst_ni,
  input  logic [Dies-1:0] die_rst_ni,  // of each die

  // Control: one program from start_i to end_o.
  input  logic                   start_i,
  output logic                   end_o,
  output logic [StatusBits-1:0]  status_o,
  output logic [31:0]            status_pc_o,
  input  logic [31:0]            entry_i,
  input  logic [Lanes*32-1:0]    token_i,
  input  logic [Lanes-1:0]       lane_mask_i,
  input  logic                   prefill_i,
  input  logic                   fff_keep_i,
  input  logic [sterna_segment_pkg::WRITE_BITS-1:0] segment_i,  // sterna_segment_pkg::write_t, before the start
  input  logic                   rom_wr_en_i,
  input  logic [RomAddrBits-1:0] rom_wr_addr_i,
  input  logic [1:0]             rom_wr_word_i,
  input  logic [31:0]            rom_wr_data_i,
  input  logic [CounterBits-1:0] counter_index_i,
  output logic [63:0]            counter_o,        // two cycles after counter_index_i

  // axi_mux of each channel, flat over the channels.
  output logic [Channels-1:0]          load_req_valid_o,
  input  logic [Channels-1:0]          load_req_ready_i,
  output logic [63:0]                  load_req_addr_o,
  output logic [31:0]                  load_req_lines_o,
  input  logic [Channels-1:0]          load_data_valid_i,
  output logic [Channels-1:0]          load_data_ready_o,
  input  logic [Channels*BeatBits-1:0] load_data_i,
  input  logic [Channels-1:0]          load_data_error_i,
  output logic [Channels-1:0]          store_req_valid_o,
  input  logic [Channels-1:0]          store_req_ready_i,
  output logic [63:0]                  store_req_addr_o,
  output logic [31:0]                  store_req_lines_o,
  output logic [Channels-1:0]          store_data_valid_o,
  input  logic [Channels-1:0]          store_data_ready_i,
  output logic [BeatBits-1:0]          store_data_o,
  input  logic [Channels-1:0]          store_resp_valid_i,
  input  logic [Channels-1:0]          store_resp_error_i,
  output logic [Channels-1:0]          weight_ar_valid_o,
  input  logic [Channels-1:0]          weight_ar_ready_i,
  output logic [Channels*64-1:0]       weight_ar_addr_o,
  output logic [Channels*9-1:0]        weight_ar_beats_o,
  input  logic [Channels-1:0]          weight_r_valid_i,
  input  logic [Channels*BeatBits-1:0] weight_r_data_i,
  input  logic [Channels-1:0]          weight_r_error_i,
  output logic [Channels-1:0]          fff_ar_valid_o,
  input  logic [Channels-1:0]          fff_ar_ready_i,
  output logic [Channels*64-1:0]       fff_ar_addr_o,
  output logic [Channels*9-1:0]        fff_ar_beats_o,
  input  logic [Channels-1:0]          fff_r_valid_i,
  input  logic [Channels-1:0]          read_beat_i,
  input  logic [Channels-1:0]          write_beat_i,

  // For the lockstep checker.
  output logic        trace_issue_o,
  output logic [15:0] trace_issue_pc_o,
  output logic [Units-1:0]    trace_retire_o,
  output logic [Units*16-1:0] trace_retire_pc_o
);

  localparam int unsigned WordAddrBits  = $clog2(VecLen * 32 / BeatBits);
  localparam int unsigned BeatsBits     = $clog2(Channels * BeatsPerStep + 1);
  localparam int unsigned SharedBits    = Lanes > 1 ? $clog2(Lanes) : 1;  // of fff_walk's count of lanes
  localparam int unsigned IncrementBits = Fff && SharedBits > BeatsBits ? SharedBits : BeatsBits;
  localparam int unsigned CodeBits      = 2 * sterna_isa_pkg::TRITS_PER_BYTE;  // of a byte of weights
  localparam int unsigned ResultBits    = sterna_isa_pkg::RESULT_BITS;
  localparam int unsigned Lsu           = 32'(sterna_isa_pkg::UNIT_LSU);
  localparam int unsigned Tmm           = 32'(sterna_isa_pkg::UNIT_TMM);
  localparam logic [Units-1:0] Shared     = sterna_isa_pkg::UNIT_SHARED;

  localparam int unsigned DieStages   = Dies / 2;  // from the front's die to any other
  localparam int unsigned LocalStages = LaneStages - DieStages;  // the others, in a lane's die

  // --------------------------------------------------------------------------------------------- the program, and its issue
  logic [Lanes-1:0]       active, carry;
  logic [31:0]            token_max;
  logic [$clog2(sterna_isa_pkg::MAX_LANES)-1:0] last_lane;
  logic                   go, weights_idle, program_end, running, issue, prefetch_en;
  logic [RomAddrBits-1:0] prefetch_addr;
  logic [127:0]           prefetch_data;
  logic [15:0]            head_pc;
  logic [127:0]           head_instr;
  logic [4*Registers-1:0] head_operands;
  logic [ResultBits-1:0]  head_result;
  logic [1:0]             head_reuse;
  logic [63:0]            head_line_addr;
  logic [Units-1:0]       unit_start, unit_done, unit_not_done, unit_due, unit_busy;
  logic [Units*2-1:0]     unit_error;
  logic                   cause_issue, cause_fetch, cause_unit_busy, cause_raw, cause_war, cause_waw, cause_port, cause_drain;

  sterna_issue #(
    .Channels (Channels),
    .Lanes    (Lanes),
    .VecLen   (VecLen),
    .Registers(Registers),
    .RomDepth (RomDepth),
    .Fff      (Fff),
    .RomFile  (RomFile)
  ) u_issue (
    .clk_i,
    .rst_ni,
    .start_i,
    .entry_i,
    .token_i,
    .lane_mask_i,
    .prefill_i,
    .segment_i,
    .idle_i           (weights_idle),
    .go_o             (go),
    .end_o            (program_end),
    .running_o        (running),
    .status_o,
    .status_pc_o,
    .active_o         (active),
    .carry_o          (carry),
    .token_max_o      (token_max),
    .last_lane_o      (last_lane),
    .rom_wr_en_i,
    .rom_wr_addr_i,
    .rom_wr_word_i,
    .rom_wr_data_i,
    .prefetch_en_i    (prefetch_en),
    .prefetch_addr_i  (prefetch_addr),
    .prefetch_data_o  (prefetch_data),
    .issue_o          (issue),
    .unit_start_o     (unit_start),
    .pc_o             (head_pc),
    .instr_o          (head_instr),
    .operands_o       (head_operands),
    .result_o         (head_result),
    .reuse_o          (head_reuse),
    .line_addr_o      (head_line_addr),
    .unit_done_i      (unit_done),
    .unit_not_done_i  (unit_not_done),
    .unit_error_i     (unit_error),
    .unit_due_i       (unit_due),
    .unit_busy_o      (unit_busy),
    .cause_issue_o    (cause_issue),
    .cause_fetch_o    (cause_fetch),
    .cause_unit_busy_o(cause_unit_busy),
    .cause_raw_o      (cause_raw),
    .cause_war_o      (cause_war),
    .cause_waw_o      (cause_waw),
    .cause_port_o     (cause_port),
    .cause_drain_o    (cause_drain),
    .retire_o         (trace_retire_o),
    .retire_pc_o      (trace_retire_pc_o)
  );

  assign end_o            = program_end;
  assign trace_issue_o    = cause_issue;
  assign trace_issue_pc_o = head_pc;

  // ---------------------------------------------------------------------------------------------------------- Load/Store
  logic [Lanes-1:0]        load_en, store_en, store_valid;
  logic [WordAddrBits-1:0] load_addr, store_addr;
  logic [BeatBits-1:0]     load_data;
  logic [Lanes*BeatBits-1:0] store_data;
  logic [BeatBits-1:0]     stored;
  logic                    stored_valid, lsu_ready, lsu_done, lsu_wait_dram;
  logic [1:0]              lsu_error;

  sterna_load_store #(
    .Channels   (Channels),
    .Lanes      (Lanes),
    .BeatBits   (BeatBits),
    .VecLen     (VecLen),
    .ReadLatency(2 + 2 * LaneStages)
  ) u_load_store (
    .clk_i,
    .rst_ni,
    .active_i   (active),
    .token_i,
    .segment_i,
    .start_i    (unit_start[Lsu]),
    .ready_o    (lsu_ready),
    .instr_i    (head_instr),
    .done_o     (lsu_done),
    .error_o    (lsu_error),
    .line_addr_i(head_line_addr),
    .rd_en_o    (store_en),
    .rd_addr_o  (store_addr),
    .rd_valid_i (stored_valid),
    .rd_data_i  (stored),
    .wr_en_o    (load_en),
    .wr_addr_o  (load_addr),
    .wr_data_o  (load_data),
    .load_req_valid_o,
    .load_req_ready_i,
    .load_req_addr_o,
    .load_req_lines_o,
    .load_data_valid_i,
    .load_data_ready_o,
    .load_data_i,
    .load_data_error_i,
    .store_req_valid_o,
    .store_req_ready_i,
    .store_req_addr_o,
    .store_req_lines_o,
    .store_data_valid_o,
    .store_data_ready_i,
    .store_data_o,
    .store_resp_valid_i,
    .store_resp_error_i,
    .wait_dram_o(lsu_wait_dram)
  );

  sterna_store_words #(
    .Dies     (Dies),
    .DieStages(DieStages),
    .Lanes    (Lanes),
    .BeatBits (BeatBits)
  ) u_stored (
    .clk_i,
    .rst_ni,
    .die_rst_ni,
    .valid_i(store_valid),
    .data_i (store_data),
    .valid_o(stored_valid),
    .data_o (stored)
  );

  // Load/Store's last word takes as long to the lanes.
  sterna_pipe_reg #(
    .Stages(LaneStages),
    .Width (2)
  ) u_delay_lsu_done (
    .clk_i,
    .rst_ni,
    .valid_i(lsu_done),
    .data_i (lsu_error),
    .valid_o(unit_done[Lsu]),
    .data_o (unit_error[Lsu*2 +: 2])
  );

  // ------------------------------------------------------------------------------------------------------- weights' path
  logic [sterna_ternary_pkg::CONTROL_BITS-1:0]          control;
  logic [Channels*BeatsPerStep*BeatBits/8*CodeBits-1:0] codes;
  logic                                                 codes_new, tmm_ready, tmm_wait_dram;
  logic [BeatsBits-1:0]                                 tmm_beats;
  logic [Lanes-1:0]                                     ternary_done, pick_valid, fff_mine;
  logic [Lanes*4-1:0]                                   picks;
  logic [sterna_ternary_pkg::FFF_BITS-1:0]              fff;
  localparam int unsigned Buses = Fff && Lanes > 1 ? Channels : 1;  // of FFFOUT's records
  localparam int unsigned RecordInfo = sterna_ternary_pkg::RECORD_BITS;
  localparam int unsigned RecordBits = Buses * (RecordInfo + Lanes) + (Fff && Buses == 1 ? BeatBits : 0);
  logic [Buses-1:0]                                     record_valid;
  logic [Buses*RecordInfo-1:0]                          record;
  logic [Buses*Lanes-1:0]                               record_mine;
  logic [BeatBits-1:0]                                  record_data;
  logic                                                 visited, visited_record, visited_hit, wait_block, wait_record;
  logic [SharedBits-1:0]                                visit_shared;

  // FFFIN ends in each lane with that lane's last block.
  logic [Lanes-1:0] ternary_over, ternary_over_q;  // lanes that are done
  logic             ternary_all_done;

  assign ternary_over     = ternary_over_q | ternary_done;
  assign ternary_all_done = ternary_done != '0 && (Lanes == 1 || (ternary_over | ~active) == '1);

  always_ff @(posedge clk_i) ternary_over_q <= rst_ni && !ternary_all_done ? ternary_over : '0;

  sterna_weights #(
    .Channels    (Channels),
    .Lanes       (Lanes),
    .BeatsPerStep(BeatsPerStep),
    .BeatBits    (BeatBits),
    .VecLen      (VecLen),
    .Registers   (Registers),
    .RomDepth    (RomDepth),
    .WeightFifo  (WeightFifo),
    .Outstanding (Outstanding),
    .Dies        (Dies),
    .LocalStages (LocalStages),
    .Fff         (Fff),
    .SlotBeats   (FffSlotBeats),
    .Buses       (Buses)
  ) u_weights (
    .clk_i,
    .rst_ni,
    .die_rst_ni,
    .go_i            (go),
    .keep_i          (fff_keep_i),
    .stop_i          (program_end),
    .idle_o          (weights_idle),
    .entry_i,
    .active_i        (active),
    .segment_i,
    .token_max_i     (token_max),
    .last_lane_i     (last_lane),
    .rom_en_o        (prefetch_en),
    .rom_addr_o      (prefetch_addr),
    .rom_data_i      (prefetch_data),
    .weight_ar_valid_o,
    .weight_ar_ready_i,
    .weight_ar_addr_o,
    .weight_ar_beats_o,
    .weight_r_valid_i,
    .weight_r_data_i,
    .weight_r_error_i,
    .fff_ar_valid_o,
    .fff_ar_ready_i,
    .fff_ar_addr_o,
    .fff_ar_beats_o,
    .fff_r_valid_i,
    .store_i         (store_req_valid_o & store_req_ready_i),
    .store_addr_i    (store_req_addr_o),
    .store_lines_i   (store_req_lines_o),
    .start_i         (unit_start[Tmm]),
    .ready_o         (tmm_ready),
    .instr_i         (head_instr),
    .done_o          (unit_done[Tmm]),
    .error_o         (unit_error[Tmm*2 +: 2]),
    .control_o       (control),
    .codes_o         (codes),
    .codes_new_o     (codes_new),
    .lane_done_i     (ternary_all_done),
    .fff_o           (fff),
    .fff_mine_o      (fff_mine),
    .record_valid_o  (record_valid),
    .record_o        (record),
    .record_mine_o   (record_mine),
    .record_data_o   (record_data),
    .pick_valid_i    (pick_valid),
    .picks_i         (picks),
    .wait_dram_o     (tmm_wait_dram),
    .wait_block_o    (wait_block),
    .wait_record_o   (wait_record),
    .beats_o         (tmm_beats),
    .visited_o       (visited),
    .visited_record_o(visited_record),
    .visited_hit_o   (visited_hit),
    .visit_shared_o  (visit_shared)
  );

  // --------------------------------------------------------------------------------------------------------------- lanes
  logic [Units*Lanes-1:0]        lane_done;
  logic [Units-1:0]              in_all_lanes, not_in_all_lanes;
  logic [Lanes-1:0]              lane_due;
  logic [Lanes*Units-1:0]        saturated;
  logic [Lanes-1:0]              row_divide, row_wait, rms_scalar, rms_wait, top_wait;
  logic [Lanes-1:0]              carry_valid;  // out of the lanes
  logic [Lanes*BeatBits-1:0]     carry_data;
  logic                          unused_carry;

  assign unused_carry = &{1'b0, carry_valid[Lanes-1], carry_data[(Lanes-1)*BeatBits +: BeatBits]};

  // The first instruction comes long after.
  logic [Lanes-1:0] clear_q;
  always_ff @(posedge clk_i) clear_q <= go ? active : '0;

  // What goes to the lanes, as it comes to each die. Of a program: which lanes start it, take part, take a carry.
  localparam int unsigned StartBits   = 3 * Lanes + Units + 1;
  localparam int unsigned InstrBits   = 4 * Registers + ResultBits + 2 + 128;
  localparam int unsigned LoadBits    = 2 * WordAddrBits + BeatBits;
  localparam int unsigned ControlBits = sterna_ternary_pkg::CONTROL_BITS;
  localparam int unsigned CodesBits   = Channels * BeatsPerStep * BeatBits / 8 * CodeBits;
  localparam int unsigned FffBits     = sterna_ternary_pkg::FFF_BITS;
  logic [Dies*StartBits-1:0]   starts;
  logic [Dies*InstrBits-1:0]   instrs;
  logic [Dies*2*Lanes-1:0]     load_enables;
  logic [Dies*LoadBits-1:0]    loads;
  logic [Dies*ControlBits-1:0] controls;
  logic [Dies*CodesBits-1:0]   all_codes;
  logic [Dies*FffBits-1:0]     lane_fffs;
  logic [Dies*Lanes-1:0]       mines;
  logic [Dies*Buses-1:0]       record_valids;
  logic [Dies*RecordBits-1:0]  records;

  sterna_lane_trees #(
    .Dies       (Dies),
    .Lanes      (Lanes),
    .StartValids(StartBits),
    .StartBits  (InstrBits),
    .LoadBits   (LoadBits),
    .CodesBits  (CodesBits),
    .Buses      (Buses),
    .RecordBits (RecordBits)
  ) u_lane_trees (
    .clk_i,
    .die_rst_ni,
    .start_valids_i({clear_q, carry, active, unit_start, issue}),
    .start_i       ({head_operands, head_result, head_reuse, head_instr}),
    .load_valids_i ({store_en, load_en}),
    .load_i        ({store_addr, load_addr, load_data}),
    .control_i     (control),
    .codes_new_i   (codes_new),
    .codes_i       (codes),
    .fff_i         (fff),
    .mine_i        (fff_mine),
    .record_valids_i(record_valid),
    .record_i      (RecordBits'({record_data, record_mine, record})),
    .start_valids_o(starts),
    .starts_o      (instrs),
    .load_valids_o (load_enables),
    .loads_o       (loads),
    .controls_o    (controls),
    .codes_o       (all_codes),
    .fffs_o        (lane_fffs),
    .mines_o       (mines),
    .record_valids_o(record_valids),
    .records_o     (records)
  );

  // Three lanes or more share their dot products, four at a time in each die. Lanes have slots there, which one process connects, so that
  // none is different in a simulation (docs/verilator.md).
  localparam bit          Quads    = Lanes > 2;
  localparam int unsigned StepBits = BeatsPerStep * BeatBits;  // of a step's activations
  localparam int unsigned SumsBits = Channels * BeatsPerStep * 16 * sterna_isa_pkg::TRITS_PER_BYTE;
  localparam int unsigned DieQuads = ((Lanes + Dies - 1) / Dies + 3) / 4;
  localparam int unsigned Slots    = 4 * Dies * DieQuads;
  logic [Lanes*StepBits-1:0] activations;
  logic [Lanes*SumsBits-1:0] sums;

  function automatic int unsigned slot_of(input int unsigned lane);
    int unsigned die;
    die     = lane * Dies / Lanes;
    slot_of = 4 * DieQuads * die + lane - (die * Lanes + Dies - 1) / Dies;
  endfunction

  sterna_ternary_pkg::control_t die_control;
  logic [Dies-1:0]              steps;
  always_comb begin
    for (int unsigned d = 0; d < Dies; d++) begin
      die_control = controls[ControlBits*d +: ControlBits];
      steps[d]    = die_control.step;
    end
  end

  if (Quads) begin : gen_quads
    logic [Slots*StepBits-1:0] quad_activations;
    logic [Slots*SumsBits-1:0] quad_sums;
    logic                      unused_slots;
    assign unused_slots = ^{quad_activations, quad_sums};

    always_comb begin
      for (int unsigned s = 0; s < Slots; s++) quad_activations[StepBits*s +: StepBits] = '0;
      for (int unsigned l = 0; l < Lanes; l++) begin
        quad_activations[StepBits*slot_of(l) +: StepBits] = activations[StepBits*l +: StepBits];
        sums[SumsBits*l +: SumsBits]                      = quad_sums[SumsBits*slot_of(l) +: SumsBits];
      end
    end

    for (genvar q = 0; q < Dies * DieQuads; q++) begin : gen_quad
      localparam int unsigned Die   = q / DieQuads;
      localparam int unsigned First = (Die * Lanes + Dies - 1) / Dies + 4 * (q % DieQuads);  // of its lanes
      localparam int unsigned Next  = ((Die + 1) * Lanes + Dies - 1) / Dies;                 // of the next die's
      if (First < Next) begin : gen_lanes
        localparam int unsigned Real = Next - First < 4 ? Next - First : 4;
        localparam int unsigned Here = `STERNA_ALIKE(4, Real);
        sterna_ternary_quad #(
          .BeatBits    (BeatBits),
          .Channels    (Channels),
          .BeatsPerStep(BeatsPerStep),
          .Lanes       (Here)
        ) u_ternary_quad (
          .clk_i,
          .step_i       (steps[Die] && starts[StartBits*Die+Units+1+First +: Real] != '0),
          .activations_i(quad_activations[4*StepBits*q +: StepBits*Here]),
          .codes_i      (all_codes[CodesBits*Die +: CodesBits]),
          .sums_o       (quad_sums[4*SumsBits*q +: SumsBits*Here])
        );
        if (Here < 4) begin : gen_rest
          assign quad_sums[4*SumsBits*q+SumsBits*Here +: SumsBits*(4-Here)] = '0;
        end
      end else begin : gen_none
        assign quad_sums[4*SumsBits*q +: 4*SumsBits] = '0;
      end
    end
  end else begin : gen_no_quads
    assign sums = '0;
    logic unused_activations;
    assign unused_activations = ^activations;
  end

  // And from the lanes to the front.
  localparam int unsigned WaitBits = 5;

  for (genvar l = 0; l < Lanes; l++) begin : gen_lane
    localparam int unsigned Die = l * Dies / Lanes;
    logic [Units-1:0]         start, done, near_done, near_saturated;
    logic                     lane_clear, lane_carry, lane_active, lane_issue;
    logic [4*Registers-1:0]   lane_operands;
    logic [127:0]             lane_instr;
    logic [ResultBits-1:0]    lane_result;
    logic [1:0]               lane_reuse;
    logic [WordAddrBits-1:0]  lane_load_addr, lane_store_addr;
    logic [BeatBits-1:0]      lane_load_data, before_data;
    logic                     near_due, near_ternary_done, near_pick_valid, near_divide, near_row_wait, near_scalar, near_rms_wait, near_top_wait;
    logic [3:0]               near_pick;
    logic                     unused_returns, before_valid;  // the carry of the lane before
    logic [Buses-1:0]         lane_record_mine;
    logic [BeatBits-1:0]      lane_record_data;

    if (l == 0) begin : gen_first  // takes no carry, whatever comes
      assign before_valid = `STERNA_ALIKE(carry_valid[Lanes-1], 1'b0);
      assign before_data  = `STERNA_ALIKE(carry_data[(Lanes-1)*BeatBits +: BeatBits], '0);
    end else begin : gen_next
      assign before_valid = carry_valid[l-1];
      assign before_data  = carry_data[(l-1)*BeatBits +: BeatBits];
    end

    assign lane_clear  = starts[StartBits*Die+2*Lanes+Units+1+l];
    assign lane_carry  = starts[StartBits*Die+Lanes+Units+1+l];
    assign lane_active = starts[StartBits*Die+Units+1+l];
    // A single lane is always active.
    assign start      = Lanes == 1 || lane_active ? starts[StartBits*Die+1 +: Units] : '0;
    assign lane_issue = starts[StartBits*Die] && (Lanes == 1 || lane_active);
    assign {lane_operands, lane_result, lane_reuse, lane_instr} = instrs[InstrBits*Die +: InstrBits];
    for (genvar b = 0; b < Buses; b++) begin : gen_bus
      assign lane_record_mine[b] = records[RecordBits*Die+Buses*RecordInfo+Lanes*b+l];
    end
    if (Fff && Buses == 1) begin : gen_record_data
      assign lane_record_data = records[RecordBits*Die+RecordInfo+Lanes +: BeatBits];
    end else begin : gen_no_record_data
      assign lane_record_data = '0;
    end
    assign {lane_store_addr, lane_load_addr, lane_load_data}    = loads[LoadBits*Die +: LoadBits];

    sterna_lane #(
      .BeatBits    (BeatBits),
      .VecLen      (VecLen),
      .Registers   (Registers),
      .Channels    (Channels),
      .BeatsPerStep(BeatsPerStep),
      .Stages      (LocalStages),
      .LaneStages  (LaneStages),
      .Fff         (Fff),
      .Quads       (Quads),
      .Buses       (Buses)
    ) u_lane (
      .clk_i,
      .rst_ni        (die_rst_ni[Die]),
      .clear_i       (lane_clear),
      .active_i      (lane_active),
      .carry_i       (lane_carry),
      .issue_i       (lane_issue),
      .start_i       (start),
      .operands_i    (lane_operands),
      .instr_i       (lane_instr),
      .result_i      (lane_result),
      .reuse_i       (lane_reuse),
      .done_o        (near_done),
      .due_o         (near_due),
      .load_en_i     (load_enables[2*Lanes*Die+l]),
      .load_addr_i   (lane_load_addr),
      .load_data_i   (lane_load_data),
      .store_en_i    (load_enables[2*Lanes*Die+Lanes+l]),
      .store_addr_i  (lane_store_addr),
      .store_valid_o (store_valid[l]),
      .store_data_o  (store_data[l*BeatBits +: BeatBits]),
      .carry_valid_i (before_valid),
      .carry_data_i  (before_data),
      .carry_valid_o (carry_valid[l]),
      .carry_data_o  (carry_data[l*BeatBits +: BeatBits]),
      .control_i     (controls[ControlBits*Die +: ControlBits]),
      .codes_i       (all_codes[CodesBits*Die +: CodesBits]),
      .activations_o (activations[StepBits*l +: StepBits]),
      .sums_i        (sums[SumsBits*l +: SumsBits]),
      .ternary_done_o(near_ternary_done),
      .fff_i         (lane_fffs[FffBits*Die +: FffBits]),
      .fff_mine_i    (mines[Lanes*Die+l]),
      .record_valid_i(record_valids[Buses*Die +: Buses]),
      .record_i      (records[RecordBits*Die +: Buses*RecordInfo]),
      .record_mine_i (lane_record_mine),
      .record_data_i (lane_record_data),
      .pick_valid_o  (near_pick_valid),
      .pick_o        (near_pick),
      .row_divide_o  (near_divide),
      .row_wait_o    (near_row_wait),
      .rms_scalar_o  (near_scalar),
      .rms_wait_o    (near_rms_wait),
      .top_wait_o    (near_top_wait),
      .saturated_o   (near_saturated)
    );

    sterna_pipe_reg #(
      .Stages(DieStages),
      .Valids(2 * Units + 7 + WaitBits)
    ) u_delay_returns (
      .clk_i,
      .rst_ni (die_rst_ni[Die]),
      .valid_i({near_done, near_due, near_saturated, near_ternary_done, near_pick_valid, near_pick,
                near_top_wait, near_rms_wait, near_scalar, near_row_wait, near_divide}),
      .data_i (1'b0),
      .valid_o({done, lane_due[l], saturated[l*Units +: Units], ternary_done[l], pick_valid[l], picks[l*4 +: 4],
                top_wait[l], rms_wait[l], rms_scalar[l], row_wait[l], row_divide[l]}),
      .data_o (unused_returns)
    );

    for (genvar u = 0; u < Units; u++) begin : gen_unit
      assign lane_done[u*Lanes + l] = done[u];
    end
  end

  sterna_lanes_done #(
    .Lanes(Lanes)
  ) u_lanes_done (
    .clk_i,
    .rst_ni,
    .active_i       (active),
    .unit_start_i   (unit_start),
    .lane_done_i    (lane_done),
    .lane_due_i     (lane_due),
    .unit_done_o    (in_all_lanes),
    .unit_not_done_o(not_in_all_lanes),
    .unit_due_o     (unit_due)
  );

  for (genvar u = 0; u < Units; u++) begin : gen_done
    if (!Shared[u]) begin : gen_lanes
      assign unit_done[u]         = in_all_lanes[u];
      assign unit_not_done[u]     = not_in_all_lanes[u];
      assign unit_error[u*2 +: 2] = 2'd0;  // only units that reach memory can fail
    end else begin : gen_shared
      assign unit_not_done[u] = ~unit_done[u];
    end
  end

  logic unused_tree;  // and of dies that have no lane
  assign unused_tree = ^{die_control, steps, in_all_lanes, not_in_all_lanes, starts, instrs, load_enables, loads, controls, all_codes, lane_fffs, mines, record_valids, records};

  // The router takes a unit for ready once it was done.
  logic unused_ready;
  assign unused_ready = &{1'b0, lsu_ready, tmm_ready};
  `STERNA_ASSERT(ReadyAfterDone, (lsu_ready || unit_busy[Lsu]) && (tmm_ready || unit_busy[Tmm]))
  `STERNA_ASSERT(TernaryDoneOnce, (ternary_done & (ternary_over_q | ~active)) == '0)

  // ------------------------------------------------------------------------------------------------------------ counters
  logic [Counters*IncrementBits-1:0] increments;

  sterna_events #(
    .Channels     (Channels),
    .Lanes        (Lanes),
    .DieStages    (DieStages),
    .BeatsBits    (BeatsBits),
    .SharedBits   (SharedBits),
    .IncrementBits(IncrementBits)
  ) u_events (
    .clk_i,
    .rst_ni,
    .running_i        (running),
    .active_i         (active),
    .unit_busy_i      (unit_busy),
    .unit_done_i      (unit_done),
    .cause_issue_i    (cause_issue),
    .cause_fetch_i    (cause_fetch),
    .cause_unit_busy_i(cause_unit_busy),
    .cause_raw_i      (cause_raw),
    .cause_war_i      (cause_war),
    .cause_waw_i      (cause_waw),
    .cause_port_i     (cause_port),
    .cause_drain_i    (cause_drain),
    .lsu_wait_dram_i  (lsu_wait_dram),
    .row_divide_i     (row_divide),
    .row_wait_i       (row_wait),
    .rms_scalar_i     (rms_scalar),
    .rms_wait_i       (rms_wait),
    .top_wait_i       (top_wait),
    .saturated_i      (saturated),
    .tmm_wait_dram_i  (tmm_wait_dram),
    .tmm_beats_i      (tmm_beats),
    .wait_block_i     (wait_block),
    .wait_record_i    (wait_record),
    .visited_i        (visited),
    .visited_record_i (visited_record),
    .visited_hit_i    (visited_hit),
    .visit_shared_i   (visit_shared),
    .read_beat_i,
    .write_beat_i,
    .fff_beat_i       (fff_r_valid_i),
    .increments_o     (increments)
  );

  sterna_counters #(
    .IncrementBits(IncrementBits)
  ) u_counters (
    .clk_i,
    .rst_ni,
    .clear_i    (start_i),
    .increment_i(increments),
    .rd_index_i (counter_index_i),
    .rd_data_o  (counter_o)
  );

endmodule
