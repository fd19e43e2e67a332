// SPDX-License-Identifier: Apache-2.0
// Binds the protocol checkers to the pins of sterna_top in simulation; no part of the design.
module sterna_top_checks #(
  parameter int unsigned Channels = 1,
  parameter int unsigned BeatBits = 512
) (
  input logic ap_clk,
  input logic ap_rst_n,

  input logic [11:0] s_axi_control_awaddr,
  input logic        s_axi_control_awvalid,
  input logic        s_axi_control_awready,
  input logic [31:0] s_axi_control_wdata,
  input logic [3:0]  s_axi_control_wstrb,
  input logic        s_axi_control_wvalid,
  input logic        s_axi_control_wready,
  input logic [1:0]  s_axi_control_bresp,
  input logic        s_axi_control_bvalid,
  input logic        s_axi_control_bready,
  input logic [11:0] s_axi_control_araddr,
  input logic        s_axi_control_arvalid,
  input logic        s_axi_control_arready,
  input logic [31:0] s_axi_control_rdata,
  input logic [1:0]  s_axi_control_rresp,
  input logic        s_axi_control_rvalid,
  input logic        s_axi_control_rready,

  input logic [Channels*2-1:0]          m_axi_awid,
  input logic [Channels*64-1:0]         m_axi_awaddr,
  input logic [Channels*8-1:0]          m_axi_awlen,
  input logic [Channels*3-1:0]          m_axi_awsize,
  input logic [Channels*2-1:0]          m_axi_awburst,
  input logic [Channels-1:0]            m_axi_awvalid,
  input logic [Channels-1:0]            m_axi_awready,
  input logic [Channels*BeatBits-1:0]   m_axi_wdata,
  input logic [Channels*BeatBits/8-1:0] m_axi_wstrb,
  input logic [Channels-1:0]            m_axi_wlast,
  input logic [Channels-1:0]            m_axi_wvalid,
  input logic [Channels-1:0]            m_axi_wready,
  input logic [Channels*2-1:0]          m_axi_bid,
  input logic [Channels*2-1:0]          m_axi_bresp,
  input logic [Channels-1:0]            m_axi_bvalid,
  input logic [Channels-1:0]            m_axi_bready,
  input logic [Channels*2-1:0]          m_axi_arid,
  input logic [Channels*64-1:0]         m_axi_araddr,
  input logic [Channels*8-1:0]          m_axi_arlen,
  input logic [Channels*3-1:0]          m_axi_arsize,
  input logic [Channels*2-1:0]          m_axi_arburst,
  input logic [Channels-1:0]            m_axi_arvalid,
  input logic [Channels-1:0]            m_axi_arready,
  input logic [Channels*2-1:0]          m_axi_rid,
  input logic [Channels*BeatBits-1:0]   m_axi_rdata,
  input logic [Channels*2-1:0]          m_axi_rresp,
  input logic [Channels-1:0]            m_axi_rlast,
  input logic [Channels-1:0]            m_axi_rvalid,
  input logic [Channels-1:0]            m_axi_rready
);

  sterna_axi_lite_protocol_checker u_control (
    .clk_i     (ap_clk),
    .rst_ni    (ap_rst_n),
    .aw_addr_i (s_axi_control_awaddr),
    .aw_valid_i(s_axi_control_awvalid),
    .aw_ready_i(s_axi_control_awready),
    .w_data_i  (s_axi_control_wdata),
    .w_strb_i  (s_axi_control_wstrb),
    .w_valid_i (s_axi_control_wvalid),
    .w_ready_i (s_axi_control_wready),
    .b_resp_i  (s_axi_control_bresp),
    .b_valid_i (s_axi_control_bvalid),
    .b_ready_i (s_axi_control_bready),
    .ar_addr_i (s_axi_control_araddr),
    .ar_valid_i(s_axi_control_arvalid),
    .ar_ready_i(s_axi_control_arready),
    .r_data_i  (s_axi_control_rdata),
    .r_resp_i  (s_axi_control_rresp),
    .r_valid_i (s_axi_control_rvalid),
    .r_ready_i (s_axi_control_rready)
  );

  // The machine's reset is not memory's: what was outstanding stays so, on both sides.
  logic powered_q = 1'b0;
  always_ff @(posedge ap_clk) powered_q <= powered_q || ap_rst_n;

  for (genvar c = 0; c < Channels; c++) begin : gen_channel
    sterna_axi_protocol_checker #(
      .BeatBits(BeatBits),
      .IdBits  (2)
    ) u_memory (
      .clk_i     (ap_clk),
      .rst_ni    (powered_q),
      .aw_id_i   (m_axi_awid[c*2 +: 2]),
      .aw_addr_i (m_axi_awaddr[c*64 +: 64]),
      .aw_len_i  (m_axi_awlen[c*8 +: 8]),
      .aw_size_i (m_axi_awsize[c*3 +: 3]),
      .aw_burst_i(m_axi_awburst[c*2 +: 2]),
      .aw_valid_i(m_axi_awvalid[c]),
      .aw_ready_i(m_axi_awready[c]),
      .w_data_i  (m_axi_wdata[c*BeatBits +: BeatBits]),
      .w_strb_i  (m_axi_wstrb[c*(BeatBits/8) +: BeatBits/8]),
      .w_last_i  (m_axi_wlast[c]),
      .w_valid_i (m_axi_wvalid[c]),
      .w_ready_i (m_axi_wready[c]),
      .b_id_i    (m_axi_bid[c*2 +: 2]),
      .b_resp_i  (m_axi_bresp[c*2 +: 2]),
      .b_valid_i (m_axi_bvalid[c]),
      .b_ready_i (m_axi_bready[c]),
      .ar_id_i   (m_axi_arid[c*2 +: 2]),
      .ar_addr_i (m_axi_araddr[c*64 +: 64]),
      .ar_len_i  (m_axi_arlen[c*8 +: 8]),
      .ar_size_i (m_axi_arsize[c*3 +: 3]),
      .ar_burst_i(m_axi_arburst[c*2 +: 2]),
      .ar_valid_i(m_axi_arvalid[c]),
      .ar_ready_i(m_axi_arready[c]),
      .r_id_i    (m_axi_rid[c*2 +: 2]),
      .r_data_i  (m_axi_rdata[c*BeatBits +: BeatBits]),
      .r_resp_i  (m_axi_rresp[c*2 +: 2]),
      .r_last_i  (m_axi_rlast[c]),
      .r_valid_i (m_axi_rvalid[c]),
      .r_ready_i (m_axi_rready[c])
    );
  end

endmodule

bind sterna_top sterna_top_checks #(.Channels(Channels), .BeatBits(BeatBits)) u_checks (.*);
