// SPDX-License-Identifier: Apache-2.0
// Reads lines over AXI4 and returns their beats in order.
//
// Commands: a request of req_lines_i lines from req_addr_i on. Requests may be sent back to back; their beats follow each other.
// Handshake: valid/ready for requests, AR and the beats returned. Credits: a burst's address is issued only when the FIFO has
// space for the longest burst, so R has no ready, and a slow reader stalls AR, never the bus. (For the longest, whatever this
// one's length: so it is known a cycle ahead.)
// Latency: two cycles from a request to AR, two from R to data_o.
// FifoBeats: a power of two, at least the longest burst; twice that, for the bus to be kept busy.
`include "rtl/assertions.svh"

module sterna_axi_read_engine #(
  parameter int unsigned BeatBits  = 512,
  parameter int unsigned FifoBeats = 512
) (
  input  logic                clk_i,
  input  logic                rst_ni,

  input  logic                req_valid_i,
  output logic                req_ready_o,
  input  logic [63:0]         req_addr_i,   // byte address, a multiple of 64
  input  logic [31:0]         req_lines_i,  // at least 1

  output logic                data_valid_o,
  input  logic                data_ready_i,
  output logic [BeatBits-1:0] data_o,
  output logic                data_error_o,  // memory answered this beat with an error

  output logic                ar_valid_o,
  output logic                ar_select_o,  // ar_valid_o by another register: for the many bits of an address
  input  logic                ar_ready_i,
  output logic [63:0]         ar_addr_o,
  output logic [8:0]          ar_beats_o,   // 1 to 256

  input  logic                r_valid_i,
  input  logic [BeatBits-1:0] r_data_i,
  input  logic                r_error_i
);

  localparam int unsigned CountBits = $clog2(FifoBeats) + 1;
  localparam int unsigned Longest   = 32768 / BeatBits < 256 ? 32768 / BeatBits : 256;  // beats of 4 KiB

  if (FifoBeats < Longest) begin : gen_bad_fifo
    $error("axi_read_engine: FifoBeats must hold the longest burst");
  end

  logic burst_valid, burst_sent, pop;

  // FIFO words that no issued burst has reserved; the word popped in the last cycle comes on top.
  logic [CountBits-1:0] credits_q;
  logic                 popped_q;
  logic                 has_credits_q;  // for the longest burst
  logic                 short_q;        // !has_credits_q

  assign ar_valid_o  = burst_valid && has_credits_q;
  assign ar_select_o = burst_valid && !short_q;
  assign burst_sent = ar_valid_o && ar_ready_i;
  assign pop        = data_valid_o && data_ready_i;

  always_ff @(posedge clk_i) begin
    if (!rst_ni) begin
      credits_q     <= CountBits'(FifoBeats);
      has_credits_q <= 1'b1;
      short_q       <= 1'b0;
      popped_q      <= 1'b0;
    end else begin
      credits_q     <= credits_q - (burst_sent ? CountBits'(ar_beats_o) : '0) + CountBits'(popped_q);
      short_q       <= credits_q < CountBits'(Longest);
      has_credits_q <= credits_q >= CountBits'(Longest);  // no burst follows another in the next cycle (splitter)
      popped_q      <= pop;
    end
  end

  logic unused_burst_last;

  sterna_axi_burst_splitter #(
    .BeatBits(BeatBits)
  ) u_splitter (
    .clk_i,
    .rst_ni,
    .req_valid_i,
    .req_ready_o,
    .req_addr_i,
    .req_lines_i,
    .burst_valid_o(burst_valid),
    .burst_ready_i(ar_ready_i),
    .burst_allowed_i(has_credits_q),
    .burst_addr_o (ar_addr_o),
    .burst_beats_o(ar_beats_o),
    .burst_last_o (unused_burst_last)
  );

  logic                 unused_full;
  logic [CountBits-1:0] fifo_count;

  sterna_fifo #(
    .Width(BeatBits + 1),
    .Depth(FifoBeats)
  ) u_fifo (
    .clk_i,
    .rst_ni,
    .push_i (r_valid_i),
    .data_i ({r_error_i, r_data_i}),
    .full_o (unused_full),
    .pop_i  (pop),
    .valid_o(data_valid_o),
    .data_o ({data_error_o, data_o}),
    .count_o(fifo_count)
  );

  `STERNA_ASSERT(ShortOfCredits, short_q != has_credits_q)
  `STERNA_ASSERT_STABLE(AddressStable, ar_valid_o, ar_ready_i, {ar_addr_o, ar_beats_o})
  `STERNA_ASSERT(NoUnrequestedData, !r_valid_i || credits_q + CountBits'(popped_q) + fifo_count < CountBits'(FifoBeats))

endmodule
