// SPDX-License-Identifier: Apache-2.0
// Of the units that lie in the lanes: each is done when it is in every active lane.
//
// Handshake: lane_done_i is high for one cycle a lane, in any order; unit_done_o with the last. Units that all lanes share say so themselves.
// Latency: none.
`include "rtl/assertions.svh"

module sterna_lanes_done #(
  parameter int unsigned Lanes = 1,
  localparam int unsigned Units = sterna_isa_pkg::UNITS
) (
  input  logic                   clk_i,
  input  logic                   rst_ni,
  input  logic [Lanes-1:0]       active_i,
  input  logic [Units-1:0]       unit_start_i,
  input  logic [Units*Lanes-1:0] lane_done_i,
  output logic [Units-1:0]       unit_done_o
);
  localparam logic [Units-1:0] Shared = sterna_isa_pkg::UNIT_SHARED;

  // A unit is done when it is in every active lane; the router knows which units are busy.
  for (genvar u = 0; u < Units; u++) begin : gen_done
    if (!Shared[u]) begin : gen_lanes
      logic [Lanes-1:0] pending_q, left;  // lanes that have not been done

      assign left = pending_q & ~lane_done_i[u*Lanes +: Lanes];

      always_ff @(posedge clk_i) begin
        if (!rst_ni) pending_q <= '0;
        else pending_q <= unit_start_i[u] ? active_i : left;
      end

      assign unit_done_o[u] = pending_q != '0 && left == '0;

      `STERNA_ASSERT(StartOnlyWhenDone, !unit_start_i[u] || pending_q == '0)
      `STERNA_ASSERT(DoneOnlyWhenPending, (lane_done_i[u*Lanes +: Lanes] & ~pending_q) == '0)
    end else begin : gen_shared
      logic unused_done;
      assign unused_done = ^{lane_done_i[u*Lanes +: Lanes], unit_start_i[u]};
      assign unit_done_o[u] = 1'b0;
    end
  end
endmodule
