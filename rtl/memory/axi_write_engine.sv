// Writes a run of lines over AXI4 and reports once memory has acknowledged all of it.
//
// A burst's data follows its address; the next burst does not wait for the last one's response, so that only the very last
// response costs the memory's latency.
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

  output logic                resp_valid_o,  // one cycle: everything is acknowledged
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

  typedef enum logic [1:0] {Idle, Address, Data, Response} state_e;
  state_e state_q, state_d;

  logic       burst_valid, burst_last, burst_ready;
  logic       last_burst_q;
  logic [8:0] beats_q;        // of the current burst, not sent yet
  logic [9:0] outstanding_q;  // bursts without a response
  logic       error_q;
  logic       address_sent, splitter_ready;

  assign aw_valid_o   = state_q == Address && burst_valid;
  assign address_sent = aw_valid_o && aw_ready_i;
  assign burst_ready  = state_q == Address && aw_ready_i;
  assign req_ready_o  = state_q == Idle && splitter_ready;
  assign w_valid_o    = state_q == Data && data_valid_i;
  assign w_data_o     = data_i;
  assign w_last_o     = beats_q == 9'd1;
  assign data_ready_o = state_q == Data && w_ready_i;
  assign resp_valid_o = state_q == Response && outstanding_q == '0;
  assign resp_error_o = error_q;

  always_comb begin
    state_d = state_q;
    unique case (state_q)
      Idle:     if (req_valid_i && req_ready_o) state_d = Address;
      Address:  if (address_sent) state_d = Data;
      Data:     if (w_valid_o && w_ready_i && w_last_o) state_d = last_burst_q ? Response : Address;
      Response: if (resp_valid_o) state_d = Idle;
      default:  state_d = Idle;
    endcase
  end

  always_ff @(posedge clk_i) begin
    if (address_sent) begin
      beats_q      <= aw_beats_o;
      last_burst_q <= burst_last;
    end else if (w_valid_o && w_ready_i) begin
      beats_q <= beats_q - 1'b1;
    end
    if (state_q == Idle) error_q <= 1'b0;
    else if (b_valid_i && b_error_i) error_q <= 1'b1;
  end

  always_ff @(posedge clk_i) begin
    if (!rst_ni) begin
      state_q       <= Idle;
      outstanding_q <= '0;
    end else begin
      state_q       <= state_d;
      outstanding_q <= outstanding_q + 10'(address_sent) - 10'(b_valid_i);
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
  `STERNA_ASSERT(ResponseAwaited, !b_valid_i || outstanding_q != '0)

endmodule
