// Load/Store unit: LDV, SV and EMB, whole vectors between DRAM and a register.
//
// Where an EMB's row lies has been worked out before issue (line_addr_i), so it is a load like LDV. A load writes a word
// as each beat comes; a store reads ahead into a small FIFO, because the register answers a cycle later while the bus may
// stall at any time. Read stream 0: va.
`include "rtl/assertions.svh"

module load_store #(
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
  output logic [1:0]   error_o,
  input  logic [63:0]  line_addr_i,

  output logic                    rd_en_o,
  output logic [WordAddrBits-1:0] rd_addr_o,
  input  logic [BeatBits-1:0]     rd_data_i,
  output logic                    wr_en_o,
  output logic [WordAddrBits-1:0] wr_addr_o,
  output logic [BeatBits-1:0]     wr_data_o,

  // Read requester.
  output logic                load_req_valid_o,
  input  logic                load_req_ready_i,
  output logic [63:0]         load_req_addr_o,
  output logic [31:0]         load_req_lines_o,
  input  logic                load_data_valid_i,
  output logic                load_data_ready_o,
  input  logic [BeatBits-1:0] load_data_i,
  input  logic                load_data_error_i,

  // Write requester.
  output logic                store_req_valid_o,
  input  logic                store_req_ready_i,
  output logic [63:0]         store_req_addr_o,
  output logic [31:0]         store_req_lines_o,
  output logic                store_data_valid_o,
  input  logic                store_data_ready_i,
  output logic [BeatBits-1:0] store_data_o,
  input  logic                store_resp_valid_i,
  input  logic                store_resp_error_i,

  output logic wait_dram_o  // waits for memory: data, address or response
);

  localparam int unsigned WordElems    = BeatBits / 32;
  localparam int unsigned WordsPerLine = 512 / BeatBits;
  localparam int unsigned LenBits      = sterna_isa_pkg::FIELD_LEN_BITS;
  localparam int unsigned FifoWords    = 16;
  localparam int unsigned FifoCntBits  = $clog2(FifoWords) + 1;

  localparam logic [1:0] ErrorNone  = 2'd0;
  localparam logic [1:0] ErrorRead  = 2'd1;
  localparam logic [1:0] ErrorWrite = 2'd2;

  typedef enum logic [2:0] {Idle, Load, Store, Response, Done} state_e;
  state_e state_q, state_d;

  logic [LenBits-1:0] len;
  logic [LenBits-5:0] lines;  // of 16 elements
  logic               is_store;
  logic               unused_instr;

  assign len      = instr_i[sterna_isa_pkg::FIELD_LEN_LSB +: LenBits];
  assign lines    = (LenBits - 4)'((17'(len) + 17'd15) >> 4);
  assign is_store = instr_i[sterna_isa_pkg::FIELD_OP_LSB +: sterna_isa_pkg::OP_BITS]
                    == sterna_isa_pkg::OP_SV;
  assign unused_instr = &{1'b0, instr_i};

  // ------------------------------------------------------------------------------------------- one instruction's state
  logic                    load_req_q, store_req_q;  // a request that the engine has not taken yet
  logic [63:0]             addr_q;
  logic [LenBits-5:0]      lines_q;
  logic [LenBits-1:0]      elems_q;  // elements from the next word to be masked on
  logic [WordAddrBits:0]   words_q;  // words still to be read from the register or from memory
  logic [WordAddrBits-1:0] word_q;   // address of the next word
  logic                    error_q;

  logic beat;       // a beat from memory becomes a word
  logic last_word;
  logic read_q;     // rd_data_i is a new word to be stored

  assign beat      = state_q == Load && load_data_valid_i;
  assign last_word = words_q == (WordAddrBits + 1)'(1);

  // -------------------------------------------------------------------------------- the word on its way, tail zeroed
  logic [BeatBits-1:0] word_in, word_masked;

  assign word_in = state_q == Load ? load_data_i : rd_data_i;

  always_comb begin
    for (int unsigned i = 0; i < WordElems; i++) begin
      word_masked[i*32 +: 32] = LenBits'(i) < elems_q ? word_in[i*32 +: 32] : 32'd0;
    end
  end

  // ------------------------------------------------------------------------------------------------------------ store
  logic                   fifo_pop;
  logic [FifoCntBits-1:0] fifo_count;
  logic                   fifo_full;

  // A word may be on its way from the register when the FIFO is asked.
  assign rd_en_o   = state_q == Store && words_q != '0
                     && fifo_count + FifoCntBits'(read_q) < FifoCntBits'(FifoWords);
  assign rd_addr_o = word_q;
  assign fifo_pop  = store_data_valid_o && store_data_ready_i;

  fifo #(
    .Width(BeatBits),
    .Depth(FifoWords)
  ) u_store_fifo (
    .clk_i,
    .rst_ni,
    .push_i (read_q),
    .data_i (word_masked),
    .full_o (fifo_full),
    .pop_i  (fifo_pop),
    .valid_o(store_data_valid_o),
    .data_o (store_data_o),
    .count_o(fifo_count)
  );

  // -------------------------------------------------------------------------------------------------------- control
  always_comb begin
    state_d = state_q;
    unique case (state_q)
      Idle:     if (start_i) state_d = is_store ? Store : Load;
      Load:     if (beat && last_word) state_d = Done;
      Store:    if (words_q == '0) state_d = Response;
      Response: if (store_resp_valid_i) state_d = Done;
      Done:     state_d = Idle;
      default:  state_d = Idle;
    endcase
  end

  always_ff @(posedge clk_i) begin
    if (state_q == Idle) begin
      addr_q  <= line_addr_i;
      lines_q <= lines;
      elems_q <= len;
      words_q <= (WordAddrBits + 1)'(32'(lines) * WordsPerLine);
      word_q  <= '0;
      error_q <= 1'b0;
    end else begin
      if (beat || rd_en_o) begin
        words_q <= words_q - 1'b1;
        word_q  <= word_q + 1'b1;
      end
      if (beat || read_q) begin
        elems_q <= elems_q > LenBits'(WordElems) ? elems_q - LenBits'(WordElems) : '0;
      end
      if ((beat && load_data_error_i) || (store_resp_valid_i && store_resp_error_i)) begin
        error_q <= 1'b1;
      end
    end
    if (beat) begin
      wr_addr_o <= word_q;
      wr_data_o <= word_masked;
    end
  end

  always_ff @(posedge clk_i) begin
    if (!rst_ni) begin
      state_q     <= Idle;
      load_req_q  <= 1'b0;
      store_req_q <= 1'b0;
      read_q      <= 1'b0;
      wr_en_o     <= 1'b0;
    end else begin
      state_q     <= state_d;
      load_req_q  <= (start_i && !is_store) || (load_req_q && !load_req_ready_i);
      store_req_q <= (start_i && is_store) || (store_req_q && !store_req_ready_i);
      read_q      <= rd_en_o;
      wr_en_o     <= beat;
    end
  end

  assign ready_o = state_q == Idle;
  assign done_o  = state_q == Done;

  logic stored_q;  // what kind of error it would be
  always_ff @(posedge clk_i) stored_q <= state_q == Response;
  assign error_o = !error_q ? ErrorNone : stored_q ? ErrorWrite : ErrorRead;

  assign load_req_valid_o  = load_req_q;
  assign load_req_addr_o   = addr_q;
  assign load_req_lines_o  = 32'(lines_q);
  assign load_data_ready_o = state_q == Load;
  assign store_req_valid_o = store_req_q;
  assign store_req_addr_o  = addr_q;
  assign store_req_lines_o = 32'(lines_q);

  assign wait_dram_o = (state_q == Load && !load_data_valid_i)
                       || (state_q == Store && !rd_en_o) || state_q == Response;

  `STERNA_ASSERT(StartOnlyWhenReady, !start_i || ready_o)
  `STERNA_ASSERT(FifoHasRoom, !(read_q && fifo_full))
  `STERNA_ASSERT_STABLE(LoadRequestStable, load_req_valid_o, load_req_ready_i,
      {load_req_addr_o, load_req_lines_o})
  `STERNA_ASSERT_STABLE(StoreRequestStable, store_req_valid_o, store_req_ready_i,
      {store_req_addr_o, store_req_lines_o})
  `STERNA_ASSERT_STABLE(StoreDataStable, store_data_valid_o, store_data_ready_i, store_data_o)

endmodule
