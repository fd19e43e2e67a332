// SPDX-License-Identifier: Apache-2.0
// The reads of axi_mux: every burst that a reader was granted goes to the bus as it is, once and under its ID; every beat is
// steered to the reader that requested it; and Load/Store has priority, then the burst reader with the lowest number. Memory is never reset, axi_mux at any time: the beats of
// bursts from before it are dropped. Writes are axi_write_engine's, which has its own proof: none here.
`include "tests/formal/proof.svh"

module axi_mux_proof #(
  parameter int unsigned BeatBits  = 64,
  parameter int unsigned FifoBeats = 256,
  parameter int unsigned Readers   = 1,
  localparam int unsigned IdBits = $clog2(1 + Readers)
) (
  input logic                clk_i,
  input logic                rst_ni,
  input logic                load_req_valid_i,
  input logic [63:0]         load_req_addr_i,
  input logic [31:0]         load_req_lines_i,
  input logic                load_data_ready_i,
  input logic [Readers-1:0]    burst_ar_valid_i,
  input logic [Readers*64-1:0] burst_ar_addr_i,
  input logic [Readers*9-1:0]  burst_ar_beats_i,
  input logic                ar_ready_i,
  input logic                r_valid_i,
  input logic [IdBits-1:0]   r_id_i,
  input logic [BeatBits-1:0] r_data_i,
  input logic [1:0]          r_resp_i,
  input logic                r_last_i
);

  localparam int unsigned CountBits = $clog2(FifoBeats) + 1;

  `PROOF_RESET
  `STERNA_RULE(RequestMakesSense, 1'b1, !load_req_valid_i || (load_req_addr_i[5:0] == '0 && load_req_lines_i != '0))

  logic                load_req_ready, load_data_valid, load_data_error, burst_r_error;
  logic [Readers-1:0]  burst_ar_ready, burst_r_valid;
  logic [BeatBits-1:0] load_data, burst_r_data;
  logic                ar_valid, aw_valid, w_valid, r_ready, draining;
  logic [IdBits-1:0]   ar_id;
  logic [63:0]         ar_addr;
  logic [7:0]          ar_len;
  logic [2:0]          ar_size;
  logic [1:0]          ar_burst;

  sterna_axi_mux #(
    .BeatBits    (BeatBits),
    .FifoBeats   (FifoBeats),
    .BurstReaders(Readers)
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
    .burst_ar_valid_i,
    .burst_ar_ready_o  (burst_ar_ready),
    .burst_ar_addr_i,
    .burst_ar_beats_i,
    .burst_r_valid_o   (burst_r_valid),
    .burst_r_data_o    (burst_r_data),
    .burst_r_error_o   (burst_r_error),
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
    .m_axi_bid_i       ('0),
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

  for (genvar r = 0; r < Readers; r++) begin : gen_burst
    logic [63:0] addr;
    logic [8:0]  beats;
    assign addr  = burst_ar_addr_i[64*r+:64];
    assign beats = burst_ar_beats_i[9*r+:9];
    always @* assume (!burst_ar_valid_i[r] || (beats != '0 && beats <= 9'd256 &&
        32'(addr[11:0]) + 32'(beats) * (BeatBits / 8) <= 32'd4096));  // when a reset begins, too
    sterna_stream_checker #(.Width(73), .Given(1'b1)) u_burst_ar (
      .clk_i, .rst_ni, .valid_i(burst_ar_valid_i[r]), .ready_i(burst_ar_ready[r]), .payload_i({addr, beats})
    );
  end
  sterna_stream_checker #(.Width(77 + IdBits)) u_ar (
    .clk_i, .rst_ni(!first_q), .valid_i(ar_valid), .ready_i(ar_ready_i), .payload_i({ar_id, ar_addr, ar_len, ar_size, ar_burst})
  );

  // What memory was asked for and has not brought: bursts, and beats with each ID.
  localparam int unsigned Ids = 1 + Readers;
  logic [31:0]    asked, bursts_q, asked_sum[Ids+1];
  logic [Ids-1:0] none_asked;
  logic           taken;

  assign asked = 32'(ar_len) + 32'd1;
  assign taken = ar_valid && ar_ready_i;

  always_ff @(posedge clk_i) begin
    if (first_q) bursts_q <= '0;
    else bursts_q <= bursts_q + 32'(taken) - 32'(r_valid_i && r_last_i);
  end

  // Memory brings what it was asked for, marks the last beat of each burst, and is not silent for so long after a reset that
  // it is given up. A burst reader has no more beats on their way than BurstBeats.
  `PROOF_SEES(, \u_dut.timeout )
  `PROOF_SEES(, \u_dut.ar_valid_q )
  `PROOF_SEES([$clog2(FifoBeats + Readers * 256 + 1)-1:0], \u_dut.reads_outstanding_q )
  `PROOF_SEES([8:0], \u_dut.ar_beats )
  `PROOF_SEES(, \u_dut.held_valid_q )
  `PROOF_SEES(, \u_dut.ar_ready_q )
  `PROOF_SEES([72+IdBits:0], \u_dut.held_q )
  `PROOF_SEES(, \u_dut.u_store_engine.aw_valid_q )
  `PROOF_SEES(, \u_dut.u_store_engine.w_valid_q )
  `PROOF_SEES(, \u_dut.u_store_engine.held_valid_q )
  `PROOF_SEES(, \u_dut.u_store_engine.sending_q )
  `PROOF_SEES([6:0], \u_dut.u_store_engine.open_q )
  `PROOF_SEES(, \u_dut.load_ar_valid )
  `PROOF_SEES(, \u_dut.load_ar_ready )
  `PROOF_SEES([63:0], \u_dut.load_ar_addr )
  `PROOF_SEES([8:0], \u_dut.load_ar_beats )
  logic [31:0]       held;     // beats of the burst behind the one on the bus
  logic [IdBits-1:0] held_id;
  assign held    = 32'( \u_dut.held_q [8:0]);
  assign held_id = \u_dut.held_q [73+:IdBits];

  logic               load, sent;
  logic [Readers-1:0] burst;  // granted
  assign load  = \u_dut.load_ar_valid && \u_dut.load_ar_ready ;
  assign burst = burst_ar_valid_i & burst_ar_ready;
  assign sent  = ar_valid && ar_ready_i;

  assign asked_sum[0] = '0;
  for (genvar id = 0; id < Ids; id++) begin : gen_id
    localparam int unsigned Most = id == 0 ? FifoBeats : 256;
    localparam int unsigned R    = id == 0 ? 0 : id - 1;
    logic        is_read, wins;
    logic [31:0] asked_q;          // beats that memory was asked for and has not brought
    logic [31:0] up;               // that the bus is being asked for, or will be
    logic [31:0] due_q;            // that the reader was granted since the last reset and has not had
    logic [31:0] beats;            // of the burst that it is granted, or asks for
    assign is_read = r_valid_i && r_id_i == $unsigned(IdBits'(id));
    assign up      = (ar_valid && ar_id == $unsigned(IdBits'(id)) ? asked : 32'd0) + ( \u_dut.held_valid_q && held_id == $unsigned(IdBits'(id)) ? held : 32'd0);
    assign wins    = id == 0 ? load : burst[R];
    assign beats   = id == 0 ? 32'( \u_dut.load_ar_beats ) : 32'(burst_ar_beats_i[9*R+:9]);

    always_ff @(posedge clk_i) begin
      if (first_q) asked_q <= '0;
      else asked_q <= asked_q + (taken && ar_id == $unsigned(IdBits'(id)) ? asked : 32'd0) - 32'(is_read);
      if (!rst_ni) due_q <= '0;
      else due_q <= due_q - 32'(is_read && !draining) + (wins ? beats : 32'd0);
    end

    assign none_asked[id]  = asked_q == '0;
    assign asked_sum[id+1] = asked_sum[id] + asked_q;
    always @* begin
      if (!first_q) begin
        assume (!is_read || asked_q != '0);
        if (id != 0) assume (!burst_ar_valid_i[R] || asked_q + up + beats <= 32'd256);
      end
    end
    `PROOF_ALWAYS(OnlyWhatWasAskedSince, draining ? due_q == '0 : due_q == asked_q + up)
    `PROOF_ALWAYS(StaleNoMoreThanAsked, asked_q <= Most && asked_q + up <= Most)
  end

  always @* begin
    if (first_q) assume (!r_valid_i && ! \u_dut.ar_ready_q && ! \u_dut.ar_valid_q && \u_dut.reads_outstanding_q == '0 && ! \u_dut.u_store_engine.aw_valid_q &&
        ! \u_dut.u_store_engine.w_valid_q && ! \u_dut.u_store_engine.held_valid_q && ! \u_dut.u_store_engine.sending_q &&
        \u_dut.u_store_engine.open_q == '0);
    else begin
      assume (!r_valid_i || 32'(r_id_i) < Ids);
      assume ((bursts_q == '0) == (&none_asked) && bursts_q <= asked_sum[Ids]);
      assume (! \u_dut.timeout );
    end
  end

  // What was granted is what the bus is asked for, in that order: the burst on it, and one behind. A reset drops that one.
  logic [72+IdBits:0] granted, first_burst_q, second_burst_q;  // ID, address, beats
  logic [1:0]         bursts_up_q, bursts_left;
  logic               any;

  assign any         = load || burst != '0;
  assign bursts_left = bursts_up_q - 2'(sent);

  always_comb begin
    granted = {IdBits'(0), \u_dut.load_ar_addr , \u_dut.load_ar_beats };
    for (int unsigned r = 0; r < Readers; r++) begin
      if (burst[r]) granted = {IdBits'(r + 1), burst_ar_addr_i[64*r+:64], burst_ar_beats_i[9*r+:9]};
    end
  end

  always_ff @(posedge clk_i) begin
    if (first_q) bursts_up_q <= '0;
    else if (!rst_ni) bursts_up_q <= 2'((ar_valid && !ar_ready_i) || any);
    else bursts_up_q <= bursts_left + 2'(any);
    if (sent) first_burst_q <= second_burst_q;
    if (any && bursts_left == '0) first_burst_q <= granted;
    if (any && bursts_left != '0) second_burst_q <= granted;
  end

  `STERNA_ASSERT(LoadFirst, ! \u_dut.load_ar_valid || burst == '0)
  for (genvar r = 0; r < Readers; r++) begin : gen_order
    `STERNA_ASSERT(LowestFirst, !burst[r] || (burst_ar_valid_i & ~({Readers{1'b1}} << r)) == '0)
    `STERNA_ASSERT(ReadersGetTheirs, burst_r_valid[r] == (r_valid_i && r_id_i == $unsigned(IdBits'(r + 1)) && !draining))
  end
  `PROOF_ALWAYS(Granted, !ar_valid || {ar_id, ar_addr, asked} == {first_burst_q[72+IdBits:9], 23'd0, first_burst_q[8:0]})
  `PROOF_ALWAYS(GrantedBehind, ! \u_dut.held_valid_q || { \u_dut.held_q [72+IdBits:9], held} == {second_burst_q[72+IdBits:9], 23'd0, second_burst_q[8:0]})
  `PROOF_ALWAYS(NothingElse, ar_valid == (bursts_up_q != '0) && \u_dut.held_valid_q == bursts_up_q[1] && \u_dut.ar_ready_q == !bursts_up_q[1] && bursts_up_q != 2'd3)
  `STERNA_ASSERT(WholeBeats, !ar_valid || (ar_size == 3'($clog2(BeatBits / 8)) && ar_burst == 2'b01))
  `STERNA_ASSERT(AlwaysTaken, r_ready)
  `STERNA_ASSERT(BeatsAsTheyAre, burst_r_valid == '0 || (burst_r_data == r_data_i && burst_r_error == r_resp_i[1]))
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
  `PROOF_SEES(, \u_dut.u_load_engine.u_splitter.ready_q )
  `PROOF_SEES([27:0], \u_dut.u_load_engine.u_splitter.blocks_q )
  `PROOF_SEES([4:0], \u_dut.u_load_engine.u_splitter.end_q )
  `PROOF_SEES([57:0], \u_dut.u_load_engine.u_splitter.line_q )
  `PROOF_SEES(, \u_dut.u_store_engine.u_splitter.ready_q )
  `PROOF_SEES(, \u_dut.u_store_engine.u_splitter.burst_valid_q )
  `PROOF_ALWAYS(CreditsAddUp, 32'( \u_dut.u_load_engine.credits_q ) + 32'( \u_dut.u_load_engine.popped_q ) +
      32'( \u_dut.u_load_engine.fifo_count ) + gen_id[0].due_q == FifoBeats && gen_id[0].due_q <= FifoBeats)
  `PROOF_ALWAYS(KnownAhead, ! \u_dut.u_load_engine.burst_valid || ! \u_dut.u_load_engine.has_credits_q ||
      32'( \u_dut.u_load_engine.credits_q ) >= 32'd256)
  `PROOF_ALWAYS(BurstNotEmpty, ! \u_dut.u_load_engine.burst_valid || ( \u_dut.load_ar_beats != '0 && \u_dut.load_ar_beats <= 9'd256))
  `PROOF_ALWAYS(RestNotEmpty, \u_dut.u_load_engine.u_splitter.ready_q || \u_dut.u_load_engine.u_splitter.blocks_q != '0 ||
      \u_dut.u_load_engine.u_splitter.end_q >= \u_dut.u_load_engine.u_splitter.line_q [4:0])
  `PROOF_ALWAYS(StoreIdle, \u_dut.u_store_engine.u_splitter.ready_q && ! \u_dut.u_store_engine.u_splitter.burst_valid_q &&
      ! \u_dut.u_store_engine.aw_valid_q && ! \u_dut.u_store_engine.w_valid_q && ! \u_dut.u_store_engine.held_valid_q &&
      ! \u_dut.u_store_engine.sending_q && \u_dut.u_store_engine.open_q == '0)

  always @(posedge clk_i) begin
    if (rst_ni) AllRead: cover (load_data_valid && load_data_ready_i && burst_r_valid[Readers-1] && gen_id[0].asked_q > 32'd8);
    if (rst_ni) Dropped: cover (draining && r_valid_i && bursts_q == 32'd2);
  end

endmodule
