// SPDX-License-Identifier: Apache-2.0
// Wrong on purpose (CMakeLists.txt).
module unused_signal (
  input  logic a_i,
  input  logic b_i,
  output logic y_o
);
  assign y_o = a_i;
endmodule
