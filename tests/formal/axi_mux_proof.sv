// SPDX-License-Identifier: Apache-2.0
// The reads of axi_mux: every burst that a reader was granted goes to the bus as it is, once and under its ID; every beat is
// steered to the reader that requested it; and Load/Store has priority. Memory is never reset, axi_mux at any time: the beats of
// bursts from before it are dropped. Writes are axi_write_engine's, which has its own proof: none here.
`include "tests/formal/proof.svh"

module axi_mux_proof #(
  parameter int unsigned BeatBits  = 64,
  parameter int unsigned FifoBeats = 256
) (
  input logic                clk_i,
  input logic                rst_ni,
  input logic                load_req_valid_i,
  input logic [63:0]         load_req_addr_i,
  input logic [31:0]         load_req_lines_i,
  input logic                load_data_ready_i,
  input logic                weight_ar_valid_i,
  input logic [63:0]         weight_ar_addr_i,
  input logic [8:0]          weight_ar_beats_i,
  input logic                ar_ready_i,
  input logic                r_valid_i,
  input logic                r_id_i,
  input logic [BeatBits-1:0] r_data_i,
  input logic [1:0]          r_resp_i,
  input logic                r_last_i
);

  localparam int unsigned CountBits = $clog2(FifoBeats) + 1;

  `PROOF_RESET
  `STERNA_RULE(RequestMakesSense, 1'b1, !load_req_valid_i || (load_req_addr_i[5:0] == '0 && load_req_lines_i != '0))
  always @* assume (!weight_ar_valid_i || (weight_ar_beats_i != '0 && weight_ar_beats_i <= 9'd256 &&
      32'(weight_ar_addr_i[11:0]) + 32'(weight_ar_beats_i) * (BeatBits / 8) <= 32'd4096));  // when a reset begins, too

  logic                load_req_ready, load_data_valid, load_data_error, weight_ar_ready, weight_r_valid, weight_r_error;
  logic [BeatBits-1:0] load_data, weight_r_data;
  logic                ar_valid, ar_id, aw_valid, w_valid, r_ready, draining;
  logic [63:0]         ar_addr;
  logic [7:0]          ar_len;
  logic [2:0]          ar_size;
  logic [1:0]          ar_burst;

  sterna_axi_mux #(
    .BeatBits (BeatBits),
    .FifoBeats(FifoBeats)
  ) u_dut (
    .clk_i,
    .rst_ni,
    .draining_o        (draining),
    .load_req_valid_i,
    .load_req_ready_o  (load_req_ready),
    .load_req_addr_i,
    .load_req_lines_i,
    .load_data_valid_o (load_data_valid),
    .load_data_ready_i,
    .load_data_o       (load_data),
    .load_data_error_o (load_data_error),
    .weight_ar_valid_i,
    .weight_ar_ready_o (weight_ar_ready),
    .weight_ar_addr_i,
    .weight_ar_beats_i,
    .weight_r_valid_o  (weight_r_valid),
    .weight_r_data_o   (weight_r_data),
    .weight_r_error_o  (weight_r_error),
    .store_req_valid_i (1'b0),
    .store_req_ready_o (),
    .store_req_addr_i  ('0),
    .store_req_lines_i ('0),
    .store_data_valid_i(1'b0),
    .store_data_ready_o(),
    .store_data_i      ('0),
    .store_resp_valid_o(),
    .store_resp_error_o(),
    .read_beat_o       (),
    .write_beat_o      (),
    .m_axi_awid_o      (),
    .m_axi_awaddr_o    (),
    .m_axi_awlen_o     (),
    .m_axi_awsize_o    (),
    .m_axi_awburst_o   (),
    .m_axi_awvalid_o   (aw_valid),
    .m_axi_awready_i   (1'b0),
    .m_axi_wdata_o     (),
    .m_axi_wstrb_o     (),
    .m_axi_wlast_o     (),
    .m_axi_wvalid_o    (w_valid),
    .m_axi_wready_i    (1'b0),
    .m_axi_bid_i       (1'b0),
    .m_axi_bresp_i     ('0),
    .m_axi_bvalid_i    (1'b0),
    .m_axi_bready_o    (),
    .m_axi_arid_o      (ar_id),
    .m_axi_araddr_o    (ar_addr),
    .m_axi_arlen_o     (ar_len),
    .m_axi_arsize_o    (ar_size),
    .m_axi_arburst_o   (ar_burst),
    .m_axi_arvalid_o   (ar_valid),
    .m_axi_arready_i   (ar_ready_i),
    .m_axi_rid_i       (r_id_i),
    .m_axi_rdata_i     (r_data_i),
    .m_axi_rresp_i     (r_resp_i),
    .m_axi_rlast_i     (r_last_i),
    .m_axi_rvalid_i    (r_valid_i),
    .m_axi_rready_o    (r_ready)
  );

  sterna_stream_checker #(.Width(73), .Given(1'b1)) u_weight_ar (
    .clk_i, .rst_ni, .valid_i(weight_ar_valid_i), .ready_i(weight_ar_ready), .payload_i({weight_ar_addr_i, weight_ar_beats_i})
  );
  sterna_stream_checker #(.Width(78)) u_ar (
    .clk_i, .rst_ni(!first_q), .valid_i(ar_valid), .ready_i(ar_ready_i), .payload_i({ar_id, ar_addr, ar_len, ar_size, ar_burst})
  );

  // What memory was asked for and has not brought: beats with each ID, and bursts.
  logic [31:0] asked_q[2];
  logic [31:0] asked, bursts_q;
  logic        taken;

  assign asked = 32'(ar_len) + 32'd1;
  assign taken = ar_valid && ar_ready_i;

  always_ff @(posedge clk_i) begin
    for (int unsigned id = 0; id < 2; id++) begin
      if (first_q) asked_q[id] <= '0;
      else asked_q[id] <= asked_q[id] + (taken && ar_id == 1'(id) ? asked : 32'd0) - 32'(r_valid_i && r_id_i == 1'(id));
    end
    if (first_q) bursts_q <= '0;
    else bursts_q <= bursts_q + 32'(taken) - 32'(r_valid_i && r_last_i);
  end

  // Memory brings what it was asked for, marks the last beat of each burst, and is not silent for so long after a reset that
  // it is given up. The weight stream has no more beats on their way than weight_channel allows.
  `PROOF_SEES(, \u_dut.timeout )
  `PROOF_SEES(, \u_dut.ar_valid_q )
  `PROOF_SEES([9:0], \u_dut.reads_outstanding_q )
  `PROOF_SEES([8:0], \u_dut.ar_beats )
  `PROOF_SEES(, \u_dut.held_valid_q )
  `PROOF_SEES(, \u_dut.ar_ready_q )
  `PROOF_SEES([73:0], \u_dut.held_q )
  `PROOF_SEES(, \u_dut.u_store_engine.aw_valid_q )
  `PROOF_SEES(, \u_dut.u_store_engine.w_valid_q )
  `PROOF_SEES(, \u_dut.u_store_engine.held_valid_q )
  `PROOF_SEES(, \u_dut.u_store_engine.sending_q )
  `PROOF_SEES([6:0], \u_dut.u_store_engine.open_q )
  logic [31:0] held;   // beats of the burst behind the one on the bus
  logic [31:0] up[2];  // beats of each reader that the bus is being asked for, or will be
  assign held  = 32'( \u_dut.held_q [8:0]);
  assign up[0] = (ar_valid && !ar_id ? asked : 32'd0) + ( \u_dut.held_valid_q && ! \u_dut.held_q [73] ? held : 32'd0);
  assign up[1] = (ar_valid && ar_id ? asked : 32'd0) + ( \u_dut.held_valid_q && \u_dut.held_q [73] ? held : 32'd0);

  always @* begin
    if (first_q) assume (!r_valid_i && ! \u_dut.ar_ready_q && ! \u_dut.ar_valid_q && \u_dut.reads_outstanding_q == '0 && ! \u_dut.u_store_engine.aw_valid_q &&
        ! \u_dut.u_store_engine.w_valid_q && ! \u_dut.u_store_engine.held_valid_q && ! \u_dut.u_store_engine.sending_q &&
        \u_dut.u_store_engine.open_q == '0);
    else begin
      assume (!r_valid_i || asked_q[r_id_i] != '0);
      assume ((bursts_q == '0) == (asked_q[0] == '0 && asked_q[1] == '0) && bursts_q <= asked_q[0] + asked_q[1]);
      assume (! \u_dut.timeout );
      assume (!weight_ar_valid_i || asked_q[1] + up[1] + 32'(weight_ar_beats_i) <= 32'd256);
    end
  end

  // What was granted is what the bus is asked for, in that order: the burst on it, and one behind. A reset drops that one.
  `PROOF_SEES(, \u_dut.load_ar_valid )
  `PROOF_SEES(, \u_dut.load_ar_ready )
  `PROOF_SEES([63:0], \u_dut.load_ar_addr )
  `PROOF_SEES([8:0], \u_dut.load_ar_beats )

  logic        load, weight, sent;
  logic [73:0] granted, first_burst_q, second_burst_q;  // ID, address, beats
  logic [1:0]  bursts_up_q, bursts_left;

  assign load   = \u_dut.load_ar_valid && \u_dut.load_ar_ready ;
  assign weight = weight_ar_valid_i && weight_ar_ready;
  assign sent   = ar_valid && ar_ready_i;
  assign bursts_left = bursts_up_q - 2'(sent);
  assign granted     = weight ? {1'b1, weight_ar_addr_i, weight_ar_beats_i} : {1'b0, \u_dut.load_ar_addr , \u_dut.load_ar_beats };

  always_ff @(posedge clk_i) begin
    if (first_q) bursts_up_q <= '0;
    else if (!rst_ni) bursts_up_q <= 2'((ar_valid && !ar_ready_i) || load || weight);
    else bursts_up_q <= bursts_left + 2'(load || weight);
    if (sent) first_burst_q <= second_burst_q;
    if ((load || weight) && bursts_left == '0) first_burst_q <= granted;
    if ((load || weight) && bursts_left != '0) second_burst_q <= granted;
  end

  // Beats that each reader was granted since the last reset and has not had.
  logic [31:0] due_q[2];

  always_ff @(posedge clk_i) begin
    for (int unsigned id = 0; id < 2; id++) begin
      if (!rst_ni) due_q[id] <= '0;
      else due_q[id] <= due_q[id] - 32'(r_valid_i && !draining && r_id_i == 1'(id)) +
          (id == 0 ? (load ? 32'( \u_dut.load_ar_beats ) : 32'd0) : (weight ? 32'(weight_ar_beats_i) : 32'd0));
    end
  end

  `STERNA_ASSERT(LoadFirst, !(load && weight) && !( \u_dut.load_ar_valid && weight))
  `PROOF_ALWAYS(Granted, !ar_valid || {ar_id, ar_addr, asked} == {first_burst_q[73:9], 23'd0, first_burst_q[8:0]})
  `PROOF_ALWAYS(GrantedBehind, ! \u_dut.held_valid_q || { \u_dut.held_q [73:9], held} == {second_burst_q[73:9], 23'd0, second_burst_q[8:0]})
  `PROOF_ALWAYS(NothingElse, ar_valid == (bursts_up_q != '0) && \u_dut.held_valid_q == bursts_up_q[1] && \u_dut.ar_ready_q == !bursts_up_q[1] && bursts_up_q != 2'd3)
  `STERNA_ASSERT(WholeBeats, !ar_valid || (ar_size == 3'($clog2(BeatBits / 8)) && ar_burst == 2'b01))
  `STERNA_ASSERT(AlwaysTaken, r_ready)
  `STERNA_ASSERT(WeightsGetTheirs, weight_r_valid == (r_valid_i && r_id_i && !draining) &&
      (!weight_r_valid || (weight_r_data == r_data_i && weight_r_error == r_resp_i[1])))
  `PROOF_ALWAYS(OnlyWhatWasAskedSince, draining ? due_q[0] == '0 && due_q[1] == '0 :
      due_q[0] == asked_q[0] + up[0] && due_q[1] == asked_q[1] + up[1])
  `PROOF_ALWAYS(InsidePage, !ar_valid || (32'( \u_dut.ar_beats ) == asked && 32'(ar_addr[11:0]) + asked * (BeatBits / 8) <= 32'd4096))
  `PROOF_ALWAYS(HeldInsidePage, ! \u_dut.held_valid_q || (32'( \u_dut.held_q [20:9]) + held * (BeatBits / 8) <= 32'd4096 && held != '0 && held <= 32'd256))
  `PROOF_ALWAYS(BurstsAgree, 32'( \u_dut.reads_outstanding_q ) == bursts_q)
  `PROOF_ALWAYS(NothingWritten, !aw_valid && !w_valid)

  // Load/Store's: every word of its FIFO is a credit, held, or reserved for an outstanding beat.
  `PROOF_SEES([CountBits-1:0], \u_dut.u_load_engine.credits_q )
  `PROOF_SEES([CountBits-1:0], \u_dut.u_load_engine.fifo_count )
  `PROOF_SEES(, \u_dut.u_load_engine.burst_valid )
  `PROOF_SEES(, \u_dut.u_load_engine.popped_q )
  `PROOF_SEES(, \u_dut.u_load_engine.has_credits_q )
  `PROOF_SEES(, \u_dut.u_load_engine.u_splitter.busy_q )
  `PROOF_SEES([27:0], \u_dut.u_load_engine.u_splitter.blocks_q )
  `PROOF_SEES([4:0], \u_dut.u_load_engine.u_splitter.end_q )
  `PROOF_SEES([57:0], \u_dut.u_load_engine.u_splitter.line_q )
  `PROOF_SEES(, \u_dut.u_store_engine.u_splitter.busy_q )
  `PROOF_SEES(, \u_dut.u_store_engine.u_splitter.burst_valid_q )
  `PROOF_ALWAYS(CreditsAddUp, 32'( \u_dut.u_load_engine.credits_q ) + 32'( \u_dut.u_load_engine.popped_q ) +
      32'( \u_dut.u_load_engine.fifo_count ) + due_q[0] == FifoBeats && due_q[0] <= FifoBeats)
  `PROOF_ALWAYS(KnownAhead, ! \u_dut.u_load_engine.burst_valid || ! \u_dut.u_load_engine.has_credits_q ||
      32'( \u_dut.u_load_engine.credits_q ) >= 32'd256)
  `PROOF_ALWAYS(StaleNoMoreThanAsked, asked_q[0] <= FifoBeats && asked_q[1] <= 32'd256 &&
      asked_q[0] + up[0] <= FifoBeats && asked_q[1] + up[1] <= 32'd256)
  `PROOF_ALWAYS(BurstNotEmpty, ! \u_dut.u_load_engine.burst_valid || ( \u_dut.load_ar_beats != '0 && \u_dut.load_ar_beats <= 9'd256))
  `PROOF_ALWAYS(RestNotEmpty, ! \u_dut.u_load_engine.u_splitter.busy_q || \u_dut.u_load_engine.u_splitter.blocks_q != '0 ||
      \u_dut.u_load_engine.u_splitter.end_q >= \u_dut.u_load_engine.u_splitter.line_q [4:0])
  `PROOF_ALWAYS(StoreIdle, ! \u_dut.u_store_engine.u_splitter.busy_q && ! \u_dut.u_store_engine.u_splitter.burst_valid_q &&
      ! \u_dut.u_store_engine.aw_valid_q && ! \u_dut.u_store_engine.w_valid_q && ! \u_dut.u_store_engine.held_valid_q &&
      ! \u_dut.u_store_engine.sending_q && \u_dut.u_store_engine.open_q == '0)

  always @(posedge clk_i) begin
    if (rst_ni) BothRead: cover (load_data_valid && load_data_ready_i && weight_r_valid && asked_q[0] > 32'd8);
    if (rst_ni) Dropped: cover (draining && r_valid_i && bursts_q == 32'd2);
  end

endmodule
