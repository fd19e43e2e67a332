// SPDX-License-Identifier: Apache-2.0
// The top of a ULX3S: sterna_board behind the board's clocks, its SDRAM and its USB chip's serial line. sterna_sdram is made by
// sdram.py. Pins are in constraints/boards/ulx3s.lpf.
//
// Commands, handshake: sterna_board's. Lights: 0 the memory is set up, 1 the machine uses it, 2 and 3 the line receives and sends.
// wifi_gpio0_o high keeps the other processor of the board from taking the FPGA over.
module sterna_ulx3s #(
  parameter int unsigned BeatsPerStep = 1,  // from here to ClockKhz as sterna_board says; rtl/config/ulx3s.f
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
  input  logic        clk25_i,
  input  logic        button_i,
  input  logic        line_i,
  output logic        line_o,
  output logic [7:0]  lights_o,
  output logic        wifi_gpio0_o,

  output logic        sdram_clk,
  output logic        sdram_cke,
  output logic        sdram_cs_n,
  output logic        sdram_ras_n,
  output logic        sdram_cas_n,
  output logic        sdram_we_n,
  output logic [12:0] sdram_a,
  output logic [1:0]  sdram_ba,
  output logic [1:0]  sdram_dm,
  inout  wire  [15:0] sdram_dq
);

  logic                clk, rst_n, done, busy;
  logic                core_cmd_valid, core_cmd_ready, core_cmd_we, core_wdata_ready, core_rdata_valid, unused_wdata_valid;
  logic [AddrBits-1:0] core_cmd_addr, host_cmd_addr;
  logic [31:0]         core_wdata, core_rdata, host_wdata, host_rdata;
  logic [3:0]          core_wstrb, host_wstrb;
  logic                host_cmd_valid, host_cmd_ready, host_cmd_we, host_wdata_ready, host_rdata_valid;

  assign wifi_gpio0_o = 1'b1;
  assign lights_o    = {4'd0, !line_o, !line_i, busy, done};

  sterna_sdram u_sdram (
    .clk25_i,
    .button_i,
    .clk_o             (clk),
    .rst_no            (rst_n),
    .done_o            (done),
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
    .host_rdata_o      (host_rdata),
    .sdram_clk,
    .sdram_cke,
    .sdram_cs_n,
    .sdram_ras_n,
    .sdram_cas_n,
    .sdram_we_n,
    .sdram_a,
    .sdram_ba,
    .sdram_dm,
    .sdram_dq
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
    .busy_o            (busy),
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
