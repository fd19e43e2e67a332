// SPDX-License-Identifier: Apache-2.0
// What ternary_matmul tells its lanes in a cycle (ternary_lane). Wide enough for the largest build.
package sterna_ternary_pkg;
  localparam int unsigned CONTROL_BITS = 142;

  // What an instruction of the unit is.
  localparam logic [1:0] MODE_TMATMUL = 2'd0;
  localparam logic [1:0] MODE_FFFIN   = 2'd1;
  localparam logic [1:0] MODE_FFFOUT  = 2'd2;

  typedef struct packed {
    logic        start;      // an instruction starts
    logic [1:0]  mode;       // with start: which, ...
    logic [31:0] imm;        // ... its immediate, ...
    logic [15:0] rows;       // ... and the elements of the result
    logic        load;       // va's word `load_word` goes to the activation buffer,
    logic [9:0]  load_word;
    logic [63:0] load_keep;  // those of its bytes that belong to the vector; zero in place of the others
    logic        step;       // codes follow two cycles later, for these activations:
    logic [9:0]  step_word;  // BeatsPerStep words of the buffer,
    logic        step_one;   // or one: the last of an odd number, with zeros for the other
    logic        first;      // a group set's first step
    logic        last;       // a group set's last step
    logic [1:0]  turn;       // with last: the channel whose group is the set's first; the others follow in a circle
  } control_t;

  // FFFIN: what comes to the lanes beside control. With `block` each lane has a bit of its own that says whether it is meant.
  localparam int unsigned FFF_BITS = 484;

  typedef struct packed {
    // When ternary_rescale gives a group set's groups.
    logic [2:0]   group_valid;   // bit g: among what it gives in this cycle are a block's places 5 * g to 5 * g + 4,
    logic [479:0] bias;          // and these are the biases of what it gives
    logic         block;         // the block is complete, with these groups or some before them
  } fff_t;

  // Row groups of a set of FFFIN that are rescaled at once: where a word of FFFOUT takes as many multipliers as a block's 15 places, all that
  // the channels have. Group g is in part g mod fff_at_once of what ternary_rescale gives.
  function automatic int unsigned fff_at_once(input int unsigned word_elems, input int unsigned channels);
    fff_at_once = word_elems >= 15 ? channels : 1;
  endfunction

  // FFFOUT: a beat of a record on one of the buses to the lanes, 16 outputs of four nodes in each 128 bits. On each bus each lane has a bit
  // of its own that says whether it is meant; no lane is by two of them.
  localparam int unsigned RECORD_BITS = 19;

  typedef struct packed {
    logic       last;  // outputs' sums are complete with it, whomever it means
    logic [9:0] word;  // its number in the record
    logic [7:0] quad;  // its activations: bytes 4 * quad on of va
  } record_t;

  // Elements between FFFIN and FFFOUT: four for every block on the paths, of `trees` trees and `depth` blocks below the first.
  function automatic logic [10:0] path_elements(input logic [6:0] trees, input logic [1:0] depth);
    path_elements = {9'(trees) + (depth[0] ? 9'(trees) : 9'd0) + (depth[1] ? {1'b0, trees, 1'b0} : 9'd0), 2'b00};
  endfunction
endpackage
