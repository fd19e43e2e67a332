// SPDX-License-Identifier: Apache-2.0
// A program begins with the lanes of its mask, or with lane 0; what the decoder checks addresses with is then exactly the last of
// them and the greatest of their tokens, whatever the other lanes' tokens are. It begins once, and is held up by the weight
// stream alone.
`include "tests/formal/proof.svh"

module program_start_proof #(
  parameter int unsigned Lanes = 5,  // no power of two, so that the lanes' counter has more values than lanes
  localparam int unsigned LaneBits = $clog2(sterna_isa_pkg::MAX_LANES)
) (
  input logic                clk_i,
  input logic                rst_ni,
  input logic                start_i,
  input logic [Lanes-1:0]    lane_mask_i,
  input logic                prefill_i,
  input logic [Lanes*32-1:0] token_i,
  input logic                stream_idle_i
);

  `PROOF_RESET

  logic [Lanes-1:0]    active, carry;
  logic [31:0]         token_max;
  logic [LaneBits-1:0] last_lane;
  logic                go;

  sterna_program_start #(.Lanes(Lanes)) u_dut (
    .clk_i, .rst_ni, .start_i, .lane_mask_i, .prefill_i, .token_i, .stream_idle_i,
    .active_o(active), .carry_o(carry), .token_max_o(token_max), .last_lane_o(last_lane), .go_o(go)
  );

  // What start_i came with; a token does not change before the program has begun (control latches them).
  logic                starting_q;  // a program has been started and has not begun
  logic                prefill_q;
  logic [Lanes-1:0]    mask_q;
  logic [Lanes*32-1:0] token_q;
  logic [31:0]         age_q;       // cycles since the start, as many as there are lanes at most
  `STERNA_RULE(OneAtATime, 1'b1, !(starting_q && start_i))
  `STERNA_RULE(TokensStable, 1'b1, !starting_q || token_i == token_q)

  always_ff @(posedge clk_i) begin
    starting_q <= rst_ni && (start_i || (starting_q && !go));
    age_q      <= start_i ? '0 : age_q + 32'(age_q != Lanes);
    if (start_i) begin
      mask_q    <= lane_mask_i == '0 ? Lanes'(1) : lane_mask_i;
      prefill_q <= prefill_i;
      token_q   <= token_i;
    end
  end

  // Of the lanes below `scanned`.
  `PROOF_SEES(, \u_dut.scanned_q )
  `PROOF_SEES(, \u_dut.waiting_q )
  `PROOF_SEES([2:0], \u_dut.lane_q )
  `PROOF_SEES([2:0], \u_dut.next_q )
  `PROOF_SEES([31:0], \u_dut.token_q )
  logic [31:0]         scanned, greatest;
  logic [LaneBits-1:0] last;
  logic                any;

  assign scanned = \u_dut.scanned_q ? Lanes : 32'( \u_dut.lane_q );

  always_comb begin
    greatest = '0;
    last     = '0;
    any      = 1'b0;
    for (int unsigned l = 0; l < Lanes; l++) begin
      if (mask_q[l] && l < scanned) begin
        any  = 1'b1;
        last = LaneBits'(l);
        if (token_q[32*l +: 32] > greatest) greatest = token_q[32*l +: 32];
      end
    end
  end

  `STERNA_ASSERT(BeginsWhatWasStarted, \u_dut.waiting_q == starting_q)
  `STERNA_ASSERT(LanesOfTheMask, !starting_q || (active == mask_q && mask_q != '0))
  `STERNA_ASSERT(CarryFromTheLaneBefore, !starting_q || carry == (prefill_q ? mask_q & {mask_q[Lanes-2:0], 1'b0} : '0))
  `STERNA_ASSERT(ALaneACycle, !starting_q || ( \u_dut.scanned_q ? age_q == Lanes : age_q == scanned && age_q < Lanes))
  `STERNA_ASSERT(TokenOfTheLane, !starting_q || \u_dut.scanned_q || ( \u_dut.next_q == \u_dut.lane_q + 3'd1 && \u_dut.token_q == token_q[32*\u_dut.lane_q +: 32]))
  `STERNA_ASSERT(GreatestToken, !starting_q || token_max == greatest)
  `STERNA_ASSERT(LastLane, !(starting_q && any) || last_lane == last)
  `STERNA_ASSERT(WaitsForTheStreamOnly, go == (starting_q && \u_dut.scanned_q && stream_idle_i))
  `STERNA_ASSERT(AllAreKnown, !go || (any && scanned == Lanes))

  always @(posedge clk_i) begin
    if (rst_ni) LastIsNotTheGreatest: cover (go && last_lane == LaneBits'(3) && token_max > token_q[32*3 +: 32] && active != '1);
  end

endmodule
