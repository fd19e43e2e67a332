// Writes runs of lines over AXI4 and reports each once memory has acknowledged all of it.
//
// A burst's data follows its address; neither the next burst nor the next run waits for the last one's response, so that only
// the very last response costs the memory's latency. Memory answers the bursts in order, as their ID is the same.
`include "rtl/assertions.svh"

module axi_write_engine #(
  parameter int unsigned BeatBits = 512
) (
  input  logic                clk_i,
  input  logic                rst_ni,

  input  logic                req_valid_i,
  output logic                req_ready_o,
  input  logic [63:0]         req_addr_i,   // byte address, a multiple of 64
  input  logic [31:0]         req_lines_i,  // at least 1

  input  logic                data_valid_i,
  output logic                data_ready_o,
  input  logic [BeatBits-1:0] data_i,

  output logic                resp_valid_o,  // one cycle, once a request and in their order: everything is acknowledged
  output logic                resp_error_o,  // with resp_valid_o: a burst was answered with an error

  output logic                aw_valid_o,
  input  logic                aw_ready_i,
  output logic [63:0]         aw_addr_o,
  output logic [8:0]          aw_beats_o,    // 1 to 256
  output logic                w_valid_o,
  input  logic                w_ready_i,
  output logic [BeatBits-1:0] w_data_o,
  output logic                w_last_o,
  input  logic                b_valid_i,     // always taken
  input  logic                b_error_i
);

  localparam int unsigned Outstanding = 64;  // bursts without a response
  localparam int unsigned PtrBits     = $clog2(Outstanding);

  typedef enum logic [1:0] {Idle, Address, Data} state_e;
  state_e state_q, state_d;

  logic       burst_valid, burst_last, burst_ready;
  logic       last_burst_q;
  logic [8:0] beats_q;  // of the current burst, not sent yet
  logic       address_sent, splitter_ready, room;

  // Of each burst without a response: is it its request's last?
  logic [Outstanding-1:0] last_q;
  logic [PtrBits:0]       sent_q, answered_q;
  logic                   answers_last, error, error_q;

  assign room         = sent_q - answered_q != (PtrBits + 1)'(Outstanding);
  assign answers_last = last_q[answered_q[PtrBits-1:0]];
  assign error        = error_q || b_error_i;
  assign aw_valid_o   = state_q == Address && burst_valid && room;
  assign address_sent = aw_valid_o && aw_ready_i;
  assign burst_ready  = state_q == Address && aw_ready_i && room;
  assign req_ready_o  = state_q == Idle && splitter_ready;
  assign w_valid_o    = state_q == Data && data_valid_i;
  assign w_data_o     = data_i;
  assign w_last_o     = beats_q == 9'd1;
  assign data_ready_o = state_q == Data && w_ready_i;

  always_comb begin
    state_d = state_q;
    unique case (state_q)
      Idle:    if (req_valid_i && req_ready_o) state_d = Address;
      Address: if (address_sent) state_d = Data;
      Data:    if (w_valid_o && w_ready_i && w_last_o) state_d = last_burst_q ? Idle : Address;
      default: state_d = Idle;
    endcase
  end

  always_ff @(posedge clk_i) begin
    if (address_sent) begin
      beats_q                     <= aw_beats_o;
      last_burst_q                <= burst_last;
      last_q[sent_q[PtrBits-1:0]] <= burst_last;
    end else if (w_valid_o && w_ready_i) begin
      beats_q <= beats_q - 1'b1;
    end
    resp_error_o <= error;
  end

  always_ff @(posedge clk_i) begin
    if (!rst_ni) begin
      state_q      <= Idle;
      sent_q       <= '0;
      answered_q   <= '0;
      error_q      <= 1'b0;
      resp_valid_o <= 1'b0;
    end else begin
      state_q      <= state_d;
      sent_q       <= sent_q + (PtrBits + 1)'(address_sent);
      answered_q   <= answered_q + (PtrBits + 1)'(b_valid_i);
      resp_valid_o <= b_valid_i && answers_last;
      if (b_valid_i) error_q <= !answers_last && error;
    end
  end

  axi_burst_splitter #(
    .BeatBits(BeatBits)
  ) u_splitter (
    .clk_i,
    .rst_ni,
    .req_valid_i  (req_valid_i && state_q == Idle),
    .req_ready_o  (splitter_ready),
    .req_addr_i,
    .req_lines_i,
    .burst_valid_o(burst_valid),
    .burst_ready_i(burst_ready),
    .burst_addr_o (aw_addr_o),
    .burst_beats_o(aw_beats_o),
    .burst_last_o (burst_last)
  );

  `STERNA_ASSERT_STABLE(AddressStable, aw_valid_o, aw_ready_i, {aw_addr_o, aw_beats_o})
  `STERNA_ASSERT_STABLE(DataStable, w_valid_o, w_ready_i, {w_data_o, w_last_o})
  `STERNA_ASSERT(ResponseAwaited, !b_valid_i || sent_q != answered_q)

endmodule
