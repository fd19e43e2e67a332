// SPDX-License-Identifier: Apache-2.0
// Wrong on purpose (CMakeLists.txt).
module two_writers (
  input  logic clk_i,
  input  logic a_i,
  output logic y_o
);
  initial y_o = 1'b0;
  always_ff @(posedge clk_i) y_o <= a_i;
endmodule
