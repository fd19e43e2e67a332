// SPDX-License-Identifier: Apache-2.0
// Wrong on purpose (CMakeLists.txt).
module use_before_declaration (
  input  logic a_i,
  output logic y_o
);
  assign y_o = late;
  logic late;
  assign late = a_i;
endmodule
