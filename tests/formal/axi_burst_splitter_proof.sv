// SPDX-License-Identifier: Apache-2.0
// The bursts of a request, put together, are the request: in order, without gap or overlap, the last one marked.
`include "tests/formal/proof.svh"

module axi_burst_splitter_proof #(
  parameter int unsigned BeatBits = 512,
  parameter bit          AtOnce   = 1'b1
) (
  input logic        clk_i,
  input logic        rst_ni,
  input logic        req_valid_i,
  input logic [63:0] req_addr_i,
  input logic [31:0] req_lines_i,
  input logic        burst_ready_i,
  input logic        burst_allowed_i
);

  localparam int unsigned WordsPerLine  = 512 / BeatBits;
  localparam int unsigned LinesPerBurst = (256 / WordsPerLine < 64) ? 256 / WordsPerLine : 64;
  localparam int unsigned IndexBits     = $clog2(LinesPerBurst);

  `PROOF_RESET
  `STERNA_RULE(RequestMakesSense, 1'b1, !req_valid_i || (req_addr_i[5:0] == '0 && req_lines_i != '0))

  logic        req_ready, burst_valid, burst_last;
  logic [63:0] burst_addr;
  logic [8:0]  burst_beats;

  sterna_axi_burst_splitter #(
    .BeatBits(BeatBits),
    .AtOnce  (AtOnce)
  ) u_dut (
    .clk_i,
    .rst_ni,
    .req_valid_i,
    .req_ready_o  (req_ready),
    .req_addr_i,
    .req_lines_i,
    .burst_valid_o(burst_valid),
    .burst_ready_i,
    .burst_allowed_i,
    .burst_addr_o (burst_addr),
    .burst_beats_o(burst_beats),
    .burst_last_o (burst_last)
  );

  // What is still to come of the request whose bursts come out now, and of the one behind it.
  logic        now_q, next_q;
  logic [57:0] now_line_q, next_line_q;
  logic [31:0] now_left_q, next_left_q;
  logic        taken, sent, ended;
  logic [31:0] burst_lines;

  assign taken       = req_valid_i && req_ready;
  assign sent        = burst_valid && burst_ready_i && burst_allowed_i;
  assign ended       = sent && burst_last;
  assign burst_lines = 32'(burst_beats) / WordsPerLine;

  always_ff @(posedge clk_i) begin
    if (!rst_ni) begin
      now_q  <= 1'b0;
      next_q <= 1'b0;
    end else begin
      if (ended) begin
        now_q      <= next_q || taken;
        now_line_q <= next_q ? next_line_q : req_addr_i[63:6];
        now_left_q <= next_q ? next_left_q : req_lines_i;
        next_q     <= next_q && taken;
      end else if (sent) begin
        now_line_q <= now_line_q + 58'(burst_lines);
        now_left_q <= now_left_q - burst_lines;
      end
      if (taken && !now_q) begin
        now_q      <= 1'b1;
        now_line_q <= req_addr_i[63:6];
        now_left_q <= req_lines_i;
      end
      if (taken && now_q && (!ended || next_q)) begin
        next_q      <= 1'b1;
        next_line_q <= req_addr_i[63:6];
        next_left_q <= req_lines_i;
      end
    end
  end

  `STERNA_ASSERT(BurstOfARequest, !burst_valid || now_q)
  `STERNA_ASSERT(BurstInPlace, !burst_valid || burst_addr == {now_line_q, 6'd0})
  `STERNA_ASSERT(BurstNotEmpty, !burst_valid || (burst_beats != '0 && burst_beats <= 9'd256))
  `STERNA_ASSERT(BurstInRequest, !burst_valid || burst_lines <= now_left_q)
  `STERNA_ASSERT(LastMarked, !burst_valid || burst_last == (burst_lines == now_left_q))
  `STERNA_ASSERT(NothingDropped, !(taken && next_q && !ended))

  // How the splitter's registers stand to these.
  `PROOF_SEES(, \u_dut.ready_q )
  `PROOF_SEES([57:0], \u_dut.line_q )
  `PROOF_SEES([32-IndexBits:0], \u_dut.blocks_q )
  `PROOF_SEES([IndexBits-1:0], \u_dut.end_q )
  `PROOF_SEES([IndexBits:0], \u_dut.burst_lines_q )
  logic [33:0] rest;  // lines that no burst covers yet
  assign rest = 34'({ \u_dut.blocks_q , \u_dut.end_q }) + 34'd1 - 34'( \u_dut.line_q [IndexBits-1:0]);
  `STERNA_ASSERT(RestNotEmpty, \u_dut.ready_q || (rest != '0 && rest[33:32] == '0))
  `STERNA_ASSERT(RestIsNow, \u_dut.ready_q || burst_valid ||
      (now_q && !next_q && now_line_q == \u_dut.line_q && now_left_q == rest[31:0]))
  `STERNA_ASSERT(RestFollowsBurst, \u_dut.ready_q || !burst_valid || burst_last ||
      (!next_q && now_line_q + 58'(\u_dut.burst_lines_q ) == \u_dut.line_q &&
       now_left_q == rest[31:0] + 32'(\u_dut.burst_lines_q )))
  `STERNA_ASSERT(RestIsNext, \u_dut.ready_q || !burst_valid || !burst_last ||
      (next_q && next_line_q == \u_dut.line_q && next_left_q == rest[31:0]))
  `STERNA_ASSERT(NoRest, ! \u_dut.ready_q || (!next_q && now_q == burst_valid && (!burst_valid || burst_last)))

  always @(posedge clk_i) begin
    if (rst_ni) TwoBurstsAndOneMore: cover (ended && next_q && burst_beats == 9'd8);
  end

endmodule
