// SPDX-License-Identifier: Apache-2.0
// The Ternary MatMul unit with its lanes, for ternary_matmul_test: what all of them share on plain ports, what a lane has
// of its own on flat vectors.
module ternary_matmul_bench #(
  parameter int unsigned BeatBits     = 512,
  parameter int unsigned VecLen       = 8192,
  parameter int unsigned Channels     = 1,
  parameter int unsigned BeatsPerStep = 1,
  parameter int unsigned Lanes        = 1,
  parameter int unsigned LaneStages   = 0,
  parameter int unsigned DataStages   = 0,
  localparam int unsigned BeatsBits    = $clog2(Channels * BeatsPerStep + 1),
  localparam int unsigned CodeBits     = 10 * BeatBits / 8,
  localparam int unsigned WordAddrBits = $clog2(VecLen * 32 / BeatBits)
) (
  input  logic         clk_i,
  input  logic         rst_ni,
  input  logic         start_i,
  output logic         ready_o,
  input  logic [127:0] instr_i,
  output logic         done_o,
  output logic [1:0]   error_o,

  input  logic [BeatsPerStep-1:0]                   valid_i,
  input  logic [Channels*BeatsPerStep*BeatBits-1:0] data_i,
  input  logic [BeatsPerStep-1:0]                   error_i,
  output logic                                      pop_o,
  output logic [BeatsPerStep-1:0]                   pop_beats_o,
  output logic                                      wait_dram_o,
  output logic [BeatsBits-1:0]                      beats_o,

  input  logic [Lanes-1:0]              active_i,
  input  logic [Lanes*32-1:0]           scale_i,
  output logic [Lanes-1:0]              rd_en_o,
  output logic [Lanes*WordAddrBits-1:0] rd_addr_o,
  input  logic [Lanes*BeatBits-1:0]     rd_data_i,
  output logic [Lanes-1:0]              wr_en_o,
  output logic [Lanes*WordAddrBits-1:0] wr_addr_o,
  output logic [Lanes*BeatBits-1:0]     wr_data_o,
  output logic [Lanes-1:0]              saturated_o
);
  logic [sterna_ternary_pkg::CONTROL_BITS-1:0] control;
  logic [Channels*BeatsPerStep*CodeBits-1:0]    codes;
  logic [Lanes-1:0]                             lane_done;

  // FFFIN and FFFOUT are not here (fff_lane_bench, fff_stream_test).
  logic                                    unused_tree, unused_wait, unused_new, unused_blocks, unused_pop, unused_last, unused_end, unused_records, unused_mine;
  logic [BeatsPerStep-1:0]                 unused_leaves;
  logic [sterna_ternary_pkg::FFF_BITS-1:0] unused_fff;
  logic                                    unused_loaded, unused_record_valid;
  logic [sterna_ternary_pkg::RECORD_BITS-1:0] unused_record;
  logic                                    unused_record_mine;
  logic [BeatBits-1:0]                     unused_record_data;
  logic [Lanes-1:0]                        unused_picks;
  logic [4*Lanes-1:0]                      unused_pick;

  sterna_ternary_matmul #(
    .BeatBits    (BeatBits),
    .VecLen      (VecLen),
    .Channels    (Channels),
    .BeatsPerStep(BeatsPerStep),
    .LaneStages  (LaneStages),
    .DataStages  (DataStages),
    .Quads       (Lanes > 2)
  ) u_ternary_matmul (
    .clk_i,
    .rst_ni,
    .start_i,
    .ready_o,
    .instr_i,
    .done_o,
    .error_o,
    .valid_i,
    .data_i,
    .error_i,
    .pop_o,
    .pop_beats_o,
    .tree_o          (unused_tree),
    .blocks_o        (unused_blocks),
    .block_open_i    (1'b0),
    .block_valid_i   ('0),
    .block_last_set_i('0),
    .block_pop_o     (unused_pop),
    .block_leaves_o  (unused_leaves),
    .block_set_last_o(unused_last),
    .block_set_end_o (unused_end),
    .block_data_i    ('0),
    .block_error_i   ('0),
    .records_o       (unused_records),
    .line_valid_i    (1'b0),
    .loaded_o        (unused_loaded),
    .record_valid_i  (1'b0),
    .record_i        ('0),
    .record_mine_i   (1'b0),
    .record_data_i   ('0),
    .records_end_i   (1'b0),
    .fault_i         (1'b0),
    .record_valid_o  (unused_record_valid),
    .record_o        (unused_record),
    .record_mine_o   (unused_record_mine),
    .record_data_o   (unused_record_data),
    .line_data_i     ('0),
    .line_word_i     ('0),
    .line_end_i      ('0),
    .line_visit_i    ('0),
    .fff_o           (unused_fff),
    .fff_mine_o      (unused_mine),
    .control_o  (control),
    .codes_o    (codes),
    .codes_new_o(unused_new),
    .lane_done_i(|lane_done),
    .wait_dram_o,
    .wait_block_o(unused_wait),
    .beats_o
  );

  // Three lanes or more share their dot products (sterna_core).
  localparam bit          Quads    = Lanes > 2;
  localparam int unsigned StepBits = BeatsPerStep * BeatBits;
  localparam int unsigned SumsBits = Channels * BeatsPerStep * 80;
  logic [Lanes*StepBits-1:0] activations;
  logic [Lanes*SumsBits-1:0] sums;

  for (genvar l = 0; l < Lanes; l += 4) begin : gen_quad
    localparam int unsigned Here = Lanes - l < 4 ? Lanes - l : 4;
    if (Quads) begin : gen_shared
      sterna_ternary_pkg::control_t now;
      logic                         unused_now;
      assign now        = control;
      assign unused_now = ^now;
      sterna_ternary_quad #(
        .BeatBits    (BeatBits),
        .Channels    (Channels),
        .BeatsPerStep(BeatsPerStep),
        .Lanes       (Here)
      ) u_ternary_quad (
        .clk_i,
        .step_i       (now.step && active_i[l+:Here] != '0),
        .activations_i(activations[StepBits*l+:StepBits*Here]),
        .codes_i      (codes),
        .sums_o       (sums[SumsBits*l+:SumsBits*Here])
      );
    end else begin : gen_own
      assign sums[SumsBits*l+:SumsBits*Here] = '0;
      logic unused;
      assign unused = ^activations[StepBits*l+:StepBits*Here];
    end
  end

  for (genvar l = 0; l < Lanes; l++) begin : gen_lane
    sterna_ternary_lane #(
      .BeatBits    (BeatBits),
      .VecLen      (VecLen),
      .Channels    (Channels),
      .BeatsPerStep(BeatsPerStep),
      .Quads       (Quads)
    ) u_ternary_lane (
      .clk_i,
      .rst_ni,
      .active_i (active_i[l]),
      .control_i(control),
      .codes_i  (codes),
      .activations_o(activations[StepBits*l+:StepBits]),
      .sums_i       (sums[SumsBits*l+:SumsBits]),
      .scale_i  (scale_i[32*l+:32]),
      .rd_en_o  (rd_en_o[l]),
      .rd_addr_o(rd_addr_o[WordAddrBits*l+:WordAddrBits]),
      .rd_data_i(rd_data_i[BeatBits*l+:BeatBits]),
      .wr_en_o  (wr_en_o[l]),
      .wr_addr_o(wr_addr_o[WordAddrBits*l+:WordAddrBits]),
      .wr_data_o(wr_data_o[BeatBits*l+:BeatBits]),
      .done_o   (lane_done[l]),
      .fff_i       ('0),
      .fff_mine_i  (1'b0),
      .record_valid_i(1'b0),
      .record_i     ('0),
      .record_mine_i(1'b0),
      .record_data_i('0),
      .pick_valid_o(unused_picks[l]),
      .pick_o      (unused_pick[4*l+:4]),
      .saturated_o(saturated_o[l])
    );
  end
endmodule
