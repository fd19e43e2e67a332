// SPDX-License-Identifier: Apache-2.0
// The dot products of up to four lanes, which take the same weights: on DSP slices, each of which serves all four (quad_dot).
//
// Handshake: step_i alone, a cycle before the step's activations and two before its codes. Registers load only while steps are in it.
// Latency: Chain + 4 cycles from step_i to sums_o, which stays until the next step's.
`include "rtl/verilator.svh"

module sterna_ternary_quad #(
  parameter int unsigned BeatBits     = 512,
  parameter int unsigned Channels     = 1,
  parameter int unsigned BeatsPerStep = 1,
  parameter int unsigned Lanes        = 4,
  localparam int unsigned Trits    = sterna_isa_pkg::TRITS_PER_BYTE,
  localparam int unsigned Dots     = Channels * BeatsPerStep,
  localparam int unsigned CodeBits = 2 * Trits * BeatBits / 8,  // of a beat
  localparam int unsigned SumsBits = 16 * Trits,
  localparam int unsigned Chain    = BeatBits < 128 ? BeatBits / 16 : 8  // quad_dot's
) (
  input  logic                                   clk_i,
  input  logic                                   step_i         `STERNA_OPAQUE,
  input  logic [Lanes*BeatsPerStep*BeatBits-1:0] activations_i  `STERNA_OPAQUE,  // of lane l: part l
  input  logic [Dots*CodeBits-1:0]               codes_i        `STERNA_OPAQUE,  // beat b of channel c: part c*BeatsPerStep + b
  output logic [Lanes*Dots*SumsBits-1:0]         sums_o         // ternary_dot's, likewise
);
  `STERNA_ONE_COPY

  // Bit t: a step is in the pipeline t + 1 cycles after step_i. After a reset, or power-up, nobody asks for what comes out of it.
  logic [Chain+2:0] valid_q;
  logic             moves_q;  // any of them but the last

  always_ff @(posedge clk_i) begin
    valid_q <= {valid_q[Chain+1:0], step_i};
    moves_q <= {valid_q[Chain:0], step_i} != '0;
  end

  logic [BeatsPerStep*3*BeatBits-1:0] differences, seconds;

  for (genvar b = 0; b < BeatsPerStep; b++) begin : gen_pairs
    logic [4*BeatBits-1:0] activations;
    for (genvar l = 0; l < 4; l++) begin : gen_lane
      if (l < Lanes) begin : gen_there
        assign activations[BeatBits*l+:BeatBits] = activations_i[BeatBits*(BeatsPerStep*l+b)+:BeatBits];
      end else begin : gen_none
        assign activations[BeatBits*l+:BeatBits] = '0;
      end
    end
    sterna_quad_pairs #(
      .BeatBits(BeatBits)
    ) u_quad_pairs (
      .clk_i,
      .load_i       (valid_q[0]),
      .moves_i      (moves_q),
      .activations_i(activations),
      .differences_o(differences[3*BeatBits*b+:3*BeatBits]),
      .seconds_o    (seconds[3*BeatBits*b+:3*BeatBits])
    );
  end

  for (genvar d = 0; d < Dots; d++) begin : gen_dot
    logic [4*SumsBits-1:0] sums;
    sterna_quad_dot #(
      .BeatBits(BeatBits)
    ) u_quad_dot (
      .clk_i,
      .load_i       (valid_q[Chain+2:1]),
      .moves_i      (moves_q),
      .codes_i      (codes_i[CodeBits*d+:CodeBits]),
      .differences_i(differences[3*BeatBits*(d%BeatsPerStep)+:3*BeatBits]),
      .seconds_i    (seconds[3*BeatBits*(d%BeatsPerStep)+:3*BeatBits]),
      .sums_o       (sums)
    );
    for (genvar l = 0; l < Lanes; l++) begin : gen_lane
      assign sums_o[SumsBits*(Dots*l+d)+:SumsBits] = sums[SumsBits*l+:SumsBits];
    end
    logic unused;
    assign unused = ^sums;  // of lanes that are not there
  end
endmodule
