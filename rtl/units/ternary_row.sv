// One row of ternary_dot: the sum of the activations, each taken plus, minus or not at all.
//
// Minus q is ~q + 1. The ones would cost an adder each; instead they ride along as carries: an adder takes in one carry
// of its four, and hands the last one on to the next stage. So no sum needs a bit more than plain adding would, and the
// result is sum_o + carry_o. Two levels of adders between registers; stage s is loaded when load_i[s] is high.
module ternary_row #(
  parameter int unsigned Columns = 64,  // a power of two, at least 4
  localparam int unsigned Stages  = ($clog2(Columns) + 1) / 2,
  localparam int unsigned SumBits = 8 + $clog2(Columns)
) (
  input  logic                 clk_i,
  input  logic [Stages-1:0]    load_i,
  input  logic [8*Columns-1:0] q8_i,
  input  logic [Columns-1:0]   zero_i,  // the trit is 0, ...
  input  logic [Columns-1:0]   plus_i,  // ... or else 1 (high) or -1
  output logic [SumBits-1:0]   sum_o,
  output logic                 carry_o
);
  for (genvar s = 0; s < Stages; s++) begin : gen_stage
    localparam int unsigned Bits  = 8 + 2 * s;  // of a term that comes in
    localparam int unsigned Terms = Columns >> (2 * s);
    localparam int unsigned Group = Terms < 4 ? Terms : 4;
    localparam int unsigned Out   = Bits + $clog2(Group);

    for (genvar t = 0; t < Terms; t++) begin : gen_term
      logic [Bits-1:0] value;
      logic            carry;
      if (s == 0) begin : gen_first
        assign value = zero_i[t] ? 8'd0 : q8_i[8*t+:8] ^ {8{!plus_i[t]}};
        assign carry = !zero_i[t] && !plus_i[t];
      end else begin : gen_next
        assign value = gen_stage[s-1].gen_group[t].sum_q;
        assign carry = gen_stage[s-1].gen_group[t].carry_q;
      end
    end

    // A spare bit below the sum turns an adder's carry input into part of its operands.
    for (genvar g = 0; g < Terms / Group; g++) begin : gen_group
      logic [Bits+1:0] low;  // first two terms
      logic [Out:0]    sum;
      logic [Out-1:0]  sum_q;
      logic            carry_q;
      logic unused;
      assign unused = sum[0];
      assign low = {gen_term[Group*g].value[Bits-1], gen_term[Group*g].value, 1'b1}
          + {gen_term[Group*g+1].value[Bits-1], gen_term[Group*g+1].value, gen_term[Group*g].carry};
      if (Group == 4) begin : gen_four
        logic [Bits+1:0] high;
        assign high = {gen_term[4*g+2].value[Bits-1], gen_term[4*g+2].value, 1'b1}
            + {gen_term[4*g+3].value[Bits-1], gen_term[4*g+3].value, gen_term[4*g+1].carry};
        assign sum = {low[Bits+1], low[Bits+1:1], 1'b1}
            + {high[Bits+1], high[Bits+1:1], gen_term[4*g+2].carry};
      end else begin : gen_two
        assign sum = low;
      end
      always_ff @(posedge clk_i) begin
        if (load_i[s]) begin
          sum_q   <= sum[Out:1];
          carry_q <= gen_term[Group*g+Group-1].carry;
        end
      end
    end
  end

  assign sum_o   = gen_stage[Stages-1].gen_group[0].sum_q;
  assign carry_o = gen_stage[Stages-1].gen_group[0].carry_q;
endmodule
