// SPDX-License-Identifier: Apache-2.0
// Whether every channel will have a step's beats in the next cycle.
//
// Handshake: none. valid_o[b]: where pop_i says so, every channel that is not exempt will have beat b by left_i; where none_i, other_i[b].
// Latency: none. left_i comes last, by way of the channels' counts. So this is a module of its own: in one with what pop_i and other_i
// hang on Yosys, which knows no arrival times, would put left_i before those.
// Channels: 1 to 4.
module sterna_fff_every #(
  parameter int unsigned Channels     = 1,
  parameter int unsigned BeatsPerStep = 1
) (
  input  logic [Channels*BeatsPerStep-1:0] left_i,
  input  logic [Channels-1:0]              exempt_i,
  input  logic                             pop_i,
  input  logic                             none_i,  // not with pop_i
  input  logic [BeatsPerStep-1:0]          other_i,
  output logic [BeatsPerStep-1:0]          valid_o
);
  always_comb begin
    valid_o = '1;
    for (int unsigned c = 0; c < Channels; c++) begin
      valid_o = valid_o & (left_i[BeatsPerStep*c+:BeatsPerStep] | {BeatsPerStep{exempt_i[c]}});
    end
    valid_o = (valid_o & {BeatsPerStep{pop_i}}) | (other_i & {BeatsPerStep{none_i}});
  end
endmodule
