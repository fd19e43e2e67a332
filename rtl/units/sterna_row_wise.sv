// SPDX-License-Identifier: Apache-2.0
// Row-wise unit: element-wise arithmetic on registers (docs/numerics.md), one row_alu an element of a word.
//
// Commands: ADD, SUB, MUL, DIV, EXP, SIG, SIGP, SILU, SILUP, GATE, SCAN, SET; read streams 0 va, 1 vb, 2 vc, those that the
// instruction names. Operands are read before the result is written, so vd may be any of them.
// Handshake: start_i while ready_o, done_o with the last write. Words are taken where rd_ready_i is high for every stream in use
// (vector chaining), and asked for again where not; writes are never stalled. SCAN with carry_i takes its vb from the previous lane: carry_valid_i sets off the
// read of va and vc for that word, so the lanes of a prefill run one pipeline apart.
// Latency: first read one cycle after start_i, then a word a cycle; from read to write SET 2 cycles, ADD and SUB 4, MUL 7, GATE
// and SCAN 8, SIG and SIGP 10, SILU, SILUP and EXP 14. DIV takes 35 cycles an element, in one serial divider.
module sterna_row_wise #(
  parameter int unsigned BeatBits = 512,
  parameter int unsigned VecLen   = 8192,
  localparam int unsigned WordAddrBits = $clog2(VecLen * 32 / BeatBits)
) (
  input  logic clk_i,
  input  logic rst_ni,

  input  logic         start_i,
  output logic         ready_o,
  input  logic [127:0] instr_i,
  output logic         done_o,

  output logic [2:0]                rd_en_o,
  output logic [3*WordAddrBits-1:0] rd_addr_o,
  input  logic [2:0]                rd_ready_i,  // the word at rd_addr_o has been written
  input  logic [3*BeatBits-1:0]     rd_data_i,
  output logic                      wr_en_o,
  output logic [WordAddrBits-1:0]   wr_addr_o,
  output logic [BeatBits-1:0]       wr_data_o,

  // SCAN's carry: the recurrence handed from lane to lane.
  input  logic                carry_i,        // with start_i: vb is the previous lane's result
  input  logic                carry_valid_i,
  input  logic [BeatBits-1:0] carry_data_i,

  output logic divide_o,  // stalled by the serial divider
  output logic wait_o,    // stalled: a source's word has not been written
  output logic saturated_o  // an element was clamped: of the last instruction, from the cycle after done_o on
);
  localparam int unsigned WordElems = BeatBits / 32;
  localparam int unsigned ElemBits  = $clog2(WordElems);
  localparam int unsigned LenBits   = $clog2(VecLen + 1);
  localparam int unsigned LastTime  = 12;  // the longest way through row_alu

  localparam logic [2:0] Idle    = 3'd0;
  localparam logic [2:0] Stream  = 3'd1;  // read a word a cycle
  localparam logic [2:0] Drain   = 3'd2;  // wait for the last write
  localparam logic [2:0] DivRead = 3'd3;
  localparam logic [2:0] DivLoad = 3'd4;
  localparam logic [2:0] DivWait = 3'd5;

  // Decoded once, when the instruction comes.
  logic [7:0]  op;
  logic        add_q, sub_q, mul_q, gate_q, sig_q, silu_q, exp_q, set_q, div_q;
  logic [2:0]  uses_q;
  logic [31:0] imm_q;
  logic        carry, carry_q, carry_valid_q;
  logic        three, two;  // operands
  assign carry = carry_i && op == sterna_isa_pkg::OP_SCAN;
  assign op    = instr_i[sterna_isa_pkg::FIELD_OP_LSB+:sterna_isa_pkg::FIELD_OP_BITS];
  assign three = op == sterna_isa_pkg::OP_GATE || op == sterna_isa_pkg::OP_SCAN;
  assign two   = three || op == sterna_isa_pkg::OP_ADD || op == sterna_isa_pkg::OP_SUB
      || op == sterna_isa_pkg::OP_MUL || op == sterna_isa_pkg::OP_DIV;

  always_ff @(posedge clk_i) begin
    if (start_i) begin
      add_q  <= op == sterna_isa_pkg::OP_ADD;
      sub_q  <= op == sterna_isa_pkg::OP_SUB;
      mul_q  <= op == sterna_isa_pkg::OP_MUL;
      gate_q <= three;
      sig_q  <= op == sterna_isa_pkg::OP_SIG || op == sterna_isa_pkg::OP_SIGP;
      silu_q <= op == sterna_isa_pkg::OP_SILU || op == sterna_isa_pkg::OP_SILUP;
      exp_q  <= op == sterna_isa_pkg::OP_EXP;
      set_q  <= op == sterna_isa_pkg::OP_SET;
      div_q  <= op == sterna_isa_pkg::OP_DIV;
      uses_q <= {three, two && !carry, op != sterna_isa_pkg::OP_SET};
      carry_q <= carry;
      imm_q  <= instr_i[sterna_isa_pkg::FIELD_IMM_LSB+:sterna_isa_pkg::FIELD_IMM_BITS];
    end
  end

  // Words of the vector's lines, and elements not written yet.
  logic [LenBits-1:0]    len, left_q, left_d;
  logic [WordAddrBits:0] words, words_q;
  assign len   = LenBits'(instr_i[sterna_isa_pkg::FIELD_LEN_LSB+:sterna_isa_pkg::FIELD_LEN_BITS]);
  assign words = (WordAddrBits + 1)'((32'(len) + 32'd15) / 16 * (512 / BeatBits));

  logic [2:0]            state_q, state_d;
  logic [WordAddrBits:0] read_q, read_d, write_q, write_d;
  logic                  asks, read, ready;
  logic                  divided;
  logic [LastTime:0]     at_q;  // row_alu's at_i
  logic                  y_en, y_valid_q;
  logic                  last;

  assign ready = (rd_ready_i | ~uses_q) == '1;
  assign read  = asks && ready;

  always_comb begin
    state_d = state_q;
    read_d  = read_q;
    asks    = 1'b0;
    unique case (state_q)
      Idle: begin
        read_d = '0;
        if (start_i) state_d = op == sterna_isa_pkg::OP_DIV ? DivRead : Stream;
      end
      Stream: begin
        asks = !carry_q || carry_valid_q;
        if (read) begin
          read_d = read_q + 1'b1;
          if (read_d == words_q) state_d = Drain;
        end
      end
      Drain: if (last) state_d = Idle;
      DivRead: begin
        asks = 1'b1;
        if (read) begin
          read_d  = read_q + 1'b1;
          state_d = DivLoad;
        end
      end
      DivLoad: state_d = DivWait;
      default: if (divided) state_d = last ? Idle : DivRead;
    endcase
  end

  // When each operation's result is ready for y (row_alu).
  always_comb begin
    case (1'b1)
      set_q:          y_en = at_q[0];
      add_q, sub_q:   y_en = at_q[2];
      mul_q:          y_en = at_q[5];
      gate_q:         y_en = at_q[6];
      sig_q:          y_en = at_q[8];
      silu_q, exp_q:  y_en = at_q[12];
      default:        y_en = 1'b0;
    endcase
  end

  // Elements behind the vector's end become zero. left_q is a word ahead of the write, with y_en.
  logic                 advance;
  logic [WordElems-1:0] keep;
  logic [ElemBits:0]    div_elems;
  assign advance   = y_en || divided;
  assign left_d    = left_q > LenBits'(WordElems) ? left_q - LenBits'(WordElems) : '0;
  assign div_elems = left_q > LenBits'(WordElems) ? (ElemBits + 1)'(WordElems) : (ElemBits + 1)'(left_q);
  for (genvar e = 0; e < WordElems; e++) begin : gen_keep
    assign keep[e] = left_q > LenBits'(e);
  end

  always_ff @(posedge clk_i) begin
    if (start_i) begin
      words_q <= words;
      left_q  <= len;
    end else if (advance) begin
      left_q <= left_d;
    end
  end

  assign write_d = write_q + 1'b1;
  assign last    = wr_en_o && write_d == words_q;

  always_ff @(posedge clk_i) begin
    if (!rst_ni) begin
      state_q   <= Idle;
      read_q    <= '0;
      write_q   <= '0;
      at_q      <= '0;
      y_valid_q <= 1'b0;
    end else begin
      state_q   <= state_d;
      read_q    <= read_d;
      // Cleared at the start: the last instruction may have been a shorter one.
      at_q      <= start_i ? '0 : {at_q[LastTime-1:0], state_q == Stream && read};
      y_valid_q <= y_en;
      if (start_i) write_q <= '0;
      else if (wr_en_o) write_q <= write_d;
    end
  end

  // A word of the carry sets off a read, and is delayed by the read's latency.
  logic [BeatBits-1:0] b_word, carry_data_q, carry_word_q;
  always_ff @(posedge clk_i) begin
    carry_valid_q <= rst_ni && carry_q && carry_valid_i;
    if (carry_q && carry_valid_i) carry_data_q <= carry_data_i;
    if (carry_valid_q) carry_word_q <= carry_data_q;
  end
  assign b_word = carry_q ? carry_word_q : rd_data_i[BeatBits+:BeatBits];

  logic [BeatBits-1:0]  y, quotients;
  logic [WordElems-1:0] saturated;
  logic                 quotient_saturated;

  for (genvar e = 0; e < WordElems; e++) begin : gen_element
    sterna_row_alu u_row_alu (
      .clk_i,
      .at_i  (at_q),
      .add_i (add_q),
      .sub_i (sub_q),
      .mul_i (mul_q),
      .gate_i(gate_q),
      .sig_i (sig_q),
      .silu_i(silu_q),
      .exp_i (exp_q),
      .set_i (set_q),
      .imm_i (imm_q),
      .a_i   (rd_data_i[32*e+:32]),
      .b_i   (b_word[32*e+:32]),
      .c_i   (rd_data_i[2*BeatBits+32*e+:32]),
      .y_en_i(y_en),
      .keep_i(keep[e]),
      .y_o   (y[32*e+:32]),
      .saturated_o(saturated[e])
    );
  end

  sterna_row_divide #(
    .BeatBits(BeatBits)
  ) u_row_divide (
    .clk_i,
    .rst_ni,
    .start_i(state_q == DivLoad),
    .a_i    (rd_data_i[BeatBits-1:0]),
    .b_i    (rd_data_i[2*BeatBits-1:BeatBits]),
    .elems_i(div_elems),
    .done_o (divided),
    .y_o    (quotients),
    .saturated_o(quotient_saturated)
  );

  always_ff @(posedge clk_i) begin
    if (!rst_ni || start_i) saturated_o <= 1'b0;
    else if ((y_valid_q && saturated != '0) || (divided && quotient_saturated)) saturated_o <= 1'b1;
  end

  assign ready_o   = state_q == Idle;
  assign done_o    = last;
  assign rd_en_o   = asks ? uses_q : '0;
  assign rd_addr_o = {3{read_q[WordAddrBits-1:0]}};
  assign wr_en_o   = y_valid_q || divided;
  assign wr_addr_o = write_q[WordAddrBits-1:0];
  assign wr_data_o = div_q ? quotients : y;
  assign divide_o  = state_q == DivWait;
  assign wait_o    = (state_q == Stream || state_q == DivRead) && !read;

  logic unused;
  assign unused = ^instr_i;  // register fields are the register file's
endmodule
