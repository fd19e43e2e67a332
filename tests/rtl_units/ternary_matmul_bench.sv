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

  sterna_ternary_matmul #(
    .BeatBits    (BeatBits),
    .VecLen      (VecLen),
    .Channels    (Channels),
    .BeatsPerStep(BeatsPerStep),
    .LaneStages  (LaneStages)
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
    .control_o  (control),
    .codes_o    (codes),
    .lane_done_i(|lane_done),
    .wait_dram_o,
    .beats_o
  );

  for (genvar l = 0; l < Lanes; l++) begin : gen_lane
    sterna_ternary_lane #(
      .BeatBits    (BeatBits),
      .VecLen      (VecLen),
      .Channels    (Channels),
      .BeatsPerStep(BeatsPerStep)
    ) u_ternary_lane (
      .clk_i,
      .rst_ni,
      .active_i (active_i[l]),
      .control_i(control),
      .codes_i  (codes),
      .scale_i  (scale_i[32*l+:32]),
      .rd_en_o  (rd_en_o[l]),
      .rd_addr_o(rd_addr_o[WordAddrBits*l+:WordAddrBits]),
      .rd_data_i(rd_data_i[BeatBits*l+:BeatBits]),
      .wr_en_o  (wr_en_o[l]),
      .wr_addr_o(wr_addr_o[WordAddrBits*l+:WordAddrBits]),
      .wr_data_o(wr_data_o[BeatBits*l+:BeatBits]),
      .done_o   (lane_done[l]),
      .saturated_o(saturated_o[l])
    );
  end
endmodule
