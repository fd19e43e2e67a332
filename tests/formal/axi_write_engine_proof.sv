// The write engine obeys AXI4 towards a memory that does, and reports a request when memory has just acknowledged a burst.
`include "tests/formal/proof.svh"

module axi_write_engine_proof #(
  parameter int unsigned BeatBits  = 64,
  parameter int unsigned MaxBursts = 16  // unacknowledged; memory takes no more, here
) (
  input logic                clk_i,
  input logic                rst_ni,
  input logic                req_valid_i,
  input logic [63:0]         req_addr_i,
  input logic [31:0]         req_lines_i,
  input logic                data_valid_i,
  input logic [BeatBits-1:0] data_i,
  input logic                aw_ready_i,
  input logic                w_ready_i,
  input logic                b_valid_i,
  input logic [1:0]          b_resp_i
);

  localparam int unsigned WordsPerLine  = 512 / BeatBits;
  localparam int unsigned LinesPerBurst = (256 / WordsPerLine < 64) ? 256 / WordsPerLine : 64;
  localparam int unsigned IndexBits     = $clog2(LinesPerBurst);
  localparam int unsigned PtrBits       = $clog2(MaxBursts);

  `PROOF_RESET
  `STERNA_RULE(RequestMakesSense, 1'b1, !req_valid_i ||
      (req_addr_i[5:0] == '0 && req_lines_i != '0))

  logic                req_ready, data_ready, resp_valid, resp_error, aw_valid, w_valid, w_last;
  logic [63:0]         aw_addr;
  logic [8:0]          aw_beats;
  logic [BeatBits-1:0] w_data;

  axi_write_engine #(
    .BeatBits(BeatBits)
  ) u_dut (
    .clk_i,
    .rst_ni,
    .req_valid_i,
    .req_ready_o (req_ready),
    .req_addr_i,
    .req_lines_i,
    .data_valid_i,
    .data_ready_o(data_ready),
    .data_i,
    .resp_valid_o(resp_valid),
    .resp_error_o(resp_error),
    .aw_valid_o  (aw_valid),
    .aw_ready_i,
    .aw_addr_o   (aw_addr),
    .aw_beats_o  (aw_beats),
    .w_valid_o   (w_valid),
    .w_ready_i,
    .w_data_o    (w_data),
    .w_last_o    (w_last),
    .b_valid_i,
    .b_error_i   (b_resp_i[1])
  );

  stream_checker #(.Width(BeatBits), .Given(1'b1)) u_data (
    .clk_i, .rst_ni, .valid_i(data_valid_i), .ready_i(data_ready), .payload_i(data_i)
  );
  axi_protocol_checker #(
    .BeatBits   (BeatBits),
    .MaxBursts  (MaxBursts),
    .MemoryGiven(1'b1)
  ) u_axi (
    .clk_i, .rst_ni,
    .aw_id_i(1'b0), .aw_addr_i(aw_addr), .aw_len_i(8'(aw_beats - 9'd1)), .aw_size_i(3'($clog2(BeatBits / 8))),
    .aw_burst_i(2'b01), .aw_valid_i(aw_valid), .aw_ready_i,
    .w_data_i(w_data), .w_strb_i('1), .w_last_i(w_last), .w_valid_i(w_valid), .w_ready_i,
    .b_id_i(1'b0), .b_resp_i, .b_valid_i, .b_ready_i(1'b1),
    .ar_id_i(1'b0), .ar_addr_i('0), .ar_len_i('0), .ar_size_i('0), .ar_burst_i('0), .ar_valid_i(1'b0), .ar_ready_i(1'b0),
    .r_id_i(1'b0), .r_data_i('0), .r_resp_i('0), .r_last_i(1'b0), .r_valid_i(1'b0), .r_ready_i(1'b0)
  );

  `PROOF_SEES([PtrBits:0], \u_axi.answer_q[0] )
  `STERNA_RULE(MemoryHasRoom, 1'b1, !aw_ready_i || \u_axi.answer_q[0] < (PtrBits + 1)'(MaxBursts - 1))

  logic answered_q;
  always @(posedge clk_i) answered_q <= rst_ni && b_valid_i;
  `STERNA_ASSERT(DoneWhenAcknowledged, !resp_valid || answered_q)

  // How the engine's state stands to what the bus has seen. States: 0 idle, 1 address, 2 data.
  `PROOF_SEES([1:0], \u_dut.state_q )
  `PROOF_SEES([8:0], \u_dut.beats_q )
  `PROOF_SEES([6:0], \u_dut.sent_q )
  `PROOF_SEES([6:0], \u_dut.answered_q )
  `PROOF_SEES(, \u_dut.u_splitter.busy_q )
  `PROOF_SEES([31:0], \u_dut.u_splitter.left_q )
  `PROOF_SEES(, \u_dut.u_splitter.burst_valid_q )
  `PROOF_SEES([IndexBits:0], \u_dut.u_splitter.burst_lines_q )
  `PROOF_SEES([PtrBits:0], \u_axi.write_head_q )
  `PROOF_SEES([PtrBits:0], \u_axi.write_tail_q )
  `PROOF_SEES([8:0], \u_axi.write_burst_head )
  `PROOF_SEES([7:0], \u_axi.write_beat_q )
  `PROOF_SEES([PtrBits:0], \u_axi.answer_q[1] )

  logic [6:0] debts;  // bursts that the engine counts as not answered
  assign debts = \u_dut.sent_q - \u_dut.answered_q ;

  logic sending;
  assign sending = \u_dut.state_q == 2'd2;

  `STERNA_ASSERT(OneBurstAtATime, \u_axi.write_tail_q == \u_axi.write_head_q + (PtrBits + 1)'(sending))
  `STERNA_ASSERT(BeatsAgree, sending ? \u_dut.beats_q != '0 && ! \u_axi.write_burst_head [8] &&
      32'(\u_dut.beats_q ) + 32'(\u_axi.write_beat_q ) == 32'(\u_axi.write_burst_head [7:0]) + 32'd1
      : \u_axi.write_beat_q == '0)
  `STERNA_ASSERT(ResponsesAgree, 32'(debts) == 32'(\u_axi.answer_q[0] ) + 32'(sending) && \u_axi.answer_q[1] == '0 &&
      32'(debts) < MaxBursts)
  `STERNA_ASSERT(RestNotEmpty, ! \u_dut.u_splitter.busy_q || \u_dut.u_splitter.left_q != '0)
  `STERNA_ASSERT(BurstSize, ! \u_dut.u_splitter.burst_valid_q || ( \u_dut.u_splitter.burst_lines_q != '0 &&
      32'(\u_dut.u_splitter.burst_lines_q ) <= LinesPerBurst))
  `STERNA_ASSERT(StatesInUse, \u_dut.state_q != 2'd3)

  always @(posedge clk_i) begin
    if (rst_ni) Written: cover (resp_valid && resp_error);
  end

endmodule
