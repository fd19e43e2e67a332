// SPDX-License-Identifier: Apache-2.0
// The vector registers of a lane, and the wires between them and the units.
//
// At an instruction's start its unit's streams are bound to registers, and stay so until its next start. The router grants
// each register's ports to one instruction at a time; so a register simply takes whatever its bound streams send (two
// streams of one instruction that name the same register send the same addresses), with no arbitration.
//
// Chaining: an instruction may start while its sources are still being written. Every unit writes its words in order, so a
// count of them tells a stream which word it may read (rd_ready_o).
// Read streams: 0 LSU va, 1-3 ROW va vb vc, 4-5 RMS va vb, 6 TMM va, 7 TOP va.
// Write streams: 0 LSU, 1 ROW, 2 RMS, 3 TMM, 4 TOP.
// RMS and TOP never run at once, so they share what is wide: TOP reads the data of stream 4 and sends its own as RMS's.
`include "rtl/assertions.svh"
`include "rtl/verilator.svh"

module sterna_register_file #(
  parameter int unsigned BeatBits  = 512,
  parameter int unsigned VecLen    = 8192,
  parameter int unsigned Registers = 8,
  localparam int unsigned WordAddrBits = $clog2(VecLen * 32 / BeatBits),
  localparam int unsigned RegBits = sterna_isa_pkg::FIELD_VD_BITS,
  localparam int unsigned Units = sterna_isa_pkg::UNITS - 1,
  localparam int unsigned Reads = 8,
  localparam int unsigned ReadBuses  = 7,
  localparam int unsigned WriteBuses = 4
) (
  input  logic clk_i,
  input  logic rst_ni,
  input  logic clear_i,  // a program starts: scale registers become 0, what registers hold is complete

  // Binding.
  input  logic [Units-1:0]   start_i,
  input  logic [RegBits-1:0] vd_i,
  input  logic [RegBits-1:0] va_i,
  input  logic [RegBits-1:0] vb_i,
  input  logic [RegBits-1:0] vc_i,
  input  logic               writes_i,  // it has a vd
  input  logic [WordAddrBits:0] words_i,  // that it will write to vd

  input  logic [Reads-1:0]              rd_en_i,
  input  logic [Reads*WordAddrBits-1:0] rd_addr_i,
  output logic [Reads-1:0]              rd_ready_o,  // the word at rd_addr_i has been written
  output logic [ReadBuses*BeatBits-1:0] rd_data_o,  // a cycle after rd_en_i, held until the next read
  input  logic [Units-1:0]              wr_en_i,
  input  logic [Units*WordAddrBits-1:0] wr_addr_i,
  input  logic [WriteBuses*BeatBits-1:0] wr_data_i,

  input  logic        scale_en_i,  // RMS writes its vd's scale
  input  logic [31:0] scale_i,
  output logic [31:0] scale_o      // scale of TMM's va, from its start on
);

  localparam int unsigned Lsu = 0;
  localparam int unsigned Row = 1;
  localparam int unsigned Rms = 2;
  localparam int unsigned Tmm = 3;
  localparam int unsigned Top = 4;
  localparam int unsigned IndexBits = $clog2(Registers);

  // ------------------------------------------------------------------------------------------------------------ binding
  logic [IndexBits-1:0] vd, va, vb, vc;
  logic [IndexBits-1:0] read_from_q[Reads];
  logic [IndexBits-1:0] write_to_q[Units];
  logic [Reads-1:0]     own_q;  // reads what its own instruction will overwrite: that is complete

  assign vd = vd_i[IndexBits-1:0];
  assign va = va_i[IndexBits-1:0];
  assign vb = vb_i[IndexBits-1:0];
  assign vc = vc_i[IndexBits-1:0];

  if (IndexBits < RegBits) begin : gen_unused  // the decoder has checked the bounds
    logic unused_index;
    assign unused_index = &{1'b0, vd_i[RegBits-1:IndexBits], va_i[RegBits-1:IndexBits],
                            vb_i[RegBits-1:IndexBits], vc_i[RegBits-1:IndexBits]};
  end

  always_ff @(posedge clk_i) begin
    if (start_i[Lsu]) begin
      own_q[0]       <= va == vd;
      read_from_q[0] <= va;
    end
    if (start_i[Row]) begin
      own_q[3:1]     <= {vc == vd, vb == vd, va == vd};
      read_from_q[1] <= va;
      read_from_q[2] <= vb;
      read_from_q[3] <= vc;
    end
    if (start_i[Rms] || start_i[Top]) begin
      own_q[5:4]     <= {vb == vd, va == vd};
      read_from_q[4] <= va;
      read_from_q[5] <= vb;
    end
    if (start_i[Tmm]) begin
      own_q[6]       <= va == vd;
      read_from_q[6] <= va;
    end
    if (start_i[Top]) begin
      own_q[7]       <= va == vd;
      read_from_q[7] <= va;
    end
    for (int unsigned u = 0; u < Units; u++) begin
      if (start_i[u]) write_to_q[u] <= vd;
    end
  end

  // ---------------------------------------------------------------------------------------------------------- registers
  logic [BeatBits-1:0]   rd_data[Registers];
  logic [WordAddrBits:0] written_q[Registers];   // words by the last instruction that has it as vd
  logic                  complete_q[Registers];  // all of them

  for (genvar r = 0; r < Registers; r++) begin : gen_register
    logic                    rd_en, wr_en;
    logic [WordAddrBits-1:0] rd_addr, wr_addr;
    logic [1:0]              wr_bus;
    logic [BeatBits-1:0]     wr_data;

    always_comb begin
      rd_en   = 1'b0;
      rd_addr = '0;
      for (int unsigned s = 0; s < Reads; s++) begin
        if (rd_en_i[s] && read_from_q[s] == IndexBits'(r)) begin
          rd_en   = 1'b1;
          rd_addr = rd_addr | rd_addr_i[s*WordAddrBits +: WordAddrBits];
        end
      end
    end

    always_comb begin
      wr_en   = 1'b0;
      wr_addr = '0;
      wr_bus  = '0;
      for (int unsigned u = 0; u < Units; u++) begin
        if (wr_en_i[u] && write_to_q[u] == IndexBits'(r)) begin
          wr_en   = 1'b1;
          wr_addr = wr_addr | wr_addr_i[u*WordAddrBits +: WordAddrBits];
          wr_bus  = wr_bus | 2'(u == Top ? Rms : u);
        end
      end
    end
    assign wr_data = wr_data_i[wr_bus*BeatBits +: BeatBits];

    sterna_vector_register #(
      .BeatBits(BeatBits),
      .VecLen  (VecLen)
    ) u_sram (
      .clk_i,
      .rd_en_i  (rd_en),
      .rd_addr_i(rd_addr),
      .rd_data_o(rd_data[r]),
      .wr_en_i  (wr_en),
      .wr_addr_i(wr_addr),
      .wr_data_i(wr_data)
    );

    logic                  start;
    logic [WordAddrBits:0] total_q, written;

    assign start   = start_i != '0 && writes_i && vd == IndexBits'(r);
    assign written = written_q[r] + 1'b1;

    always_ff @(posedge clk_i) begin
      if (start) begin
        total_q      <= words_i;
        written_q[r] <= '0;
      end else if (wr_en) begin
        written_q[r] <= written;
      end
    end

    always_ff @(posedge clk_i) begin
      if (clear_i || !rst_ni) complete_q[r] <= 1'b1;
      else if (start) complete_q[r] <= 1'b0;
      else if (wr_en) complete_q[r] <= written == total_q;
    end

    // What the router grants: one writer, and readers that agree.
    logic [Units-1:0] writers;
    logic             agree, unused_check;

    always_comb begin
      agree = 1'b1;
      for (int unsigned s = 0; s < Reads; s++) begin
        if (rd_en_i[s] && read_from_q[s] == IndexBits'(r)) begin
          agree = agree && rd_addr == rd_addr_i[s*WordAddrBits +: WordAddrBits];
        end
      end
      for (int unsigned u = 0; u < Units; u++) begin
        writers[u] = wr_en_i[u] && write_to_q[u] == IndexBits'(r);
      end
    end
    assign unused_check = &{1'b0, agree, writers};

    `STERNA_ASSERT(ReadersAgree, agree)
    `STERNA_ASSERT(OneWriter, $onehot0(writers))
    `STERNA_ASSERT(InOrder, !wr_en || !rst_ni || wr_addr == written_q[r][WordAddrBits-1:0])
  end

  for (genvar s = 0; s < ReadBuses; s++) begin : gen_bus
    assign rd_data_o[s*BeatBits +: BeatBits] = rd_data[read_from_q[s]];
  end

  for (genvar s = 0; s < Reads; s++) begin : gen_ready
    assign rd_ready_o[s] = own_q[s] || complete_q[read_from_q[s]]
                           || {1'b0, rd_addr_i[s*WordAddrBits +: WordAddrBits]} < written_q[read_from_q[s]];
  end

  // ------------------------------------------------------------------------------------------------------------- scales
  logic [31:0] scale_q[Registers]  `STERNA_VISIBLE;  // the lockstep checker reads it

  always_ff @(posedge clk_i) begin
    for (int unsigned r = 0; r < Registers; r++) begin
      if (!rst_ni || clear_i) scale_q[r] <= '0;
      else if (scale_en_i && write_to_q[Rms] == IndexBits'(r)) scale_q[r] <= scale_i;
    end
  end

  assign scale_o = scale_q[start_i[Tmm] ? va : read_from_q[6]];

endmodule
