// Ternary MatMul unit: a matrix streamed from DRAM times a quantised register (docs/numerics.md).
//
// A beat of weights is 5 rows by BeatBits / 8 columns; a row group is ceil(len / 64) lines. The unit takes a beat
// whenever there is one and reads the activations' word beside it, once more for each group. Behind that nothing ever
// stalls: dot product, sum of the group, rescaling, words of five-element groups, register.
module ternary_matmul #(
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

  input  logic [31:0] scale_i,  // va's scale register, from start_i until done_o

  // Read requester towards axi_read_engine.
  output logic                req_valid_o,
  input  logic                req_ready_i,
  output logic [63:0]         req_addr_o,
  output logic [31:0]         req_lines_o,
  input  logic                data_valid_i,
  output logic                data_ready_o,
  input  logic [BeatBits-1:0] data_i,
  input  logic                data_error_i,

  output logic wait_dram_o,  // could take a beat and none is there
  output logic beat_o        // takes a beat
);
  localparam int unsigned Columns      = BeatBits / 8;
  localparam int unsigned ColumnBits   = $clog2(Columns);
  localparam int unsigned WordsPerLine = 512 / BeatBits;
  localparam int unsigned LenBits      = $clog2(VecLen + 1);
  localparam int unsigned LineBits     = LenBits - 6;           // a row's lines: VecLen / 64 at most
  localparam int unsigned SumBits      = 8 + ColumnBits;
  localparam int unsigned AccBits      = 8 + $clog2(VecLen) + 1;  // 128 * VecLen, either sign

  localparam logic [2:0] Idle    = 3'd0;
  localparam logic [2:0] Count   = 3'd1;  // rows / 5, ...
  localparam logic [2:0] Size    = 3'd2;  // ... and what to ask memory for
  localparam logic [2:0] Request = 3'd3;
  localparam logic [2:0] Stream  = 3'd4;
  localparam logic [2:0] Drain   = 3'd5;  // wait for the last word's write

  // ---------------------------------------------------------------- instruction
  logic [LenBits-1:0]    len, rows, len_q, rows_q;
  logic [LineBits-1:0]   row_lines_q;  // of a row group
  logic [LenBits-1:0]    groups_q;
  logic [WordAddrBits:0] words_q;      // of the result
  logic [31:0]           lines_q;
  logic [63:0]           addr_q;

  logic [2:0] state_q, state_d;

  assign len  = LenBits'(instr_i[sterna_isa_pkg::FIELD_LEN_LSB+:sterna_isa_pkg::FIELD_LEN_BITS]);
  assign rows = LenBits'(instr_i[sterna_isa_pkg::FIELD_ROWS_LSB+:sterna_isa_pkg::FIELD_ROWS_BITS]);

  always_ff @(posedge clk_i) begin
    if (start_i) begin
      addr_q      <= line_addr_i;
      len_q       <= len;
      rows_q      <= rows;
      row_lines_q <= LineBits'((32'(len) + 32'd63) / 64);
      words_q     <= (WordAddrBits + 1)'((32'(rows) + 32'd15) / 16 * WordsPerLine);
    end
    // Division by five as a product: exact for all rows + 4 below 2^15.
    if (state_q == Count) groups_q <= LenBits'(((32'(rows_q) + 32'd4) * 32'd52429) >> 18);
    if (state_q == Size) lines_q <= 32'(groups_q) * 32'(row_lines_q);
  end

  // ---------------------------------------------------------------- control
  logic                  beat, group_last, matrix_last;
  logic [WordAddrBits:0] word_q;          // of the activations
  logic [WordAddrBits:0] row_words_q;
  logic [LenBits-1:0]    columns_q;       // from this word on
  logic [LenBits-1:0]    groups_left_q;
  logic                  error_q;
  logic [WordAddrBits:0] write_q, write_d;
  logic                  last;

  assign beat        = data_valid_i && data_ready_o;
  assign group_last  = word_q == row_words_q - 1'b1;
  assign matrix_last = group_last && groups_left_q == LenBits'(1);
  assign write_d     = write_q + 1'b1;
  assign last        = wr_en_o && write_d == words_q;

  always_comb begin
    state_d = state_q;
    unique case (state_q)
      Idle:    if (start_i) state_d = Count;
      Count:   state_d = Size;
      Size:    state_d = Request;
      Request: if (req_ready_i) state_d = Stream;
      Stream:  if (beat && matrix_last) state_d = Drain;
      default: if (last) state_d = Idle;
    endcase
  end

  always_ff @(posedge clk_i) begin
    if (!rst_ni) state_q <= Idle;
    else state_q <= state_d;
  end

  always_ff @(posedge clk_i) begin
    if (state_q == Size) begin
      row_words_q   <= (WordAddrBits + 1)'(32'(row_lines_q) * WordsPerLine);
      groups_left_q <= groups_q;
      word_q        <= '0;
      columns_q     <= len_q;
      error_q       <= 1'b0;
    end else if (beat) begin
      word_q    <= group_last ? '0 : word_q + 1'b1;
      columns_q <= group_last ? len_q
                 : columns_q > LenBits'(Columns) ? columns_q - LenBits'(Columns) : '0;
      if (group_last) groups_left_q <= groups_left_q - 1'b1;
      if (data_error_i) error_q <= 1'b1;
    end
    if (start_i) write_q <= '0;
    else if (wr_en_o) write_q <= write_d;
  end

  // ---------------------------------------------------------------- dot product
  // The register answers a cycle after the beat; so does the mask of its columns.
  logic                 all_q;
  logic [Columns-1:0]   keep_q;
  logic                 dot_valid, dot_last;
  logic [5*SumBits-1:0] dot_sums;
  logic [4:0]           dot_carries;

  always_ff @(posedge clk_i) begin
    if (beat) begin
      all_q  <= columns_q >= LenBits'(Columns);
      keep_q <= ~({Columns{1'b1}} << columns_q[ColumnBits-1:0]) & {Columns{columns_q != '0}};
    end
  end

  ternary_dot #(
    .BeatBits(BeatBits)
  ) u_ternary_dot (
    .clk_i,
    .rst_ni,
    .valid_i  (beat),
    .last_i   (group_last),
    .weights_i(data_i),
    .q8_i     (rd_data_i),
    .all_i    (all_q),
    .keep_i   (keep_q),
    .valid_o  (dot_valid),
    .last_o   (dot_last),
    .sums_o   (dot_sums),
    .carries_o(dot_carries)
  );

  // ---------------------------------------------------------------- sums of the group
  logic                 first_q, group_valid_q;
  logic [5*AccBits-1:0] accs_q;
  logic [LenBits-1:0]   rows_left_q;
  logic [4:0]           keep_rows;

  always_ff @(posedge clk_i) begin
    if (!rst_ni) begin
      group_valid_q <= 1'b0;
      first_q       <= 1'b1;
    end else begin
      group_valid_q <= dot_valid && dot_last;
      if (dot_valid) first_q <= dot_last;
    end
  end

  for (genvar r = 0; r < 5; r++) begin : gen_row
    logic [AccBits-1:0] base;
    logic [AccBits:0]   sum;
    logic               unused_low;
    assign base       = first_q ? '0 : accs_q[AccBits*r+:AccBits];
    assign sum        = {base, 1'b1} + {{AccBits - SumBits{dot_sums[SumBits*r+SumBits-1]}},
                                        dot_sums[SumBits*r+:SumBits], dot_carries[r]};
    assign unused_low = sum[0];
    always_ff @(posedge clk_i) begin
      if (dot_valid) accs_q[AccBits*r+:AccBits] <= sum[AccBits:1];
    end
    assign keep_rows[r] = rows_left_q > LenBits'(r);
  end

  always_ff @(posedge clk_i) begin
    if (state_q == Count) rows_left_q <= rows_q;
    else if (group_valid_q) rows_left_q <= rows_left_q > LenBits'(5) ? rows_left_q - LenBits'(5) : '0;
  end

  // ---------------------------------------------------------------- result
  logic            rescaled;
  logic [5*32-1:0] elements;
  logic            flush_q;

  ternary_rescale #(
    .AccBits(AccBits)
  ) u_ternary_rescale (
    .clk_i,
    .rst_ni,
    .start_i,
    .imm_i     (instr_i[sterna_isa_pkg::FIELD_IMM_LSB+:sterna_isa_pkg::FIELD_IMM_BITS]),
    .scale_i,
    .valid_i   (group_valid_q),
    .accs_i    (accs_q),
    .keep_i    (keep_rows),
    .valid_o   (rescaled),
    .elements_o(elements)
  );

  // After the last group the rest leaves with zeros, until the result's last line is whole.
  logic [LenBits-1:0] pushed_q, pushed_d;
  assign pushed_d = pushed_q + LenBits'(1);
  always_ff @(posedge clk_i) begin
    if (!rst_ni || start_i || last) begin
      flush_q  <= 1'b0;
      pushed_q <= '0;
    end else if (rescaled) begin
      flush_q  <= pushed_d == groups_q;
      pushed_q <= pushed_d;
    end
  end

  ternary_gearbox #(
    .BeatBits(BeatBits)
  ) u_ternary_gearbox (
    .clk_i,
    .rst_ni,
    .clear_i     (start_i),
    .push_i      (rescaled),
    .elements_i  (elements),
    .flush_i     (flush_q),
    .word_valid_o(wr_en_o),
    .word_o      (wr_data_o)
  );

  assign ready_o      = state_q == Idle;
  assign done_o       = last;
  assign error_o      = {1'b0, error_q};
  assign rd_en_o      = beat;
  assign rd_addr_o    = word_q[WordAddrBits-1:0];
  assign wr_addr_o    = write_q[WordAddrBits-1:0];
  assign req_valid_o  = state_q == Request;
  assign req_addr_o   = addr_q;
  assign req_lines_o  = lines_q;
  assign data_ready_o = state_q == Stream;
  assign wait_dram_o  = state_q == Request || (state_q == Stream && !data_valid_i);
  assign beat_o       = beat;

  logic unused;
  assign unused = ^instr_i;  // register fields are the router's
endmodule
