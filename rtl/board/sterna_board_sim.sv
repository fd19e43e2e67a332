// SPDX-License-Identifier: Apache-2.0
// sterna_board with LiteDRAM and its model of the memory chip (sterna_sdram of rtl/board/sdram.py, target model): a whole board but
// for the clocks and the pins.
module sterna_board_sim #(
  parameter int unsigned BeatsPerStep = 1,  // from here to ClockKhz as sterna_board says
  parameter int unsigned BeatBits     = 64,
  parameter int unsigned VecLen       = 768,
  parameter int unsigned Registers    = 8,
  parameter int unsigned RomDepth     = 1024,
  parameter int unsigned WeightFifo   = 512,
  parameter int unsigned Outstanding  = 256,
  parameter int unsigned LaneStages   = 0,
  parameter int unsigned ClockKhz     = 50000,
  parameter int unsigned Baud         = 3000000,
  parameter int unsigned MemoryBytes  = 33554432,
  localparam int unsigned AddrBits    = $clog2(MemoryBytes) - 2
) (
  input  logic clk_i,
  input  logic rst_i,
  input  logic line_i,
  output logic line_o,
  output logic done_o,
  output logic busy_o
);

  logic                clk, rst_n;
  logic                core_cmd_valid, core_cmd_ready, core_cmd_we, core_wdata_ready, core_rdata_valid, unused_wdata_valid;
  logic [AddrBits-1:0] core_cmd_addr, host_cmd_addr;
  logic [31:0]         core_wdata, core_rdata, host_wdata, host_rdata;
  logic [3:0]          core_wstrb, host_wstrb;
  logic                host_cmd_valid, host_cmd_ready, host_cmd_we, host_wdata_ready, host_rdata_valid;

  sterna_sdram u_sdram (
    .clk_i,
    .rst_i,
    .clk_o             (clk),
    .rst_no            (rst_n),
    .done_o,
    .core_cmd_valid_i  (core_cmd_valid),
    .core_cmd_ready_o  (core_cmd_ready),
    .core_cmd_we_i     (core_cmd_we),
    .core_cmd_addr_i   (core_cmd_addr),
    .core_wdata_ready_o(core_wdata_ready),
    .core_wdata_i      (core_wdata),
    .core_wstrb_i      (core_wstrb),
    .core_rdata_valid_o(core_rdata_valid),
    .core_rdata_o      (core_rdata),
    .host_cmd_valid_i  (host_cmd_valid),
    .host_cmd_ready_o  (host_cmd_ready),
    .host_cmd_we_i     (host_cmd_we),
    .host_cmd_addr_i   (host_cmd_addr),
    .host_wdata_ready_o(host_wdata_ready),
    .host_wdata_i      (host_wdata),
    .host_wstrb_i      (host_wstrb),
    .host_rdata_valid_o(host_rdata_valid),
    .host_rdata_o      (host_rdata)
  );

  sterna_board #(
    .BeatsPerStep(BeatsPerStep),
    .BeatBits    (BeatBits),
    .VecLen      (VecLen),
    .Registers   (Registers),
    .RomDepth    (RomDepth),
    .WeightFifo  (WeightFifo),
    .Outstanding (Outstanding),
    .LaneStages  (LaneStages),
    .ClockKhz    (ClockKhz),
    .Baud        (Baud),
    .MemoryBytes (MemoryBytes),
    .Board       (64'h00000073_33786C75)  // "ulx3s"
  ) u_board (
    .clk_i             (clk),
    .rst_ni            (rst_n),
    .line_i,
    .line_o,
    .busy_o,
    .core_cmd_valid_o  (core_cmd_valid),
    .core_cmd_ready_i  (core_cmd_ready),
    .core_cmd_we_o     (core_cmd_we),
    .core_cmd_addr_o   (core_cmd_addr),
    .core_wdata_valid_o(unused_wdata_valid),
    .core_wdata_ready_i(core_wdata_ready),
    .core_wdata_o      (core_wdata),
    .core_wstrb_o      (core_wstrb),
    .core_rdata_valid_i(core_rdata_valid),
    .core_rdata_i      (core_rdata),
    .host_cmd_valid_o  (host_cmd_valid),
    .host_cmd_ready_i  (host_cmd_ready),
    .host_cmd_we_o     (host_cmd_we),
    .host_cmd_addr_o   (host_cmd_addr),
    .host_wdata_ready_i(host_wdata_ready),
    .host_wdata_o      (host_wdata),
    .host_wstrb_o      (host_wstrb),
    .host_rdata_valid_i(host_rdata_valid),
    .host_rdata_i      (host_rdata)
  );

endmodule
