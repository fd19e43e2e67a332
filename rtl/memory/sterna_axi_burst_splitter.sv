// SPDX-License-Identifier: Apache-2.0
// Cuts a request of whole 64-byte lines into AXI bursts that cross no 4 KiB boundary and have at most 256 beats.
//
// Commands: a request of req_lines_i lines from req_addr_i on.
// Handshake: valid/ready on both sides; a burst is accepted when burst_allowed_i says so, too. A request's bursts come in address order. The next request is accepted when the last
// burst of this one is in the output register, so bursts of several requests follow each other without waiting for data.
// Latency: two cycles from a request to its first burst, then a burst every two, so that burst_ready_i reaches no other register. AtOnce, for
// requests that come from registers near by: one to the first burst, where no other burst is there.
`include "rtl/assertions.svh"

module sterna_axi_burst_splitter #(
  parameter int unsigned BeatBits = 512,
  parameter bit          AtOnce   = 1'b0
) (
  input  logic        clk_i,
  input  logic        rst_ni,

  input  logic        req_valid_i,
  output logic        req_ready_o,
  input  logic [63:0] req_addr_i,   // byte address of the first line, a multiple of 64
  input  logic [31:0] req_lines_i,  // at least 1

  output logic        burst_valid_o,
  input  logic        burst_ready_i,
  input  logic        burst_allowed_i,  // by the reader's credits, a register: no burst is accepted without
  output logic [63:0] burst_addr_o,
  output logic [8:0]  burst_beats_o,  // 1 to 256
  output logic        burst_last_o    // the request's last burst
);

  localparam int unsigned WordsPerLine  = 512 / BeatBits;
  localparam int unsigned LinesPerPage  = 4096 / 64;
  localparam int unsigned LinesPerBurst = (256 / WordsPerLine < LinesPerPage) ? 256 / WordsPerLine
                                                                              : LinesPerPage;
  localparam int unsigned IndexBits = $clog2(LinesPerBurst);  // of a line in its burst-sized block

  // A burst is what a request has of a block: LinesPerBurst lines, aligned, which divide 4 KiB. So a burst's length takes no
  // subtraction from what is left: all but the first begin with their block, all but the last end with it.
  localparam int unsigned BlockBits = 33 - IndexBits;
  localparam logic [IndexBits:0] Block = (IndexBits + 1)'(LinesPerBurst);

  // What no burst covers yet of the request.
  logic                 ready_q;  // nothing is left
  logic                 left_q;   // !ready_q, for the many bits that are loaded
  logic [57:0]          line_q;    // address in lines
  logic [BlockBits-1:0] blocks_q;  // behind the one of line_q
  logic [IndexBits-1:0] end_q;     // the request's last line in its block

  logic               burst_valid_q, burst_last_q;
  logic               empty_q;  // !burst_valid_q, for the many bits that are loaded
  logic [57:0]        burst_line_q;
  logic [IndexBits:0] burst_lines_q;

  // AtOnce: a request's first burst goes to the burst's register at once, if that is empty.
  logic [32:0]        request_end;  // the last line, from the first block's on
  logic [32:0]        rest_end;     // from the second one's on
  logic [IndexBits:0] request_index;  // of the first line in its block
  logic [IndexBits:0] burst_end;    // of the block's lines
  logic [57:0]        line;         // the burst's first
  logic               is_last, request_fits;
  logic               first;        // the burst would be a request's, as it comes
  logic               emit_burst;

  assign request_end   = 33'(req_lines_i) + 33'(req_addr_i[6+:IndexBits]) - 33'd1;
  assign rest_end      = 33'(req_lines_i) + 33'(req_addr_i[6+:IndexBits]) - 33'(LinesPerBurst + 1);
  assign request_index = {1'b0, req_addr_i[6+:IndexBits]};
  assign request_fits  = req_lines_i[31:IndexBits+1] == '0
                         && (IndexBits + 2)'(req_lines_i[IndexBits:0]) + (IndexBits + 2)'(request_index) <= {1'b0, Block};
  assign first       = AtOnce && !left_q;
  assign line        = first ? req_addr_i[63:6] : line_q;
  assign is_last     = first ? request_fits : blocks_q == '0;
  assign burst_end   = blocks_q == '0 ? {1'b0, end_q} + 1'b1 : Block;
  assign emit_burst  = (left_q || (AtOnce && req_valid_i)) && empty_q;
  assign req_ready_o = ready_q;

  always_ff @(posedge clk_i) begin
    // Whether there is a burst decides on enables alone: it would drive every bit of what is loaded. A burst of no request does no harm.
    if (!left_q || empty_q) begin
      line_q            <= left_q || (AtOnce && empty_q) ? {line[57:IndexBits] + 1'b1, IndexBits'(0)} : req_addr_i[63:6];
      {blocks_q, end_q} <= left_q ? {blocks_q - 1'b1, end_q} : AtOnce && empty_q ? rest_end : request_end;
    end
    if (empty_q) begin
      burst_line_q  <= line;
      burst_lines_q <= !first ? burst_end - {1'b0, line_q[IndexBits-1:0]}
                       : request_fits ? req_lines_i[IndexBits:0] : Block - request_index;
      burst_last_q  <= is_last;
    end
  end

  always_ff @(posedge clk_i) begin
    if (!rst_ni) begin
      ready_q       <= 1'b1;
      left_q        <= 1'b0;
      burst_valid_q <= 1'b0;
      empty_q       <= 1'b1;
    end else begin
      ready_q       <= ready_q && !req_valid_i ? 1'b1 : emit_burst && is_last;
      left_q        <= ready_q && !req_valid_i ? 1'b0 : !(emit_burst && is_last);
      burst_valid_q <= emit_burst || (burst_valid_q && !(burst_ready_i && burst_allowed_i));
      empty_q       <= !emit_burst && (empty_q || (burst_ready_i && burst_allowed_i));
    end
  end

  assign burst_valid_o = burst_valid_q;
  assign burst_addr_o  = {burst_line_q, 6'd0};
  assign burst_beats_o = 9'(burst_lines_q) * 9'(WordsPerLine);
  assign burst_last_o  = burst_last_q;

  `STERNA_ASSERT(EmptyIsNotValid, empty_q != burst_valid_q)
  `STERNA_ASSERT(LeftIsNotReady, left_q != ready_q)
  `STERNA_ASSERT(RequestAligned, !req_valid_i || req_addr_i[5:0] == '0)
  `STERNA_ASSERT(RequestNotEmpty, !req_valid_i || req_lines_i != '0)
  `STERNA_ASSERT(BurstSize, !burst_valid_q || (burst_lines_q != '0 && 32'(burst_lines_q) <= LinesPerBurst))
  `STERNA_ASSERT(BurstInsidePage, !burst_valid_q ||
      13'(burst_addr_o[11:0]) + 13'(burst_lines_q) * 13'd64 <= 13'd4096)
  `STERNA_ASSERT_STABLE(BurstStable, burst_valid_o, burst_ready_i && burst_allowed_i, {burst_addr_o, burst_beats_o})

endmodule
