// SPDX-License-Identifier: Apache-2.0
// Row-wise unit: element-wise arithmetic on registers (docs/numerics.md), one row_alu an element of a word.
//
// Commands: ADD, SUB, MUL, DIV, EXP, SIG, SIGP, SILU, SILUP, RELU, GELU, GATE, SCAN, SET; read streams 0 va, 1 vb, those that the
// instruction names; of GATE and SCAN 0 vb, 1 vc, 2 va (decode). Operands are read before the result is written, so vd may be any of them.
// Handshake: start_i while ready_o, done_o with the last write. Words are taken where rd_ready_i is high for every stream in use
// (vector chaining), and asked for again where not; writes are never stalled. SCAN with carry_i takes its vb from the previous lane: carry_valid_i sets off the
// read of va and vc for that word, so the lanes of a prefill run one pipeline apart.
// Latency: first read one cycle after start_i, then a word a cycle; from read to write SET 2 cycles, ADD, SUB and RELU 4, MUL 7,
// GATE and SCAN 8, SIG and SIGP 11, SILU, SILUP, GELU and EXP 15. DIV takes 35 cycles an element, in one serial divider, and is done a
// cycle after its last write.
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
  localparam int unsigned LenBits   = $clog2(VecLen + 1);

  localparam logic [2:0] Idle    = 3'd0;
  localparam logic [2:0] Stream  = 3'd1;  // read a word a cycle
  localparam logic [2:0] Drain   = 3'd2;  // wait for done_q
  localparam logic [2:0] DivRead = 3'd3;
  localparam logic [2:0] DivLoad = 3'd4;
  localparam logic [2:0] DivWait = 3'd5;

  // Decoded once, when the instruction comes.
  logic [7:0]  op;
  logic        add_q, sub_q, mul_q, gate_q, sig_q, silu_q, phi_q, relu_q, exp_q, set_q, div_q;
  logic [2:0]  uses, spares_q;  // the streams; those that the instruction does not use, so that no tool makes one register of it and gate_q
  logic [31:0] imm, fill_q;
  logic [3:0]  power_q;
  logic        carry, carry_q, carry_valid_q;
  logic        steady_q;  // !carry_q, for the control alone
  logic        three, two;  // operands
  assign carry = carry_i && op == sterna_isa_pkg::OP_SCAN;
  assign op    = instr_i[sterna_isa_pkg::FIELD_OP_LSB+:sterna_isa_pkg::FIELD_OP_BITS];
  assign imm   = instr_i[sterna_isa_pkg::FIELD_IMM_LSB+:sterna_isa_pkg::FIELD_IMM_BITS];
  assign three = op == sterna_isa_pkg::OP_GATE || op == sterna_isa_pkg::OP_SCAN;
  assign uses  = {three, two, op != sterna_isa_pkg::OP_SET && !carry};
  assign two   = three || op == sterna_isa_pkg::OP_ADD || op == sterna_isa_pkg::OP_SUB
      || op == sterna_isa_pkg::OP_MUL || op == sterna_isa_pkg::OP_DIV;

  always_ff @(posedge clk_i) begin
    if (start_i) begin
      add_q  <= op == sterna_isa_pkg::OP_ADD;
      sub_q  <= op == sterna_isa_pkg::OP_SUB;
      mul_q  <= op == sterna_isa_pkg::OP_MUL;
      gate_q <= three;
      sig_q  <= op == sterna_isa_pkg::OP_SIG || op == sterna_isa_pkg::OP_SIGP;
      silu_q <= op == sterna_isa_pkg::OP_SILU || op == sterna_isa_pkg::OP_SILUP || op == sterna_isa_pkg::OP_GELU;
      phi_q  <= op == sterna_isa_pkg::OP_GELU;
      relu_q <= op == sterna_isa_pkg::OP_RELU;
      exp_q  <= op == sterna_isa_pkg::OP_EXP;
      set_q  <= op == sterna_isa_pkg::OP_SET;
      div_q  <= op == sterna_isa_pkg::OP_DIV;
      spares_q <= ~uses;
      carry_q <= carry;
      steady_q <= !carry;
      power_q <= imm[3:0];
      fill_q  <= op == sterna_isa_pkg::OP_SET ? imm : '0;
    end
  end

  // Words of the vector's lines.
  logic [LenBits-1:0]    len;
  logic [WordAddrBits:0] words, last_q;  // the last one's index
  assign len   = LenBits'(instr_i[sterna_isa_pkg::FIELD_LEN_LSB+:sterna_isa_pkg::FIELD_LEN_BITS]);
  assign words = (WordAddrBits + 1)'((32'(len) + 32'd15) / 16 * (512 / BeatBits));

  logic [2:0]            state_q, state_d;
  logic [WordAddrBits:0] read_q, read_d, write_q;
  logic [WordAddrBits:0] left_words_q;  // words whose y is to come
  logic                  asks_d, asks_q, read, ready;
  logic                  divided;
  logic                  streamed;
  sterna_row_pkg::load_t load_q, load_d;
  logic                  y_valid_q;
  logic                  advance, done_q;

  assign ready = (rd_ready_i | spares_q) == '1;
  assign read  = asks_q && ready;

  always_comb begin
    state_d = state_q;
    read_d  = read_q;
    unique case (state_q)
      Idle: begin
        read_d = '0;
        if (start_i) state_d = op == sterna_isa_pkg::OP_DIV ? DivRead : Stream;
      end
      Stream: begin
        if (read) begin
          read_d = read_q + 1'b1;
          if (read_q == last_q) state_d = Drain;
        end
      end
      Drain: if (done_q) state_d = Idle;
      DivRead: begin
        if (read) begin
          read_d  = read_q + 1'b1;
          state_d = DivLoad;
        end
      end
      DivLoad: state_d = DivWait;
      default: if (divided) state_d = write_q == last_q ? Drain : DivRead;
    endcase
    // But for a start, which comes late.
    asks_d = state_q != Idle && (state_d == DivRead || (state_d == Stream && steady_q));
  end

  // A word sets off the stages of its operation, one by one (row_alu).
  assign streamed = state_q == Stream && read;
  always_comb begin
    load_d              = '0;
    load_d.clear        = start_i;
    load_d.operands     = streamed && !set_q;
    load_d.first        = load_q.operands && (add_q || sub_q || gate_q);
    load_d.delay        = {load_q.delay[sterna_row_pkg::DELAYS-2:0], load_q.operands && (silu_q || relu_q)};
    load_d.addend       = {load_q.addend[sterna_row_pkg::ADDENDS-2:0], load_q.operands && gate_q};
    load_d.x            = gate_q ? load_q.first : silu_q ? load_q.sig : load_q.operands && (mul_q || exp_q);
    load_d.product      = {load_q.product[0], load_q.x};
    load_d.mul          = load_q.product[1] && !exp_q;
    load_d.index        = exp_q ? load_q.product[1] : load_q.operands && (sig_q || silu_q);
    load_d.lookup       = load_q.index;
    load_d.coefficients = load_q.lookup;
    load_d.slope        = {load_q.slope[0], load_q.coefficients};
    load_d.sum          = {load_q.sum[0], load_q.slope[1]};
    load_d.sig          = load_q.sum[1] && !exp_q;
    load_d.exp          = {load_q.exp[0], load_q.sum[1] && exp_q};
    case (1'b1)
      set_q:                 load_d.y = streamed;
      add_q, sub_q:          load_d.y = load_q.first;
      mul_q, gate_q, silu_q: load_d.y = load_q.mul;
      relu_q:                load_d.y = load_q.delay[0];
      sig_q:                 load_d.y = load_q.sig;
      exp_q:                 load_d.y = load_q.exp[1];
      default:               load_d.y = 1'b0;
    endcase
  end

  // Elements behind the vector's end become zero: keep_q is of the word that is written next, the others of the one behind it.
  logic                  started_q;
  logic [WordAddrBits:0] whole_q;  // words from there on that the vector fills
  logic                  over_q;   // it has none of the vector
  logic [WordElems-1:0]  part_q, keep_q;  // part_q: elements of the word that the vector fills in part
  assign advance = load_q.y || divided;

  always_ff @(posedge clk_i) begin
    if (start_i) begin
      last_q       <= words - 1'b1;
      left_words_q <= words;
    end else if (advance) begin
      left_words_q <= left_words_q - 1'b1;
    end
    started_q <= start_i;
    if (start_i) begin
      whole_q <= (WordAddrBits + 1)'(len / LenBits'(WordElems));
      over_q  <= 1'b0;
      for (int unsigned e = 0; e < WordElems; e++) part_q[e] <= len % LenBits'(WordElems) > LenBits'(e);
    end else if (started_q || advance) begin
      whole_q <= whole_q - 1'b1;
      over_q  <= over_q || whole_q == '0;
    end
    if (started_q || advance) keep_q <= (part_q | {WordElems{whole_q != '0}}) & {WordElems{!over_q}};
  end

  always_ff @(posedge clk_i) begin
    if (!rst_ni) begin
      state_q   <= Idle;
      read_q    <= '0;
      write_q   <= '0;
      load_q    <= '0;
      y_valid_q <= 1'b0;
      done_q    <= 1'b0;
      asks_q    <= 1'b0;
      rd_en_o   <= '0;
    end else begin
      state_q   <= state_d;
      read_q    <= read_d;
      load_q    <= load_d;
      y_valid_q <= load_q.y;
      done_q    <= advance && left_words_q == (WordAddrBits + 1)'(1);
      // A word of the carry asks for those that go with it. In an idle lane carry_q is an earlier program's.
      asks_q    <= start_i ? !carry : asks_d || (state_q == Stream && !steady_q && carry_valid_i);
      rd_en_o   <= start_i ? (carry ? '0 : uses) : asks_d || (state_q == Stream && !steady_q && carry_valid_i) ? ~spares_q : '0;
      if (start_i) write_q <= '0;
      else if (wr_en_o) write_q <= write_q + 1'b1;
    end
  end

  // A word of the carry sets off a read, and is delayed by the read's latency.
  logic [BeatBits-1:0] a_word, carry_data_q, carry_word_q;
  always_ff @(posedge clk_i) begin
    carry_valid_q <= rst_ni && !steady_q && carry_valid_i;
    if (carry_q && carry_valid_i) carry_data_q <= carry_data_i;
    if (carry_valid_q) carry_word_q <= carry_data_q;
  end
  assign a_word = carry_q ? carry_word_q : rd_data_i[BeatBits-1:0];

  logic [BeatBits-1:0]  y, quotients;
  logic [WordElems-1:0] saturated;
  logic                 quotient_saturated;

  // Elements two by two share the ROM of their parabolas, one at each of its ports.
  logic [11*WordElems-1:0] parabola_addr;
  logic [65*WordElems-1:0] parabola;
  for (genvar p = 0; p < WordElems / 2; p++) begin : gen_pair
    sterna_parabola_rom u_parabola_rom (
      .clk_i,
      .en_i    (load_q.lookup),
      .a_addr_i(parabola_addr[22*p+:11]),
      .b_addr_i(parabola_addr[22*p+11+:11]),
      .a_word_o(parabola[130*p+:65]),
      .b_word_o(parabola[130*p+65+:65])
    );
  end

  for (genvar e = 0; e < WordElems; e++) begin : gen_element
    sterna_row_alu u_row_alu (
      .clk_i,
      .add_i (add_q),
      .sub_i (sub_q),
      .gate_i(gate_q),
      .sig_i (sig_q),
      .silu_i(silu_q),
      .phi_i (phi_q),
      .relu_i(relu_q),
      .exp_i (exp_q),
      .power_i(power_q),
      .fill_i (fill_q),
      .load_i(load_q),
      .a_i   (a_word[32*e+:32]),
      .b_i   (rd_data_i[BeatBits+32*e+:32]),
      .c_i   (rd_data_i[2*BeatBits+32*e+:32]),
      .keep_i(keep_q[e]),
      .parabola_addr_o(parabola_addr[11*e+:11]),
      .parabola_i     (parabola[65*e+:65]),
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
    .keep_i (keep_q),
    .done_o (divided),
    .y_o    (quotients),
    .saturated_o(quotient_saturated)
  );

  always_ff @(posedge clk_i) begin
    if (!rst_ni || start_i) saturated_o <= 1'b0;
    else if ((y_valid_q && saturated != '0) || (divided && quotient_saturated)) saturated_o <= 1'b1;
  end

  assign ready_o   = state_q == Idle;
  assign done_o    = done_q;
  assign rd_addr_o = {3{read_q[WordAddrBits-1:0]}};
  assign wr_en_o   = y_valid_q || divided;
  assign wr_addr_o = write_q[WordAddrBits-1:0];
  assign wr_data_o = div_q ? quotients : y;
  assign divide_o  = state_q == DivWait;
  assign wait_o    = (state_q == Stream || state_q == DivRead) && !read;

  logic unused;
  assign unused = ^instr_i;  // register fields are the register file's
endmodule
