// SPDX-License-Identifier: Apache-2.0
// Checks the rules of AXI4 at one memory port, for both of its sides.
//
// The design's: streams are stable; bursts are INCR, of whole beats, start on a line and cross no 4 KiB boundary; data comes with
// its address or later (AXI would let it come before), but does not wait for the address to be accepted; all bytes are strobed, or
// none, WLAST with the last beat only. Memory's: streams are stable; a response B is of a burst whose address and data were
// accepted; a beat R belongs to the oldest incomplete burst of its ID, and RLAST comes with its last beat only.
//
// MaxBursts: outstanding bursts of an ID that can be followed, a power of two. MaxDataDelay: cycles that an address may wait before
// its data must be offered; 0: any number. MemoryGiven: in a proof, memory is assumed to obey.
`include "rtl/assertions.svh"
`include "rtl/verilator.svh"

module sterna_axi_protocol_checker #(
  parameter int unsigned BeatBits     = 512,
  parameter int unsigned IdBits       = 1,
  parameter int unsigned MaxBursts    = 512,
  parameter int unsigned MaxDataDelay = 1024,
  `STERNA_CHECKED_PARAMETERS_BEGIN
  parameter bit          MemoryGiven  = 1'b0
  `STERNA_CHECKED_PARAMETERS_END
) (
  input logic clk_i,
  input logic rst_ni,

  input logic [IdBits-1:0]     aw_id_i,
  input logic [63:0]           aw_addr_i,
  input logic [7:0]            aw_len_i,
  input logic [2:0]            aw_size_i,
  input logic [1:0]            aw_burst_i,
  input logic                  aw_valid_i,
  input logic                  aw_ready_i,
  input logic [BeatBits-1:0]   w_data_i,
  input logic [BeatBits/8-1:0] w_strb_i,
  input logic                  w_last_i,
  input logic                  w_valid_i,
  input logic                  w_ready_i,
  input logic [IdBits-1:0]     b_id_i,
  input logic [1:0]            b_resp_i,
  input logic                  b_valid_i,
  input logic                  b_ready_i,
  input logic [IdBits-1:0]     ar_id_i,
  input logic [63:0]           ar_addr_i,
  input logic [7:0]            ar_len_i,
  input logic [2:0]            ar_size_i,
  input logic [1:0]            ar_burst_i,
  input logic                  ar_valid_i,
  input logic                  ar_ready_i,
  input logic [IdBits-1:0]     r_id_i,
  input logic [BeatBits-1:0]   r_data_i,
  input logic [1:0]            r_resp_i,
  input logic                  r_last_i,
  input logic                  r_valid_i,
  input logic                  r_ready_i
);

  localparam int unsigned PtrBits   = $clog2(MaxBursts);
  localparam int unsigned BeatBytes = BeatBits / 8;
  localparam int unsigned Ids       = 1 << IdBits;

  // ----------------------------------------------------------------------------------------------------------- streams
  sterna_stream_checker #(.Width(77 + IdBits)) u_aw (
    .clk_i, .rst_ni, .valid_i(aw_valid_i), .ready_i(aw_ready_i),
    .payload_i({aw_id_i, aw_addr_i, aw_len_i, aw_size_i, aw_burst_i})
  );
  sterna_stream_checker #(.Width(BeatBits + BeatBytes + 1)) u_w (
    .clk_i, .rst_ni, .valid_i(w_valid_i), .ready_i(w_ready_i),
    .payload_i({w_data_i, w_strb_i, w_last_i})
  );
  sterna_stream_checker #(.Width(2 + IdBits), .Given(MemoryGiven)) u_b (
    .clk_i, .rst_ni, .valid_i(b_valid_i), .ready_i(b_ready_i), .payload_i({b_id_i, b_resp_i})
  );
  sterna_stream_checker #(.Width(77 + IdBits)) u_ar (
    .clk_i, .rst_ni, .valid_i(ar_valid_i), .ready_i(ar_ready_i),
    .payload_i({ar_id_i, ar_addr_i, ar_len_i, ar_size_i, ar_burst_i})
  );
  sterna_stream_checker #(.Width(BeatBits + 3 + IdBits), .Given(MemoryGiven)) u_r (
    .clk_i, .rst_ni, .valid_i(r_valid_i), .ready_i(r_ready_i),
    .payload_i({r_id_i, r_data_i, r_resp_i, r_last_i})
  );

  // ------------------------------------------------------------------------------------------------------------ bursts
  `STERNA_RULE(WriteWholeBeats, 1'b0, !aw_valid_i || aw_size_i == 3'($clog2(BeatBytes)))
  `STERNA_RULE(WriteIncrements, 1'b0, !aw_valid_i || aw_burst_i == 2'b01)
  `STERNA_RULE(WriteOnLine, 1'b0, !aw_valid_i || aw_addr_i[5:0] == '0)
  `STERNA_RULE(WriteInsidePage, 1'b0, !aw_valid_i || 32'(aw_addr_i[11:0]) + (32'(aw_len_i) + 32'd1) * BeatBytes <= 32'd4096)
  `STERNA_RULE(ReadWholeBeats, 1'b0, !ar_valid_i || ar_size_i == 3'($clog2(BeatBytes)))
  `STERNA_RULE(ReadIncrements, 1'b0, !ar_valid_i || ar_burst_i == 2'b01)
  `STERNA_RULE(ReadOnLine, 1'b0, !ar_valid_i || ar_addr_i[5:0] == '0)
  `STERNA_RULE(ReadInsidePage, 1'b0, !ar_valid_i || 32'(ar_addr_i[11:0]) + (32'(ar_len_i) + 32'd1) * BeatBytes <= 32'd4096)

  // ------------------------------------------------------------------------------------------------------------ writes
  // Bursts whose address was offered and whose data is not complete: ID and length, oldest at the head.
  logic [IdBits+7:0] write_burst[MaxBursts];
  logic [PtrBits:0] write_head_q, write_tail_q;
  logic [IdBits+7:0] write_burst_head;
  logic [7:0]       write_beat_q;    // beats of the head's data so far
  logic [PtrBits:0] address_q[Ids];    // for each ID: bursts without a response whose address was accepted
  logic [PtrBits:0] data_q[Ids];       // ... whose data was
  logic             aw_waiting_q, write_offered, write_known, write_end;

  assign write_offered    = aw_valid_i && !aw_waiting_q;
  assign write_known      = write_head_q != write_tail_q || write_offered;
  assign write_burst_head = write_head_q == write_tail_q ? {aw_id_i, aw_len_i} : write_burst[write_head_q[PtrBits-1:0]];
  assign write_end        = w_valid_i && w_ready_i && w_last_i;

  // The burst behind the head, for proofs.
  logic [PtrBits-1:0] write_next;
  logic [IdBits+7:0]  write_burst_next;
  logic               unused_next;
  assign write_next       = write_head_q[PtrBits-1:0] + 1'b1;
  assign write_burst_next = write_burst[write_next];
  assign unused_next      = ^write_burst_next;

  always_ff @(posedge clk_i) begin
    if (write_offered) write_burst[write_tail_q[PtrBits-1:0]] <= {aw_id_i, aw_len_i};
  end

  always_ff @(posedge clk_i) begin
    if (!rst_ni) begin
      aw_waiting_q <= 1'b0;
      write_head_q <= '0;
      write_tail_q <= '0;
      write_beat_q <= '0;
      for (int unsigned id = 0; id < Ids; id++) begin
        address_q[id] <= '0;
        data_q[id]    <= '0;
      end
    end else begin
      aw_waiting_q <= aw_valid_i && !aw_ready_i;
      write_tail_q <= write_tail_q + (PtrBits + 1)'(write_offered);
      write_head_q <= write_head_q + (PtrBits + 1)'(write_end);
      if (w_valid_i && w_ready_i) write_beat_q <= w_last_i ? '0 : write_beat_q + 1'b1;
      for (int unsigned id = 0; id < Ids; id++) begin
        address_q[id] <= address_q[id] + (PtrBits + 1)'(aw_valid_i && aw_ready_i && aw_id_i == IdBits'(id))
                                       - (PtrBits + 1)'(b_valid_i && b_ready_i && b_id_i == IdBits'(id));
        data_q[id]    <= data_q[id] + (PtrBits + 1)'(write_end && write_burst_head[8+:IdBits] == IdBits'(id))
                                    - (PtrBits + 1)'(b_valid_i && b_ready_i && b_id_i == IdBits'(id));
      end
    end
  end

  `STERNA_RULE(FewerWritesThanFollowed, 1'b0, write_tail_q - write_head_q < (PtrBits + 1)'(MaxBursts) || !aw_valid_i)
  `STERNA_RULE(DataAfterAddress, 1'b0, !w_valid_i || write_known)
  `STERNA_RULE(WlastAtTheEnd, 1'b0, !w_valid_i || w_last_i == (write_beat_q == write_burst_head[7:0]))
  `STERNA_RULE(AllBytesOrNone, 1'b0, !w_valid_i || w_strb_i == '1 || w_strb_i == '0)
  `STERNA_RULE(ResponseAwaited, MemoryGiven, !b_valid_i || (address_q[b_id_i] != '0 && data_q[b_id_i] != '0))

  // Data that waits for AWREADY, when memory waits for the data, would be a deadlock.
  if (MaxDataDelay != 0) begin : gen_max_data_delay
    logic [$clog2(MaxDataDelay+1)-1:0] dataless_q;

    always_ff @(posedge clk_i) begin
      if (!rst_ni || !aw_valid_i || !write_known || w_valid_i) dataless_q <= '0;
      else dataless_q <= dataless_q + 1'b1;
    end

    `STERNA_RULE(DataWaitsForNoAddress, 1'b0, dataless_q != ($clog2(MaxDataDelay + 1))'(MaxDataDelay))
  end

  // ------------------------------------------------------------------------------------------------------------- reads
  for (genvar id = 0; id < Ids; id++) begin : gen_read
    logic [7:0]       read_burst[MaxBursts];
    logic [PtrBits:0] head_q, tail_q;
    logic [7:0]       beat_q;  // beats of the head so far
    logic             push, beat;

    assign push = ar_valid_i && ar_ready_i && ar_id_i == $unsigned(IdBits'(id));
    assign beat = r_valid_i && r_id_i == $unsigned(IdBits'(id));

    always_ff @(posedge clk_i) begin
      if (push) read_burst[tail_q[PtrBits-1:0]] <= ar_len_i;
    end

    always_ff @(posedge clk_i) begin
      if (!rst_ni) begin
        head_q <= '0;
        tail_q <= '0;
        beat_q <= '0;
      end else begin
        tail_q <= tail_q + (PtrBits + 1)'(push);
        head_q <= head_q + (PtrBits + 1)'(beat && r_ready_i && r_last_i);
        if (beat && r_ready_i) beat_q <= r_last_i ? '0 : beat_q + 1'b1;
      end
    end

    `STERNA_RULE(FewerReadsThanFollowed, 1'b0, tail_q - head_q < (PtrBits + 1)'(MaxBursts) || !push)
    `STERNA_RULE(DataRequested, MemoryGiven, !beat || head_q != tail_q)
    `STERNA_RULE(RlastAtTheEnd, MemoryGiven, !beat || r_last_i == (beat_q == read_burst[head_q[PtrBits-1:0]]))
  end

endmodule
