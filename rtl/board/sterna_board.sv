// SPDX-License-Identifier: Apache-2.0
// What a board with a serial line has in one clock: the machine, the bridge to the host, and the machine's port of the memory.
// Around it are the board's clocks and pins and LiteDRAM, or a simulation of them.
//
// Commands: docs/serial.md, over line_i and line_o.
// Handshake: native ports of LiteDRAM, core_* the machine's and host_* the bridge's.
// A reset of the machine comes with the board's: its memory port needs no drain then, but has one.
module sterna_board #(
  parameter int unsigned BeatsPerStep = 1,  // from here to LaneStages as sterna_top says
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
  parameter logic [63:0] Board        = '0,
  localparam int unsigned AddrBits    = $clog2(MemoryBytes) - 2,
  localparam int unsigned Units       = sterna_isa_pkg::UNITS
) (
  input  logic clk_i,
  input  logic rst_ni,
  input  logic line_i,
  output logic line_o,
  output logic busy_o,  // the machine works on memory

  output logic                core_cmd_valid_o,
  input  logic                core_cmd_ready_i,
  output logic                core_cmd_we_o,
  output logic [AddrBits-1:0] core_cmd_addr_o,
  output logic                core_wdata_valid_o,
  input  logic                core_wdata_ready_i,
  output logic [31:0]         core_wdata_o,
  output logic [3:0]          core_wstrb_o,
  input  logic                core_rdata_valid_i,
  input  logic [31:0]         core_rdata_i,

  output logic                host_cmd_valid_o,
  input  logic                host_cmd_ready_i,
  output logic                host_cmd_we_o,
  output logic [AddrBits-1:0] host_cmd_addr_o,
  input  logic                host_wdata_ready_i,
  output logic [31:0]         host_wdata_o,
  output logic [3:0]          host_wstrb_o,
  input  logic                host_rdata_valid_i,
  input  logic [31:0]         host_rdata_i
);

  if (BeatBits != 64) begin : gen_bad_beat
    $error("board: BeatBits must be 64: two words of the memory controller");
  end

  logic [sterna_isa_pkg::REG_ADDR_BITS-1:0] awaddr, araddr;
  logic        awvalid, awready, wvalid, wready, bvalid, arvalid, arready, rvalid;
  logic [31:0] wdata, rdata;
  logic [29:0] host_addr;

  assign host_cmd_addr_o = host_addr[AddrBits-1:0];

  logic unused_host_addr;  // the bridge keeps to MemoryBytes
  assign unused_host_addr = ^host_addr[29:AddrBits];

  sterna_serial_bridge #(
    .ClockKhz   (ClockKhz),
    .Baud       (Baud),
    .MemoryBytes(MemoryBytes),
    .Board      (Board)
  ) u_bridge (
    .clk_i,
    .rst_ni,
    .line_i,
    .line_o,
    .mem_valid_o      (host_cmd_valid_o),
    .mem_ready_i      (host_cmd_ready_i),
    .mem_we_o         (host_cmd_we_o),
    .mem_addr_o       (host_addr),
    .mem_wdata_ready_i(host_wdata_ready_i),
    .mem_wdata_o      (host_wdata_o),
    .mem_wstrb_o      (host_wstrb_o),
    .mem_rdata_valid_i(host_rdata_valid_i),
    .mem_rdata_i      (host_rdata_i),
    .awaddr_o         (awaddr),
    .awvalid_o        (awvalid),
    .awready_i        (awready),
    .wdata_o          (wdata),
    .wvalid_o         (wvalid),
    .wready_i         (wready),
    .bvalid_i         (bvalid),
    .araddr_o         (araddr),
    .arvalid_o        (arvalid),
    .arready_i        (arready),
    .rdata_i          (rdata),
    .rvalid_i         (rvalid)
  );

  logic [1:0]  m_awid, m_bid, m_arid, m_rid;
  logic [63:0] m_awaddr, m_wdata, m_araddr, m_rdata;
  logic [7:0]  m_awlen, m_wstrb, m_arlen;
  logic        m_awvalid, m_awready, m_wvalid, m_wready, m_bvalid, m_bready, m_arvalid, m_arready, m_rvalid, m_rready, m_rlast;

  // What no board looks at.
  logic                unused_interrupt, unused_wlast, unused_issue;
  logic [1:0]          unused_bresp, unused_rresp, unused_awburst, unused_arburst;
  logic [2:0]          unused_awsize, unused_arsize;
  logic [15:0]         unused_issue_pc;
  logic [Units-1:0]    unused_retire;
  logic [Units*16-1:0] unused_retire_pc;

  sterna_top #(
    .BeatsPerStep(BeatsPerStep),
    .BeatBits    (BeatBits),
    .VecLen      (VecLen),
    .Registers   (Registers),
    .RomDepth    (RomDepth),
    .WeightFifo  (WeightFifo),
    .Outstanding (Outstanding),
    .LaneStages  (LaneStages),
    .ClockKhz    (ClockKhz)
  ) u_top (
    .ap_clk               (clk_i),
    .ap_rst_n             (rst_ni),
    .interrupt            (unused_interrupt),
    .s_axi_control_awaddr (awaddr),
    .s_axi_control_awvalid(awvalid),
    .s_axi_control_awready(awready),
    .s_axi_control_wdata  (wdata),
    .s_axi_control_wstrb  (4'hF),
    .s_axi_control_wvalid (wvalid),
    .s_axi_control_wready (wready),
    .s_axi_control_bresp  (unused_bresp),
    .s_axi_control_bvalid (bvalid),
    .s_axi_control_bready (1'b1),
    .s_axi_control_araddr (araddr),
    .s_axi_control_arvalid(arvalid),
    .s_axi_control_arready(arready),
    .s_axi_control_rdata  (rdata),
    .s_axi_control_rresp  (unused_rresp),
    .s_axi_control_rvalid (rvalid),
    .s_axi_control_rready (1'b1),
    .m_axi_awid           (m_awid),
    .m_axi_awaddr         (m_awaddr),
    .m_axi_awlen          (m_awlen),
    .m_axi_awsize         (unused_awsize),
    .m_axi_awburst        (unused_awburst),
    .m_axi_awvalid        (m_awvalid),
    .m_axi_awready        (m_awready),
    .m_axi_wdata          (m_wdata),
    .m_axi_wstrb          (m_wstrb),
    .m_axi_wlast          (unused_wlast),
    .m_axi_wvalid         (m_wvalid),
    .m_axi_wready         (m_wready),
    .m_axi_bid            (m_bid),
    .m_axi_bresp          (2'b00),
    .m_axi_bvalid         (m_bvalid),
    .m_axi_bready         (m_bready),
    .m_axi_arid           (m_arid),
    .m_axi_araddr         (m_araddr),
    .m_axi_arlen          (m_arlen),
    .m_axi_arsize         (unused_arsize),
    .m_axi_arburst        (unused_arburst),
    .m_axi_arvalid        (m_arvalid),
    .m_axi_arready        (m_arready),
    .m_axi_rid            (m_rid),
    .m_axi_rdata          (m_rdata),
    .m_axi_rresp          (2'b00),
    .m_axi_rlast          (m_rlast),
    .m_axi_rvalid         (m_rvalid),
    .m_axi_rready         (m_rready),
    .trace_issue_o        (unused_issue),
    .trace_issue_pc_o     (unused_issue_pc),
    .trace_retire_o       (unused_retire),
    .trace_retire_pc_o    (unused_retire_pc)
  );

  assign busy_o = core_cmd_valid_o;

  sterna_sdram_port #(
    .AddrBits(AddrBits)
  ) u_port (
    .clk_i,
    .rst_ni,
    .awid_i       (m_awid),
    .awaddr_i     (m_awaddr),
    .awlen_i      (m_awlen),
    .awvalid_i    (m_awvalid),
    .awready_o    (m_awready),
    .wdata_i      (m_wdata),
    .wstrb_i      (m_wstrb),
    .wvalid_i     (m_wvalid),
    .wready_o     (m_wready),
    .bid_o        (m_bid),
    .bvalid_o     (m_bvalid),
    .bready_i     (m_bready),
    .arid_i       (m_arid),
    .araddr_i     (m_araddr),
    .arlen_i      (m_arlen),
    .arvalid_i    (m_arvalid),
    .arready_o    (m_arready),
    .rid_o        (m_rid),
    .rdata_o      (m_rdata),
    .rlast_o      (m_rlast),
    .rvalid_o     (m_rvalid),
    .rready_i     (m_rready),
    .cmd_valid_o  (core_cmd_valid_o),
    .cmd_ready_i  (core_cmd_ready_i),
    .cmd_we_o     (core_cmd_we_o),
    .cmd_addr_o   (core_cmd_addr_o),
    .wdata_valid_o(core_wdata_valid_o),
    .wdata_ready_i(core_wdata_ready_i),
    .wdata_o      (core_wdata_o),
    .wstrb_o      (core_wstrb_o),
    .rdata_valid_i(core_rdata_valid_i),
    .rdata_i      (core_rdata_i)
  );

endmodule
