// SPDX-License-Identifier: Apache-2.0
// Starts a program: latches the active lanes and which of them take SCAN's carry, and finds the last active lane and the greatest
// of their tokens, which the decoder checks addresses with.
//
// Commands: start_i with lane_mask_i, prefill_i and token_i, which then stays until go_o.
// Handshake: go_o is high for one cycle, once the lanes have been scanned and the weight stream has drained the previous program's
// prefetch (stream_idle_i). Outputs are stable until the next start_i.
// Latency: Lanes + 1 cycles from start_i to go_o at the earliest.
module sterna_program_start #(
  parameter int unsigned Lanes = 1,
  localparam int unsigned LaneBits = $clog2(sterna_isa_pkg::MAX_LANES)
) (
  input  logic clk_i,
  input  logic rst_ni,

  input  logic                start_i,
  input  logic [Lanes-1:0]    lane_mask_i,
  input  logic                prefill_i,
  input  logic [Lanes*32-1:0] token_i,
  input  logic                stream_idle_i,

  output logic [Lanes-1:0]    active_o,  // never 0
  output logic [Lanes-1:0]    carry_o,   // lanes whose SCAN takes the previous lane's result
  output logic [31:0]         token_max_o,
  output logic [LaneBits-1:0] last_lane_o,
  output logic                go_o
);

  localparam int unsigned IndexBits = Lanes > 1 ? $clog2(Lanes) : 1;

  logic                waiting_q, scanned_q;
  logic [IndexBits-1:0] lane_q, next_q;  // next_q is lane_q + 1
  logic [Lanes-1:0]    active;
  logic [31:0]         token_q;  // lane_q's

  assign active = lane_mask_i == '0 ? Lanes'(1) : lane_mask_i;
  assign go_o   = waiting_q && scanned_q && stream_idle_i;

  always_ff @(posedge clk_i) begin
    if (start_i) begin
      active_o    <= active;
      carry_o     <= prefill_i ? active & (active << 1) : '0;
      token_max_o <= '0;
      lane_q      <= '0;
      next_q      <= IndexBits'(1);
      token_q     <= token_i[31:0];
      scanned_q   <= 1'b0;
    end else if (waiting_q && !scanned_q) begin
      if (active_o[lane_q] && token_q > token_max_o) token_max_o <= token_q;
      if (active_o[lane_q]) last_lane_o <= LaneBits'(lane_q);
      lane_q    <= next_q;
      next_q    <= next_q + 1'b1;
      token_q   <= token_i[32*next_q +: 32];
      scanned_q <= lane_q == IndexBits'(Lanes - 1);
    end
  end

  always_ff @(posedge clk_i) begin
    if (!rst_ni) waiting_q <= 1'b0;
    else waiting_q <= start_i || (waiting_q && !go_o);
  end

endmodule
