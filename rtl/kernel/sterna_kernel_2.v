// SPDX-License-Identifier: Apache-2.0
// Generated from isa/isa.toml by isagen (`make generate`): edit that file, not this one.
//
// The Vitis kernel sterna with 2 memory ports: sterna_top, with a named AXI4 port a channel.
module sterna_kernel_2 #(
  parameter integer Lanes        = 1,       // sequences that share every fetched weight
  parameter integer BeatsPerStep = 1,       // beats of each channel that TMATMUL takes in a step
  parameter integer BeatBits     = 512,     // width of a memory beat
  parameter integer VecLen       = 1024,    // elements of a vector register
  parameter integer Registers    = 8,       // vector registers
  parameter integer RomDepth     = 1024,    // instructions
  parameter integer WeightFifo   = 512,     // beats of weights that each channel prefetches
  parameter integer Outstanding  = 256,     // of them on their way, at most
  parameter integer LaneStages   = 0,       // pipeline registers between what lanes share and a lane
  parameter integer Dies         = 1,       // over which lanes and channels are spread
  parameter integer FffTrees     = 0,       // trees of FFFIN and FFFOUT: 0 (none), 64
  parameter integer FffSlotBeats = 0,       // beats of each channel that keep blocks of FFFINs on chip: 0 (none), a power of two from 512
  parameter integer ClockKhz     = 300000   // what the configuration is meant for
) (
  input  wire                  ap_clk,
  input  wire                  ap_rst_n,
  /* verilator lint_off SYMRSVDWORD */
  output wire                  interrupt,
  /* verilator lint_on SYMRSVDWORD */

  input  wire [11:0]           s_axi_control_awaddr,
  input  wire                  s_axi_control_awvalid,
  output wire                  s_axi_control_awready,
  input  wire [31:0]           s_axi_control_wdata,
  input  wire [3:0]            s_axi_control_wstrb,
  input  wire                  s_axi_control_wvalid,
  output wire                  s_axi_control_wready,
  output wire [1:0]            s_axi_control_bresp,
  output wire                  s_axi_control_bvalid,
  input  wire                  s_axi_control_bready,
  input  wire [11:0]           s_axi_control_araddr,
  input  wire                  s_axi_control_arvalid,
  output wire                  s_axi_control_arready,
  output wire [31:0]           s_axi_control_rdata,
  output wire [1:0]            s_axi_control_rresp,
  output wire                  s_axi_control_rvalid,
  input  wire                  s_axi_control_rready,

  output wire [1:0]            m_axi_gmem0_awid,
  output wire [63:0]           m_axi_gmem0_awaddr,
  output wire [7:0]            m_axi_gmem0_awlen,
  output wire [2:0]            m_axi_gmem0_awsize,
  output wire [1:0]            m_axi_gmem0_awburst,
  output wire                  m_axi_gmem0_awvalid,
  input  wire                  m_axi_gmem0_awready,
  output wire [BeatBits-1:0]   m_axi_gmem0_wdata,
  output wire [BeatBits/8-1:0] m_axi_gmem0_wstrb,
  output wire                  m_axi_gmem0_wlast,
  output wire                  m_axi_gmem0_wvalid,
  input  wire                  m_axi_gmem0_wready,
  input  wire [1:0]            m_axi_gmem0_bid,
  input  wire [1:0]            m_axi_gmem0_bresp,
  input  wire                  m_axi_gmem0_bvalid,
  output wire                  m_axi_gmem0_bready,
  output wire [1:0]            m_axi_gmem0_arid,
  output wire [63:0]           m_axi_gmem0_araddr,
  output wire [7:0]            m_axi_gmem0_arlen,
  output wire [2:0]            m_axi_gmem0_arsize,
  output wire [1:0]            m_axi_gmem0_arburst,
  output wire                  m_axi_gmem0_arvalid,
  input  wire                  m_axi_gmem0_arready,
  input  wire [1:0]            m_axi_gmem0_rid,
  input  wire [BeatBits-1:0]   m_axi_gmem0_rdata,
  input  wire [1:0]            m_axi_gmem0_rresp,
  input  wire                  m_axi_gmem0_rlast,
  input  wire                  m_axi_gmem0_rvalid,
  output wire                  m_axi_gmem0_rready,

  output wire [1:0]            m_axi_gmem1_awid,
  output wire [63:0]           m_axi_gmem1_awaddr,
  output wire [7:0]            m_axi_gmem1_awlen,
  output wire [2:0]            m_axi_gmem1_awsize,
  output wire [1:0]            m_axi_gmem1_awburst,
  output wire                  m_axi_gmem1_awvalid,
  input  wire                  m_axi_gmem1_awready,
  output wire [BeatBits-1:0]   m_axi_gmem1_wdata,
  output wire [BeatBits/8-1:0] m_axi_gmem1_wstrb,
  output wire                  m_axi_gmem1_wlast,
  output wire                  m_axi_gmem1_wvalid,
  input  wire                  m_axi_gmem1_wready,
  input  wire [1:0]            m_axi_gmem1_bid,
  input  wire [1:0]            m_axi_gmem1_bresp,
  input  wire                  m_axi_gmem1_bvalid,
  output wire                  m_axi_gmem1_bready,
  output wire [1:0]            m_axi_gmem1_arid,
  output wire [63:0]           m_axi_gmem1_araddr,
  output wire [7:0]            m_axi_gmem1_arlen,
  output wire [2:0]            m_axi_gmem1_arsize,
  output wire [1:0]            m_axi_gmem1_arburst,
  output wire                  m_axi_gmem1_arvalid,
  input  wire                  m_axi_gmem1_arready,
  input  wire [1:0]            m_axi_gmem1_rid,
  input  wire [BeatBits-1:0]   m_axi_gmem1_rdata,
  input  wire [1:0]            m_axi_gmem1_rresp,
  input  wire                  m_axi_gmem1_rlast,
  input  wire                  m_axi_gmem1_rvalid,
  output wire                  m_axi_gmem1_rready
);

  sterna_top #(
    .Lanes       (Lanes),
    .BeatsPerStep(BeatsPerStep),
    .BeatBits    (BeatBits),
    .VecLen      (VecLen),
    .Registers   (Registers),
    .RomDepth    (RomDepth),
    .WeightFifo  (WeightFifo),
    .Outstanding (Outstanding),
    .LaneStages  (LaneStages),
    .Dies        (Dies),
    .FffTrees    (FffTrees),
    .FffSlotBeats(FffSlotBeats),
    .ClockKhz    (ClockKhz),
    .Channels    (2)
  ) u_top (
    .ap_clk               (ap_clk),
    .ap_rst_n             (ap_rst_n),
    .interrupt            (interrupt),
    .s_axi_control_awaddr (s_axi_control_awaddr),
    .s_axi_control_awvalid(s_axi_control_awvalid),
    .s_axi_control_awready(s_axi_control_awready),
    .s_axi_control_wdata  (s_axi_control_wdata),
    .s_axi_control_wstrb  (s_axi_control_wstrb),
    .s_axi_control_wvalid (s_axi_control_wvalid),
    .s_axi_control_wready (s_axi_control_wready),
    .s_axi_control_bresp  (s_axi_control_bresp),
    .s_axi_control_bvalid (s_axi_control_bvalid),
    .s_axi_control_bready (s_axi_control_bready),
    .s_axi_control_araddr (s_axi_control_araddr),
    .s_axi_control_arvalid(s_axi_control_arvalid),
    .s_axi_control_arready(s_axi_control_arready),
    .s_axi_control_rdata  (s_axi_control_rdata),
    .s_axi_control_rresp  (s_axi_control_rresp),
    .s_axi_control_rvalid (s_axi_control_rvalid),
    .s_axi_control_rready (s_axi_control_rready),
    .m_axi_awid           ({m_axi_gmem1_awid, m_axi_gmem0_awid}),
    .m_axi_awaddr         ({m_axi_gmem1_awaddr, m_axi_gmem0_awaddr}),
    .m_axi_awlen          ({m_axi_gmem1_awlen, m_axi_gmem0_awlen}),
    .m_axi_awsize         ({m_axi_gmem1_awsize, m_axi_gmem0_awsize}),
    .m_axi_awburst        ({m_axi_gmem1_awburst, m_axi_gmem0_awburst}),
    .m_axi_awvalid        ({m_axi_gmem1_awvalid, m_axi_gmem0_awvalid}),
    .m_axi_awready        ({m_axi_gmem1_awready, m_axi_gmem0_awready}),
    .m_axi_wdata          ({m_axi_gmem1_wdata, m_axi_gmem0_wdata}),
    .m_axi_wstrb          ({m_axi_gmem1_wstrb, m_axi_gmem0_wstrb}),
    .m_axi_wlast          ({m_axi_gmem1_wlast, m_axi_gmem0_wlast}),
    .m_axi_wvalid         ({m_axi_gmem1_wvalid, m_axi_gmem0_wvalid}),
    .m_axi_wready         ({m_axi_gmem1_wready, m_axi_gmem0_wready}),
    .m_axi_bid            ({m_axi_gmem1_bid, m_axi_gmem0_bid}),
    .m_axi_bresp          ({m_axi_gmem1_bresp, m_axi_gmem0_bresp}),
    .m_axi_bvalid         ({m_axi_gmem1_bvalid, m_axi_gmem0_bvalid}),
    .m_axi_bready         ({m_axi_gmem1_bready, m_axi_gmem0_bready}),
    .m_axi_arid           ({m_axi_gmem1_arid, m_axi_gmem0_arid}),
    .m_axi_araddr         ({m_axi_gmem1_araddr, m_axi_gmem0_araddr}),
    .m_axi_arlen          ({m_axi_gmem1_arlen, m_axi_gmem0_arlen}),
    .m_axi_arsize         ({m_axi_gmem1_arsize, m_axi_gmem0_arsize}),
    .m_axi_arburst        ({m_axi_gmem1_arburst, m_axi_gmem0_arburst}),
    .m_axi_arvalid        ({m_axi_gmem1_arvalid, m_axi_gmem0_arvalid}),
    .m_axi_arready        ({m_axi_gmem1_arready, m_axi_gmem0_arready}),
    .m_axi_rid            ({m_axi_gmem1_rid, m_axi_gmem0_rid}),
    .m_axi_rdata          ({m_axi_gmem1_rdata, m_axi_gmem0_rdata}),
    .m_axi_rresp          ({m_axi_gmem1_rresp, m_axi_gmem0_rresp}),
    .m_axi_rlast          ({m_axi_gmem1_rlast, m_axi_gmem0_rlast}),
    .m_axi_rvalid         ({m_axi_gmem1_rvalid, m_axi_gmem0_rvalid}),
    .m_axi_rready         ({m_axi_gmem1_rready, m_axi_gmem0_rready}),
    /* verilator lint_off PINCONNECTEMPTY */
    .trace_issue_o        (),
    .trace_issue_pc_o     (),
    .trace_retire_o       (),
    .trace_retire_pc_o    ()  // the trace is for simulation
    /* verilator lint_on PINCONNECTEMPTY */
  );

endmodule
