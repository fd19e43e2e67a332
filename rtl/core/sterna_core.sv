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
  parameter              RomFile      = "",
  localparam int unsigned Segments    = sterna_isa_pkg::SEGMENTS,
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
  input  logic [Segments*64-1:0] seg_base_i,
  input  logic [Segments*32-1:0] seg_size_i,
  input  logic [Segments*32-1:0] seg_stride_i,
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
  localparam int unsigned Row           = 32'(sterna_isa_pkg::UNIT_ROW);
  localparam int unsigned Rms           = 32'(sterna_isa_pkg::UNIT_RMS);
  localparam int unsigned Tmm           = 32'(sterna_isa_pkg::UNIT_TMM);
  localparam int unsigned Top           = 32'(sterna_isa_pkg::UNIT_TOP);
  localparam logic [Units-1:0] Shared    = sterna_isa_pkg::UNIT_SHARED;
  localparam logic [Units-1:0] Saturates = sterna_isa_pkg::UNIT_SATURATES;

  localparam int unsigned DieStages   = Dies / 2;  // from the front's die to any other
  localparam int unsigned LocalStages = LaneStages - DieStages;  // the others, in a lane's die

  logic [Lanes-1:0]    lane_rst_n;
  logic [Channels-1:0] channel_rst_n;
  for (genvar l = 0; l < Lanes; l++) begin : gen_lane_reset
    assign lane_rst_n[l] = die_rst_ni[l*Dies/Lanes];
  end
  for (genvar c = 0; c < Channels; c++) begin : gen_channel_reset
    assign channel_rst_n[c] = die_rst_ni[c*Dies/Channels];
  end

  // ------------------------------------------------------------------------------------------------------ program start
  logic [Lanes-1:0] active, carry;
  logic [31:0]      token_max;
  logic [$clog2(sterna_isa_pkg::MAX_LANES)-1:0] last_lane;
  logic             go, stream_idle, fff_idle, idle_q;

  always_ff @(posedge clk_i) idle_q <= stream_idle && fff_idle;  // until go

  sterna_program_start #(
    .Lanes(Lanes)
  ) u_program_start (
    .clk_i,
    .rst_ni,
    .start_i,
    .lane_mask_i,
    .prefill_i,
    .token_i,
    .stream_idle_i(idle_q),
    .active_o     (active),
    .carry_o      (carry),
    .token_max_o  (token_max),
    .last_lane_o  (last_lane),
    .go_o         (go)
  );

  // -------------------------------------------------------------------------------------------------- instruction stream
  logic                   rom_en;
  logic [RomAddrBits-1:0] rom_addr;
  logic [127:0]           rom_data;
  logic                   fetch_valid, fetch_overrun, fetch_ready;
  logic [31:0]            fetch_pc;
  logic                   program_end;

  sterna_fetch #(
    .RomDepth(RomDepth)
  ) u_fetch (
    .clk_i,
    .rst_ni,
    .start_i   (go),
    .entry_i,
    .stop_i    (program_end),
    .rom_en_o  (rom_en),
    .rom_addr_o(rom_addr),
    .valid_o   (fetch_valid),
    .overrun_o (fetch_overrun),
    .pc_o      (fetch_pc),
    .ready_i   (fetch_ready)
  );

  logic                   prefetch_en;
  logic [RomAddrBits-1:0] prefetch_addr;
  logic [127:0]           prefetch_data;

  sterna_instr_rom #(
    .Depth  (RomDepth),
    .RomFile(RomFile)
  ) u_instr_rom (
    .clk_i,
    .wr_en_i        (rom_wr_en_i),
    .wr_addr_i      (rom_wr_addr_i),
    .wr_word_i      (rom_wr_word_i),
    .wr_data_i      (rom_wr_data_i),
    .rd_en_i        (rom_en),
    .rd_addr_i      (rom_addr),
    .rd_data_o      (rom_data),
    .prefetch_en_i  (prefetch_en),
    .prefetch_addr_i(prefetch_addr),
    .prefetch_data_o(prefetch_data)
  );

  // The next instruction, and the head of the issue stage.
  logic                  next_valid, next_ready, next_halt;
  logic [31:0]           next_pc;
  logic [15:0]           head_pc;
  logic [127:0]          next_instr, head_instr;
  logic [StatusBits-1:0] next_fault;
  logic [Units-1:0]      next_unit;
  logic [Registers-1:0]  next_sources, next_dest;
  logic [4*Registers-1:0] next_operands, head_operands;
  logic [Units-1:0]      coming_unit;  // behind the next one
  logic [Registers-1:0]  coming_sources, coming_dest;
  logic                  coming_chain;
  logic [ResultBits-1:0] next_result, head_result;
  logic [63:0]           next_line_addr, head_line_addr;
  logic [Channels*64-1:0] unused_part_addr;  // the weight stream has a decoder of its own
  logic [31:0]           unused_part_lines;

  sterna_decode #(
    .VecLen   (VecLen),
    .Registers(Registers),
    .Channels (Channels),
    .Fff      (Fff)
  ) u_decode (
    .clk_i,
    .rst_ni,
    .flush_i    (program_end),
    .seg_base_i,
    .seg_size_i,
    .seg_stride_i,
    .token_i    (token_max),
    .last_lane_i(last_lane),
    .valid_i    (fetch_valid),
    .ready_o    (fetch_ready),
    .overrun_i  (fetch_overrun),
    .pc_i       (fetch_pc),
    .instr_i    (rom_data),
    .valid_o    (next_valid),
    .ready_i    (next_ready),
    .pc_o       (next_pc),
    .instr_o    (next_instr),
    .fault_o    (next_fault),
    .halt_o     (next_halt),
    .unit_o     (next_unit),
    .operands_o (next_operands),
    .sources_o  (next_sources),
    .dest_o     (next_dest),
    .result_o   (next_result),
    .line_addr_o(next_line_addr),
    .coming_unit_o   (coming_unit),
    .coming_sources_o(coming_sources),
    .coming_dest_o   (coming_dest),
    .coming_chain_o  (coming_chain),
    .part_addr_o (unused_part_addr),
    .part_lines_o(unused_part_lines)
  );

  // The scalars that the RMS units will have when they come to the next instruction.
  logic [1:0] next_reuse, head_reuse;

  sterna_rms_reuse #(
    .LenBits($clog2(VecLen + 1))
  ) u_rms_reuse (
    .clk_i,
    .rst_ni       (rst_ni && !program_end),
    .valid_i      (next_valid && next_ready),
    .rms_i        (next_unit[Rms]),
    .writes_i     (next_result != sterna_isa_pkg::RESULT_NONE),
    .instr_i      (next_instr),
    .factor_hit_o (next_reuse[0]),
    .amax_hit_o   (next_reuse[1])
  );

  // -------------------------------------------------------------------------------------------------------------- router
  logic [Units-1:0]   unit_start, unit_done, unit_busy;
  logic [Units*2-1:0] unit_error;
  logic               running, issue;
  logic               cause_issue, cause_fetch, cause_unit_busy, cause_raw, cause_war, cause_waw;
  logic               cause_port, cause_drain;

  sterna_router #(
    .Registers  (Registers),
    .PayloadBits(64 + ResultBits + 2 + 4 * Registers + 128)
  ) u_router (
    .clk_i,
    .rst_ni,
    .start_i,
    .running_o        (running),
    .end_o            (program_end),
    .status_o,
    .status_pc_o,
    .valid_i          (next_valid),
    .ready_o          (next_ready),
    .pc_i             (next_pc),
    .fault_i          (next_fault),
    .halt_i           (next_halt),
    .unit_i           (next_unit),
    .sources_i        (next_sources),
    .dest_i           (next_dest),
    .payload_i        ({next_line_addr, next_result, next_reuse, next_operands, next_instr}),
    .coming_unit_i    (coming_unit),
    .coming_sources_i (coming_sources),
    .coming_dest_i    (coming_dest),
    .coming_chain_i   (coming_chain),
    .pc_o             (head_pc),
    .payload_o        ({head_line_addr, head_result, head_reuse, head_operands, head_instr}),
    .issue_o          (issue),
    .unit_start_o     (unit_start),
    .unit_done_i      (unit_done),
    .unit_error_i     (unit_error),
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
  logic                    stored_valid_q;
  logic [BeatBits-1:0]     stored, stored_q;
  logic                    lsu_ready, lsu_done, lsu_wait_dram;
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
    .seg_stride_i,
    .start_i    (unit_start[Lsu]),
    .ready_o    (lsu_ready),
    .instr_i    (head_instr),
    .done_o     (lsu_done),
    .error_o    (lsu_error),
    .line_addr_i(head_line_addr),
    .rd_en_o    (store_en),
    .rd_addr_o  (store_addr),
    .rd_valid_i (stored_valid_q),
    .rd_data_i  (stored_q),
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

  // One lane is read at a time: what comes from a die is of one of its lanes.
  logic [Dies-1:0]          die_stored_valid;
  logic [Dies*BeatBits-1:0] die_stored;

  for (genvar d = 0; d < Dies; d++) begin : gen_die_stored
    logic                any;
    logic [BeatBits-1:0] word;

    always_comb begin
      any  = 1'b0;
      word = '0;
      for (int unsigned l = 0; l < Lanes; l++) begin
        if (l * Dies / Lanes == d && store_valid[l]) begin
          any  = 1'b1;
          word = word | store_data[l*BeatBits +: BeatBits];
        end
      end
    end

    sterna_pipe_reg #(
      .Stages(DieStages),
      .Width (BeatBits)
    ) u_delay_stored (
      .clk_i,
      .rst_ni (die_rst_ni[d]),
      .valid_i(any),
      .data_i (word),
      .valid_o(die_stored_valid[d]),
      .data_o (die_stored[d*BeatBits +: BeatBits])
    );
  end

  always_comb begin
    stored = '0;
    for (int unsigned d = 0; d < Dies; d++) begin
      if (die_stored_valid[d]) stored = stored | die_stored[d*BeatBits +: BeatBits];
    end
  end

  always_ff @(posedge clk_i) begin
    stored_valid_q <= rst_ni && die_stored_valid != '0;
    if (die_stored_valid != '0) stored_q <= stored;
  end

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
  logic [BeatsPerStep-1:0]                              weight_valid, weight_pop_beats;
  logic                                                 weight_pop;
  logic [Channels*BeatsPerStep*BeatBits-1:0]            weight_data;
  logic [BeatsPerStep-1:0]                              weight_error;
  logic [sterna_ternary_pkg::CONTROL_BITS-1:0]         control;
  logic [Channels*BeatsPerStep*BeatBits/8*CodeBits-1:0] codes;
  logic                                                 codes_new;
  logic                                                 tmm_ready, tmm_wait_dram;
  logic [BeatsBits-1:0]                                 tmm_beats;
  logic [Lanes-1:0]                                     ternary_done;

  // FFFIN and FFFOUT.
  logic                                      walk_valid, walk_ready, picks_valid;
  logic                                      visited, visited_record, wait_block, wait_record;
  logic [SharedBits-1:0]                     visit_shared;
  logic [127:0]                              walk_instr;
  logic [Channels*64-1:0]                    walk_addr;
  logic [Lanes-1:0]                          pick_valid, fff_mine;
  logic [Lanes*4-1:0]                        picks;
  logic                                      tree_runs, blocks, block_open, block_last_set, block_pop, block_set_last, block_set_end;
  logic [BeatsPerStep-1:0]                   block_valid, block_error;
  logic [Channels*BeatsPerStep*BeatBits-1:0] block_data;
  logic                                      records, line_valid, line_error, line_end;
  logic [9:0]                                record_words, line_word;
  logic [BeatBits-1:0]                       line_data;
  logic [13+Lanes-1:0]                       line_visit;
  logic [sterna_ternary_pkg::FFF_BITS-1:0]   fff;

  sterna_weight_stream #(
    .BeatBits    (BeatBits),
    .VecLen      (VecLen),
    .Registers   (Registers),
    .RomDepth    (RomDepth),
    .Channels    (Channels),
    .BeatsPerStep(BeatsPerStep),
    .FifoBeats   (WeightFifo),
    .Outstanding (Outstanding),
    .Fff         (Fff),
    .Stages      (DieStages)
  ) u_weight_stream (
    .clk_i,
    .rst_ni,
    .far_rst_ni(channel_rst_n),
    .start_i   (go),
    .stop_i    (program_end),
    .idle_o    (stream_idle),
    .entry_i,
    .seg_base_i,
    .seg_size_i,
    .seg_stride_i,
    .token_i   (token_max),
    .last_lane_i(last_lane),
    .rom_en_o   (prefetch_en),
    .rom_addr_o (prefetch_addr),
    .rom_data_i (prefetch_data),
    .ar_valid_o (weight_ar_valid_o),
    .ar_ready_i (weight_ar_ready_i),
    .ar_addr_o  (weight_ar_addr_o),
    .ar_beats_o (weight_ar_beats_o),
    .r_valid_i  (weight_r_valid_i),
    .r_data_i   (weight_r_data_i),
    .r_error_i  (weight_r_error_i),
    .walk_valid_o(walk_valid),
    .walk_ready_i(walk_ready),
    .walk_instr_o(walk_instr),
    .walk_addr_o (walk_addr),
    .few_i       (tree_runs),
    .valid_o    (weight_valid),
    .pop_i      (weight_pop),
    .pop_beats_i(weight_pop_beats),
    .data_o     (weight_data),
    .error_o    (weight_error)
  );

  if (Fff) begin : gen_fff
    // The lanes go their ways in step.
    assign picks_valid = (pick_valid & active) != '0;

    sterna_fff_stream #(
      .BeatBits    (BeatBits),
      .VecLen      (VecLen),
      .Channels    (Channels),
      .Lanes       (Lanes),
      .BeatsPerStep(BeatsPerStep),
      .Outstanding (Outstanding),
      .Stages      (DieStages)
    ) u_fff_stream (
      .clk_i,
      .rst_ni,
      .far_rst_ni    (channel_rst_n),
      .stop_i        (program_end),
      .idle_o        (fff_idle),
      .active_i      (active),
      .start_i       (walk_valid),
      .ready_o       (walk_ready),
      .instr_i       (walk_instr),
      .addr_i        (walk_addr),
      .picks_valid_i (picks_valid),
      .picks_i       (picks),
      .ar_valid_o    (fff_ar_valid_o),
      .ar_ready_i    (fff_ar_ready_i),
      .ar_addr_o     (fff_ar_addr_o),
      .ar_beats_o    (fff_ar_beats_o),
      .r_valid_i     (fff_r_valid_i),
      .r_data_i      (weight_r_data_i),
      .r_error_i     (weight_r_error_i),
      .blocks_i      (blocks),
      .open_o        (block_open),
      .valid_o       (block_valid),
      .last_set_o    (block_last_set),
      .pop_i         (block_pop),
      .pop_beats_i   (weight_pop_beats),
      .set_last_i    (block_set_last),
      .set_end_i     (block_set_end),
      .data_o        (block_data),
      .error_o       (block_error),
      .records_i     (records),
      .record_words_i(record_words),
      .line_valid_o  (line_valid),
      .line_data_o   (line_data),
      .line_error_o  (line_error),
      .line_word_o   (line_word),
      .line_end_o    (line_end),
      .line_visit_o  (line_visit),
      .wait_record_o   (wait_record),
      .visited_o       (visited),
      .visited_record_o(visited_record),
      .shared_o        (visit_shared)
    );

    `STERNA_ASSERT(PicksInStep, !picks_valid || (pick_valid & active) == active)
  end else begin : gen_no_fff
    logic unused_fff;
    assign unused_fff = ^{walk_valid, walk_instr, walk_addr, pick_valid, picks, fff_ar_ready_i, fff_r_valid_i, blocks, block_pop, block_set_last, block_set_end,
                          records, record_words};
    assign picks_valid    = 1'b0;
    assign wait_record    = 1'b0;
    assign visited        = 1'b0;
    assign visited_record = 1'b0;
    assign visit_shared   = '0;
    assign fff_idle       = 1'b1;
    assign walk_ready     = 1'b0;
    assign fff_ar_valid_o = '0;
    assign fff_ar_addr_o  = '0;
    assign fff_ar_beats_o = '0;
    assign block_open     = 1'b0;
    assign block_valid    = '0;
    assign block_last_set = 1'b0;
    assign block_data     = '0;
    assign block_error    = '0;
    assign {line_valid, line_data, line_error, line_word, line_end, line_visit} = '0;
    logic unused_picks;
    assign unused_picks = picks_valid;
  end

  sterna_ternary_matmul #(
    .BeatBits    (BeatBits),
    .VecLen      (VecLen),
    .Channels    (Channels),
    .BeatsPerStep(BeatsPerStep),
    .LaneStages  (LocalStages),
    .DataStages  (2 * DieStages),
    .Fff         (Fff),
    .Lanes       (Lanes)
  ) u_ternary_matmul (
    .clk_i,
    .rst_ni,
    .start_i    (unit_start[Tmm]),
    .ready_o    (tmm_ready),
    .instr_i    (head_instr),
    .done_o     (unit_done[Tmm]),
    .error_o    (unit_error[Tmm*2 +: 2]),
    .valid_i    (weight_valid),
    .pop_o      (weight_pop),
    .pop_beats_o(weight_pop_beats),
    .data_i     (weight_data),
    .error_i    (weight_error),
    .tree_o          (tree_runs),
    .blocks_o        (blocks),
    .block_open_i    (block_open),
    .block_valid_i   (block_valid),
    .block_last_set_i(block_last_set),
    .block_pop_o     (block_pop),
    .block_set_last_o(block_set_last),
    .block_set_end_o (block_set_end),
    .block_data_i    (block_data),
    .block_error_i   (block_error),
    .records_o       (records),
    .record_words_o  (record_words),
    .line_valid_i    (line_valid),
    .line_data_i     (line_data),
    .line_error_i    (line_error),
    .line_word_i     (line_word),
    .line_end_i      (line_end),
    .line_visit_i    (line_visit),
    .fff_o           (fff),
    .fff_mine_o      (fff_mine),
    .control_o  (control),
    .codes_o    (codes),
    .codes_new_o(codes_new),
    .lane_done_i(ternary_done != '0),
    .wait_dram_o(tmm_wait_dram),
    .wait_block_o(wait_block),
    .beats_o    (tmm_beats)
  );

  // --------------------------------------------------------------------------------------------------------------- lanes
  logic [Units*Lanes-1:0]        lane_done;
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
  logic [Dies-1:0]             unused_controls, unused_codes;
  logic [Dies*CodesBits-1:0]   all_codes;
  logic [Dies*3-1:0]           fff_valids;
  logic [Dies*(FffBits+Lanes)-1:0] fffs;
  logic [Dies*FffBits-1:0]     lane_fffs;
  sterna_ternary_pkg::fff_t    fff_fields, lane_fff_fields;

  assign fff_fields = fff;

  // Data stays where nothing is valid.
  always_comb begin
    lane_fffs = '0;
    for (int unsigned d = 0; d < Dies; d++) begin
      lane_fff_fields             = fffs[(FffBits+Lanes)*d+Lanes +: FffBits];
      lane_fff_fields.group_valid = fff_valids[3*d+2];
      lane_fff_fields.block       = fff_valids[3*d+1];
      lane_fff_fields.record      = fff_valids[3*d];
      lane_fffs[FffBits*d +: FffBits] = lane_fff_fields;
    end
  end

  sterna_die_tree #(
    .Dies  (Dies),
    .Valids(StartBits),
    .Width (InstrBits)
  ) u_start_tree (
    .clk_i,
    .rst_ni (die_rst_ni),
    .valid_i({clear_q, carry, active, unit_start, issue}),
    .data_i ({head_operands, head_result, head_reuse, head_instr}),
    .valid_o(starts),
    .data_o (instrs)
  );

  sterna_die_tree #(
    .Dies  (Dies),
    .Valids(2 * Lanes),
    .Width (LoadBits)
  ) u_load_tree (
    .clk_i,
    .rst_ni (die_rst_ni),
    .valid_i({store_en, load_en}),
    .data_i ({store_addr, load_addr, load_data}),
    .valid_o(load_enables),
    .data_o (loads)
  );

  sterna_die_tree #(
    .Dies  (Dies),
    .Valids(ControlBits)
  ) u_control_tree (
    .clk_i,
    .rst_ni (die_rst_ni),
    .valid_i(control),
    .data_i (1'b0),
    .valid_o(controls),
    .data_o (unused_controls)
  );

  sterna_die_tree #(
    .Dies  (Dies),
    .Width (CodesBits)
  ) u_codes_tree (
    .clk_i,
    .rst_ni (die_rst_ni),
    .valid_i(codes_new),
    .data_i (codes),
    .valid_o(unused_codes),
    .data_o (all_codes)
  );

  sterna_die_tree #(
    .Dies  (Dies),
    .Valids(3),
    .Width (FffBits + Lanes)
  ) u_fff_tree (
    .clk_i,
    .rst_ni (die_rst_ni),
    .valid_i({fff_fields.group_valid, fff_fields.block, fff_fields.record}),
    .data_i ({fff, fff_mine}),
    .valid_o(fff_valids),
    .data_o (fffs)
  );

  // And from the lanes to the front.
  localparam int unsigned WaitBits = 5;

  for (genvar l = 0; l < Lanes; l++) begin : gen_lane
    localparam int unsigned Die = l * Dies / Lanes;
    logic [Units-1:0]         start, done, near_done;
    logic                     lane_clear, lane_carry, lane_active, lane_issue;
    logic [4*Registers-1:0]   lane_operands;
    logic [127:0]             lane_instr;
    logic [ResultBits-1:0]    lane_result;
    logic [1:0]               lane_reuse;
    logic [WordAddrBits-1:0]  lane_load_addr, lane_store_addr;
    logic [BeatBits-1:0]      lane_load_data;
    logic                     near_ternary_done, near_pick_valid;
    logic [Units-1:0]         near_saturated;
    logic                     near_divide, near_row_wait, near_scalar, near_rms_wait, near_top_wait;
    logic [3:0]               near_pick;
    logic                     unused_returns;
    logic                     before_valid;  // the carry of the lane before
    logic [BeatBits-1:0]      before_data;

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
    assign {lane_store_addr, lane_load_addr, lane_load_data}    = loads[LoadBits*Die +: LoadBits];

    sterna_lane #(
      .BeatBits    (BeatBits),
      .VecLen      (VecLen),
      .Registers   (Registers),
      .Channels    (Channels),
      .BeatsPerStep(BeatsPerStep),
      .Stages      (LocalStages),
      .Fff         (Fff)
    ) u_lane (
      .clk_i,
      .rst_ni        (lane_rst_n[l]),
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
      .ternary_done_o(near_ternary_done),
      .fff_i         (lane_fffs[FffBits*Die +: FffBits]),
      .fff_mine_i    (fffs[(FffBits+Lanes)*Die+l]),
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
      .Valids(2 * Units + 6 + WaitBits)
    ) u_delay_returns (
      .clk_i,
      .rst_ni (lane_rst_n[l]),
      .valid_i({near_done, near_saturated, near_ternary_done, near_pick_valid, near_pick,
                near_top_wait, near_rms_wait, near_scalar, near_row_wait, near_divide}),
      .data_i (1'b0),
      .valid_o({done, saturated[l*Units +: Units], ternary_done[l], pick_valid[l], picks[l*4 +: 4],
                top_wait[l], rms_wait[l], rms_scalar[l], row_wait[l], row_divide[l]}),
      .data_o (unused_returns)
    );

    for (genvar u = 0; u < Units; u++) begin : gen_unit
      assign lane_done[u*Lanes + l] = done[u];
    end
  end

  // A unit is done when it is in every active lane; the router knows which units are busy.
  for (genvar u = 0; u < Units; u++) begin : gen_done
    if (!Shared[u]) begin : gen_lanes
      logic [Lanes-1:0] pending_q, left;  // lanes that have not been done

      assign left = pending_q & ~lane_done[u*Lanes +: Lanes];

      always_ff @(posedge clk_i) begin
        if (!rst_ni) pending_q <= '0;
        else pending_q <= unit_start[u] ? active : left;
      end

      assign unit_done[u]          = pending_q != '0 && left == '0;
      assign unit_error[u*2 +: 2]  = 2'd0;  // only units that reach memory can fail

      `STERNA_ASSERT(StartOnlyWhenDone, !unit_start[u] || pending_q == '0)
      `STERNA_ASSERT(DoneOnlyWhenPending, (lane_done[u*Lanes +: Lanes] & ~pending_q) == '0)
    end else begin : gen_shared
      logic unused_done;
      assign unused_done = &{1'b0, lane_done[u*Lanes +: Lanes]};
    end
  end

  logic unused_tree;  // and of dies that have no lane
  assign unused_tree = ^{starts, instrs, load_enables, loads, controls, all_codes, fff_valids, fffs, lane_fffs, lane_fff_fields, unused_controls, unused_codes, fff_fields, codes_new};

  // The router takes a unit for ready once it was done.
  logic unused_ready;
  assign unused_ready = &{1'b0, lsu_ready, tmm_ready};
  `STERNA_ASSERT(ReadyAfterDone, (lsu_ready || unit_busy[Lsu]) && (tmm_ready || unit_busy[Tmm]))
  `STERNA_ASSERT(TernaryInStep, ternary_done == '0 || ternary_done == active)

  // Saturation of an instruction is stable for a cycle at least after its done. Several units may be done at once; the counter
  // takes one a cycle.
  logic [Units-1:0] clamped, clamped_q, ended_q, ended2_q, counted;
  logic [1:0]       uncounted_q, uncounted_d;

  always_comb begin
    clamped = '0;
    for (int unsigned l = 0; l < Lanes; l++) begin
      if (active[l]) clamped = clamped | (saturated[l*Units +: Units] & Saturates);
    end
    uncounted_d = uncounted_q - 2'(uncounted_q != '0);
    for (int unsigned u = 0; u < Units; u++) uncounted_d = uncounted_d + 2'(counted[u]);
  end

  assign counted = ended2_q & clamped_q;
  always_ff @(posedge clk_i) begin
    clamped_q <= clamped;
    if (!rst_ni) begin
      ended_q     <= '0;
      ended2_q    <= '0;
      uncounted_q <= '0;
    end else begin
      ended_q     <= unit_done;
      ended2_q    <= ended_q;
      uncounted_q <= uncounted_d;
    end
  end

  // ------------------------------------------------------------------------------------------------------------ counters
  logic [Counters*IncrementBits-1:0] increments;
  logic [Channels-1:0]               read_beat, write_beat, fff_beat;
  logic                              unused_beat, unused_beats;
  assign unused_beats = unused_beat;

  sterna_pipe_reg #(
    .Stages(DieStages),
    .Valids(3 * Channels)
  ) u_delay_beats (
    .clk_i,
    .rst_ni,
    .valid_i({read_beat_i, write_beat_i, fff_r_valid_i}),
    .data_i (1'b0),
    .valid_o({read_beat, write_beat, fff_beat}),
    .data_o (unused_beat)
  );

  always_comb begin
    increments = '0;
    increments[sterna_isa_pkg::COUNTER_CYCLES*IncrementBits]          = running;
    increments[sterna_isa_pkg::COUNTER_INSTRUCTIONS*IncrementBits]    = cause_issue;
    increments[sterna_isa_pkg::COUNTER_ISSUE_FETCH*IncrementBits]     = cause_fetch;
    increments[sterna_isa_pkg::COUNTER_ISSUE_UNIT_BUSY*IncrementBits] = cause_unit_busy;
    increments[sterna_isa_pkg::COUNTER_ISSUE_RAW*IncrementBits]       = cause_raw;
    increments[sterna_isa_pkg::COUNTER_ISSUE_WAR*IncrementBits]       = cause_war;
    increments[sterna_isa_pkg::COUNTER_ISSUE_WAW*IncrementBits]       = cause_waw;
    increments[sterna_isa_pkg::COUNTER_ISSUE_PORT*IncrementBits]      = cause_port;
    increments[sterna_isa_pkg::COUNTER_ISSUE_DRAIN*IncrementBits]     = cause_drain;
    increments[sterna_isa_pkg::COUNTER_LSU_BUSY*IncrementBits]        = unit_busy[Lsu];
    increments[sterna_isa_pkg::COUNTER_LSU_WAIT_DRAM*IncrementBits]   = lsu_wait_dram;
    increments[sterna_isa_pkg::COUNTER_ROW_BUSY*IncrementBits]        = unit_busy[Row];
    increments[sterna_isa_pkg::COUNTER_ROW_DIVIDE*IncrementBits]      = row_divide != '0;
    increments[sterna_isa_pkg::COUNTER_ROW_WAIT*IncrementBits]        = row_wait != '0;
    increments[sterna_isa_pkg::COUNTER_RMS_BUSY*IncrementBits]        = unit_busy[Rms];
    increments[sterna_isa_pkg::COUNTER_RMS_SCALAR*IncrementBits]      = rms_scalar != '0;
    increments[sterna_isa_pkg::COUNTER_RMS_WAIT*IncrementBits]        = rms_wait != '0;
    increments[sterna_isa_pkg::COUNTER_TMM_BUSY*IncrementBits]        = unit_busy[Tmm];
    increments[sterna_isa_pkg::COUNTER_TMM_WAIT_DRAM*IncrementBits]   = tmm_wait_dram;
    increments[sterna_isa_pkg::COUNTER_TOP_BUSY*IncrementBits]        = unit_busy[Top];
    increments[sterna_isa_pkg::COUNTER_TOP_WAIT*IncrementBits]        = top_wait != '0;
    increments[sterna_isa_pkg::COUNTER_SATURATED*IncrementBits]       = uncounted_q != '0;
    increments[sterna_isa_pkg::COUNTER_TMM_BEATS*IncrementBits +: IncrementBits] = IncrementBits'(tmm_beats);
    increments[sterna_isa_pkg::COUNTER_FFF_BLOCKS*IncrementBits]      = visited && !visited_record;
    increments[sterna_isa_pkg::COUNTER_FFF_RECORDS*IncrementBits]     = visited && visited_record;
    increments[sterna_isa_pkg::COUNTER_FFF_WAIT_BLOCK*IncrementBits]  = wait_block;
    increments[sterna_isa_pkg::COUNTER_FFF_WAIT_RECORD*IncrementBits] = wait_record;
    if (visited && !visited_record) begin
      increments[sterna_isa_pkg::COUNTER_FFF_BLOCKS_SHARED*IncrementBits +: IncrementBits] = IncrementBits'(visit_shared);
    end
    if (visited && visited_record) begin
      increments[sterna_isa_pkg::COUNTER_FFF_RECORDS_SHARED*IncrementBits +: IncrementBits] = IncrementBits'(visit_shared);
    end
    for (int unsigned c = 0; c < Channels; c++) begin
      increments[sterna_isa_pkg::COUNTER_FFF_BEATS*IncrementBits +: IncrementBits] =
          increments[sterna_isa_pkg::COUNTER_FFF_BEATS*IncrementBits +: IncrementBits]
          + IncrementBits'(fff_beat[c]);
      increments[sterna_isa_pkg::COUNTER_READ_BEATS*IncrementBits +: IncrementBits] =
          increments[sterna_isa_pkg::COUNTER_READ_BEATS*IncrementBits +: IncrementBits]
          + IncrementBits'(read_beat[c]);
      increments[sterna_isa_pkg::COUNTER_WRITE_BEATS*IncrementBits +: IncrementBits] =
          increments[sterna_isa_pkg::COUNTER_WRITE_BEATS*IncrementBits +: IncrementBits]
          + IncrementBits'(write_beat[c]);
    end
  end

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
