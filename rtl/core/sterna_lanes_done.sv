// SPDX-License-Identifier: Apache-2.0
// Of the units that lie in the lanes: each is done when it is in every active lane; and what RMS writes is due when it is in every one.
//
// Handshake: lane_done_i is high for one cycle a lane, in any order; unit_done_o with the last. Units that all lanes share say so themselves.
// lane_due_i is high at most once an instruction; unit_due_o from the cycle after the last lane's to unit_done_o.
// Latency: none; of unit_due_o a cycle.
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
  input  logic [Lanes-1:0]       lane_due_i,  // of RMS
  output logic [Units-1:0]       unit_done_o,
  output logic [Units-1:0]       unit_not_done_o,  // ~unit_done_o, for the router's longest paths: so much hangs on that one
  output logic [Units-1:0]       unit_due_o
);
  localparam logic [Units-1:0] Shared = sterna_isa_pkg::UNIT_SHARED;
  localparam int unsigned      Rms    = 32'(sterna_isa_pkg::UNIT_RMS);

  // A unit is done when it is in every active lane; the router knows which units are busy.
  for (genvar u = 0; u < Units; u++) begin : gen_done
    if (!Shared[u]) begin : gen_lanes
      logic [Lanes-1:0] pending_q, left;  // lanes that have not been done
      logic             busy_q;           // there are some
      logic             idle_q;           // ~busy_q: with a register of its own, ~unit_done_o is no inverter behind it

      assign left = pending_q & ~lane_done_i[u*Lanes +: Lanes];

      always_ff @(posedge clk_i) begin
        if (!rst_ni) pending_q <= '0;
        else pending_q <= unit_start_i[u] ? active_i : left;
        busy_q <= rst_ni && (unit_start_i[u] || left != '0);
        idle_q <= !(rst_ni && (unit_start_i[u] || left != '0));
      end

      // Three lanes a table, which the router's own logic takes in where there are no more.
      localparam int unsigned Threes = (Lanes + 2) / 3;
      logic [Threes-1:0] some;
      if (Threes == 1) begin : gen_few
        assign some[0] = left != '0;
      end else begin : gen_many
        logic [3*Threes-1:0] pendings, dones;
        assign pendings = (3 * Threes)'(pending_q);
        assign dones    = (3 * Threes)'(lane_done_i[u*Lanes +: Lanes]);
        for (genvar t = 0; t < Threes; t++) begin : gen_three
          sterna_lanes_left u_lanes_left (
            .pending_i(pendings[3*t+:3]),
            .done_i   (dones[3*t+:3]),
            .left_o   (some[t])
          );
        end
      end
      assign unit_done_o[u]     = busy_q && some == '0;
      assign unit_not_done_o[u] = idle_q || some != '0;

      `STERNA_ASSERT(BusyIsPending, busy_q == (pending_q != '0) && idle_q == !busy_q)
      `STERNA_ASSERT(StartOnlyWhenDone, !unit_start_i[u] || pending_q == '0)
      `STERNA_ASSERT(DoneOnlyWhenPending, (lane_done_i[u*Lanes +: Lanes] & ~pending_q) == '0)
    end else begin : gen_shared
      logic unused_done;
      assign unused_done = ^{lane_done_i[u*Lanes +: Lanes], unit_start_i[u]};
      assign unit_done_o[u]     = 1'b0;
      assign unit_not_done_o[u] = 1'b1;
    end
  end

  // In program order the lanes' next instruction of RMS comes after all of them are done, so what is pending is this one's.
  logic [Lanes-1:0] due_pending_q, due_left;  // lanes where it is not due
  logic             due_q;

  assign due_left = due_pending_q & ~lane_due_i;

  always_ff @(posedge clk_i) begin
    if (!rst_ni || unit_done_o[Rms]) begin
      due_pending_q <= '0;
      due_q         <= 1'b0;
    end else begin
      due_pending_q <= unit_start_i[Rms] ? active_i : due_left;
      due_q         <= due_q || (due_pending_q != '0 && due_left == '0);
    end
  end

  assign unit_due_o = Units'(due_q) << Rms;

  `STERNA_ASSERT(DueOnlyWhenPending, (lane_due_i & ~due_pending_q) == '0)
endmodule
