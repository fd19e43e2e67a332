// SPDX-License-Identifier: Apache-2.0
// Whether some of three lanes are left that are not done: a look-up table, and a module of its own, so that what sums up all lanes is two
// of them. Yosys would make one long chain of it where that saves a table.
//
// Handshake: none.
// Latency: none.
module sterna_lanes_left (
  input  logic [2:0] pending_i,
  input  logic [2:0] done_i,
  output logic       left_o
);
  assign left_o = (pending_i & ~done_i) != '0;
endmodule
