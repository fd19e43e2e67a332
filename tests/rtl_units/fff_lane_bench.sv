// SPDX-License-Identifier: Apache-2.0
// Lanes of the Ternary MatMul unit with FFFIN and FFFOUT, for fff_lane_test, which stands for what they share: control and fff_t on
// plain ports, weights before they are decoded, and what a lane has of its own on flat vectors.
module fff_lane_bench #(
  parameter int unsigned BeatBits     = 512,
  parameter int unsigned VecLen       = 8192,
  parameter int unsigned Channels     = 1,
  parameter int unsigned BeatsPerStep = 1,
  parameter int unsigned Lanes        = 1,
  localparam int unsigned CodeBits     = 10 * BeatBits / 8,
  localparam int unsigned Buses        = Lanes > 1 ? Channels : 1,  // as sterna_core's
  localparam int unsigned WordAddrBits = $clog2(VecLen * 32 / BeatBits)
) (
  input  logic clk_i,
  input  logic rst_ni,

  // control_t, a cycle early, so that weights come with their step.
  input  logic        start_i,
  input  logic [ 1:0] mode_i,
  input  logic [31:0] imm_i,
  input  logic [15:0] rows_i,
  input  logic        load_i,
  input  logic [ 9:0] load_word_i,
  input  logic [63:0] load_keep_i,
  input  logic        step_i,
  input  logic [ 9:0] step_word_i,
  input  logic        step_one_i,
  input  logic        first_i,
  input  logic        last_i,
  input  logic [ 1:0] turn_i,
  input  logic [Channels*BeatsPerStep*BeatBits-1:0] weights_i,

  // fff_t.
  input  logic [2:0]          group_valid_i,
  input  logic [479:0]        bias_i,
  input  logic                block_i,

  // Of each bus: {last, word, quad}.
  input  logic [Buses-1:0]          record_valid_i,
  input  logic [Buses*19-1:0]       record_i,
  input  logic [Buses*Lanes-1:0]    record_mine_i,
  input  logic [Buses*BeatBits-1:0] record_data_i,

  input  logic [Lanes-1:0]              active_i,
  input  logic [Lanes-1:0]              mine_i,
  input  logic [Lanes*32-1:0]           scale_i,
  output logic [Lanes-1:0]              rd_en_o,
  output logic [Lanes*WordAddrBits-1:0] rd_addr_o,
  input  logic [Lanes*BeatBits-1:0]     rd_data_i,
  output logic [Lanes-1:0]              wr_en_o,
  output logic [Lanes*WordAddrBits-1:0] wr_addr_o,
  output logic [Lanes*BeatBits-1:0]     wr_data_o,
  output logic [Lanes-1:0]              pick_valid_o,
  output logic [Lanes*4-1:0]            pick_o,
  output logic [Lanes-1:0]              done_o,
  output logic [Lanes-1:0]              saturated_o
);
  sterna_ternary_pkg::control_t control_d, control_q;
  sterna_ternary_pkg::fff_t     fff;
  logic [1:0]                   stepped_q;

  always_comb begin
    control_d           = '0;
    control_d.start     = start_i;
    control_d.mode      = start_i ? mode_i : sterna_ternary_pkg::MODE_TMATMUL;
    control_d.imm       = imm_i;
    control_d.rows      = rows_i;
    control_d.load      = load_i;
    control_d.load_word = load_word_i;
    control_d.load_keep = load_keep_i;
    control_d.step      = step_i;
    control_d.step_word = step_word_i;
    control_d.step_one  = step_one_i;
    control_d.first     = first_i;
    control_d.last      = last_i;
    control_d.turn      = turn_i;
    fff                 = '0;
    fff.group_valid     = group_valid_i;
    fff.bias            = bias_i;
    fff.block           = block_i;
  end

  always_ff @(posedge clk_i) begin
    control_q <= rst_ni ? control_d : '0;
    stepped_q <= rst_ni ? {stepped_q[0], step_i} : '0;
  end

  logic [Channels*BeatsPerStep*CodeBits-1:0] codes, lane_codes;

  // As ternary_matmul does it.
  always_comb begin
    lane_codes = codes;
    for (int unsigned b = 0; b < Buses; b++) begin
      if (Buses > 1 && record_valid_i != '0) lane_codes[BeatsPerStep*CodeBits*b+:BeatBits] = record_data_i[BeatBits*b+:BeatBits];
    end
  end

  for (genvar d = 0; d < Channels * BeatsPerStep; d++) begin : gen_decode
    sterna_trit_decode #(
      .BeatBits(BeatBits),
      .Chains  (Lanes > 2)
    ) u_trit_decode (
      .clk_i,
      .load_i   ({stepped_q, step_i}),
      .weights_i(weights_i[BeatBits*d+:BeatBits]),
      .codes_o  (codes[CodeBits*d+:CodeBits])
    );
  end

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
      assign now        = control_q;
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
    logic [Buses-1:0] record_mine;
    for (genvar b = 0; b < Buses; b++) begin : gen_bus
      assign record_mine[b] = record_mine_i[Lanes*b+l];
    end
    sterna_ternary_lane #(
      .BeatBits    (BeatBits),
      .VecLen      (VecLen),
      .Channels    (Channels),
      .BeatsPerStep(BeatsPerStep),
      .Fff         (1'b1),
      .Quads       (Quads),
      .Buses       (Buses)
    ) u_ternary_lane (
      .clk_i,
      .rst_ni,
      .active_i    (active_i[l]),
      .control_i   (control_q),
      .codes_i     (lane_codes),
      .activations_o(activations[StepBits*l+:StepBits]),
      .sums_i      (sums[SumsBits*l+:SumsBits]),
      .scale_i     (scale_i[32*l+:32]),
      .rd_en_o     (rd_en_o[l]),
      .rd_addr_o   (rd_addr_o[WordAddrBits*l+:WordAddrBits]),
      .rd_data_i   (rd_data_i[BeatBits*l+:BeatBits]),
      .wr_en_o     (wr_en_o[l]),
      .wr_addr_o   (wr_addr_o[WordAddrBits*l+:WordAddrBits]),
      .wr_data_o   (wr_data_o[BeatBits*l+:BeatBits]),
      .fff_i       (fff),
      .fff_mine_i  (mine_i[l]),
      .record_valid_i,
      .record_i,
      .record_mine_i(record_mine),
      .record_data_i(record_data_i[BeatBits-1:0]),
      .pick_valid_o(pick_valid_o[l]),
      .pick_o      (pick_o[4*l+:4]),
      .done_o      (done_o[l]),
      .saturated_o (saturated_o[l])
    );
  end
endmodule
