// SPDX-License-Identifier: Apache-2.0
// Holds a memory port back after a reset, until memory has answered all that was outstanding before.
//
// Commands: none; every reset starts a drain. The machine's reset need not be memory's: memory goes on to answer, and to wait for
// the rest of a burst. So the registers that say what is outstanding are not reset (they power up as zero).
// Handshake: while draining_o, responses are dropped, bursts are completed and no new address is issued.
// Latency: draining_o falls the cycle after outstanding_i. When memory was reset, too, no answer comes: some cycles after
// 2^TimeoutBits without a transfer timeout_o clears those registers.
`include "rtl/assertions.svh"

module sterna_bus_drain #(
  parameter int unsigned TimeoutBits = 16
) (
  input  logic clk_i,
  input  logic rst_ni,
  input  logic outstanding_i,  // a burst is not complete
  input  logic transfer_i,     // a handshake on any channel of the bus
  output logic draining_o,
  output logic open_o,         // !draining_o, another register: for what has little time
  output logic timeout_o
);

  logic                   draining_q = 1'b1, open_q = 1'b0;
  logic [TimeoutBits-1:0] idle_cycles_q;  // cycles without a transfer
  logic                   restart_q = 1'b1, timeout_q = 1'b0;

  assign draining_o = draining_q;
  assign open_o     = open_q;
  assign timeout_o  = timeout_q;

  always_ff @(posedge clk_i) begin
    if (!rst_ni) draining_q <= 1'b1;
    else if (!outstanding_i) draining_q <= 1'b0;
    if (!rst_ni) open_q <= 1'b0;
    else if (!outstanding_i) open_q <= 1'b1;
    restart_q     <= !rst_ni || transfer_i;
    idle_cycles_q <= restart_q ? '0 : idle_cycles_q + 1'b1;
    timeout_q     <= draining_q && !restart_q && idle_cycles_q == '1;
  end

  `STERNA_ASSERT(OpenIsNotDraining, open_q != draining_q)
endmodule
