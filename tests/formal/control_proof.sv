// SPDX-License-Identifier: Apache-2.0
// The control port obeys AXI4-Lite towards a host that does.
`include "tests/formal/proof.svh"

module control_proof (
  input logic        clk_i,
  input logic        rst_ni,
  input logic [11:0] awaddr_i,
  input logic        awvalid_i,
  input logic [31:0] wdata_i,
  input logic [3:0]  wstrb_i,
  input logic        wvalid_i,
  input logic        bready_i,
  input logic [11:0] araddr_i,
  input logic        arvalid_i,
  input logic        rready_i,
  input logic        end_i,
  input logic        draining_i
);

  `PROOF_RESET

  logic        awready, wready, bvalid, arready, rvalid;
  logic [1:0]  bresp, rresp;
  logic [31:0] rdata;

  // What the core sees, and what it says, is of no matter to the bus; it ends no program that has not started.
  logic start, runs_q;
  always_ff @(posedge clk_i) runs_q <= rst_ni && (start || (runs_q && !end_i));
  always @* assume (!end_i || runs_q);
  sterna_control u_dut (
    .clk_i, .rst_ni, .awaddr_i, .awvalid_i, .awready_o(awready), .wdata_i, .wstrb_i, .wvalid_i, .wready_o(wready),
    .bresp_o(bresp), .bvalid_o(bvalid), .bready_i, .araddr_i, .arvalid_i, .arready_o(arready),
    .rdata_o(rdata), .rresp_o(rresp), .rvalid_o(rvalid), .rready_i, .start_o(start), .end_i, .draining_i
  );

  sterna_axi_lite_protocol_checker #(.HostGiven(1'b1)) u_axi (
    .clk_i, .rst_ni,
    .aw_addr_i(awaddr_i), .aw_valid_i(awvalid_i), .aw_ready_i(awready),
    .w_data_i(wdata_i), .w_strb_i(wstrb_i), .w_valid_i(wvalid_i), .w_ready_i(wready),
    .b_resp_i(bresp), .b_valid_i(bvalid), .b_ready_i(bready_i),
    .ar_addr_i(araddr_i), .ar_valid_i(arvalid_i), .ar_ready_i(arready),
    .r_data_i(rdata), .r_resp_i(rresp), .r_valid_i(rvalid), .r_ready_i(rready_i)
  );

  // Each request that has no answer is held in the slave's registers.
  `PROOF_SEES(, \u_dut.aw_held_q )
  `PROOF_SEES(, \u_dut.w_held_q )
  `PROOF_SEES([2:0], \u_dut.read_q )
  `PROOF_SEES([3:0], \u_axi.addresses_q )
  `PROOF_SEES([3:0], \u_axi.data_q )
  `PROOF_SEES([3:0], \u_axi.reads_q )
  `PROOF_SEES(, \u_dut.running_q )
  `PROOF_SEES(, \u_dut.act_q )
  `PROOF_SEES(, \u_dut.u_segments.tells_q )
  `PROOF_SEES(, \u_dut.u_segments.clears_q )
  `PROOF_SEES(, \u_dut.u_segments.busy_q )
  `PROOF_SEES(, \u_dut.wr_ctrl )
  logic tells, clears, busy, acts, running;
  assign tells   = \u_dut.u_segments.tells_q ;
  assign clears  = \u_dut.u_segments.clears_q ;
  assign busy    = \u_dut.u_segments.busy_q ;
  assign acts    = \u_dut.act_q ;
  assign running = \u_dut.running_q ;
  `STERNA_ASSERT(TellsWhoWillRun, !tells || (running && !runs_q))
  `STERNA_ASSERT(StartsWhoWillRun, !start || (running && !runs_q && !tells))
  `STERNA_ASSERT(RunsOnce, !runs_q || running)
  `STERNA_ASSERT(StartsWithAWrite, ! \u_dut.wr_ctrl || acts)
  `STERNA_ASSERT(OneBusiness, busy == (tells || clears) && !(tells && clears))
  `STERNA_ASSERT(NothingMeanwhile, !acts || !busy)
  logic reading;
  assign reading = \u_dut.read_q != 3'd0;
  `STERNA_ASSERT(AddressesAgree, \u_axi.addresses_q == 4'(\u_dut.aw_held_q ) + 4'(bvalid))
  `STERNA_ASSERT(DataAgrees, \u_axi.data_q == 4'(\u_dut.w_held_q ) + 4'(bvalid))
  `STERNA_ASSERT(ReadsAgree, \u_axi.reads_q == 4'(reading) && \u_dut.read_q <= 3'd5)

  always @(posedge clk_i) begin
    if (rst_ni) Answers: cover (bvalid && bready_i && rvalid && rready_i);
  end

endmodule
