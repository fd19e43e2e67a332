// SPDX-License-Identifier: Apache-2.0
// Shifts leading zeros, up to 15, out of a value. Combinational.
module sterna_leading_zeros #(
  parameter int unsigned Width = 47  // at least 16
) (
  input  logic [Width-1:0] value_i,
  output logic [3:0]       zeros_o,  // shifted out
  output logic [Width-1:0] value_o
);
  // Of each four bits, from the top: whether one of them is set, and the zeros before it.
  logic [2:0] some;
  logic [7:0] zeros;
  always_comb begin
    for (int unsigned g = 0; g < 4; g++) begin
      zeros[2*g+:2] = value_i[Width-1-4*g] ? 2'd0 : value_i[Width-2-4*g] ? 2'd1 : value_i[Width-3-4*g] ? 2'd2 : 2'd3;
    end
    for (int unsigned g = 0; g < 3; g++) some[g] = value_i[Width-1-4*g-:4] != '0;
    zeros_o[3:2] = some[0] ? 2'd0 : some[1] ? 2'd1 : some[2] ? 2'd2 : 2'd3;
    zeros_o[1:0] = some[0] ? zeros[1:0] : some[1] ? zeros[3:2] : some[2] ? zeros[5:4] : zeros[7:6];
  end
  assign value_o = (value_i << {zeros_o[3:2], 2'b0}) << zeros_o[1:0];
endmodule
