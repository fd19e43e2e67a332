// SPDX-License-Identifier: Apache-2.0
// After a reset: holds a memory port back until memory has answered all that it was asked before.
//
// The machine's reset need not be memory's: that goes on to answer, and to wait for the rest of a burst it was promised. So
// the registers that say what is open on the bus outlive the reset (they power up as zero), and until nothing is open any
// more draining_o is high: what comes is dropped, what is owed is paid, nothing new goes out. When memory was reset, too,
// no answer comes: after 2^PatienceBits cycles without a transfer forget_o clears those registers.
module sterna_bus_drain #(
  parameter int unsigned PatienceBits = 16
) (
  input  logic clk_i,
  input  logic rst_ni,
  input  logic open_i,      // a burst has no answer
  input  logic transfer_i,  // something was taken on the bus, either way
  output logic draining_o,
  output logic forget_o
);

  logic                    draining_q = 1'b1;
  logic [PatienceBits-1:0] quiet_q;  // cycles without a transfer

  assign draining_o = draining_q;
  assign forget_o   = draining_q && quiet_q == '1;

  always_ff @(posedge clk_i) begin
    if (!rst_ni) draining_q <= 1'b1;
    else if (!open_i) draining_q <= 1'b0;
    quiet_q <= !rst_ni || transfer_i || forget_o ? '0 : quiet_q + 1'b1;
  end

endmodule
