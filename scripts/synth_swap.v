// SPDX-License-Identifier: Apache-2.0
// For Yosys's techmap, in `make synth-core`: an addition with its operands changed over.
//
// A carry chain takes one operand past the look-up tables. Yosys 0.23 gives it the one that it happens to have first; vendors'
// tools the one that needs no look-up table of its own. synth_core.py selects the additions to which this is to be done; it
// wants one pass over them (techmap -max_iter 1).
(* techmap_celltype = "$alu" *)
module synth_swap (A, B, CI, BI, X, Y, CO);
  parameter A_SIGNED = 0;
  parameter B_SIGNED = 0;
  parameter A_WIDTH = 1;
  parameter B_WIDTH = 1;
  parameter Y_WIDTH = 1;
  parameter _TECHMAP_CONSTMSK_BI_ = 0;
  parameter _TECHMAP_CONSTVAL_BI_ = 0;
  input [A_WIDTH-1:0] A;
  input [B_WIDTH-1:0] B;
  input CI, BI;
  output [Y_WIDTH-1:0] X, Y, CO;

  wire _TECHMAP_FAIL_ = !_TECHMAP_CONSTMSK_BI_ || _TECHMAP_CONSTVAL_BI_;  // a subtraction is no addition

  \$alu #(
    .A_SIGNED(B_SIGNED), .B_SIGNED(A_SIGNED), .A_WIDTH(B_WIDTH), .B_WIDTH(A_WIDTH), .Y_WIDTH(Y_WIDTH)
  ) _TECHMAP_REPLACE_ (
    .A(B), .B(A), .CI(CI), .BI(1'b0), .X(X), .Y(Y), .CO(CO)
  );
endmodule
