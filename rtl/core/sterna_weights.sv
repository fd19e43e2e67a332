// SPDX-License-Identifier: Apache-2.0
// The weights' way from the channels to the lanes: the streams that fetch ahead of the program, and the part of the Ternary MatMul that all lanes share.
//
// Commands: go_i starts the streams at entry_i, stop_i ends them, idle_o says that no beat is outstanding; start_i is an instruction of the Ternary MatMul.
// Handshake: that of weight_stream, fff_stream and ternary_matmul. Weights have one way to all streams: AR of each, R with a valid each.
// Latency: theirs; Dies / 2 registers to a channel and as many back.
`include "rtl/assertions.svh"

module sterna_weights #(
  parameter int unsigned Channels     = 1,
  parameter int unsigned Lanes        = 1,
  parameter int unsigned BeatsPerStep = 1,
  parameter int unsigned BeatBits     = 512,
  parameter int unsigned VecLen       = 8192,
  parameter int unsigned Registers    = 8,
  parameter int unsigned RomDepth     = 1024,
  parameter int unsigned WeightFifo   = 512,
  parameter int unsigned Outstanding  = 256,
  parameter int unsigned Dies         = 1,
  parameter int unsigned LocalStages  = 0,  // of the lanes' registers, in their die
  parameter bit          Fff          = 1'b0,
  parameter int unsigned SlotBeats    = 0,  // of each channel, for blocks of FFFIN that are kept
  localparam int unsigned RomAddrBits = $clog2(RomDepth),
  localparam int unsigned BeatsBits   = $clog2(Channels * BeatsPerStep + 1),
  parameter int unsigned Buses        = 1,  // of FFFOUT's records
  localparam int unsigned SharedBits  = Lanes > 1 ? $clog2(Lanes) : 1,  // of fff_walk's count of lanes
  localparam int unsigned CodeBits    = 2 * sterna_isa_pkg::TRITS_PER_BYTE  // of a byte of weights
) (
  input  logic                clk_i,
  input  logic                rst_ni,
  input  logic [Dies-1:0]     die_rst_ni,  // of each die

  // A program.
  input  logic                   go_i,
  input  logic                   keep_i,  // with go_i
  input  logic                   stop_i,
  output logic                   idle_o,
  input  logic [31:0]            entry_i,
  input  logic [Lanes-1:0]       active_i,
  input  logic [sterna_segment_pkg::WRITE_BITS-1:0] segment_i,  // sterna_segment_pkg::write_t, before the start
  input  logic [31:0]            token_max_i,
  input  logic [$clog2(sterna_isa_pkg::MAX_LANES)-1:0] last_lane_i,
  output logic                   rom_en_o,
  output logic [RomAddrBits-1:0] rom_addr_o,
  input  logic [127:0]           rom_data_i,

  // Channels.
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

  // Load/Store's requests.
  input  logic [Channels-1:0] store_i,
  input  logic [63:0]         store_addr_i,
  input  logic [31:0]         store_lines_i,

  // The unit.
  input  logic         start_i,
  output logic         ready_o,
  input  logic [127:0] instr_i,
  output logic         done_o,
  output logic [1:0]   error_o,

  // Lanes.
  output logic [sterna_ternary_pkg::CONTROL_BITS-1:0]          control_o,
  output logic [Channels*BeatsPerStep*BeatBits/8*CodeBits-1:0] codes_o,
  output logic                                                 codes_new_o,
  input  logic                                                 lane_done_i,
  output logic [sterna_ternary_pkg::FFF_BITS-1:0]              fff_o,
  output logic [Lanes-1:0]                                     fff_mine_o,
  output logic [Buses-1:0]                                     record_valid_o,
  output logic [Buses*sterna_ternary_pkg::RECORD_BITS-1:0]     record_o,
  output logic [Buses*Lanes-1:0]                               record_mine_o,
  output logic [BeatBits-1:0]                                  record_data_o,
  input  logic [Lanes-1:0]                                     pick_valid_i,
  input  logic [Lanes*4-1:0]                                   picks_i,

  // For the counters.
  output logic                  wait_dram_o,
  output logic                  wait_block_o,
  output logic                  wait_record_o,
  output logic [BeatsBits-1:0]  beats_o,
  output logic                  visited_o,
  output logic                  visited_record_o,
  output logic                  visited_hit_o,
  output logic [SharedBits-1:0] visit_shared_o
);
  localparam int unsigned DieStages = Dies / 2;  // from the front's die to any other

  logic [Channels-1:0] channel_rst_n;  // of each channel's die
  for (genvar c = 0; c < Channels; c++) begin : gen_channel_reset
    assign channel_rst_n[c] = die_rst_ni[c*Dies/Channels];
  end

  logic [BeatsPerStep-1:0]                              weight_valid, weight_pop_beats;
  logic                                                 weight_pop;
  logic [Channels*BeatsPerStep*BeatBits-1:0]            weight_data;
  logic [BeatsPerStep-1:0]                              weight_error;
  logic                                                 stream_idle, fff_idle;

  // FFFIN and FFFOUT.
  logic                                      walk_valid, walk_ready;
  logic [Lanes-1:0]                          picks_valid;
  logic [127:0]                              walk_instr;
  logic [Channels*64-1:0]                    walk_addr;
  logic                                      tree_runs, blocks, block_open, block_last_set, block_pop, block_set_last, block_set_end;
  logic [BeatsPerStep-1:0]                   block_valid, block_error, block_leaves;
  logic [Channels*BeatsPerStep*BeatBits-1:0] block_data;
  logic                                      records, loaded, line_valid, line_end, records_end, fault;
  logic [Buses-1:0]                          record_valid;
  logic [Buses*sterna_ternary_pkg::RECORD_BITS-1:0] record;
  logic [Buses*Lanes-1:0]                    record_mine;
  logic [Buses*BeatBits-1:0]                 record_data;
  logic [9:0]                                line_word;
  logic [BeatBits-1:0]                       line_data;
  logic [13+Lanes-1:0]                       line_visit;

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
    .start_i   (go_i),
    .stop_i    (stop_i),
    .idle_o    (stream_idle),
    .entry_i,
    .segment_i,
    .token_i   (token_max_i),
    .last_lane_i(last_lane_i),
    .rom_en_o   (rom_en_o),
    .rom_addr_o (rom_addr_o),
    .rom_data_i (rom_data_i),
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
    assign picks_valid = pick_valid_i;  // a lane that is not active has none

    sterna_fff_stream #(
      .BeatBits    (BeatBits),
      .VecLen      (VecLen),
      .Channels    (Channels),
      .Lanes       (Lanes),
      .BeatsPerStep(BeatsPerStep),
      .Outstanding (Outstanding),
      .Stages      (DieStages),
      .SlotBeats   (SlotBeats),
      .Buses       (Buses)
    ) u_fff_stream (
      .clk_i,
      .rst_ni,
      .go_i,
      .keep_i,
      .stop_i        (stop_i),
      .idle_o        (fff_idle),
      .active_i      (active_i),
      .start_i       (walk_valid),
      .ready_o       (walk_ready),
      .instr_i       (walk_instr),
      .addr_i        (walk_addr),
      .picks_valid_i (picks_valid),
      .picks_i       (picks_i),
      .store_i,
      .store_addr_i,
      .store_lines_i,
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
      .pop_leaves_i  (block_leaves),
      .set_last_i    (block_set_last),
      .set_end_i     (block_set_end),
      .data_o        (block_data),
      .error_o       (block_error),
      .line_valid_o  (line_valid),
      .line_data_o   (line_data),
      .line_word_o   (line_word),
      .line_end_o    (line_end),
      .line_visit_o  (line_visit),
      .records_i     (records),
      .loaded_i      (loaded),
      .record_valid_o(record_valid),
      .record_o      (record),
      .record_mine_o (record_mine),
      .record_data_o (record_data),
      .records_end_o (records_end),
      .fault_o       (fault),
      .wait_record_o   (wait_record_o),
      .visited_o       (visited_o),
      .visited_record_o(visited_record_o),
      .visited_hit_o   (visited_hit_o),
      .shared_o        (visit_shared_o)
    );

    // What is under way in fff_stream comes out of it for a cycle more.
    `STERNA_ASSERT(EndsBetweenInstructions, !stop_i || !(blocks || records))
  end else begin : gen_no_fff
    logic unused_fff;
    assign unused_fff = ^{active_i, walk_valid, walk_instr, walk_addr, pick_valid_i, picks_i, fff_ar_ready_i, fff_r_valid_i, blocks, block_pop, block_leaves, block_set_last, block_set_end,
                          records, loaded, keep_i, store_i, store_addr_i, store_lines_i};
    assign picks_valid    = '0;
    assign wait_record_o    = 1'b0;
    assign visited_o        = 1'b0;
    assign visited_record_o = 1'b0;
    assign visited_hit_o    = 1'b0;
    assign visit_shared_o   = '0;
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
    assign {line_valid, line_data, line_word, line_end, line_visit} = '0;
    assign {record_valid, record, record_mine, record_data, records_end, fault} = '0;
    logic unused_picks;
    assign unused_picks = ^picks_valid;
  end

  sterna_ternary_matmul #(
    .BeatBits    (BeatBits),
    .VecLen      (VecLen),
    .Channels    (Channels),
    .BeatsPerStep(BeatsPerStep),
    .LaneStages  (LocalStages),
    .DataStages  (2 * DieStages),
    .Fff         (Fff),
    .Lanes       (Lanes),
    .Quads       (Lanes > 2),
    .Buses       (Buses)
  ) u_ternary_matmul (
    .clk_i,
    .rst_ni,
    .start_i    (start_i),
    .ready_o    (ready_o),
    .instr_i    (instr_i),
    .done_o     (done_o),
    .error_o    (error_o),
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
    .block_leaves_o  (block_leaves),
    .block_set_last_o(block_set_last),
    .block_set_end_o (block_set_end),
    .block_data_i    (block_data),
    .block_error_i   (block_error),
    .line_valid_i    (line_valid),
    .line_data_i     (line_data),
    .line_word_i     (line_word),
    .line_end_i      (line_end),
    .line_visit_i    (line_visit),
    .records_o       (records),
    .loaded_o        (loaded),
    .record_valid_i  (record_valid),
    .record_i        (record),
    .record_mine_i   (record_mine),
    .record_data_i   (record_data),
    .records_end_i   (records_end),
    .fault_i         (fault),
    .fff_o           (fff_o),
    .fff_mine_o      (fff_mine_o),
    .record_valid_o,
    .record_o,
    .record_mine_o,
    .record_data_o,
    .control_o  (control_o),
    .codes_o    (codes_o),
    .codes_new_o(codes_new_o),
    .lane_done_i(lane_done_i),
    .wait_dram_o(wait_dram_o),
    .wait_block_o(wait_block_o),
    .beats_o    (beats_o)
  );

  assign idle_o = stream_idle && fff_idle;
endmodule
