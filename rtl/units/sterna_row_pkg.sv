// SPDX-License-Identifier: Apache-2.0
// What row_wise tells its row_alus in a cycle: the stages whose registers are loaded. A package, so that both have one list.
package sterna_row_pkg;
  localparam int unsigned DELAYS    = 8;
  localparam int unsigned ADDENDS   = 5;
  localparam int unsigned LOAD_BITS = 18 + DELAYS + ADDENDS;

  typedef struct packed {
    logic              clear;  // an instruction starts: what only some operations have for the result is zero
    logic              operands;
    logic              first;  // sum or difference of two of them
    logic [DELAYS-1:0] delay;  // of SILU's and RELU's operand
    logic [ADDENDS-1:0] addend;  // of GATE's
    logic              x;      // the multiplier's operands
    logic [1:0]        product;
    logic              mul;
    logic              index;  // the parabola's
    logic              lookup;
    logic              coefficients;
    logic [1:0]        slope;  // its product, its sum
    logic [1:0]        sum;
    logic              sig;
    logic [1:0]        exp;    // shifted, rounded
    logic              y;      // the result
  } load_t;
endpackage
