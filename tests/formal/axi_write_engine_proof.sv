// SPDX-License-Identifier: Apache-2.0
// The write engine obeys AXI4 towards a memory that does, and that takes addresses and data in whatever order; it reports a
// request when memory has just acknowledged a burst. Memory is never reset, the engine at any time: what it owes then it pays.
`include "tests/formal/proof.svh"

module axi_write_engine_proof #(
  parameter int unsigned BeatBits  = 64,
  parameter int unsigned MaxBursts = 8  // unacknowledged
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
  localparam int unsigned PtrBits       = $clog2(2 * MaxBursts);

  `PROOF_RESET
  `STERNA_RULE(RequestMakesSense, 1'b1, !req_valid_i ||
      (req_addr_i[5:0] == '0 && req_lines_i != '0))

  logic                req_ready, data_ready, resp_valid, resp_error, aw_valid, w_valid, w_strobe, w_last;
  logic                draining, timeout, open, unused_open;
  logic [63:0]         aw_addr;
  logic [8:0]          aw_beats;
  logic [BeatBits-1:0] w_data;

  // Memory is not silent for so long that the engine gives it up.
  sterna_bus_drain u_drain (
    .clk_i, .rst_ni, .outstanding_i(open), .transfer_i(1'b1), .draining_o(draining), .open_o(unused_open), .timeout_o(timeout)
  );

  sterna_axi_write_engine #(
    .BeatBits   (BeatBits),
    .Outstanding(MaxBursts)
  ) u_dut (
    .clk_i,
    .rst_ni,
    .draining_i   (draining),
    .timeout_i    (timeout),
    .outstanding_o(open),
    .req_valid_i,
    .req_ready_o  (req_ready),
    .req_addr_i,
    .req_lines_i,
    .data_valid_i,
    .data_ready_o (data_ready),
    .data_i,
    .resp_valid_o (resp_valid),
    .resp_error_o (resp_error),
    .aw_valid_o   (aw_valid),
    .aw_ready_i,
    .aw_addr_o    (aw_addr),
    .aw_beats_o   (aw_beats),
    .w_valid_o    (w_valid),
    .w_ready_i,
    .w_data_o     (w_data),
    .w_strobe_o   (w_strobe),
    .w_last_o     (w_last),
    .b_valid_i,
    .b_error_i    (b_resp_i[1])
  );

  sterna_stream_checker #(.Width(BeatBits), .Given(1'b1)) u_data (
    .clk_i, .rst_ni, .valid_i(data_valid_i), .ready_i(data_ready), .payload_i(data_i)
  );
  sterna_axi_protocol_checker #(
    .BeatBits    (BeatBits),
    .MaxBursts   (2 * MaxBursts),
    .MaxDataDelay(0),
    .MemoryGiven (1'b1)
  ) u_axi (
    .clk_i, .rst_ni(!first_q),
    .aw_id_i(1'b0), .aw_addr_i(aw_addr), .aw_len_i(8'(aw_beats - 9'd1)), .aw_size_i(3'($clog2(BeatBits / 8))),
    .aw_burst_i(2'b01), .aw_valid_i(aw_valid), .aw_ready_i,
    .w_data_i(w_data), .w_strb_i({BeatBits/8{w_strobe}}), .w_last_i(w_last), .w_valid_i(w_valid), .w_ready_i,
    .b_id_i(1'b0), .b_resp_i, .b_valid_i, .b_ready_i(1'b1),
    .ar_id_i(1'b0), .ar_addr_i('0), .ar_len_i('0), .ar_size_i('0), .ar_burst_i('0), .ar_valid_i(1'b0), .ar_ready_i(1'b0),
    .r_id_i(1'b0), .r_data_i('0), .r_resp_i('0), .r_last_i(1'b0), .r_valid_i(1'b0), .r_ready_i(1'b0)
  );

  logic responded_q;
  always @(posedge clk_i) responded_q <= rst_ni && b_valid_i && !draining;
  `STERNA_ASSERT(DoneWhenAcknowledged, !resp_valid || responded_q)
  `STERNA_ASSERT(NothingNewWhileDraining, !draining || (!resp_valid && !data_ready))

  // How the engine's state stands to what the bus has seen.
  `PROOF_SEES(, \u_dut.aw_valid_q )
  `PROOF_SEES([8:0], \u_dut.aw_beats_q )
  `PROOF_SEES([63:0], \u_dut.aw_addr_q )
  `PROOF_SEES(, \u_dut.w_valid_q )
  `PROOF_SEES(, \u_dut.w_last_q )
  `PROOF_SEES(, \u_dut.held_valid_q )
  `PROOF_SEES(, \u_dut.held_last_q )
  `PROOF_SEES(, \u_dut.sending_q )
  `PROOF_SEES([8:0], \u_dut.left_q )
  `PROOF_SEES([PtrBits-1:0], \u_dut.open_q )
  `PROOF_SEES(, \u_dut.room_q )
  `PROOF_SEES(, \u_dut.u_splitter.ready_q )
  `PROOF_SEES([32-IndexBits:0], \u_dut.u_splitter.blocks_q )
  `PROOF_SEES([IndexBits-1:0], \u_dut.u_splitter.end_q )
  `PROOF_SEES([57:0], \u_dut.u_splitter.line_q )
  `PROOF_SEES([15:0], \u_drain.idle_cycles_q )
  `PROOF_SEES(, \u_drain.restart_q )
  `PROOF_SEES(, \u_drain.timeout_q )
  `PROOF_SEES(, \u_axi.aw_waiting_q )
  `PROOF_SEES([PtrBits:0], \u_axi.write_head_q )
  `PROOF_SEES([PtrBits:0], \u_axi.write_tail_q )
  `PROOF_SEES([8:0], \u_axi.write_burst_head )
  `PROOF_SEES([8:0], \u_axi.write_burst_next )
  `PROOF_SEES([7:0], \u_axi.write_beat_q )
  `PROOF_SEES([PtrBits:0], \u_axi.address_q[0] )
  `PROOF_SEES([PtrBits:0], \u_axi.address_q[1] )
  `PROOF_SEES([PtrBits:0], \u_axi.data_q[0] )
  `PROOF_SEES([PtrBits:0], \u_axi.data_q[1] )

  // At power-up memory is in reset, too; and flattening loses the power-up values of what is looked at.
  always @* if (first_q) assume (!b_valid_i && ! \u_dut.aw_valid_q && ! \u_dut.w_valid_q && ! \u_dut.held_valid_q &&
      ! \u_dut.sending_q && \u_dut.left_q == '0 && \u_dut.open_q == '0 && ! \u_dut.room_q && \u_drain.restart_q && ! \u_drain.timeout_q );

  // Of at most two bursts memory has not all the data: of one its last beat waits, on the bus or behind the beat on it, and one
  // is behind that. (A burst has eight beats here, or more.)
  logic [PtrBits-1:0] debts;    // bursts that the engine counts as not answered
  logic [PtrBits:0]   seen;     // bursts that the bus has seen begin and not end, but for
  logic               offered;  // ... one whose address it sees for the first time
  logic [PtrBits:0]   lacking;
  logic               sending, w_waits, held_waits, last_waits;
  logic [31:0]        beats;    // of the burst at the head
  logic [31:0]        next;     // of the one behind it
  logic [31:0]        waiting;  // beats that wait

  assign debts      = \u_dut.open_q ;
  assign seen       = \u_axi.write_tail_q - \u_axi.write_head_q ;
  assign offered    = \u_dut.aw_valid_q && ! \u_axi.aw_waiting_q ;
  assign lacking    = seen + (PtrBits + 1)'(offered);
  assign sending    = \u_dut.sending_q ;
  assign w_waits    = \u_dut.w_valid_q && \u_dut.w_last_q ;
  assign held_waits = \u_dut.held_valid_q && \u_dut.held_last_q ;
  assign last_waits = w_waits || held_waits;
  assign waiting    = 32'( \u_dut.w_valid_q ) + 32'( \u_dut.held_valid_q );
  assign beats      = 32'(\u_axi.write_burst_head [7:0]) + 32'd1;
  assign next       = offered ? 32'( \u_dut.aw_beats_q ) : 32'(\u_axi.write_burst_next [7:0]) + 32'd1;

  `PROOF_ALWAYS(DataWaitsForNothingElse, !sending || w_valid || data_ready || draining)
  `PROOF_ALWAYS(AddressesAgree, ( ! \u_axi.aw_waiting_q || \u_dut.aw_valid_q ) && debts <= PtrBits'(MaxBursts) &&
      32'(debts) == 32'(\u_axi.address_q[0] ) + 32'(\u_dut.aw_valid_q ) && \u_axi.address_q[1] == '0)
  `PROOF_ALWAYS(DataAgrees, 32'(lacking) == 32'(sending) + 32'(last_waits) &&
      32'(debts) == 32'(\u_axi.data_q[0] ) + 32'(lacking) && \u_axi.data_q[1] == '0)
  `PROOF_ALWAYS(OneIdOnly, seen == '0 || ( ! \u_axi.write_burst_head [8] && (seen == 1 || ! \u_axi.write_burst_next [8])))
  `PROOF_ALWAYS(BeatsAgree, lacking == '0 ? \u_axi.write_beat_q == '0 && ! \u_dut.w_valid_q :
      32'(\u_axi.write_beat_q ) + (w_waits ? 32'd1 : waiting + (held_waits ? 32'd0 : 32'(\u_dut.left_q ))) == beats)
  `PROOF_ALWAYS(BeatsBehindAgree, !(sending && last_waits) ||
      32'(\u_dut.left_q ) + 32'( \u_dut.held_valid_q && w_waits) == next)
  `PROOF_ALWAYS(WholeLines, (lacking == '0 || beats % WordsPerLine == '0) &&
      (!(sending && last_waits) || next % WordsPerLine == '0))
  `PROOF_ALWAYS(HeldBehindTheBus, ( ! \u_dut.held_valid_q || ( \u_dut.w_valid_q && (held_waits || sending))) &&
      !(w_waits && held_waits))
  `PROOF_ALWAYS(SendingIsBeatsLeft, sending == ( \u_dut.left_q != '0))
  `PROOF_ALWAYS(RoomIsKnown, ! \u_dut.room_q || debts < PtrBits'(MaxBursts))
  `PROOF_ALWAYS(AddressKept, ! \u_dut.aw_valid_q || ( \u_dut.aw_beats_q != '0 && \u_dut.aw_beats_q <= 9'd256 &&
      \u_dut.aw_addr_q [5:0] == '0 && 32'(\u_dut.aw_addr_q [11:0]) + 32'(\u_dut.aw_beats_q ) * (BeatBits / 8) <= 32'd4096))
  `PROOF_ALWAYS(RestNotEmpty, \u_dut.u_splitter.ready_q || \u_dut.u_splitter.blocks_q != '0 ||
      \u_dut.u_splitter.end_q >= \u_dut.u_splitter.line_q [IndexBits-1:0])
  `PROOF_ALWAYS(NeverSilent, \u_drain.restart_q && ! \u_drain.timeout_q && \u_drain.idle_cycles_q == '0)

  always @(posedge clk_i) begin
    if (rst_ni) Written: cover (resp_valid && resp_error);
    if (rst_ni) AnsweredAfterAReset: cover (draining && b_valid_i && w_strobe == '0 && debts == 1);
  end

endmodule
