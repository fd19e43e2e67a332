// SPDX-License-Identifier: Apache-2.0
// The RMS unit with what knows the scalars that it has (rms_reuse), for rms_test: an instruction starts as it is looked up.
module rms_bench #(
  parameter int unsigned BeatBits = 512,
  parameter int unsigned VecLen   = 8192,
  parameter int unsigned Ahead    = 0,
  localparam int unsigned WordAddrBits = $clog2(VecLen * 32 / BeatBits)
) (
  input  logic                      clk_i,
  input  logic                      rst_ni,
  input  logic                      clear_i,
  input  logic                      start_i,
  output logic                      ready_o,
  input  logic                      other_write_i,
  input  logic [127:0]              instr_i,
  output logic                      done_o,
  output logic                      due_o,
  input  logic [1:0]                rd_ready_i,
  input  logic                      rd_complete_i,
  output logic [1:0]                rd_en_o,
  output logic [2*WordAddrBits-1:0] rd_addr_o,
  input  logic [2*BeatBits-1:0]     rd_data_i,
  output logic                      wr_en_o,
  output logic [WordAddrBits-1:0]   wr_addr_o,
  output logic [BeatBits-1:0]       wr_data_o,
  output logic                      scale_en_o,
  output logic [31:0]               scale_o,
  output logic                      scalar_o,
  output logic                      wait_o,
  output logic                      saturated_o
);
  logic factor_hit, amax_hit;

  sterna_rms_reuse #(
    .LenBits($clog2(VecLen + 1))
  ) u_rms_reuse (
    .clk_i,
    .rst_ni,
    .valid_i     (start_i || other_write_i),
    .rms_i       (start_i),
    .writes_i    (1'b1),
    .instr_i,
    .factor_hit_o(factor_hit),
    .amax_hit_o  (amax_hit)
  );

  sterna_rms #(
    .BeatBits(BeatBits),
    .VecLen  (VecLen),
    .Ahead   (Ahead)
  ) u_rms (
    .clk_i,
    .rst_ni,
    .clear_i,
    .start_i,
    .ready_o,
    .factor_hit_i(factor_hit),
    .amax_hit_i  (amax_hit),
    .instr_i,
    .done_o,
    .due_o,
    .rd_ready_i,
    .rd_complete_i,
    .rd_en_o,
    .rd_addr_o,
    .rd_data_i,
    .wr_en_o,
    .wr_addr_o,
    .wr_data_o,
    .scale_en_o,
    .scale_o,
    .scalar_o,
    .wait_o,
    .saturated_o
  );
endmodule
