// SPDX-License-Identifier: Apache-2.0
// One channel's AXI4 port, shared by Load/Store, which reads and writes, and by readers that make bursts of their own (the weight
// stream).
//
// Commands: Load/Store's requests of lines, which the read and write engines cut into bursts; the burst readers' bursts.
// Handshake: valid/ready. AR takes Load/Store's burst before all others: those are short, and the program tends to wait for them,
// while the weight stream is far ahead. Of the burst readers the one with the lowest number goes first. A burst is granted whatever
// ARREADY is, one ahead of the bus. Every reader reserves FIFO space before it issues an address, so RREADY is tied high; RID (0
// Load/Store, 1 + r burst reader r) steers the beats, and no reader can stall another. Burst readers' beats have no ready. BREADY is
// tied high. While draining_o nothing new is issued, and R and B are dropped (bus_drain).
// Latency: to AR one cycle from a reader's burst, three from a load's request; from R none to burst readers, two to Load/Store,
// through its FIFO; three from a store's request to AW, one from its data to W.
// FifoBeats: 512 is what block RAM is deep. BurstBeats: of each burst reader, outstanding at most.
`include "rtl/assertions.svh"

module sterna_axi_mux #(
  parameter int unsigned BeatBits     = 512,
  parameter int unsigned FifoBeats    = 512,  // of Load/Store
  parameter int unsigned BurstReaders = 1,    // 1 or more
  parameter int unsigned BurstBeats   = 256,
  localparam int unsigned IdBits = $clog2(1 + BurstReaders)
) (
  input  logic                clk_i,
  input  logic                rst_ni,
  output logic                draining_o,  // bursts from before the last reset are outstanding

  // Load/Store: reads.
  input  logic                load_req_valid_i,
  output logic                load_req_ready_o,
  input  logic [63:0]         load_req_addr_i,
  input  logic [31:0]         load_req_lines_i,
  output logic                load_data_valid_o,
  input  logic                load_data_ready_i,
  output logic [BeatBits-1:0] load_data_o,
  output logic                load_data_error_o,

  // Burst readers: bursts, and their beats, which have no ready.
  input  logic [BurstReaders-1:0]    burst_ar_valid_i,
  output logic [BurstReaders-1:0]    burst_ar_ready_o,
  input  logic [BurstReaders*64-1:0] burst_ar_addr_i,
  input  logic [BurstReaders*9-1:0]  burst_ar_beats_i,  // 1 to 256
  output logic [BurstReaders-1:0]    burst_r_valid_o,   // whose beat it is
  output logic [BeatBits-1:0]        burst_r_data_o,
  output logic                       burst_r_error_o,

  // Load/Store: writes.
  input  logic                store_req_valid_i,
  output logic                store_req_ready_o,
  input  logic [63:0]         store_req_addr_i,
  input  logic [31:0]         store_req_lines_i,
  input  logic                store_data_valid_i,
  output logic                store_data_ready_o,
  input  logic [BeatBits-1:0] store_data_i,
  output logic                store_resp_valid_o,
  output logic                store_resp_error_o,

  output logic                read_beat_o,   // for the counters: an R beat was accepted a cycle ago
  output logic                write_beat_o,  // a W beat was

  // AXI4 master.
  output logic [IdBits-1:0]     m_axi_awid_o,
  output logic [63:0]           m_axi_awaddr_o,
  output logic [7:0]            m_axi_awlen_o,
  output logic [2:0]            m_axi_awsize_o,
  output logic [1:0]            m_axi_awburst_o,
  output logic                  m_axi_awvalid_o,
  input  logic                  m_axi_awready_i,
  output logic [BeatBits-1:0]   m_axi_wdata_o,
  output logic [BeatBits/8-1:0] m_axi_wstrb_o,
  output logic                  m_axi_wlast_o,
  output logic                  m_axi_wvalid_o,
  input  logic                  m_axi_wready_i,
  input  logic [IdBits-1:0]     m_axi_bid_i,
  input  logic [1:0]            m_axi_bresp_i,
  input  logic                  m_axi_bvalid_i,
  output logic                  m_axi_bready_o,
  output logic [IdBits-1:0]     m_axi_arid_o,
  output logic [63:0]           m_axi_araddr_o,
  output logic [7:0]            m_axi_arlen_o,
  output logic [2:0]            m_axi_arsize_o,
  output logic [1:0]            m_axi_arburst_o,
  output logic                  m_axi_arvalid_o,
  input  logic                  m_axi_arready_i,
  input  logic [IdBits-1:0]     m_axi_rid_i,
  input  logic [BeatBits-1:0]   m_axi_rdata_i,
  input  logic [1:0]            m_axi_rresp_i,
  input  logic                  m_axi_rlast_i,
  input  logic                  m_axi_rvalid_i,
  output logic                  m_axi_rready_o
);

  localparam logic [2:0] BeatSize  = 3'($clog2(BeatBits / 8));
  localparam logic [1:0] BurstIncr = 2'b01;

  // Each reader counts its own beats; all writes have one ID.
  logic unused;
  assign unused = &{1'b0, m_axi_bid_i, m_axi_bresp_i[0], m_axi_rresp_i[0]};

  // --------------------------------------------------------------------------------------------------- after a reset
  localparam int unsigned ReadBits = $clog2(FifoBeats + BurstReaders * BurstBeats + 1);  // a beat each

  logic                draining, open, timeout, writes_outstanding, transfer;
  logic                ar_valid_q          = 1'b0;
  logic [ReadBits-1:0] reads_outstanding_q = '0;  // bursts without their last beat

  sterna_bus_drain u_bus_drain (
    .clk_i,
    .rst_ni,
    .outstanding_i(ar_valid_q || reads_outstanding_q != '0 || writes_outstanding),
    .transfer_i   (transfer),
    .draining_o   (draining),
    .open_o       (open),
    .timeout_o    (timeout)
  );

  assign draining_o = draining;
  assign transfer   = (m_axi_arvalid_o && m_axi_arready_i) || m_axi_rvalid_i || m_axi_bvalid_i
                      || (m_axi_awvalid_o && m_axi_awready_i) || (m_axi_wvalid_o && m_axi_wready_i);

  always_ff @(posedge clk_i) begin
    if (timeout) reads_outstanding_q <= '0;
    else reads_outstanding_q <= reads_outstanding_q + ReadBits'(m_axi_arvalid_o && m_axi_arready_i) - ReadBits'(m_axi_rvalid_i && m_axi_rlast_i);
  end

  // ------------------------------------------------------------------------------------------------ read addresses
  logic        load_ar_valid, load_ar_select, load_ar_ready;
  logic [63:0] load_ar_addr;
  logic [8:0]  load_ar_beats;

  // Two registers: the burst on the bus, which stays there whatever resets do, and one granted while that waits for ARREADY,
  // which a reset drops.
  localparam int unsigned ArBits = IdBits + 64 + 9;  // ID, address, beats

  logic              ar_asked, ar_select, ar_granted, ar_free, held_valid_d, held_valid_q;
  logic              ar_ready_q = 1'b0;  // !held_valid_q, with few readers
  logic [ArBits-1:0] ar_next, ar_q, held_q;
  logic [8:0]        ar_beats;

  assign load_ar_ready = ar_ready_q && open;
  assign ar_granted    = load_ar_ready && ar_asked;
  assign ar_free       = !ar_valid_q || m_axi_arready_i;
  assign held_valid_d  = rst_ni && !ar_free && (held_valid_q || ar_granted);

  always_comb begin
    ar_asked  = load_ar_valid;
    ar_select = load_ar_select;
    ar_next  = {IdBits'(0), load_ar_addr, load_ar_beats};
    for (int unsigned r = 0; r < BurstReaders; r++) begin
      burst_ar_ready_o[r] = load_ar_ready && !ar_asked;
      if (!ar_select) ar_next = {IdBits'(r + 1), burst_ar_addr_i[64*r+:64], burst_ar_beats_i[9*r+:9]};
      ar_asked  = ar_asked || burst_ar_valid_i[r];
      ar_select = ar_select || burst_ar_valid_i[r];
    end
  end

  always_ff @(posedge clk_i) begin
    if (ar_free) ar_q <= held_valid_q ? held_q : ar_next;
    if (!held_valid_q) held_q <= ar_next;
  end

  always_ff @(posedge clk_i) begin
    held_valid_q <= held_valid_d;
    ar_ready_q   <= !held_valid_d;
    if (timeout) ar_valid_q <= 1'b0;
    else ar_valid_q <= !ar_free || (rst_ni && held_valid_q) || ar_granted;
  end

  assign {m_axi_arid_o, m_axi_araddr_o, ar_beats} = ar_q;
  assign m_axi_arlen_o   = 8'(ar_beats - 9'd1);
  assign m_axi_arsize_o  = BeatSize;
  assign m_axi_arburst_o = BurstIncr;
  assign m_axi_arvalid_o = ar_valid_q;

  // ----------------------------------------------------------------------------------------------------- read data
  // Readers reserve FIFO space before they issue an address.
  logic read_beat_q, load_rst_n, load_req_ready;
  assign m_axi_rready_o = 1'b1;
  assign read_beat_o    = read_beat_q && !draining;
  always_ff @(posedge clk_i) read_beat_q <= m_axi_rvalid_i;

  // A reset of Load/Store's engine lasts until nothing from before it is outstanding.
  assign load_rst_n       = rst_ni && !draining;
  assign load_req_ready_o = load_req_ready && !draining;

  sterna_axi_read_engine #(
    .BeatBits (BeatBits),
    .FifoBeats(FifoBeats)
  ) u_load_engine (
    .clk_i,
    .rst_ni      (load_rst_n),
    .req_valid_i (load_req_valid_i),
    .req_ready_o (load_req_ready),
    .req_addr_i  (load_req_addr_i),
    .req_lines_i (load_req_lines_i),
    .data_valid_o(load_data_valid_o),
    .data_ready_i(load_data_ready_i),
    .data_o      (load_data_o),
    .data_error_o(load_data_error_o),
    .ar_valid_o  (load_ar_valid),
    .ar_select_o (load_ar_select),
    .ar_ready_i  (load_ar_ready),
    .ar_addr_o   (load_ar_addr),
    .ar_beats_o  (load_ar_beats),
    .r_valid_i   (m_axi_rvalid_i && m_axi_rid_i == '0),
    .r_data_i    (m_axi_rdata_i),
    .r_error_i   (m_axi_rresp_i[1])
  );

  for (genvar r = 0; r < BurstReaders; r++) begin : gen_reader
    sterna_match #(
      .Width(IdBits),
      .Value(IdBits'(r + 1))
    ) u_beat (
      .value_i(m_axi_rid_i),
      .valid_i({m_axi_rvalid_i, open}),
      .match_o(burst_r_valid_o[r])
    );
  end
  assign burst_r_data_o  = m_axi_rdata_i;
  assign burst_r_error_o = m_axi_rresp_i[1];

  // -------------------------------------------------------------------------------------------------------- writes
  logic [8:0] aw_beats;
  logic       w_strobe;

  sterna_axi_write_engine #(
    .BeatBits(BeatBits)
  ) u_store_engine (
    .clk_i,
    .rst_ni,
    .draining_i   (draining),
    .timeout_i    (timeout),
    .outstanding_o(writes_outstanding),
    .req_valid_i  (store_req_valid_i),
    .req_ready_o  (store_req_ready_o),
    .req_addr_i   (store_req_addr_i),
    .req_lines_i  (store_req_lines_i),
    .data_valid_i (store_data_valid_i),
    .data_ready_o (store_data_ready_o),
    .data_i       (store_data_i),
    .resp_valid_o (store_resp_valid_o),
    .resp_error_o (store_resp_error_o),
    .aw_valid_o   (m_axi_awvalid_o),
    .aw_ready_i   (m_axi_awready_i),
    .aw_addr_o    (m_axi_awaddr_o),
    .aw_beats_o   (aw_beats),
    .w_valid_o    (m_axi_wvalid_o),
    .w_ready_i    (m_axi_wready_i),
    .w_data_o     (m_axi_wdata_o),
    .w_strobe_o   (w_strobe),
    .w_last_o     (m_axi_wlast_o),
    .b_valid_i    (m_axi_bvalid_i),
    .b_error_i    (m_axi_bresp_i[1])
  );

  assign m_axi_awid_o    = '0;
  assign m_axi_awlen_o   = 8'(aw_beats - 9'd1);
  assign m_axi_awsize_o  = BeatSize;
  assign m_axi_awburst_o = BurstIncr;
  assign m_axi_wstrb_o   = {BeatBits/8{w_strobe}};
  assign m_axi_bready_o  = 1'b1;
  assign write_beat_o    = m_axi_wvalid_o && m_axi_wready_i && !draining;

  `STERNA_ASSERT_STABLE(ReadAddressStable, m_axi_arvalid_o, m_axi_arready_i,
      {m_axi_arid_o, m_axi_araddr_o, m_axi_arlen_o})
  `STERNA_ASSERT(ReadInsidePage, !m_axi_arvalid_o || 32'(m_axi_araddr_o[11:0]) +
      (32'(m_axi_arlen_o) + 32'd1) * (BeatBits / 8) <= 32'd4096)
  `STERNA_ASSERT(WriteInsidePage, !m_axi_awvalid_o || 32'(m_axi_awaddr_o[11:0]) +
      (32'(m_axi_awlen_o) + 32'd1) * (BeatBits / 8) <= 32'd4096)

endmodule
