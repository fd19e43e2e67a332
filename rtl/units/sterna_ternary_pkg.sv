// SPDX-License-Identifier: Apache-2.0
// What ternary_matmul tells its lanes in a cycle (ternary_lane). Wide enough for the largest build.
package sterna_ternary_pkg;
  localparam int unsigned CONTROL_BITS = 139;

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
    logic [9:0]  step_word;  // BeatsPerStep words of the buffer
    logic        first;      // a group set's first step
    logic        last;       // a group set's last step
  } control_t;

  // FFFIN: what comes to the lanes beside control. With `block` each lane has a bit of its own that says whether it is meant.
  localparam int unsigned FFF_BITS = 164;

  typedef struct packed {
    // When ternary_rescale gives a group set's groups.
    logic         group_valid;   // what it gives in this cycle are five places of a block,
    logic [1:0]   group;         // from place 5 * group on,
    logic [159:0] bias;          // and these are their biases
    logic         block;         // the block is complete, with this group or one before it
  } fff_t;

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
