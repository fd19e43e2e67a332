// SPDX-License-Identifier: Apache-2.0
// One step of a normalisation: shifts up to three groups of Group leading zeros out of a value. Combinational.
module sterna_leading_zeros #(
  parameter int unsigned Width = 64,
  parameter int unsigned Group = 16
) (
  input  logic [Width-1:0] value_i,
  output logic [1:0]       groups_o,  // shifted out
  output logic [Width-1:0] value_o
);
  always_comb begin
    if (value_i[Width-1 -: Group] != '0) groups_o = 2'd0;
    else if (value_i[Width-1-Group -: Group] != '0) groups_o = 2'd1;
    else if (value_i[Width-1-2*Group -: Group] != '0) groups_o = 2'd2;
    else groups_o = 2'd3;
  end
  assign value_o = value_i << (32'(groups_o) * Group);
endmodule
