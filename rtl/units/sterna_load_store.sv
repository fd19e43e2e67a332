// SPDX-License-Identifier: Apache-2.0
// Load/Store unit: LDV, EMB and SV, whole vectors between DRAM and a register, for all lanes.
//
// Commands: LDV and EMB write vd, SV reads va; one request of lines for each active lane. A segment that all lanes share (stride
// 0) is loaded once into all of them, and stored from the last active lane only. EMB's address depends on the lane's token.
// Handshake: start_i while ready_o; valid/ready to axi_mux, which stalls loads between beats and stores at any beat. Registers
// never stall it: a load writes each beat as it comes; a store reads ahead into a FIFO, whose space it reserves for the words
// that are in flight. An SV is done when memory has acknowledged it. Counters see wait_dram_o.
// Latency: two cycles from start_i to the first request (EMB five), then a lane's request every two (EMB five), none of which
// waits for data, so memory's latency is paid once. A beat is written to the register one cycle after it came.
// ReadLatency: at most 12, so that the FIFO of 16 words can cover it.
`include "rtl/assertions.svh"

module sterna_load_store #(
  parameter int unsigned Channels    = 1,
  parameter int unsigned Lanes       = 1,
  parameter int unsigned BeatBits    = 512,
  parameter int unsigned VecLen      = 8192,
  parameter int unsigned ReadLatency = 1,     // from rd_en_o to rd_valid_i
  localparam int unsigned WordAddrBits = $clog2(VecLen * 32 / BeatBits),
  localparam int unsigned Segments     = sterna_isa_pkg::SEGMENTS
) (
  input  logic clk_i,
  input  logic rst_ni,

  // Arguments of the program, stable while it runs.
  input  logic [Lanes-1:0]       active_i,
  input  logic [Lanes*32-1:0]    token_i,
  input  logic [Segments*32-1:0] seg_stride_i,  // lines from one lane's copy to the next

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

  if (ReadLatency + 4 > FifoWords) begin : gen_bad_latency
    $error("load_store: ReadLatency must be at most 12");
  end

  // --------------------------------------------------------------------------------------------------------- instruction
  logic [LenBits-1:0]  len;
  logic [LineBits-1:0] lines;  // of 16 elements
  logic [OpBits-1:0]   op;
  logic [SegBits-1:0]  seg;
  logic [Segments-1:0] shared_q;  // segments of which all lanes use one copy
  logic                is_store, is_emb, shared;
  logic [Lanes-1:0]    requesters;  // lanes with a request of their own
  logic [Channels-1:0] channel;     // one-hot: the segment's
  logic                unused_instr;

  assign len      = instr_i[sterna_isa_pkg::FIELD_LEN_LSB +: LenBits];
  assign lines    = LineBits'((17'(len) + 17'd15) >> 4);
  assign op       = instr_i[sterna_isa_pkg::FIELD_OP_LSB +: OpBits];
  assign is_store = op == sterna_isa_pkg::OP_SV;
  assign is_emb   = op == sterna_isa_pkg::OP_EMB;
  assign seg      = instr_i[SegLsb +: SegBits];
  assign shared   = shared_q[seg] && !is_emb;
  assign channel  = Channels'(1'b1) << (seg & SegBits'(Channels - 1));
  assign unused_instr = &{1'b0, instr_i};

  always_ff @(posedge clk_i) begin
    for (int unsigned s = 0; s < Segments; s++) shared_q[s] <= seg_stride_i[s*32 +: 32] == '0;
  end

  always_comb begin
    requesters = active_i;
    if (shared) begin
      requesters = '0;
      if (is_store) begin
        for (int unsigned l = 0; l < Lanes; l++) begin
          if (active_i[l]) requesters = Lanes'(1'b1) << l;
        end
      end else requesters[0] = 1'b1;  // one request, broadcast to all active lanes
    end
  end

  logic [LenBits-1:0]    len_q;
  logic [LineBits-1:0]   lines_q;
  logic [WordAddrBits:0] words_q;
  logic                  store_q, emb_q, broadcast_q;
  logic [Channels-1:0]   channel_q;

  always_ff @(posedge clk_i) begin
    if (start_i) begin
      len_q       <= len;
      lines_q     <= lines;
      words_q     <= (WordAddrBits + 1)'(32'(lines) * WordsPerLine);
      store_q     <= is_store;
      emb_q       <= is_emb;
      broadcast_q <= shared && !is_store;
      channel_q   <= channel;
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
  logic [32+LineBits-1:0] product_q, product2_q;
  logic [57:0]            line_q;     // of the request
  logic                   next_lane, req_taken;

  assign req_taken = walk_q == Request
                     && ((store_q ? store_req_ready_i : load_req_ready_i) & channel_q) != '0;
  assign next_lane = req_taken || (walk_q == Pick && !pending_q[0]);

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
      pending_q <= requesters;
      lane_q    <= '0;
      base_q    <= line_addr_i[63:6];
      stride_q  <= seg_stride_i[32*seg +: 32];
    end else if (next_lane) begin
      pending_q <= pending_q >> 1;
      lane_q    <= lane_q + 1'b1;
      base_q    <= base_q + 58'(stride_q);
    end
    if (walk_q == Pick) begin
      token_q <= token_i[32*lane_q +: 32];
      line_q  <= base_q;
    end
    if (walk_q == Multiply) product_q <= (32 + LineBits)'(token_q) * (32 + LineBits)'(lines_q);
    if (walk_q == Product) product2_q <= product_q;
    if (walk_q == Add) line_q <= line_q + 58'(product2_q);
  end

  always_ff @(posedge clk_i) begin
    if (!rst_ni) walk_q <= WalkIdle;
    else walk_q <= walk_d;
  end

  // ------------------------------------------------------------------------ transfer: a word a cycle, lane after lane
  typedef enum logic [2:0] {Idle, Load, Store, Response, Done} state_e;
  state_e state_q, state_d;

  logic [Lanes-1:0]        current_q, rest_q;  // one-hot: the lane in transfer; the lanes still to come
  logic [Lanes-1:0]        active_q;
  logic [WordAddrBits:0]   left_q;             // words of this lane still to be transferred
  logic [WordAddrBits-1:0] word_q;
  logic                    move, lane_end, last;
  logic                    beat, read;
  logic                    data_valid, data_error;
  logic [BeatBits-1:0]     data;

  assign data_valid = (load_data_valid_i & channel_q) != '0;
  assign data_error = (load_data_error_i & channel_q) != '0;
  assign beat       = state_q == Load && data_valid;
  assign move       = beat || read;
  assign lane_end   = move && left_q == (WordAddrBits + 1)'(1);
  assign last       = lane_end && rest_q == '0;

  always_comb begin
    data = '0;
    for (int unsigned c = 0; c < Channels; c++) begin
      if (channel_q[c]) data = data | load_data_i[c*BeatBits +: BeatBits];
    end
  end

  always_ff @(posedge clk_i) begin
    if (start_i) begin
      active_q  <= active_i;
      current_q <= requesters & (~requesters + 1'b1);
      rest_q    <= requesters & (requesters - 1'b1);
      left_q    <= (WordAddrBits + 1)'(32'(lines) * WordsPerLine);
      word_q    <= '0;
    end else if (lane_end) begin
      current_q <= rest_q & (~rest_q + 1'b1);
      rest_q    <= rest_q & (rest_q - 1'b1);
      left_q    <= words_q;
      word_q    <= '0;
    end else if (move) begin
      left_q <= left_q - 1'b1;
      word_q <= word_q + 1'b1;
    end
  end

  // --------------------------------------------------------------- elements from len on are zeroed, in either direction
  logic [BeatBits-1:0]   word_in, word_masked;
  logic [LenBits-1:0]    elems_q;  // elements from this word on
  logic [WordAddrBits:0] after_q;  // words of this lane from this one on
  logic                  arrives;

  assign arrives = beat || rd_valid_i;
  assign word_in = state_q == Load ? data : rd_data_i;

  always_comb begin
    for (int unsigned i = 0; i < WordElems; i++) begin
      word_masked[i*32 +: 32] = LenBits'(i) < elems_q ? word_in[i*32 +: 32] : 32'd0;
    end
  end

  always_ff @(posedge clk_i) begin
    if (start_i) begin
      elems_q <= len;
      after_q <= (WordAddrBits + 1)'(32'(lines) * WordsPerLine);
    end else if (arrives) begin
      if (after_q == (WordAddrBits + 1)'(1)) begin
        elems_q <= len_q;
        after_q <= words_q;
      end else begin
        elems_q <= elems_q > LenBits'(WordElems) ? elems_q - LenBits'(WordElems) : '0;
        after_q <= after_q - 1'b1;
      end
    end
    if (beat) begin
      wr_addr_o <= word_q;
      wr_data_o <= word_masked;
    end
  end

  // ------------------------------------------------------------------------------------------------------------ store
  logic                   fifo_valid, fifo_pop, fifo_full;
  logic [FifoCntBits-1:0] fifo_count;
  logic [FifoCntBits-1:0] in_flight_q;    // words read and not in the FIFO yet
  logic [LaneBits:0]      outstanding_q;  // requests without a response
  logic                   response;

  assign read      = state_q == Store && fifo_count + in_flight_q < FifoCntBits'(FifoWords);
  assign rd_en_o   = read ? current_q : '0;
  assign rd_addr_o = word_q;
  assign fifo_pop  = fifo_valid && (store_data_ready_i & channel_q) != '0;
  assign response  = (store_resp_valid_i & channel_q) != '0;

  sterna_fifo #(
    .Width(BeatBits),
    .Depth(FifoWords)
  ) u_store_fifo (
    .clk_i,
    .rst_ni,
    .push_i (rd_valid_i),
    .data_i (word_masked),
    .full_o (fifo_full),
    .pop_i  (fifo_pop),
    .valid_o(fifo_valid),
    .data_o (store_data_o),
    .count_o(fifo_count)
  );

  always_ff @(posedge clk_i) begin
    if (!rst_ni) begin
      in_flight_q   <= '0;
      outstanding_q <= '0;
    end else begin
      in_flight_q   <= in_flight_q + FifoCntBits'(read) - FifoCntBits'(rd_valid_i);
      outstanding_q <= outstanding_q + (LaneBits + 1)'(req_taken && store_q)
                      - (LaneBits + 1)'(response);
    end
  end

  // -------------------------------------------------------------------------------------------------------- control
  logic error_q;

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
    if (state_q == Idle) error_q <= 1'b0;
    else if ((beat && data_error) || (response && (store_resp_error_i & channel_q) != '0)) begin
      error_q <= 1'b1;
    end
  end

  always_ff @(posedge clk_i) begin
    if (!rst_ni) begin
      state_q <= Idle;
      wr_en_o <= '0;
    end else begin
      state_q <= state_d;
      wr_en_o <= !beat ? '0 : broadcast_q ? active_q : current_q;
    end
  end

  assign ready_o = state_q == Idle && walk_q == WalkIdle;
  assign done_o  = state_q == Done;
  assign error_o = !error_q ? ErrorNone : store_q ? ErrorWrite : ErrorRead;

  assign load_req_valid_o   = walk_q == Request && !store_q ? channel_q : '0;
  assign load_req_addr_o    = {line_q, 6'd0};
  assign load_req_lines_o   = 32'(lines_q);
  assign load_data_ready_o  = state_q == Load ? channel_q : '0;
  assign store_req_valid_o  = walk_q == Request && store_q ? channel_q : '0;
  assign store_req_addr_o   = {line_q, 6'd0};
  assign store_req_lines_o  = 32'(lines_q);
  assign store_data_valid_o = fifo_valid ? channel_q : '0;

  assign wait_dram_o = (state_q == Load && !data_valid) || (state_q == Store && !read)
                       || state_q == Response;

  logic unused_align;
  assign unused_align = &{1'b0, line_addr_i[5:0]};

  `STERNA_ASSERT(StartOnlyWhenReady, !start_i || ready_o)
  `STERNA_ASSERT(FifoHasRoom, !(rd_valid_i && fifo_full))
  `STERNA_ASSERT_STABLE(LoadRequestStable, load_req_valid_o != '0,
      (load_req_ready_i & channel_q) != '0, {load_req_addr_o, load_req_lines_o})
  `STERNA_ASSERT_STABLE(StoreRequestStable, store_req_valid_o != '0,
      (store_req_ready_i & channel_q) != '0, {store_req_addr_o, store_req_lines_o})
  `STERNA_ASSERT_STABLE(StoreDataStable, fifo_valid,
      (store_data_ready_i & channel_q) != '0, store_data_o)

endmodule
