// SPDX-License-Identifier: Apache-2.0
// DIV of one register word: one serial divider, element after element (docs/numerics.md, div).
//
// Commands: start_i with keep_i, the elements within the vector; a_i and b_i are stable until done_o.
// Handshake: done_o is high for one cycle; y_o then holds the word, zeros behind the vector's end, until the next start.
// Latency: 35 cycles an element, one for each behind the vector's end, and one more.
module sterna_row_divide #(
  parameter int unsigned BeatBits = 512,
  localparam int unsigned WordElems = BeatBits / 32,
  localparam int unsigned IndexBits = $clog2(WordElems)
) (
  input  logic                 clk_i,
  input  logic                 rst_ni,
  input  logic                 start_i,
  input  logic [BeatBits-1:0]  a_i,
  input  logic [BeatBits-1:0]  b_i,
  input  logic [WordElems-1:0] keep_i,
  output logic                 done_o,
  output logic [BeatBits-1:0]  y_o,
  output logic                 saturated_o  // with y_o: an element was clamped
);
  localparam int unsigned F   = sterna_isa_pkg::FRACTION_BITS;
  localparam logic [1:0] Idle = 2'd0;
  localparam logic [1:0] Pick = 2'd1;  // register the element's operands
  localparam logic [1:0] Load = 2'd2;  // start the divider with their magnitudes
  localparam logic [1:0] Wait = 2'd3;  // for its quotient

  logic [1:0]           state_q, state_d;
  logic [IndexBits-1:0] index_q, index_d;
  logic [WordElems-1:0] keep_q;  // from index_q on
  logic                 store, store_q, past_end;
  logic [31:0]          element_q;  // what is stored in the next cycle
  logic [31:0]          a_q, b_q;
  logic [31:0]          a_magnitude, b_magnitude, limit, element;
  logic                 overflow_q;
  logic                 divided;
  logic [31:0]          quotient;

  assign past_end    = !keep_q[0];
  assign a_magnitude = a_q[31] ? -a_q : a_q;
  assign b_magnitude = b_q[31] ? -b_q : b_q;

  // Element index_q, by its last bits and then by the others.
  localparam int unsigned Few     = WordElems < 4 ? WordElems : 4;
  localparam int unsigned FewBits = $clog2(Few);
  logic [WordElems/Few*64-1:0] chosen;  // {b, a} of each few
  logic [IndexBits-1:0]        few;
  logic [31:0]                 a, b;

  for (genvar w = 0; w < WordElems / Few; w++) begin : gen_few
    sterna_choose #(
      .Words(Few)
    ) u_a (
      .index_i(index_q[FewBits-1:0]),
      .words_i(a_i[32*Few*w+:32*Few]),
      .word_o (chosen[64*w+:32])
    );
    sterna_choose #(
      .Words(Few)
    ) u_b (
      .index_i(index_q[FewBits-1:0]),
      .words_i(b_i[32*Few*w+:32*Few]),
      .word_o (chosen[64*w+32+:32])
    );
  end
  assign few    = index_q >> FewBits;
  assign {b, a} = chosen[64*few+:64];

  always_comb begin
    state_d = state_q;
    index_d = index_q;
    store   = 1'b0;
    unique case (state_q)
      Idle: begin
        index_d = '0;
        if (start_i) state_d = Pick;
      end
      Pick: begin
        if (past_end) store = 1'b1;
        else state_d = Load;
      end
      Load: state_d = Wait;
      default: store = divided;
    endcase
    if (store) begin
      index_d = index_q + 1'b1;
      state_d = index_q == IndexBits'(WordElems - 1) ? Idle : Pick;
    end
  end

  // The quotient |a| * 2^F / |b| is beyond 32 bits when |a| / 2^(32-F) >= |b|, and then saturates; so does b = 0.
  always_ff @(posedge clk_i) begin
    if (state_q == Pick) begin
      a_q <= a;
      b_q <= b;
    end
    if (state_q == Load) overflow_q <= 32'(a_magnitude[31:32-F]) >= b_magnitude;
  end

  sterna_serial_divide #(
    .DenBits(32),
    .QuoBits(32)
  ) u_serial_divide (
    .clk_i,
    .rst_ni,
    .start_i(state_q == Load),
    .num_i  (64'(a_magnitude) << F),
    .den_i  (b_magnitude),
    .done_o (divided),
    .quo_o  (quotient)
  );

  // b = 0 takes the sign of a alone.
  logic negative;
  assign negative = a_q[31] ^ b_q[31];
  assign limit    = negative ? 32'h8000_0000 : 32'h7FFF_FFFF;
  assign element  = overflow_q || quotient[31] ? limit : negative ? -quotient : quotient;

  // -2^31 is a quotient like any other.
  logic clamped;
  assign clamped = overflow_q || (quotient[31] && !(negative && quotient[30:0] == '0));

  always_ff @(posedge clk_i) begin
    if (start_i) keep_q <= keep_i;
    else if (store) keep_q <= keep_q >> 1;
    if (start_i) saturated_o <= 1'b0;
    else if (divided && clamped) saturated_o <= 1'b1;
    element_q <= past_end ? 32'd0 : element;
    if (store_q) y_o <= {element_q, y_o[BeatBits-1:32]};
  end

  logic last_q, done_q;  // the last element is stored; was
  always_ff @(posedge clk_i) begin
    if (!rst_ni) begin
      state_q <= Idle;
      index_q <= '0;
      store_q <= 1'b0;
      last_q  <= 1'b0;
      done_q  <= 1'b0;
    end else begin
      state_q <= state_d;
      index_q <= index_d;
      store_q <= store;
      last_q  <= store && state_d == Idle;
      done_q  <= last_q;
    end
  end
  assign done_o = done_q;
endmodule
