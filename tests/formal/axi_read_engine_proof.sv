// SPDX-License-Identifier: Apache-2.0
// The read engine never requests more beats than its FIFO has space for, whatever memory and the reader do.
`include "tests/formal/proof.svh"

module axi_read_engine_proof #(
  parameter int unsigned BeatBits  = 64,
  parameter int unsigned FifoBeats = 512
) (
  input logic                clk_i,
  input logic                rst_ni,
  input logic                req_valid_i,
  input logic [63:0]         req_addr_i,
  input logic [31:0]         req_lines_i,
  input logic                data_ready_i,
  input logic                ar_ready_i,
  input logic                r_valid_i,
  input logic [BeatBits-1:0] r_data_i,
  input logic                r_error_i
);

  localparam int unsigned CountBits = $clog2(FifoBeats) + 1;

  `PROOF_RESET
  `STERNA_RULE(RequestMakesSense, 1'b1, !req_valid_i || (req_addr_i[5:0] == '0 && req_lines_i != '0))

  logic                req_ready, data_valid, data_error, ar_valid, unused_select;
  logic [BeatBits-1:0] data;
  logic [63:0]         ar_addr;
  logic [8:0]          ar_beats;

  sterna_axi_read_engine #(
    .BeatBits (BeatBits),
    .FifoBeats(FifoBeats)
  ) u_dut (
    .clk_i,
    .rst_ni,
    .req_valid_i,
    .req_ready_o (req_ready),
    .req_addr_i,
    .req_lines_i,
    .data_valid_o(data_valid),
    .data_ready_i,
    .data_o      (data),
    .data_error_o(data_error),
    .ar_valid_o  (ar_valid),
    .ar_select_o (unused_select),
    .ar_ready_i,
    .ar_addr_o   (ar_addr),
    .ar_beats_o  (ar_beats),
    .r_valid_i,
    .r_data_i,
    .r_error_i
  );

  // Beats that memory was asked for and has not brought.
  logic [31:0] asked_q;

  always_ff @(posedge clk_i) begin
    if (!rst_ni) asked_q <= '0;
    else asked_q <= asked_q + (ar_valid && ar_ready_i ? 32'(ar_beats) : 32'd0) - 32'(r_valid_i);
  end

  `STERNA_RULE(NoUnaskedBeat, 1'b1, !r_valid_i || asked_q != '0)

  sterna_stream_checker #(.Width(73)) u_ar (
    .clk_i, .rst_ni, .valid_i(ar_valid), .ready_i(ar_ready_i), .payload_i({ar_addr, ar_beats})
  );
  sterna_stream_checker #(.Width(BeatBits + 1)) u_data (
    .clk_i, .rst_ni, .valid_i(data_valid), .ready_i(data_ready_i), .payload_i({data_error, data})
  );

  `STERNA_ASSERT(BurstNotEmpty, !ar_valid || (ar_beats != '0 && ar_beats <= 9'd256))
  `STERNA_ASSERT(BurstInsidePage, !ar_valid || 32'(ar_addr[11:0]) + 32'(ar_beats) * (BeatBits / 8) <= 32'd4096)

  // Every word of the FIFO is a credit, held, or reserved for an outstanding beat.
  `PROOF_SEES([CountBits-1:0], \u_dut.credits_q )
  `PROOF_SEES([CountBits-1:0], \u_dut.fifo_count )
  `PROOF_SEES(, \u_dut.popped_q )
  `PROOF_SEES(, \u_dut.has_credits_q )
  `PROOF_SEES(, \u_dut.burst_valid )
  `PROOF_SEES(, \u_dut.u_splitter.ready_q )
  `PROOF_SEES([27:0], \u_dut.u_splitter.blocks_q )
  `PROOF_SEES([4:0], \u_dut.u_splitter.end_q )
  `PROOF_SEES([57:0], \u_dut.u_splitter.line_q )
  `STERNA_ASSERT(CreditsAddUp, 32'(\u_dut.credits_q ) + 32'(\u_dut.popped_q ) + 32'(\u_dut.fifo_count ) + asked_q == FifoBeats &&
      asked_q <= FifoBeats)
  `STERNA_ASSERT(KnownAhead, ! \u_dut.burst_valid || ! \u_dut.has_credits_q || 32'( \u_dut.credits_q ) >= 32'd256)
  `STERNA_ASSERT(RestNotEmpty, \u_dut.u_splitter.ready_q || \u_dut.u_splitter.blocks_q != '0 ||
      \u_dut.u_splitter.end_q >= \u_dut.u_splitter.line_q [4:0])

  always @(posedge clk_i) begin
    if (rst_ni) BeatsWhileAsking: cover (data_valid && data_ready_i && ar_valid && asked_q > 32'd8);
  end

endmodule
