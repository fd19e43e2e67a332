// SPDX-License-Identifier: Apache-2.0
// What rms tells its rms_lanes in a cycle: the stages whose registers are loaded. A package, so that both have one list.
package sterna_rms_pkg;
  localparam int unsigned LOAD_BITS = 15;

  typedef struct packed {
    logic       x;
    logic [3:0] weight;    // on the way beside x to y
    logic [1:0] scale;     // x * M
    logic       shift;
    logic       q8;
    logic       factors;   // of a square, or of y and the weight
    logic [1:0] product;
    logic       square;
    logic       norm;
    logic       magnitude;
  } load_t;
endpackage
