// SPDX-License-Identifier: Apache-2.0
// One channel of the weight stream: prefetches its parts of the matrices into a deep FIFO and hands out up to BeatsPerStep beats
// a cycle.
//
// Commands: a request of lines, one a matrix; a queue of them lets a channel that carries less besides run ahead by as much as
// its FIFO holds, and not only by a matrix.
// Handshake: valid/ready for requests and AR. Credits: a burst is issued only when the FIFO has space for all of its beats, so R
// has no ready. Two bursts of 4 KiB may be outstanding, one where the FIFO is half full: Load/Store, on the same port, queues
// behind no more. The reader pops pop_count_i of the beats that are valid; data never stalls it, only their absence does.
// clear_i drops requests, beats held and beats still to come; idle_o says that no beat is outstanding.
// Latency: four cycles from a request to AR, two from R to data_o.
// BeatsPerStep: 1 or 2. FifoBeats: a power of two, at least 256 (the longest burst).
//
// Beat i of the stream lies in bank i mod BeatsPerStep of the FIFO, so that each bank is written and read once a cycle at most.
`include "rtl/assertions.svh"

module sterna_weight_channel #(
  parameter int unsigned BeatBits     = 512,
  parameter int unsigned BeatsPerStep = 1,
  parameter int unsigned FifoBeats    = 512,
  localparam int unsigned CountBits = $clog2(BeatsPerStep + 1)
) (
  input  logic clk_i,
  input  logic rst_ni,
  input  logic clear_i,  // until idle_o
  output logic idle_o,

  input  logic        req_valid_i,
  output logic        req_ready_o,
  input  logic [63:0] req_addr_i,   // byte address, a multiple of 64
  input  logic [31:0] req_lines_i,  // at least 1

  output logic                ar_valid_o,
  input  logic                ar_ready_i,
  output logic [63:0]         ar_addr_o,
  output logic [8:0]          ar_beats_o,  // 1 to 256
  input  logic                r_valid_i,
  input  logic [BeatBits-1:0] r_data_i,
  input  logic                r_error_i,

  output logic [BeatsPerStep-1:0]          valid_o,      // beat b, and those before it
  output logic [BeatsPerStep*BeatBits-1:0] data_o,
  output logic [BeatsPerStep-1:0]          error_o,     // memory answered the beat with an error
  input  logic [CountBits-1:0]             pop_count_i  // beats popped this cycle
);
  localparam int unsigned CreditBits        = $clog2(FifoBeats) + 1;
  localparam int unsigned MaxOutstanding    = BeatBits == 512 ? 128 : 256;  // beats: two bursts of 4 KiB, one of narrower beats
  localparam int unsigned MaxOutstandingLow = BeatBits == 512 ? 64 : 256;   // while the FIFO is half full, or reserved
  localparam int unsigned Requests          = FifoBeats > 1024 ? FifoBeats / 512 : 2;  // matrices: as many small ones as it holds
  localparam RamStyle = FifoBeats / BeatsPerStep >= 2048 ? "ultra" : "block";  // UltraRAM is 4096 words deep

  if (FifoBeats < 256) begin : gen_bad_fifo
    $error("weight_channel: FifoBeats must hold the longest burst, 256 beats");
  end

  logic rst_n;
  assign rst_n = rst_ni && !clear_i;

  // ---------------------------------------------------------------------------------------------------------- requests
  logic        requests_full, request_valid, request_ready;
  logic [63:0] request_addr;
  logic [31:0] request_lines;
  logic [$clog2(Requests):0] unused_requests;

  assign req_ready_o = !requests_full;

  sterna_fifo #(
    .Width(96),
    .Depth(Requests)
  ) u_requests (
    .clk_i,
    .rst_ni (rst_n),
    .push_i (req_valid_i && req_ready_o),
    .data_i ({req_addr_i, req_lines_i}),
    .full_o (requests_full),
    .pop_i  (request_valid && request_ready),
    .valid_o(request_valid),
    .data_o ({request_addr, request_lines}),
    .count_o(unused_requests)
  );

  // ------------------------------------------------------------------------------------------------------------ bursts
  logic                  burst_valid, burst_ready, burst_sent, burst_allowed;
  logic [CreditBits-1:0] credits_q;        // FIFO words that no issued burst has reserved
  logic [8:0]            outstanding_q;    // beats of issued bursts, not here yet
  logic [9:0]            max_outstanding;
  logic                  unused_burst_last;

  assign max_outstanding = credits_q > CreditBits'(FifoBeats / 2) ? 10'(MaxOutstanding) : 10'(MaxOutstandingLow);
  assign burst_allowed   = credits_q >= CreditBits'(ar_beats_o) && 10'(outstanding_q) + 10'(ar_beats_o) <= max_outstanding;
  assign burst_ready     = ar_ready_i && burst_allowed;
  assign ar_valid_o      = burst_valid && burst_allowed && !clear_i;
  assign burst_sent      = ar_valid_o && ar_ready_i;
  assign idle_o          = outstanding_q == '0;

  always_ff @(posedge clk_i) begin
    if (!rst_n) credits_q <= CreditBits'(FifoBeats);
    else credits_q <= credits_q - (burst_sent ? CreditBits'(ar_beats_o) : '0) + CreditBits'(pop_count_i);
    if (!rst_ni) outstanding_q <= '0;
    else outstanding_q <= outstanding_q + (burst_sent ? ar_beats_o : '0) - 9'(r_valid_i);
  end

  sterna_axi_burst_splitter #(
    .BeatBits(BeatBits)
  ) u_splitter (
    .clk_i,
    .rst_ni       (rst_n),
    .req_valid_i  (request_valid),
    .req_ready_o  (request_ready),
    .req_addr_i   (request_addr),
    .req_lines_i  (request_lines),
    .burst_valid_o(burst_valid),
    .burst_ready_i(burst_ready),
    .burst_addr_o (ar_addr_o),
    .burst_beats_o(ar_beats_o),
    .burst_last_o (unused_burst_last)
  );

  // -------------------------------------------------------------------------------------------------------------- FIFO
  logic [BeatsPerStep-1:0]              bank_valid, bank_pop;
  logic [BeatsPerStep*(BeatBits+1)-1:0] bank_data;
  logic                                 write_bank_q, read_bank_q;

  always_ff @(posedge clk_i) begin
    if (!rst_n) begin
      write_bank_q <= 1'b0;
      read_bank_q  <= 1'b0;
    end else if (BeatsPerStep == 2) begin
      write_bank_q <= write_bank_q ^ r_valid_i;
      read_bank_q  <= read_bank_q ^ pop_count_i[0];
    end
  end

  for (genvar b = 0; b < BeatsPerStep; b++) begin : gen_bank
    localparam int unsigned BankBits = $clog2(FifoBeats / BeatsPerStep) + 1;
    logic                unused_full;
    logic [BankBits-1:0] unused_count;

    sterna_fifo #(
      .Width   (BeatBits + 1),
      .Depth   (FifoBeats / BeatsPerStep),
      .RamStyle(RamStyle)
    ) u_fifo (
      .clk_i,
      .rst_ni (rst_n),
      .push_i (r_valid_i && !clear_i && write_bank_q == 1'(b)),
      .data_i ({r_error_i, r_data_i}),
      .full_o (unused_full),
      .pop_i  (bank_pop[b]),
      .valid_o(bank_valid[b]),
      .data_o (bank_data[(BeatBits+1)*b+:BeatBits+1]),
      .count_o(unused_count)
    );
  end

  if (BeatsPerStep == 1) begin : gen_one
    assign bank_pop          = pop_count_i;
    assign valid_o           = bank_valid;
    assign {error_o, data_o} = bank_data;
  end else begin : gen_two
    logic [BeatBits:0] even, odd;
    assign even     = bank_data[BeatBits:0];
    assign odd      = bank_data[BeatBits+1+:BeatBits+1];
    assign bank_pop = {pop_count_i[1] || (pop_count_i[0] && read_bank_q), pop_count_i[1] || (pop_count_i[0] && !read_bank_q)};
    assign valid_o  = {&bank_valid, bank_valid[read_bank_q]};
    assign error_o  = {read_bank_q ? even[BeatBits] : odd[BeatBits], read_bank_q ? odd[BeatBits] : even[BeatBits]};
    assign data_o   = {read_bank_q ? even[BeatBits-1:0] : odd[BeatBits-1:0],
                       read_bank_q ? odd[BeatBits-1:0] : even[BeatBits-1:0]};
  end

  `STERNA_ASSERT(NoUnrequestedData, !r_valid_i || outstanding_q != '0)
  `STERNA_ASSERT(PopsValidBeats, pop_count_i == '0 || valid_o[32'(pop_count_i)-1])
endmodule
