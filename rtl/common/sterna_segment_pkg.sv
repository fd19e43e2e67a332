// SPDX-License-Identifier: Apache-2.0
// A segment of the program that starts, on its way from the control registers to those who look segments up while it runs.
package sterna_segment_pkg;
  localparam int unsigned INDEX_BITS = 4;  // of sterna_isa_pkg::SEGMENTS, which Yosys cannot read in another package (control_segments checks it)

  typedef struct packed {
    logic                  valid;
    logic [INDEX_BITS-1:0] index;
    logic [63:0]           base;    // byte address, a multiple of 64
    logic [31:0]           size;    // lines
    logic [31:0]           stride;  // lines from one lane's copy to the next
  } write_t;
  localparam int unsigned WRITE_BITS = 1 + INDEX_BITS + 128;
endpackage
