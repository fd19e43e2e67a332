// SPDX-License-Identifier: Apache-2.0
// Writes lines over AXI4 and reports each request once memory has acknowledged all of it.
//
// Commands: a request of req_lines_i lines from req_addr_i on, and its beats on data_i.
// Handshake: valid/ready for requests, data, AW and W; B has no ready. A burst's first beat is offered a cycle after its address
// and neither waits for the other to be accepted: memory may want either first. No burst waits for an earlier response
// until Outstanding of them have none; so only the last response costs memory's latency. All bursts have one ID, so that
// responses come in order; resp_valid_o is high for one cycle a request.
// Latency: three cycles from a request to AW, one from data_i to W, one from the last B to resp_valid_o; a cycle more a burst.
// Outstanding: a power of two.
//
// What is offered on the bus, and the rest of a burst, outlives a reset (bus_drain): the beats that a burst still lacks are then
// sent with WSTRB = 0, so that nothing is written, and its response is dropped.
`include "rtl/assertions.svh"

module sterna_axi_write_engine #(
  parameter int unsigned BeatBits    = 512,
  parameter int unsigned Outstanding = 64  // bursts without a response
) (
  input  logic                clk_i,
  input  logic                rst_ni,
  input  logic                draining_i,  // bus_drain's
  input  logic                timeout_i,
  output logic                outstanding_o,  // a burst has no response

  input  logic                req_valid_i,
  output logic                req_ready_o,
  input  logic [63:0]         req_addr_i,   // byte address, a multiple of 64
  input  logic [31:0]         req_lines_i,  // at least 1

  input  logic                data_valid_i,
  output logic                data_ready_o,
  input  logic [BeatBits-1:0] data_i,

  output logic                resp_valid_o,  // the oldest request is acknowledged
  output logic                resp_error_o,  // with resp_valid_o: a burst was answered with an error

  output logic                aw_valid_o,
  input  logic                aw_ready_i,
  output logic [63:0]         aw_addr_o,
  output logic [8:0]          aw_beats_o,    // 1 to 256
  output logic                w_valid_o,
  input  logic                w_ready_i,
  output logic [BeatBits-1:0] w_data_o,
  output logic                w_strobe_o,    // of all bytes
  output logic                w_last_o,
  input  logic                b_valid_i,
  input  logic                b_error_i
);

  localparam int unsigned PtrBits = $clog2(Outstanding);

  logic        burst_valid, burst_last;
  logic [63:0] burst_addr;
  logic [8:0]  burst_beats;

  // ------------------------------------------------------------------------------------------- a burst, and its data
  // The bus is driven by registers, whatever a reset does to their source. W has two: a beat that comes while the first one waits
  // for WREADY is held in the second, so that data_ready_o depends on neither.
  logic                aw_valid_q = 1'b0;
  logic [63:0]         aw_addr_q;
  logic [8:0]          aw_beats_q;
  logic                w_valid_q = 1'b0, held_valid_q = 1'b0;
  logic [BeatBits-1:0] w_data_q, held_data_q;
  logic                w_strobe_q, w_last_q, held_strobe_q, held_last_q;
  logic                sending_q = 1'b0;
  logic [8:0]          left_q    = '0;  // beats of the last burst not taken yet: none unless sending_q
  logic [PtrBits:0]    open_q    = '0;  // bursts without a response
  logic                room_q    = 1'b0;  // another may be issued
  logic [PtrBits-1:0]  issued_q  = '0, responded_q = '0;
  logic                may_take_q = 1'b0;  // sending_q and not held_valid_q
  logic                start_burst, take_beat, w_free, last_beat, sending_d, held_valid_d;

  assign start_burst = burst_valid && !sending_q && !aw_valid_q && room_q && !draining_i;
  assign last_beat   = left_q == 9'd1;
  assign take_beat   = may_take_q && (data_valid_i || draining_i);
  assign w_free      = !w_valid_q || w_ready_i;

  assign sending_d    = start_burst || (sending_q && !(take_beat && last_beat));
  assign held_valid_d = !w_free && (held_valid_q || take_beat);

  assign aw_valid_o    = aw_valid_q;
  assign aw_addr_o     = aw_addr_q;
  assign aw_beats_o    = aw_beats_q;
  assign w_valid_o     = w_valid_q;
  assign w_data_o      = w_data_q;
  assign w_strobe_o    = w_strobe_q;
  assign w_last_o      = w_last_q;
  assign data_ready_o  = may_take_q && !draining_i;
  assign outstanding_o = open_q != '0;

  always_ff @(posedge clk_i) begin
    if (!aw_valid_q) begin
      aw_addr_q  <= burst_addr;
      aw_beats_q <= burst_beats;
    end
    if (w_free) begin
      w_data_q   <= held_valid_q ? held_data_q : data_i;
      w_strobe_q <= held_valid_q ? held_strobe_q : !draining_i;
      w_last_q   <= held_valid_q ? held_last_q : last_beat;
    end
    if (!held_valid_q) begin
      held_data_q   <= data_i;
      held_strobe_q <= !draining_i;
      held_last_q   <= last_beat;
    end
  end

  always_ff @(posedge clk_i) begin
    if (timeout_i) begin
      aw_valid_q   <= 1'b0;
      w_valid_q    <= 1'b0;
      held_valid_q <= 1'b0;
      sending_q    <= 1'b0;
      may_take_q   <= 1'b0;
      left_q       <= '0;
      open_q       <= '0;
      room_q       <= 1'b1;
      issued_q     <= '0;
      responded_q  <= '0;
    end else begin
      aw_valid_q   <= aw_valid_q ? !aw_ready_i : start_burst;
      w_valid_q    <= !w_free || held_valid_q || take_beat;
      held_valid_q <= held_valid_d;
      sending_q    <= sending_d;
      may_take_q   <= sending_d && !held_valid_d;
      if (start_burst) left_q <= burst_beats;
      else if (take_beat) left_q <= left_q - 9'd1;
      open_q      <= open_q + (PtrBits + 1)'(start_burst) - (PtrBits + 1)'(b_valid_i);
      room_q      <= open_q < (PtrBits + 1)'(Outstanding - 1);  // one may start in this cycle
      issued_q    <= issued_q + PtrBits'(start_burst);
      responded_q <= responded_q + PtrBits'(b_valid_i);
    end
  end

  // ------------------------------------------------------------------------------------------------------- responses
  logic last_q[Outstanding];  // of each outstanding burst: is it its request's last?
  logic last_response, error, error_q;

  assign last_response = last_q[responded_q];
  assign error         = error_q || b_error_i;

  always_ff @(posedge clk_i) begin
    if (start_burst) last_q[issued_q] <= burst_last;
    resp_error_o <= error;
  end

  always_ff @(posedge clk_i) begin
    if (!rst_ni || draining_i) begin
      error_q      <= 1'b0;
      resp_valid_o <= 1'b0;
    end else begin
      resp_valid_o <= b_valid_i && last_response;
      if (b_valid_i) error_q <= !last_response && error;
    end
  end

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
    .burst_ready_i(start_burst),
    .burst_allowed_i(1'b1),
    .burst_addr_o (burst_addr),
    .burst_beats_o(burst_beats),
    .burst_last_o (burst_last)
  );

  `STERNA_ASSERT_STABLE(AddressStable, aw_valid_o, aw_ready_i, {aw_addr_o, aw_beats_o})
  `STERNA_ASSERT_STABLE(DataStable, w_valid_o, w_ready_i, {w_data_o, w_strobe_o, w_last_o})
  `STERNA_ASSERT(ResponseAwaited, !b_valid_i || outstanding_o)

endmodule
