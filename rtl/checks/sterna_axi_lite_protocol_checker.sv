// SPDX-License-Identifier: Apache-2.0
// Checks the rules of AXI4-Lite at a control port, for both of its sides: streams are stable; a response B comes once both an
// address and its data were accepted, a beat R once an address was; each request has one.
//
// Limits: 15 outstanding requests of a kind can be followed. HostGiven: in a proof, the host is assumed to obey.
`include "rtl/assertions.svh"
`include "rtl/verilator.svh"

module sterna_axi_lite_protocol_checker #(
  parameter int unsigned AddrBits  = 12,
  `STERNA_CHECKED_PARAMETERS_BEGIN
  parameter bit          HostGiven = 1'b0
  `STERNA_CHECKED_PARAMETERS_END
) (
  input logic                clk_i,
  input logic                rst_ni,
  input logic [AddrBits-1:0] aw_addr_i,
  input logic                aw_valid_i,
  input logic                aw_ready_i,
  input logic [31:0]         w_data_i,
  input logic [3:0]          w_strb_i,
  input logic                w_valid_i,
  input logic                w_ready_i,
  input logic [1:0]          b_resp_i,
  input logic                b_valid_i,
  input logic                b_ready_i,
  input logic [AddrBits-1:0] ar_addr_i,
  input logic                ar_valid_i,
  input logic                ar_ready_i,
  input logic [31:0]         r_data_i,
  input logic [1:0]          r_resp_i,
  input logic                r_valid_i,
  input logic                r_ready_i
);

  sterna_stream_checker #(.Width(AddrBits), .Given(HostGiven)) u_aw (
    .clk_i, .rst_ni, .valid_i(aw_valid_i), .ready_i(aw_ready_i), .payload_i(aw_addr_i)
  );
  sterna_stream_checker #(.Width(36), .Given(HostGiven)) u_w (
    .clk_i, .rst_ni, .valid_i(w_valid_i), .ready_i(w_ready_i), .payload_i({w_data_i, w_strb_i})
  );
  sterna_stream_checker #(.Width(2)) u_b (
    .clk_i, .rst_ni, .valid_i(b_valid_i), .ready_i(b_ready_i), .payload_i(b_resp_i)
  );
  sterna_stream_checker #(.Width(AddrBits), .Given(HostGiven)) u_ar (
    .clk_i, .rst_ni, .valid_i(ar_valid_i), .ready_i(ar_ready_i), .payload_i(ar_addr_i)
  );
  sterna_stream_checker #(.Width(34)) u_r (
    .clk_i, .rst_ni, .valid_i(r_valid_i), .ready_i(r_ready_i), .payload_i({r_data_i, r_resp_i})
  );

  // Outstanding requests. A host may send more than the slave can hold; 15 are followed.
  logic [3:0] addresses_q, data_q, reads_q;
  logic       answered;

  assign answered = b_valid_i && b_ready_i;

  always_ff @(posedge clk_i) begin
    if (!rst_ni) begin
      addresses_q <= '0;
      data_q      <= '0;
      reads_q     <= '0;
    end else begin
      addresses_q <= addresses_q + 4'(aw_valid_i && aw_ready_i) - 4'(answered);
      data_q      <= data_q + 4'(w_valid_i && w_ready_i) - 4'(answered);
      reads_q     <= reads_q + 4'(ar_valid_i && ar_ready_i) - 4'(r_valid_i && r_ready_i);
    end
  end

  `STERNA_RULE(FewerRequestsThanFollowed, 1'b0, addresses_q != '1 && data_q != '1 && reads_q != '1)
  `STERNA_RULE(ResponseAwaited, 1'b0, !b_valid_i || (addresses_q != '0 && data_q != '0))
  `STERNA_RULE(DataRequested, 1'b0, !r_valid_i || reads_q != '0)
  `STERNA_RULE(ResponseNotExclusive, 1'b0, (!b_valid_i || b_resp_i != 2'b01) && (!r_valid_i || r_resp_i != 2'b01))

endmodule
