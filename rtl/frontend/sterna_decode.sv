// SPDX-License-Identifier: Apache-2.0
// Decoder: checks an instruction and works out its addresses, registers and unit before it reaches the issue stage.
//
// Commands: an instruction with its PC; flush_i drops all that are in the pipeline.
// Handshake: valid/ready on both sides. The stages advance together when the last one is empty or accepted, so a stall of the
// issue stage stalls fetch. A fault travels with its instruction (fault_o); the issue stage reports it.
// Latency: seven cycles from valid_i to valid_o, an instruction a cycle: the checks need two multiplications (the lines of a
// matrix, the row of a token) and 64-bit sums. Signals bear the number of the stage whose register drives them.
module sterna_decode #(
  parameter int unsigned VecLen    = 8192,
  parameter int unsigned Registers = 8,
  parameter int unsigned Channels  = 1,
  parameter bit          Fff       = 1'b0,  // it has FFFIN and FFFOUT
  localparam int unsigned LaneBits = $clog2(sterna_isa_pkg::MAX_LANES)
) (
  input  logic                   clk_i,
  input  logic                   rst_ni,
  input  logic                   flush_i,

  // Arguments of the program: segments are written before it starts, the others are stable while it runs.
  input  logic [sterna_segment_pkg::WRITE_BITS-1:0] segment_i,  // sterna_segment_pkg::write_t
  input  logic [31:0]            token_i,      // the greatest of the active lanes, which bounds EMB
  input  logic [LaneBits-1:0]    last_lane_i,  // the last active lane, whose copy of a segment has the highest address

  // From fetch.
  input  logic                   valid_i,
  output logic                   ready_o,
  input  logic                   overrun_i,
  input  logic [31:0]            pc_i,
  input  logic [127:0]           instr_i,

  // To the issue stage.
  output logic                                   valid_o,
  input  logic                                   ready_i,
  output logic [31:0]                            pc_o,
  output logic [127:0]                           instr_o,
  output logic [sterna_isa_pkg::STATUS_BITS-1:0] fault_o,      // STATUS_OK: may be issued
  output logic                                   halt_o,
  output logic [sterna_isa_pkg::UNITS-1:0]       unit_o,       // one-hot; none for HALT
  output logic [4*Registers-1:0]                 operands_o,   // vc, vb, va, vd: one-hot, or none where it has no such operand; GATE's, SCAN's va, vc, vb, vd
  output logic [Registers-1:0]                   sources_o,    // registers it reads
  output logic [Registers-1:0]                   dest_o,       // register it writes
  output logic [sterna_isa_pkg::RESULT_BITS-1:0] result_o,     // what it writes to vd: a result_e
  output logic [63:0]                            line_addr_o,  // absolute byte address of its first line (lane 0, EMB: token 0)

  // The instruction behind it, if there is one: what is asked first.
  output logic [sterna_isa_pkg::UNITS-1:0]       coming_unit_o,
  output logic [Registers-1:0]                   coming_sources_o,
  output logic [Registers-1:0]                   coming_dest_o,
  output logic                                   coming_chain_o,  // vector chaining: may issue while its sources are being written

  // TMATMUL, FFFIN, FFFOUT: each channel's part of the matrix.
  output logic [Channels*64-1:0]                 part_addr_o,   // byte address of the part's first line
  output logic [31:0]                            part_lines_o
);

  localparam int unsigned Stages   = 7;
  localparam int unsigned OpBits   = sterna_isa_pkg::OP_BITS;
  localparam int unsigned OpLsb    = sterna_isa_pkg::FIELD_OP_LSB;
  localparam int unsigned LenLsb   = sterna_isa_pkg::FIELD_LEN_LSB;
  localparam int unsigned LenBits  = sterna_isa_pkg::FIELD_LEN_BITS;
  localparam int unsigned RowsLsb  = sterna_isa_pkg::FIELD_ROWS_LSB;
  localparam int unsigned RowsBits = sterna_isa_pkg::FIELD_ROWS_BITS;
  localparam int unsigned RegBits  = sterna_isa_pkg::FIELD_VD_BITS;
  localparam int unsigned SegBits  = sterna_isa_pkg::FIELD_SEG_BITS;
  localparam int unsigned OffBits  = sterna_isa_pkg::FIELD_OFF_BITS;

  // The immediate of TMATMUL: zeros above its exponent, which has a smallest value (docs/numerics.md).
  localparam int unsigned ImmLsb           = sterna_isa_pkg::FIELD_IMM_LSB;
  localparam int unsigned MantissaBits     = sterna_isa_pkg::SCALE_MANTISSA_BITS;
  localparam int unsigned ExponentBits     = sterna_isa_pkg::SCALE_EXPONENT_BITS;

  localparam int unsigned Trits            = sterna_isa_pkg::TRITS_PER_BYTE;

  // Segment s lies in channel s mod Channels; a matrix starts in channel 0 (docs/rules.md, channels and lanes).
  localparam int unsigned ChannelBits = $clog2(Channels);
  localparam int unsigned Sets        = sterna_isa_pkg::SEGMENTS / Channels;  // of segments that one matrix may lie in
  localparam int unsigned SetBits     = $clog2(Sets);

  // Does it name what lies in the segments of all channels?
  function automatic logic striped(input logic [OpBits-1:0] op);
    striped = sterna_isa_pkg::access_of(op) == sterna_isa_pkg::ACCESS_MATRIX
              || sterna_isa_pkg::access_of(op) == sterna_isa_pkg::ACCESS_TREE_IN
              || sterna_isa_pkg::access_of(op) == sterna_isa_pkg::ACCESS_TREE_OUT;
  endfunction

  logic advance;
  logic empty_q;  // !valid_o, for the stages alone, which are many; valid_o is the first thing that issue looks at
  assign advance = empty_q || ready_i;
  assign ready_o = !valid_o || ready_i;

  // ------------------------------------------------------------------------------ carried unchanged from stage to stage
  logic [127:0] instr_q[1:Stages];
  logic [31:0]  pc_q[1:Stages];
  logic         overrun_q[1:Stages];
  logic         valid_q[1:Stages];
  logic              tree_out1;
  logic [RowsBits:0] rows_up1;  // rows, so that the division rounds up to a row group in every channel

  always_ff @(posedge clk_i) begin
    if (advance) begin
      instr_q[1]   <= instr_i;
      tree_out1    <= instr_i[OpLsb +: OpBits] == sterna_isa_pkg::OP_FFFOUT;  // access_of would be a table behind the ROM
      rows_up1     <= (RowsBits + 1)'(instr_i[RowsLsb +: RowsBits]) + (RowsBits + 1)'(Trits * Channels - 1);
      pc_q[1]      <= pc_i;
      overrun_q[1] <= overrun_i;
      for (int unsigned s = 2; s <= Stages; s++) begin
        instr_q[s]   <= instr_q[s-1];
        pc_q[s]      <= pc_q[s-1];
        overrun_q[s] <= overrun_q[s-1];
      end
    end
  end

  always_ff @(posedge clk_i) begin
    if (!rst_ni || flush_i) begin
      for (int unsigned s = 1; s <= Stages; s++) valid_q[s] <= 1'b0;
      empty_q <= 1'b1;
    end else if (advance) begin
      empty_q    <= !valid_q[Stages-1];
      valid_q[1] <= valid_i;
      for (int unsigned s = 2; s <= Stages; s++) valid_q[s] <= valid_q[s-1];
    end
  end

  // -------------------------------------------------------------------------------- stage 2: fields against their bounds
  logic [OpBits-1:0]   op1;
  logic [RegBits-1:0]  vd1, va1, vb1, vc1;
  logic [LenBits-1:0]  len1;
  logic [RowsBits-1:0] rows1;
  logic [31-MantissaBits:0] scale1;  // the immediate's upper end: zeros and TMATMUL's exponent
  logic [SegBits-1:0]  seg1;

  assign op1    = instr_q[1][OpLsb +: OpBits];
  assign vd1    = instr_q[1][sterna_isa_pkg::FIELD_VD_LSB +: RegBits];
  assign va1    = instr_q[1][sterna_isa_pkg::FIELD_VA_LSB +: RegBits];
  assign vb1    = instr_q[1][sterna_isa_pkg::FIELD_VB_LSB +: RegBits];
  assign vc1    = instr_q[1][sterna_isa_pkg::FIELD_VC_LSB +: RegBits];
  assign len1   = instr_q[1][LenLsb +: LenBits];
  assign rows1  = instr_q[1][RowsLsb +: RowsBits];
  assign scale1 = instr_q[1][ImmLsb + MantissaBits +: 32 - MantissaBits];
  assign seg1   = instr_q[1][sterna_isa_pkg::FIELD_SEG_LSB +: SegBits];

  logic in_table2, matrix2;
  logic bad_op2, bad_unused2, bad_reg2, bad_len2, bad_rows2, bad_distinct2, bad_scale2, bad_seg2;
  logic [RowsBits-1:0] groups2;      // of Trits rows, in each channel
  logic [LenBits-1:0]  fix_lines2;   // of len fix elements
  logic [LenBits-1:0]  q8_lines2;    // of len q8 elements

  // Registers a build does not have. A field that is not used is zero, which bad_unused2 sees to, so it needs no mask.
  function automatic logic out_of_range(input logic [RegBits-1:0] register_index);
    out_of_range = {1'b0, register_index} >= (RegBits + 1)'(Registers);
  endfunction

  always_ff @(posedge clk_i) begin
    if (advance) begin
      in_table2     <= sterna_isa_pkg::access_of(op1) == sterna_isa_pkg::ACCESS_ROW;
      matrix2       <= striped(op1);
      bad_op2       <= !sterna_isa_pkg::is_legal_opcode(op1) || (!Fff && sterna_isa_pkg::needs_fff(op1));
      bad_unused2   <= (instr_q[1] & ~sterna_isa_pkg::used_bits(op1)) != '0;
      bad_reg2      <= out_of_range(vd1) || out_of_range(va1)
                       || out_of_range(vb1) || out_of_range(vc1);
      bad_len2      <= sterna_isa_pkg::uses_len(op1) && (len1 == '0 || 32'(len1) > VecLen);
      bad_rows2     <= sterna_isa_pkg::uses_rows(op1) && (rows1 == '0 || 32'(rows1) > VecLen);
      bad_distinct2 <= sterna_isa_pkg::needs_distinct(op1) && vd1 == va1;
      bad_scale2    <= sterna_isa_pkg::takes_scale(op1)
                       && (scale1[31-MantissaBits:ExponentBits] != '0
                           || 32'(scale1[ExponentBits-1:0]) < sterna_isa_pkg::MIN_SCALE_EXPONENT);
      bad_seg2      <= striped(op1) && (32'(seg1) & (Channels - 1)) != '0;
      // Channels is a power of two, so that rounding up before the division by Trits does for both.
      groups2       <= RowsBits'((34'(rows_up1) * 34'(sterna_isa_pkg::TRITS_FACTOR)
                                  >> sterna_isa_pkg::TRITS_SHIFT) >> ChannelBits);
      fix_lines2    <= LenBits'((17'(len1) + 17'd15) >> 4);
      q8_lines2     <= LenBits'(((Fff && tree_out1 ? 17'(rows1) : 17'(len1)) + 17'd63) >> 6);
    end
  end

  // Trees of an FFF layer: how many, of which depth; the blocks of a tree, of four levels each but the first, and those of a path
  // through it. What the last FFFIN walked is what FFFOUT must name; an instruction that is not legal ends the program.
  localparam int unsigned DepthBits = sterna_isa_pkg::FIELD_DEPTH_BITS;
  localparam int unsigned TreesBits = $clog2(sterna_isa_pkg::MAX_TREES + 1);

  logic                 tree_in2, tree_out2, bad_trees2;
  logic [LenBits-1:0]   trees2;
  logic [TreesBits:0]   records2;  // twice the trees for FFFOUT, whose records are twice as long as blocks
  logic [DepthBits-1:0] depth1, depth2;
  logic [12:0]          tree_blocks2;
  logic [TreesBits+DepthBits-1:0] walked_q;  // none: 0 trees
  logic                 walks2;

  assign depth1 = instr_q[1][sterna_isa_pkg::FIELD_DEPTH_LSB+:DepthBits];
  assign walks2 = valid_q[2] && tree_in2;

  always_ff @(posedge clk_i) begin
    if (advance) begin
      tree_in2  <= Fff && sterna_isa_pkg::access_of(op1) == sterna_isa_pkg::ACCESS_TREE_IN;
      tree_out2 <= Fff && tree_out1;
      trees2    <= tree_out1 ? len1 : rows1;
      records2  <= tree_out1 ? {len1[TreesBits-1:0], 1'b0} : {1'b0, rows1[TreesBits-1:0]};
      depth2    <= depth1;
      // One, and those at each depth in blocks below it: n = 2 << depth1[1:0], 16 n, 256 n.
      unique case (depth1[3:2])
        2'd0: tree_blocks2 <= 13'd1;
        2'd1: tree_blocks2 <= 13'd1 + (13'd2 << depth1[1:0]);
        2'd2: tree_blocks2 <= 13'd1 + (13'd34 << depth1[1:0]);
        2'd3: tree_blocks2 <= 13'd1 + (13'd546 << depth1[1:0]);
      endcase
    end
    if (!rst_ni || flush_i || !Fff) walked_q <= '0;
    else if (advance) walked_q <= (walked_q & ~{$bits(walked_q){walks2}}) | ({trees2[TreesBits-1:0], depth2} & {$bits(walked_q){walks2}});
  end

  // A path's elements, four a block, must fit a register.
  always_comb begin
    bad_trees2 = trees2 == '0 || 32'(trees2) > sterna_isa_pkg::MAX_TREES
                 || (tree_out2 && walked_q != {trees2[TreesBits-1:0], depth2});
    for (int unsigned j = 0; j < 4; j++) begin
      if (depth2[3:2] == 2'(j) && 32'(trees2[TreesBits-1:0]) > VecLen / (4 * (j + 1))) bad_trees2 = 1'b1;
    end
    if (!tree_in2 && !tree_out2) bad_trees2 = 1'b0;
  end

  // ------------------------------------------------------------------------------------------- stage 3: factors of lines
  logic                illegal3, bad_trees3;
  logic [31:0]         factor_a3;
  logic [LenBits-1:0]  factor_b3, fix_lines3;

  logic [19:0] blocks2;  // of all trees; FFFOUT: twice as many
  assign blocks2   = 20'(records2) * 20'(tree_blocks2);

  always_ff @(posedge clk_i) begin
    if (advance) begin
      illegal3   <= bad_op2 || bad_unused2 || bad_reg2 || bad_len2 || bad_rows2 || bad_distinct2
                    || bad_scale2 || bad_seg2;
      bad_trees3 <= bad_trees2;  // with the rest a cycle later
      // Masks, as a reset would wait for advance.
      factor_a3  <= (token_i & {32{in_table2}}) | (32'(blocks2) << 2 >> ChannelBits & {32{tree_in2 || tree_out2}})
                    | (32'(groups2) & {32{!in_table2 && !tree_in2 && !tree_out2}});
      factor_b3  <= in_table2 ? fix_lines2 : q8_lines2 & {LenBits{matrix2}};
      fix_lines3 <= fix_lines2 & {LenBits{!matrix2}};  // besides the product
    end
  end

  // -------------------------------------------- stage 4: their product (of a factor's halves, each in a DSP slice), and the segment
  logic               illegal4;
  logic [31:0]        low4, high4;
  logic [LenBits-1:0] fix_lines4;
  logic [57:0]        base4[Channels];  // of the segments of the set that seg belongs to
  logic [31:0]        size4[Channels];
  logic [31:0]        stride4;
  logic [SegBits-1:0] seg3;
  logic [SetBits-1:0] set3;

  logic matrix4;
  assign seg3 = instr_q[3][sterna_isa_pkg::FIELD_SEG_LSB +: SegBits];
  assign set3 = SetBits'(seg3 >> ChannelBits);

  sterna_segment_pkg::write_t segment;
  localparam int unsigned EntryBits = 58 + 32;  // base in lines, size
  logic [Channels*EntryBits-1:0] entries3;      // flat: Yosys takes no cell's output into an array's element
  logic [31:0]                   stride3;
  assign segment = segment_i;

  sterna_small_ram #(
    .Width(32),
    .Depth(sterna_isa_pkg::SEGMENTS)
  ) u_strides (
    .clk_i,
    .wr_en_i  (segment.valid),
    .wr_addr_i(segment.index),
    .wr_data_i(segment.stride),
    .rd_addr_i(seg3),
    .rd_data_o(stride3)
  );

  for (genvar c = 0; c < Channels; c++) begin : gen_segments
    sterna_small_ram #(
      .Width(EntryBits),
      .Depth(Sets)
    ) u_ram (
      .clk_i,
      .wr_en_i  (segment.valid && (segment.index & SegBits'(Channels - 1)) == SegBits'(c)),
      .wr_addr_i(SetBits'(segment.index >> ChannelBits)),
      .wr_data_i({segment.base[63:6], segment.size}),
      .rd_addr_i(set3),
      .rd_data_o(entries3[EntryBits*c+:EntryBits])
    );
  end

  logic unused_base;
  assign unused_base = ^segment.base[5:0];

  always_ff @(posedge clk_i) begin
    if (advance) begin
      illegal4   <= illegal3 || bad_trees3;
      matrix4    <= striped(instr_q[3][OpLsb +: OpBits]);
      low4       <= 32'(factor_a3[15:0]) * 32'(factor_b3);
      high4      <= 32'(factor_a3[31:16]) * 32'(factor_b3);
      fix_lines4 <= fix_lines3;
      stride4    <= stride3;
      for (int unsigned c = 0; c < Channels; c++) begin
        {base4[c], size4[c]} <= entries3[EntryBits*c+:EntryBits];
      end
    end
  end

  // ------------------------------------------------------------------------------- stage 5: first line, number of lines
  logic              illegal5;
  logic [31:0]       first5;
  logic [48:0]       lines5;  // up to the end of what it reads; of a table these are the rows of the tokens before, too
  logic [57:0]       base5[Channels];
  logic [31:0]       size5[Channels];
  logic [15+LaneBits:0] low5, high5;  // as in stage 4
  logic [31+LaneBits:0] copy5;        // lines from lane 0's copy to that of the last active lane

  always_ff @(posedge clk_i) begin
    if (advance) begin
      illegal5 <= illegal4;
      first5   <= instr_q[4][sterna_isa_pkg::FIELD_OFF_LSB +: OffBits];
      lines5   <= 49'({high4, 16'd0}) + 49'(low4) + 49'(fix_lines4);
      low5     <= (16 + LaneBits)'(stride4[15:0]) * (16 + LaneBits)'(last_lane_i) & {16 + LaneBits{!matrix4}};  // a mask, as a reset would wait for advance
      high5    <= (16 + LaneBits)'(stride4[31:16]) * (16 + LaneBits)'(last_lane_i) & {16 + LaneBits{!matrix4}};
      for (int unsigned c = 0; c < Channels; c++) begin
        base5[c] <= base4[c];
        size5[c] <= size4[c];
      end
    end
  end

  // ------------------------------------------------------------------- stage 6: end, absolute address; unit and registers
  assign copy5 = {high5, 16'd0} + (32 + LaneBits)'(low5);

  // GATE and SCAN, c + a * (b - c), begin with b and c: they are read where other instructions' a and b are, in place of a multiplexer for each
  // element in every lane.
  logic [OpBits-1:0]      op5;
  logic [RegBits-1:0]     va5, vb5, vc5;
  logic                   gate5;
  logic [4*Registers-1:0] operands5, operands6;
  assign op5       = instr_q[5][OpLsb +: OpBits];
  assign va5       = instr_q[5][sterna_isa_pkg::FIELD_VA_LSB +: RegBits];
  assign vb5       = instr_q[5][sterna_isa_pkg::FIELD_VB_LSB +: RegBits];
  assign vc5       = instr_q[5][sterna_isa_pkg::FIELD_VC_LSB +: RegBits];
  assign operands5 = {register_mask(sterna_isa_pkg::uses_vc(op5), gate5 ? va5 : vc5),
                      register_mask(sterna_isa_pkg::uses_vb(op5), gate5 ? vc5 : vb5),
                      register_mask(sterna_isa_pkg::uses_va(op5), gate5 ? vb5 : va5),
                      register_mask(sterna_isa_pkg::uses_vd(op5), instr_q[5][sterna_isa_pkg::FIELD_VD_LSB +: RegBits])};

  always_ff @(posedge clk_i) begin
    if (advance) gate5 <= instr_q[4][OpLsb +: OpBits] == sterna_isa_pkg::OP_GATE || instr_q[4][OpLsb +: OpBits] == sterna_isa_pkg::OP_SCAN;
  end

  function automatic logic [Registers-1:0] register_mask(input logic               used,
                                                         input logic [RegBits-1:0] register_index);
    register_mask = Registers'(16'd1 << register_index) & {Registers{used}};  // a mask, as a reset would wait for advance
  endfunction

  always_ff @(posedge clk_i) begin
    if (advance) begin
      coming_unit_o    <= sterna_isa_pkg::unit_of(op5) & {$bits(coming_unit_o){valid_q[5]}};  // a mask, as a reset would wait for advance
      operands6        <= operands5;
      coming_sources_o <= operands5[3*Registers +: Registers] | operands5[2*Registers +: Registers] | operands5[Registers +: Registers];
      coming_dest_o    <= operands5[0 +: Registers];
      coming_chain_o   <= sterna_isa_pkg::chains(op5);
    end
  end

  logic [SegBits-1:0] channel5, channel6;  // that seg lies in
  assign channel5 = instr_q[5][sterna_isa_pkg::FIELD_SEG_LSB +: SegBits] & SegBits'(Channels - 1);

  logic        illegal6;
  logic [49:0] end6;
  logic [57:0] line6[Channels];
  logic [31:0] size6[Channels];
  logic signed [59:0] room6[Channels];  // lines from the last lane's copy on, up to the end of 64-bit addresses
  logic [31:0] lines6;
  logic [Channels-1:0] checks6;  // a matrix needs all segments of its set, any other access the one that it names

  always_ff @(posedge clk_i) begin
    if (advance) begin
      for (int unsigned c = 0; c < Channels; c++) begin
        checks6[c] <= sterna_isa_pkg::uses_mem(op5) && (striped(op5) || channel5 == SegBits'(c));
      end
      illegal6 <= illegal5;
      end6     <= 50'(first5) + 50'(lines5);
      lines6   <= lines5[31:0];
      for (int unsigned c = 0; c < Channels; c++) begin
        line6[c] <= base5[c] + 58'(first5);
        room6[c] <= $signed((60'd1 << 58) - 60'(base5[c]) - 60'(copy5));
        size6[c] <= size5[c];
      end
    end
  end

  // ---------------------------------------------------------------------------------------------------- stage 7: verdict
  logic [OpBits-1:0]                        op6;
  logic [sterna_isa_pkg::STATUS_BITS-1:0]   fault6;
  logic                                     bad_address6;
  logic [57:0]                              first_line6;

  assign op6      = instr_q[6][OpLsb +: OpBits];
  assign channel6 = instr_q[6][sterna_isa_pkg::FIELD_SEG_LSB +: SegBits] & SegBits'(Channels - 1);

  always_comb begin
    bad_address6 = 1'b0;
    first_line6  = '0;
    for (int unsigned c = 0; c < Channels; c++) begin
      if (checks6[c] && (end6 > 50'(size6[c]) || $signed(60'(end6)) > room6[c])) bad_address6 = 1'b1;
      if (channel6 == SegBits'(c)) first_line6 = first_line6 | line6[c];
    end
  end

  always_comb begin
    fault6 = sterna_isa_pkg::STATUS_OK;
    if (overrun_q[6]) fault6 = sterna_isa_pkg::STATUS_PC_OVERRUN;
    else if (illegal6) fault6 = sterna_isa_pkg::STATUS_ILLEGAL_INSTRUCTION;
    else if (bad_address6) fault6 = sterna_isa_pkg::STATUS_BAD_ADDRESS;
  end

  always_ff @(posedge clk_i) begin
    if (advance) begin
      fault_o     <= fault6;
      halt_o      <= op6 == sterna_isa_pkg::OP_HALT;
      result_o    <= sterna_isa_pkg::result_of(op6);
      unit_o      <= coming_unit_o;
      operands_o  <= operands6;
      sources_o   <= coming_sources_o;
      dest_o      <= coming_dest_o;
      line_addr_o  <= {first_line6, 6'd0};
      part_lines_o <= lines6;
      for (int unsigned c = 0; c < Channels; c++) part_addr_o[c*64 +: 64] <= {line6[c], 6'd0};
    end
  end

  assign valid_o = valid_q[Stages];
  assign pc_o    = pc_q[Stages];
  assign instr_o = instr_q[Stages];

endmodule
