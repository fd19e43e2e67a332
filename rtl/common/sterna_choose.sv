// SPDX-License-Identifier: Apache-2.0
// One of a few words. A module of its own, as a choice among many is two look-up tables one behind the other where four words are chosen
// from first: of the whole Yosys makes three.
//
// Handshake: none.
// Latency: none.
module sterna_choose #(
  parameter int unsigned Words = 4,  // a power of two, at least 2
  parameter int unsigned Width = 32
) (
  input  logic [$clog2(Words)-1:0] index_i,
  input  logic [Words*Width-1:0]   words_i,
  output logic [Width-1:0]         word_o
);
  assign word_o = words_i[Width*index_i+:Width];
endmodule
