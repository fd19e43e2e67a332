// SPDX-License-Identifier: Apache-2.0
// FFFIN in one lane: a block's logits from its rescaled rows and biases, the way through its four levels, and the four logits on it.
//
// Commands: fff_i (sterna_ternary_pkg): group_valid, some groups of five rows' elements and their biases, in any order; block, the block is
// complete, with its last group or later, and mine_i, it is this lane's: its way and its four logits go out.
// Right iff a logit is greater than zero.
// Handshake: none; never stalled, the next block's first groups in the cycle after block, or two cycles where a block's come all at once, its block
// two cycles after this one's at the earliest.
// Latency: two cycles from block to pick_valid_o, four to push_o.
// AtOnce: as fff_at_once gives it. Groups: of those, the ones that a block has.
`include "rtl/assertions.svh"
`include "rtl/verilator.svh"

module sterna_fff_pick #(
  parameter int unsigned AtOnce = 1,
  parameter int unsigned Groups = 1,
  localparam int unsigned Trits  = sterna_isa_pkg::TRITS_PER_BYTE,
  localparam int unsigned Levels = sterna_isa_pkg::TREE_BLOCK_LEVELS,
  localparam int unsigned Nodes  = (1 << Levels) - 1,
  localparam int unsigned Rows   = Groups * Trits
) (
  input  logic clk_i,
  input  logic rst_ni,
  input  logic start_i,

  input  logic [sterna_ternary_pkg::FFF_BITS-1:0] fff_i,       // sterna_ternary_pkg::fff_t
  input  logic                                    mine_i,
  input  logic [Rows*32-1:0]                      elements_i,  // with group_valid; they were clamped:
  input  logic [Rows-1:0]                         clamped_i,

  output logic                 pick_valid_o,
  output logic [Levels-1:0]    pick_o,      // the way, the first level's highest
  output logic                 next_o,      // push_o in the next cycle
  output logic                 push_o,
  output logic                 no_push_o,   // !push_o by another register: for what has little time, as push_o drives every bit of quad_o's way
  output logic [Levels*32-1:0] quad_o,      // with push_o: the logits, the first level's lowest
  output logic                 saturated_o  // one of those, since start_i, was clamped
);
  sterna_ternary_pkg::fff_t fff;
  assign fff = fff_i;

  // ------------------------------------------------------------------------------------------------------------ logits
  localparam int unsigned LogitBits = 34;  // {element was clamped, sum}
  logic [2:0]          valid_q;
  logic [Rows-1:0]     clamped_q;
  logic [Rows*33-1:0]  sums_q;
  logic [Rows-1:0]     above_q;  // the sum is greater than zero
  logic [Nodes*LogitBits-1:0] logits;
  logic [Nodes-1:0]           right;  // as soon as sums_q is there

  always_ff @(posedge clk_i) valid_q <= rst_ni ? fff.group_valid : '0;

  `STERNA_TEMPORARIES_BEGIN
  logic [32:0] element, bias, added;
  logic        zero;
  always_ff @(posedge clk_i) begin
    if (fff.group_valid != '0) begin
      clamped_q <= clamped_i;
      for (int unsigned r = 0; r < Rows; r++) begin
        element = {elements_i[32*r+31], elements_i[32*r+:32]};
        bias    = {fff.bias[32*r+31], fff.bias[32*r+:32]};
        added   = element + bias;
        // Whether all bits of a sum are zero can be told without its carries.
        zero    = (element ^ bias) == {element[31:0] | bias[31:0], 1'b0};
        sums_q[33*r+:33] <= added;
        above_q[r]       <= !added[32] && !zero;
      end
    end
  end
  `STERNA_TEMPORARIES_END

  if (Rows == Nodes) begin : gen_all_at_once
    logic unused_valid;
    assign unused_valid = ^valid_q;
    assign right        = above_q;
    always_comb begin
      for (int unsigned p = 0; p < Nodes; p++) logits[LogitBits*p+:LogitBits] = {clamped_q[p], sums_q[33*p+:33]};
    end
  end else begin : gen_some
    logic [Nodes*LogitBits-1:0] logits_q;
    logic [Nodes-1:0]           right_q;
    logic [2:0]                 not_valid_q;  // ~valid_q, for the way, where that one drives every bit of the logits
    always_ff @(posedge clk_i) not_valid_q <= rst_ni ? ~fff.group_valid : '1;

    for (genvar p = 0; p < Nodes; p++) begin : gen_place
      localparam int unsigned Row = p / Trits % AtOnce * Trits + p % Trits;
      assign right[p] = not_valid_q[p/Trits] ? right_q[p] : above_q[Row];
      always_ff @(posedge clk_i) begin
        if (valid_q[p/Trits]) logits_q[LogitBits*p+:LogitBits] <= {clamped_q[Row], sums_q[33*Row+:33]};
      end
    end
    always_ff @(posedge clk_i) right_q <= right;
    assign logits = logits_q;
    `STERNA_ASSERT(CopiesAgree, not_valid_q == ~valid_q)
  end

  // -------------------------------------------------------------------------------------------------------------- path
  // Bit t: block and mine_i are t + 1 cycles late, push_q[t] both. The decisions go out at once. In the cycle behind them the first leaves one logit
  // of levels 0 and 1, two of level 2 and four of level 3, then the others select among those.
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
  assign right2 = right[6:3];
  assign right3 = right[14:7];
  assign way0 = right[0];
  assign way1 = way0 ? right[2] : right[1];
  assign way2 = right2[{way0, way1}];
  assign way3 = right3[{way0, way1, way2}];

  logic [LogitBits-1:0]   level0_q, level1_q, level2, level3;
  logic [2*LogitBits-1:0] level2_q;
  logic [4*LogitBits-1:0] level3_q;

  assign level2 = pick_o[2] ? level2_q[LogitBits+:LogitBits] : level2_q[LogitBits-1:0];
  assign level3 = pick_o[2] ? (pick_o[1] ? level3_q[3*LogitBits+:LogitBits] : level3_q[2*LogitBits+:LogitBits])
                  : (pick_o[1] ? level3_q[LogitBits+:LogitBits] : level3_q[LogitBits-1:0]);

  logic [Levels*LogitBits-1:0] way;   // the logits on it
  logic [Levels*32-1:0]        quad;
  logic [Levels-1:0]           clamped, way_clamped_q;  // of those of quad_o
  logic [32:0]                 sum;
  logic                        beyond;
  assign way = {level3, level2, level1_q, level0_q};

  always_comb begin
    for (int unsigned l = 0; l < Levels; l++) begin
      sum    = way[LogitBits*l+:33];
      beyond = sum[32] != sum[31];
      quad[32*l+:32] = beyond ? {sum[32], {31{!sum[32]}}} : sum[31:0];
      clamped[l]     = beyond || way[LogitBits*l+33];
    end
  end

  always_ff @(posedge clk_i) begin
    if (block_q[0] && mine_q[0]) pick_o <= {way0, way1, way2, way3};
    if (block_q[1] && mine_q[1]) begin
      level0_q <= logits[LogitBits-1:0];
      level1_q <= pick_o[3] ? logits[2*LogitBits+:LogitBits] : logits[LogitBits+:LogitBits];
      level2_q <= pick_o[3] ? logits[5*LogitBits+:2*LogitBits] : logits[3*LogitBits+:2*LogitBits];
      level3_q <= pick_o[3] ? logits[11*LogitBits+:4*LogitBits] : logits[7*LogitBits+:4*LogitBits];
    end
    if (take_q) begin
      quad_o        <= quad;
      way_clamped_q <= clamped;
    end
    if (!rst_ni || start_i) saturated_o <= 1'b0;
    else if (push_o && way_clamped_q != '0) saturated_o <= 1'b1;
  end

  assign pick_valid_o = push_q[1];
  assign next_o       = push_q[2];
  assign push_o       = push_q[3];

  logic unused;  // what FFFOUT says
  assign unused = ^fff;
endmodule
