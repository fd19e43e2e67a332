// SPDX-License-Identifier: Apache-2.0
// The control registers of the segments, as the host has written them, and their way to the program that starts.
//
// Commands: wr_words_i (one-hot, or none: base's low word, its high one, size, stride) writes the bytes of wr_strobe_i. start_i starts a program:
// segment_o tells each segment in turn if one has been written since the last program's start, and start_o follows. After a reset all are zero.
// Handshake: busy_o: nothing may be written or read, and no program started; so the host's accesses wait.
// Latency: none from rd_index_i to rd_words_o. start_o comes a cycle after start_i or, where the segments are told first, with the last of them;
// that takes a cycle each, and so does clearing them after a reset.
`include "rtl/assertions.svh"

module sterna_control_segments #(
  localparam int unsigned IndexBits = sterna_segment_pkg::INDEX_BITS,
  localparam int unsigned Words     = 4,
  localparam int unsigned Bytes     = 4
) (
  input  logic                 clk_i,
  input  logic                 rst_ni,
  output logic                 busy_o,

  input  logic [Words-1:0]     wr_words_i,
  input  logic [IndexBits-1:0] wr_index_i,
  input  logic [Bytes-1:0]     wr_strobe_i,
  input  logic [8*Bytes-1:0]   wr_data_i,
  input  logic [IndexBits-1:0] rd_index_i,
  output logic [127:0]         rd_words_o,  // word w: part w

  input  logic                                      start_i,
  output logic                                      start_o,
  output logic [sterna_segment_pkg::WRITE_BITS-1:0] segment_o  // sterna_segment_pkg::write_t
);
  if (sterna_isa_pkg::SEGMENTS != 1 << IndexBits) begin : gen_bad_index
    $error("control_segments: SEGMENTS must be what sterna_segment_pkg's index can name");
  end

  localparam logic [IndexBits-1:0] Last = {IndexBits{1'b1}};

  logic                 clears_q, tells_q, busy_q;  // busy_q: one of them
  logic                 idle_q;                     // !busy_q, for the parts' addresses
  logic                 written_q;
  logic [IndexBits-1:0] index_q;  // of the segment that is cleared or told
  logic                 starts, last;

  assign busy_o = busy_q;
  assign starts = start_i && written_q;
  assign last   = index_q == Last;

  always_ff @(posedge clk_i) begin
    if (!rst_ni) begin
      clears_q  <= 1'b1;
      tells_q   <= 1'b0;
      busy_q    <= 1'b1;
      idle_q    <= 1'b0;
      written_q <= 1'b1;
      index_q   <= '0;
      start_o   <= 1'b0;
    end else begin
      clears_q  <= clears_q && !last;
      tells_q   <= starts || (tells_q && !last);
      busy_q    <= starts || (busy_q && !last);
      idle_q    <= !starts && (idle_q || last);
      written_q <= (written_q && !tells_q) || wr_words_i != '0;
      index_q   <= index_q + IndexBits'(busy_q);
      start_o   <= (start_i && !written_q) || (tells_q && last);
    end
  end

  for (genvar w = 0; w < Words; w++) begin : gen_word
    for (genvar b = 0; b < Bytes; b++) begin : gen_byte
      sterna_small_ram #(
        .Width(8),
        .Depth(sterna_isa_pkg::SEGMENTS)
      ) u_ram (
        .clk_i,
        .wr_en_i  (clears_q || (wr_words_i[w] && wr_strobe_i[b])),
        .wr_addr_i(clears_q ? index_q : wr_index_i),
        .wr_data_i(clears_q ? '0 : wr_data_i[8*b+:8]),
        .rd_addr_i(idle_q ? rd_index_i : index_q),
        .rd_data_o(rd_words_o[32*w+8*b+:8])
      );
    end
  end

  sterna_segment_pkg::write_t segment_q;
  assign segment_o = segment_q;

  always_ff @(posedge clk_i) begin
    segment_q.valid  <= rst_ni && tells_q;
    segment_q.index  <= index_q;
    segment_q.base   <= rd_words_o[63:0];
    segment_q.size   <= rd_words_o[95:64];
    segment_q.stride <= rd_words_o[127:96];
  end

  `STERNA_ASSERT(IdleIsNotBusy, idle_q != busy_q)
endmodule
