// SPDX-License-Identifier: Apache-2.0
// Load/Store unit: LDV, EMB and SV, whole vectors between DRAM and a register, for all lanes.
//
// Commands: LDV and EMB write vd, SV reads va; one request of lines for each active lane. A segment that all lanes share (stride
// 0) is loaded once into all of them, and stored from the last active lane only. EMB's address depends on the lane's token.
// Handshake: start_i while ready_o; valid/ready to axi_mux, which stalls loads between beats and stores at any beat. Registers
// never stall it: a load writes each beat as it comes; a store reads ahead into a FIFO, as many words as it has room for. An SV is
// done when memory has acknowledged it. Counters see wait_dram_o.
// Latency: two cycles from start_i to the first request (EMB five) and to a store's first read, then a lane's request every two
// (EMB five), none of which waits for data, so memory's latency is paid once. A beat is written to the register one cycle after it
// came, a word that was read goes into the FIFO one cycle after it came.
// ReadLatency: at most 11, so that the FIFO of 16 words can cover it.
`include "rtl/assertions.svh"

module sterna_load_store #(
  parameter int unsigned Channels    = 1,
  parameter int unsigned Lanes       = 1,
  parameter int unsigned BeatBits    = 512,
  parameter int unsigned VecLen      = 8192,
  parameter int unsigned ReadLatency = 1,     // from rd_en_o to rd_valid_i
  localparam int unsigned WordAddrBits = $clog2(VecLen * 32 / BeatBits)
) (
  input  logic clk_i,
  input  logic rst_ni,

  // Arguments of the program: segments are written before it starts, the others are stable while it runs.
  input  logic [Lanes-1:0]       active_i,
  input  logic [Lanes*32-1:0]    token_i,
  input  logic [sterna_segment_pkg::WRITE_BITS-1:0] segment_i,  // sterna_segment_pkg::write_t

  input  logic         start_i,
  output logic         ready_o,
  input  logic [127:0] instr_i,
  output logic         done_o,
  output logic [1:0]   error_o,
  input  logic [63:0]  line_addr_i,  // lane 0's first line (EMB: of token 0's row)

  // Registers: the same address for all lanes whose bit is set.
  output logic [Lanes-1:0]        rd_en_o,     // one at a time
  output logic [WordAddrBits-1:0] rd_addr_o,
  input  logic                    rd_valid_i,
  input  logic [BeatBits-1:0]     rd_data_i,
  output logic [Lanes-1:0]        wr_en_o,
  output logic [WordAddrBits-1:0] wr_addr_o,
  output logic [BeatBits-1:0]     wr_data_o,

  // Read requester, a bit a channel; address and length are those of the one that is valid.
  output logic [Channels-1:0]          load_req_valid_o,
  input  logic [Channels-1:0]          load_req_ready_i,
  output logic [63:0]                  load_req_addr_o,
  output logic [31:0]                  load_req_lines_o,
  input  logic [Channels-1:0]          load_data_valid_i,
  output logic [Channels-1:0]          load_data_ready_o,
  input  logic [Channels*BeatBits-1:0] load_data_i,
  input  logic [Channels-1:0]          load_data_error_i,

  // Write requester.
  output logic [Channels-1:0] store_req_valid_o,
  input  logic [Channels-1:0] store_req_ready_i,
  output logic [63:0]         store_req_addr_o,
  output logic [31:0]         store_req_lines_o,
  output logic [Channels-1:0] store_data_valid_o,
  input  logic [Channels-1:0] store_data_ready_i,
  output logic [BeatBits-1:0] store_data_o,
  input  logic [Channels-1:0] store_resp_valid_i,
  input  logic [Channels-1:0] store_resp_error_i,

  output logic wait_dram_o  // stalled by memory: data, address or response
);

  localparam int unsigned WordElems    = BeatBits / 32;
  localparam int unsigned ElemBits     = $clog2(WordElems);
  localparam int unsigned WordsPerLine = 512 / BeatBits;
  localparam int unsigned LenBits      = sterna_isa_pkg::FIELD_LEN_BITS;
  localparam int unsigned LineBits     = LenBits - 4;
  localparam int unsigned LaneBits     = Lanes > 1 ? $clog2(Lanes) : 1;
  localparam int unsigned FifoWords    = 16;
  localparam int unsigned FifoCntBits  = $clog2(FifoWords) + 1;
  localparam int unsigned OpBits       = sterna_isa_pkg::OP_BITS;
  localparam int unsigned SegLsb       = sterna_isa_pkg::FIELD_SEG_LSB;
  localparam int unsigned SegBits      = sterna_isa_pkg::FIELD_SEG_BITS;

  localparam logic [1:0] ErrorNone  = 2'd0;
  localparam logic [1:0] ErrorRead  = 2'd1;
  localparam logic [1:0] ErrorWrite = 2'd2;

  if (ReadLatency + 4 >= FifoWords) begin : gen_bad_latency
    $error("load_store: ReadLatency must be at most 11");
  end

  // --------------------------------------------------------------------------------------------------------- instruction
  logic [LenBits-1:0]  len;
  logic [LineBits-1:0] lines;  // of 16 elements
  logic [WordAddrBits:0] words;
  logic [OpBits-1:0]   op;
  logic [SegBits-1:0]  seg;
  logic                is_store, is_emb, shared;
  logic [Channels-1:0] channel;     // one-hot: the segment's
  logic                unused_instr;

  sterna_segment_pkg::write_t segment;
  logic                       one_copy;  // of the segment, for all lanes
  logic [31:0]                stride;    // lines from one lane's copy to the next

  assign segment  = segment_i;
  assign len      = instr_i[sterna_isa_pkg::FIELD_LEN_LSB +: LenBits];
  assign lines    = LineBits'((17'(len) + 17'd15) >> 4);
  assign words    = (WordAddrBits + 1)'(32'(lines) * WordsPerLine);
  assign op       = instr_i[sterna_isa_pkg::FIELD_OP_LSB +: OpBits];
  assign is_store = op == sterna_isa_pkg::OP_SV;
  assign is_emb   = op == sterna_isa_pkg::OP_EMB;
  assign seg      = instr_i[SegLsb +: SegBits];
  assign shared   = one_copy && !is_emb;
  assign channel  = Channels'(1'b1) << (seg & SegBits'(Channels - 1));
  assign unused_instr = &{1'b0, instr_i, segment.base, segment.size};

  sterna_small_ram #(
    .Width(1 + 32),
    .Depth(sterna_isa_pkg::SEGMENTS)
  ) u_strides (
    .clk_i,
    .wr_en_i  (segment.valid),
    .wr_addr_i(segment.index),
    .wr_data_i({segment.stride == '0, segment.stride}),
    .rd_addr_i(seg),
    .rd_data_o({one_copy, stride})
  );

  // Lanes with a request of their own: all, or one.
  logic [Lanes-1:0] highest, one, first_q, others_q, highest_q;  // of the active lanes

  always_comb begin
    highest = '0;
    for (int unsigned l = 0; l < Lanes; l++) begin
      if (active_i[l]) highest = Lanes'(1'b1) << l;
    end
  end
  assign one = is_store ? highest_q : Lanes'(1'b1);  // a load's is broadcast to all active lanes

  always_ff @(posedge clk_i) begin
    first_q   <= active_i & (~active_i + 1'b1);
    others_q  <= active_i & (active_i - 1'b1);
    highest_q <= highest;
  end

  logic [LenBits-1:0]    len_q;
  logic [LineBits-1:0]   lines_q;
  logic [WordAddrBits:0] words_q;
  logic                  store_q, emb_q, broadcast_q;
  logic [Channels-1:0]   channel_q, load_channel_q, store_channel_q;  // a load's, a store's
  logic [Channels-1:0]   loading_q;                   // a load's, while it takes data

  always_ff @(posedge clk_i) begin
    if (start_i) begin
      len_q       <= len;
      lines_q     <= lines;
      words_q     <= words;
      store_q     <= is_store;
      emb_q       <= is_emb;
      broadcast_q <= shared && !is_store;
      channel_q   <= channel;
      load_channel_q  <= is_store ? '0 : channel;
      store_channel_q <= is_store ? channel : '0;
    end
  end

  // -------------------------------------------------------------------------- walker: an address and a request a lane
  typedef enum logic [2:0] {WalkIdle, Pick, Multiply, Product, Add, Request} walk_e;
  walk_e walk_q, walk_d;

  logic [Lanes-1:0]       pending_q;  // lanes without a request yet, from the walker's on
  logic [LaneBits-1:0]    lane_q;
  logic [57:0]            base_q;     // its copy's line
  logic [31:0]            stride_q;
  logic [31:0]            token_q;
  logic [16+LineBits-1:0] low_q, high_q;  // products of the token's halves, each in a DSP slice
  logic [32+LineBits-1:0] product_q;
  logic [57:0]            line_q;     // of the request
  logic                   req_taken;

  assign req_taken = walk_q == Request
                     && ((load_req_ready_i & load_channel_q) | (store_req_ready_i & store_channel_q)) != '0;

  always_comb begin
    walk_d = walk_q;
    unique case (walk_q)
      WalkIdle: if (start_i) walk_d = Pick;
      Pick: begin
        if (pending_q == '0) walk_d = WalkIdle;
        else if (pending_q[0]) walk_d = emb_q ? Multiply : Request;
      end
      Multiply: walk_d = Product;
      Product:  walk_d = Add;
      Add:      walk_d = Request;
      Request:  if (req_taken) walk_d = Pick;
      default:  walk_d = WalkIdle;
    endcase
  end

  always_ff @(posedge clk_i) begin
    if (start_i) begin
      pending_q <= shared ? one : active_i;
      lane_q    <= '0;
      base_q    <= line_addr_i[63:6];
      stride_q  <= stride;
    end else if (walk_q == Pick) begin  // for the next one: this lane's are taken here
      pending_q <= pending_q >> 1;
      lane_q    <= lane_q + 1'b1;
      base_q    <= base_q + 58'(stride_q);
    end
    if (walk_q == Pick) begin
      token_q <= token_i[32*lane_q +: 32];
      line_q  <= base_q;
    end
    if (walk_q == Multiply) begin
      low_q  <= (16 + LineBits)'(token_q[15:0]) * (16 + LineBits)'(lines_q);
      high_q <= (16 + LineBits)'(token_q[31:16]) * (16 + LineBits)'(lines_q);
    end
    if (walk_q == Product) product_q <= {high_q, 16'd0} + (32 + LineBits)'(low_q);
    if (walk_q == Add) line_q <= line_q + 58'(product_q);
  end

  always_ff @(posedge clk_i) begin
    if (!rst_ni) walk_q <= WalkIdle;
    else walk_q <= walk_d;
  end

  // ------------------------------------------------------------------------ transfer: a word a cycle, lane after lane
  typedef enum logic [2:0] {Idle, Load, Store, Response, Done} state_e;
  state_e state_q, state_d;
  logic   busy_q;  // state_q is not Idle

  logic [Lanes-1:0]        current_q, rest_q;  // one-hot: the lane in transfer; the lanes still to come
  logic [Lanes-1:0]        active_q;
  logic [WordAddrBits:0]   left_q;             // words of this lane still to be transferred
  logic [WordAddrBits-1:0] word_q;
  logic                    move, lane_end, last;
  logic                    beat, read_d, read_q;
  logic [Lanes-1:0]        current_d;
  logic                    data_valid, data_error;
  logic [BeatBits-1:0]     data;

  assign data_valid = (load_data_valid_i & loading_q) != '0;
  assign data_error = (load_data_error_i & channel_q) != '0;
  assign beat       = data_valid;
  assign move       = beat || read_q;
  assign lane_end   = move && left_q == (WordAddrBits + 1)'(1);
  assign last       = lane_end && rest_q == '0;
  assign current_d  = lane_end ? rest_q & (~rest_q + 1'b1) : current_q;

  always_comb begin
    data = '0;
    for (int unsigned c = 0; c < Channels; c++) begin
      if (Channels == 1 || channel_q[c]) data = data | load_data_i[c*BeatBits +: BeatBits];
    end
  end

  always_ff @(posedge clk_i) begin
    if (start_i) begin
      active_q  <= active_i;
      current_q <= shared ? one : first_q;
      rest_q    <= shared ? '0 : others_q;
      left_q    <= words;
      word_q    <= '0;
    end else if (move) begin
      current_q <= current_d;
      if (lane_end) rest_q <= rest_q & (rest_q - 1'b1);
      left_q <= lane_end ? words_q : left_q - 1'b1;
      word_q <= lane_end ? '0 : word_q + 1'b1;
    end
  end

  // ------------------------------------------ one word a cycle, in either direction; elements from len on are zeroed
  logic [BeatBits-1:0]   word;
  logic [WordElems-1:0]  keep_q, part;  // of the word that comes next; of a lane's last word with elements
  logic [WordAddrBits:0] after_q;       // words of this lane from that one on
  logic                  arrives, started_q;
  logic                  last_q;        // a lane begins behind this word: the one that comes is its last, or none has come yet
  // Whole words of elements from the word behind it on; -1 and less where there is not even a part of one. Above 0; 0.
  logic signed [LenBits-ElemBits:0] whole_q, whole;
  logic                  some_whole_q, no_whole_q;

  assign arrives = beat || rd_valid_i;
  assign word    = store_q ? rd_data_i : data;
  assign whole   = last_q ? $signed({1'b0, len_q[LenBits-1:ElemBits]}) : whole_q;

  always_comb begin
    for (int unsigned e = 0; e < WordElems; e++) part[e] = len_q[ElemBits-1:0] > ElemBits'(e);
  end

  always_ff @(posedge clk_i) begin
    started_q <= rst_ni && start_i;
    if (start_i) last_q <= 1'b1;
    else if (started_q || arrives) last_q <= last_q ? words_q == (WordAddrBits + 1)'(1) : after_q == (WordAddrBits + 1)'(2);
    // Nothing arrives as an instruction starts, and with last_q nothing of what these held counts.
    if (started_q || arrives) begin
      after_q      <= last_q ? words_q : after_q - 1'b1;
      whole_q      <= whole - $signed((LenBits - ElemBits + 1)'(1));
      some_whole_q <= whole > $signed((LenBits - ElemBits + 1)'(1));
      no_whole_q   <= whole == $signed((LenBits - ElemBits + 1)'(1));
      keep_q       <= {WordElems{last_q ? len_q[LenBits-1:ElemBits] != '0 : some_whole_q}} | (part & {WordElems{last_q || no_whole_q}});
    end

    // Whether a word has come is known later than this register's enable.
    if (busy_q) begin
      wr_addr_o <= word_q;
      for (int unsigned e = 0; e < WordElems; e++) wr_data_o[e*32 +: 32] <= keep_q[e] ? word[e*32 +: 32] : 32'd0;
    end
  end

  // ------------------------------------------------------------------------------------------------------------ store
  logic                   fifo_push_q, fifo_valid, fifo_pop, fifo_full;
  logic [FifoCntBits-1:0] fifo_count;
  logic [FifoCntBits-1:0] held_q;         // words read and not sent yet, but for this cycle's
  logic [LaneBits:0]      outstanding_q;  // requests without a response
  logic                   response;

  // With this cycle's read one less than all.
  assign read_d    = state_q == Store && !last && held_q < FifoCntBits'(FifoWords - 1);
  assign rd_addr_o = word_q;
  assign fifo_pop  = fifo_valid && (store_data_ready_i & store_channel_q) != '0;
  assign response  = (store_resp_valid_i & store_channel_q) != '0;

  sterna_fifo #(
    .Width   (BeatBits),
    .Depth   (FifoWords),
    .RamStyle("block")  // which has fewer addresses to drive than distributed memory
  ) u_store_fifo (
    .clk_i,
    .rst_ni,
    .push_i (fifo_push_q),
    .data_i (wr_data_o),
    .full_o (fifo_full),
    .pop_i  (fifo_pop),
    .valid_o(fifo_valid),
    .data_o (store_data_o),
    .count_o(fifo_count)
  );

  always_ff @(posedge clk_i) begin
    if (!rst_ni) begin
      read_q        <= 1'b0;
      rd_en_o       <= '0;
      fifo_push_q   <= 1'b0;
      held_q        <= '0;
      outstanding_q <= '0;
    end else begin
      read_q        <= read_d;
      rd_en_o       <= read_d ? current_d : '0;
      fifo_push_q   <= rd_valid_i;
      held_q        <= held_q + FifoCntBits'(read_q) - FifoCntBits'(fifo_pop);
      outstanding_q <= outstanding_q + (LaneBits + 1)'(req_taken && store_q)
                      - (LaneBits + 1)'(response);
    end
  end

  // -------------------------------------------------------------------------------------------------------- control
  logic [1:0] error_q;
  logic       done_q;

  always_comb begin
    state_d = state_q;
    unique case (state_q)
      Idle:     if (start_i) state_d = is_store ? Store : Load;
      Load:     if (last) state_d = Done;
      Store:    if (last) state_d = Response;
      Response: if (walk_q == WalkIdle && outstanding_q == '0) state_d = Done;
      Done:     state_d = Idle;
      default:  state_d = Idle;
    endcase
  end

  always_ff @(posedge clk_i) begin
    // Masks, as data_error comes late for an enable. Reads and writes are of different instructions.
    if (state_q == Idle) error_q <= ErrorNone;
    else error_q <= error_q | (ErrorRead & {2{beat && data_error}}) | (ErrorWrite & {2{response && (store_resp_error_i & channel_q) != '0}});
  end

  always_ff @(posedge clk_i) begin
    if (!rst_ni) begin
      state_q   <= Idle;
      busy_q    <= 1'b0;
      done_q    <= 1'b0;
      loading_q <= '0;
      wr_en_o   <= '0;
    end else begin
      state_q   <= state_d;
      busy_q    <= state_d != Idle;
      done_q    <= state_d == Done;
      loading_q <= state_q == Idle ? (start_i && !is_store ? channel : '0) : state_q == Load && !last ? channel_q : '0;
      wr_en_o   <= !beat ? '0 : broadcast_q ? active_q : current_q;
    end
  end

  assign ready_o = state_q == Idle && walk_q == WalkIdle;
  assign done_o  = done_q;
  assign error_o = error_q;

  assign load_req_valid_o   = walk_q == Request ? load_channel_q : '0;
  assign load_req_addr_o    = {line_q, 6'd0};
  assign load_req_lines_o   = 32'(lines_q);
  assign load_data_ready_o  = loading_q;
  assign store_req_valid_o  = walk_q == Request ? store_channel_q : '0;
  assign store_req_addr_o   = {line_q, 6'd0};
  assign store_req_lines_o  = 32'(lines_q);
  assign store_data_valid_o = fifo_valid ? store_channel_q : '0;

  assign wait_dram_o = (state_q == Load && !data_valid) || (state_q == Store && !read_q)
                       || state_q == Response;

  logic unused;
  assign unused = &{1'b0, line_addr_i[5:0], fifo_count};

  `STERNA_ASSERT(StartOnlyWhenReady, !start_i || ready_o)
  `STERNA_ASSERT(NoWordBeforeTheRequest, !(started_q && arrives))
  `STERNA_ASSERT(FifoHasRoom, !(fifo_push_q && fifo_full))
  `STERNA_ASSERT_STABLE(LoadRequestStable, load_req_valid_o != '0,
      (load_req_ready_i & channel_q) != '0, {load_req_addr_o, load_req_lines_o})
  `STERNA_ASSERT_STABLE(StoreRequestStable, store_req_valid_o != '0,
      (store_req_ready_i & channel_q) != '0, {store_req_addr_o, store_req_lines_o})
  `STERNA_ASSERT_STABLE(StoreDataStable, fifo_valid,
      (store_data_ready_i & channel_q) != '0, store_data_o)

endmodule
