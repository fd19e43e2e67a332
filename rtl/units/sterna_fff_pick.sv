// SPDX-License-Identifier: Apache-2.0
// FFFIN in one lane: a block's logits from its rescaled rows and biases, the way through its four levels, and the four logits on it.
//
// Commands: fff_i (sterna_ternary_pkg): group_valid, five rows' elements and their biases, in any order; block, the block is
// complete, with its last group or later, and mine_i, it is this lane's: its way and its four logits go out.
// Right iff a logit is greater than zero.
// Handshake: none; never stalled, a group a cycle, the next block's in the cycle after block.
// Latency: three cycles from block to pick_valid_o, four to push_o.
`include "rtl/verilator.svh"

module sterna_fff_pick #(
  localparam int unsigned Trits  = sterna_isa_pkg::TRITS_PER_BYTE,
  localparam int unsigned Levels = sterna_isa_pkg::TREE_BLOCK_LEVELS,
  localparam int unsigned Nodes  = (1 << Levels) - 1
) (
  input  logic clk_i,
  input  logic rst_ni,
  input  logic start_i,

  input  logic [sterna_ternary_pkg::FFF_BITS-1:0] fff_i,       // sterna_ternary_pkg::fff_t
  input  logic                                    mine_i,
  input  logic [Trits*32-1:0]                     elements_i,  // with group_valid; they were clamped:
  input  logic [Trits-1:0]                        clamped_i,

  output logic                 pick_valid_o,
  output logic [Levels-1:0]    pick_o,      // the way, the first level's highest
  output logic                 push_o,
  output logic                 no_push_o,   // !push_o by another register: for what has little time, as push_o drives every bit of quad_o's way
  output logic [Levels*32-1:0] quad_o,      // with push_o: the logits, the first level's lowest
  output logic                 saturated_o  // one of those, since start_i, was clamped
);
  sterna_ternary_pkg::fff_t fff;
  assign fff = fff_i;

  // ------------------------------------------------------------------------------------------------------------ logits
  localparam int unsigned LogitBits = 33;  // {clamped, logit}
  logic                  valid_q;
  logic [1:0]            group_q;
  logic [Trits-1:0]      clamped_q;
  logic [Trits*33-1:0]   sums_q;
  logic [Nodes*LogitBits-1:0] logits_q;
  logic [Nodes-1:0]      right_q;

  always_ff @(posedge clk_i) valid_q <= rst_ni && fff.group_valid;

  `STERNA_TEMPORARIES_BEGIN
  logic [32:0] sum;
  logic        beyond;
  always_ff @(posedge clk_i) begin
    if (fff.group_valid) begin
      group_q   <= fff.group;
      clamped_q <= clamped_i;
      for (int unsigned r = 0; r < Trits; r++) begin
        sums_q[33*r+:33] <= {elements_i[32*r+31], elements_i[32*r+:32]} + {fff.bias[32*r+31], fff.bias[32*r+:32]};
      end
    end
    for (int unsigned r = 0; r < Trits; r++) begin
      sum    = sums_q[33*r+:33];
      beyond = sum[32] != sum[31];
      for (int unsigned p = r; p < Nodes; p += Trits) begin
        if (valid_q && group_q == 2'(p / Trits)) begin
          logits_q[LogitBits*p+:LogitBits] <= {beyond || clamped_q[r], beyond ? {sum[32], {31{!sum[32]}}} : sum[31:0]};
          right_q[p]                       <= !sum[32] && sum != '0;
        end
      end
    end
  end
  `STERNA_TEMPORARIES_END

  // -------------------------------------------------------------------------------------------------------------- path
  // Bit t: block and mine_i are t + 1 cycles late, push_q[t] both. The first two decisions leave one node of levels 0 and 1, two of level 2
  // and four of level 3, a cycle before the others select among those.
  logic [1:0] block_q;
  logic [1:0] mine_q;
  logic [3:0] push_q;
  logic       take_q;

  always_ff @(posedge clk_i) begin
    if (!rst_ni) begin
      block_q   <= '0;
      push_q    <= '0;
      no_push_o <= 1'b1;
      take_q    <= 1'b0;
    end else begin
      block_q   <= {block_q[0], fff.block};
      push_q    <= {push_q[2:0], fff.block && mine_i};
      no_push_o <= !push_q[2];
      take_q    <= block_q[1] && mine_q[1];
    end
    mine_q <= {mine_q[0], mine_i};
  end

  logic       way0, way1, way2, way3;  // of each level
  logic [3:0] right2;
  logic [7:0] right3;
  assign right2 = right_q[6:3];
  assign right3 = right_q[14:7];
  assign way0 = right_q[0];
  assign way1 = way0 ? right_q[2] : right_q[1];
  assign way2 = right2[{way0, way1}];
  assign way3 = right3[{way0, way1, way2}];

  logic [LogitBits-1:0]   level0_q, level1_q, level2, level3;
  logic [2*LogitBits-1:0] level2_q;
  logic [4*LogitBits-1:0] level3_q;

  assign level2 = level2_q[LogitBits*pick_o[2]+:LogitBits];
  assign level3 = level3_q[LogitBits*pick_o[2:1]+:LogitBits];

  always_ff @(posedge clk_i) begin
    if (block_q[1] && mine_q[1]) begin
      pick_o   <= {way0, way1, way2, way3};
      level0_q <= logits_q[LogitBits-1:0];
      level1_q <= way0 ? logits_q[2*LogitBits+:LogitBits] : logits_q[LogitBits+:LogitBits];
      level2_q <= way0 ? logits_q[5*LogitBits+:2*LogitBits] : logits_q[3*LogitBits+:2*LogitBits];
      level3_q <= way0 ? logits_q[11*LogitBits+:4*LogitBits] : logits_q[7*LogitBits+:4*LogitBits];
    end
    if (take_q) quad_o <= {level3[31:0], level2[31:0], level1_q[31:0], level0_q[31:0]};
    if (!rst_ni || start_i) saturated_o <= 1'b0;
    else if (take_q && (level3[32] || level2[32] || level1_q[32] || level0_q[32])) saturated_o <= 1'b1;
  end

  assign pick_valid_o = push_q[2];
  assign push_o       = push_q[3];

  logic unused;  // what FFFOUT says
  assign unused = ^fff;
endmodule
