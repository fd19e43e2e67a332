// SPDX-License-Identifier: Apache-2.0
// Whether any user of a port that has been given to it asks for it. A module of its own, as its enables come late: between other
// logic Yosys, which knows no arrival times, makes one long chain of it where that saves a table.
//
// Handshake: none.
// Latency: none.
module sterna_any_enable #(
  parameter int unsigned Users = 2
) (
  input  logic [Users-1:0] enable_i,
  input  logic [Users-1:0] select_i,
  output logic             any_o
);
  assign any_o = (enable_i & select_i) != '0;
endmodule
