// SPDX-License-Identifier: Apache-2.0
// What ternary_matmul tells its lanes in a cycle (ternary_lane). Wide enough for the largest build.
package sterna_ternary_pkg;
  localparam int unsigned CONTROL_BITS = 137;

  typedef struct packed {
    logic        start;      // an instruction starts
    logic [31:0] imm;        // with start: its immediate, ...
    logic [15:0] rows;       // ... and the rows of the result
    logic        load;       // va's word `load_word` goes to the activation buffer,
    logic [9:0]  load_word;
    logic [63:0] load_keep;  // those of its bytes that belong to the vector; zero in place of the others
    logic        step;       // codes follow two cycles later, for these activations:
    logic [9:0]  step_word;  // BeatsPerStep words of the buffer
    logic        first;      // a group set's first step
    logic        last;       // a group set's last step
  } control_t;
endpackage
