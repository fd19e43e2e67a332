// SPDX-License-Identifier: Apache-2.0
// One channel of the weight stream: bursts for the matrices that it is told of, and a deep FIFO that hands out up to BeatsPerStep
// beats a cycle.
//
// Beat i of the stream goes to bank i mod BeatsPerStep of the FIFO, so that every bank takes and gives at most a beat a cycle. A burst
// goes out when the FIFO has room for all of it and no more than two bursts are then under way, or one where the FIFO is half
// full: Load/Store, which shares the bus, waits behind no more than that. Requests queue, so that a channel that has less else
// to carry goes ahead by as much as its FIFO holds, and not only by a matrix.
`include "rtl/assertions.svh"

module sterna_weight_channel #(
  parameter int unsigned BeatBits     = 512,
  parameter int unsigned BeatsPerStep = 1,    // 1 or 2
  parameter int unsigned FifoBeats    = 512,  // a power of two, at least 256
  localparam int unsigned CountBits = $clog2(BeatsPerStep + 1)
) (
  input  logic clk_i,
  input  logic rst_ni,
  input  logic clear_i,  // drop what is there and what still comes; until idle_o
  output logic idle_o,   // nothing is under way

  input  logic        req_valid_i,
  output logic        req_ready_o,
  input  logic [63:0] req_addr_i,   // byte address, a multiple of 64
  input  logic [31:0] req_lines_i,  // at least 1

  output logic                ar_valid_o,
  input  logic                ar_ready_i,
  output logic [63:0]         ar_addr_o,
  output logic [8:0]          ar_beats_o,  // 1 to 256
  input  logic                r_valid_i,   // always taken
  input  logic [BeatBits-1:0] r_data_i,
  input  logic                r_error_i,

  output logic [BeatsPerStep-1:0]          valid_o,  // beat b is there, and those before it
  output logic [BeatsPerStep*BeatBits-1:0] data_o,
  output logic [BeatsPerStep-1:0]          error_o,  // memory answered the beat with an error
  input  logic [CountBits-1:0]             take_i    // beats that go
);
  localparam int unsigned FreeBits = $clog2(FifoBeats) + 1;
  localparam int unsigned MaxUnderWay = BeatBits == 512 ? 128 : 256;  // two bursts of 4 KiB, or one
  localparam int unsigned MinUnderWay = BeatBits == 512 ? 64 : 256;
  localparam int unsigned Requests    = FifoBeats > 1024 ? FifoBeats / 512 : 2;  // matrices: as many small ones as it holds
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
  logic                burst_valid, burst_ready, burst_sent, room;
  logic [FreeBits-1:0] free_q;       // places of the FIFO that no burst has claimed
  logic [8:0]          under_way_q;  // beats
  logic [9:0]          limit;        // of them
  logic                unused_burst_last;

  assign limit       = free_q > FreeBits'(FifoBeats / 2) ? 10'(MaxUnderWay) : 10'(MinUnderWay);
  assign room        = free_q >= FreeBits'(ar_beats_o) && 10'(under_way_q) + 10'(ar_beats_o) <= limit;
  assign burst_ready = ar_ready_i && room;
  assign ar_valid_o  = burst_valid && room && !clear_i;
  assign burst_sent  = ar_valid_o && ar_ready_i;
  assign idle_o      = under_way_q == '0;

  always_ff @(posedge clk_i) begin
    if (!rst_n) free_q <= FreeBits'(FifoBeats);
    else free_q <= free_q - (burst_sent ? FreeBits'(ar_beats_o) : '0) + FreeBits'(take_i);
    if (!rst_ni) under_way_q <= '0;
    else under_way_q <= under_way_q + (burst_sent ? ar_beats_o : '0) - 9'(r_valid_i);
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
      read_bank_q  <= read_bank_q ^ take_i[0];
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
    assign bank_pop          = take_i;
    assign valid_o           = bank_valid;
    assign {error_o, data_o} = bank_data;
  end else begin : gen_two
    logic [BeatBits:0] even, odd;
    assign even     = bank_data[BeatBits:0];
    assign odd      = bank_data[BeatBits+1+:BeatBits+1];
    assign bank_pop = {take_i[1] || (take_i[0] && read_bank_q), take_i[1] || (take_i[0] && !read_bank_q)};
    assign valid_o  = {&bank_valid, bank_valid[read_bank_q]};
    assign error_o  = {read_bank_q ? even[BeatBits] : odd[BeatBits], read_bank_q ? odd[BeatBits] : even[BeatBits]};
    assign data_o   = {read_bank_q ? even[BeatBits-1:0] : odd[BeatBits-1:0],
                       read_bank_q ? odd[BeatBits-1:0] : even[BeatBits-1:0]};
  end

  `STERNA_ASSERT(NoUnaskedData, !r_valid_i || under_way_q != '0)
  `STERNA_ASSERT(TakesWhatIsThere, take_i == '0 || valid_o[32'(take_i)-1])
endmodule
