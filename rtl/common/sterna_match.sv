// SPDX-License-Identifier: Apache-2.0
// Whether a value that counts is this one. A module of its own, as it is one look-up table: of several matches of a value Yosys makes
// parts that they share, one behind the other.
//
// Handshake: none.
// Latency: none.
module sterna_match #(
  parameter int unsigned      Width = 1,
  parameter logic [Width-1:0] Value = '0
) (
  input  logic [Width-1:0] value_i,
  input  logic [1:0]       valid_i,  // both
  output logic             match_o
);
  assign match_o = value_i == Value && valid_i == '1;
endmodule
