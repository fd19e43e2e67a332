// SPDX-License-Identifier: Apache-2.0
// Generated from isa/isa.toml by isagen (`make generate`): edit that file, not this one.
// No module needs every name of the package.
/* verilator lint_off UNUSEDPARAM */
package sterna_isa_pkg;
  localparam int unsigned ISA_VERSION = 4;
  localparam int unsigned OLDEST_VERSION = 3;
  localparam int unsigned INSTRUCTION_BITS = 128;
  localparam int unsigned LINE_BYTES = 64;
  localparam int unsigned SEGMENTS = 16;
  localparam int unsigned MAX_REGISTERS = 16;
  localparam int unsigned MAX_VECTOR_LENGTH = 8192;
  localparam int unsigned FRACTION_BITS = 24;
  localparam int unsigned TRITS_PER_BYTE = 5;
  localparam int unsigned SCALE_MANTISSA_BITS = 24;
  localparam int unsigned SCALE_EXPONENT_BITS = 6;
  localparam int unsigned MIN_SCALE_EXPONENT = 13;
  localparam int unsigned MAX_LANES = 64;
  localparam int unsigned TOP_ENTRIES = 16;
  localparam int unsigned MAX_TREES = 64;
  localparam int unsigned MAX_TREE_DEPTH = 15;
  localparam int unsigned TREE_BLOCK_LEVELS = 4;

  // x / TRITS_PER_BYTE is (x * TRITS_FACTOR) >> TRITS_SHIFT, of x below 2^17.
  localparam int unsigned TRITS_FACTOR = 52429;
  localparam int unsigned TRITS_SHIFT = 18;

  // Instruction fields: instr[FIELD_X_LSB +: FIELD_X_BITS].
  localparam int unsigned FIELD_OP_LSB = 0;
  localparam int unsigned FIELD_OP_BITS = 8;
  localparam int unsigned FIELD_VD_LSB = 8;
  localparam int unsigned FIELD_VD_BITS = 4;
  localparam int unsigned FIELD_VA_LSB = 12;
  localparam int unsigned FIELD_VA_BITS = 4;
  localparam int unsigned FIELD_VB_LSB = 16;
  localparam int unsigned FIELD_VB_BITS = 4;
  localparam int unsigned FIELD_VC_LSB = 20;
  localparam int unsigned FIELD_VC_BITS = 4;
  localparam int unsigned FIELD_SEG_LSB = 24;
  localparam int unsigned FIELD_SEG_BITS = 4;
  localparam int unsigned FIELD_DEPTH_LSB = 28;
  localparam int unsigned FIELD_DEPTH_BITS = 4;
  localparam int unsigned FIELD_LEN_LSB = 32;
  localparam int unsigned FIELD_LEN_BITS = 16;
  localparam int unsigned FIELD_ROWS_LSB = 48;
  localparam int unsigned FIELD_ROWS_BITS = 16;
  localparam int unsigned FIELD_OFF_LSB = 64;
  localparam int unsigned FIELD_OFF_BITS = 32;
  localparam int unsigned FIELD_IMM_LSB = 96;
  localparam int unsigned FIELD_IMM_BITS = 32;

  localparam int unsigned OP_BITS = 8;
  typedef enum logic [7:0] {
    OP_HALT = 8'h01,  // End of the program.
    OP_LDV = 8'h10,  // Load a vector.
    OP_SV = 8'h11,  // Store a vector.
    OP_EMB = 8'h12,  // Load the embedding row of the current token.
    OP_ADD = 8'h20,  // Add.
    OP_SUB = 8'h21,  // Subtract.
    OP_MUL = 8'h22,  // Multiply.
    OP_DIV = 8'h23,  // Divide.
    OP_EXP = 8'h24,  // Exponential.
    OP_SIG = 8'h25,  // Logistic sigmoid.
    OP_SILU = 8'h26,  // SiLU (swish).
    OP_SIGP = 8'h2b,  // Logistic sigmoid of numbers that are held times a power of two.
    OP_SILUP = 8'h2a,  // SiLU of numbers that are held times a power of two.
    OP_RELU = 8'h2c,  // ReLU.
    OP_GELU = 8'h2d,  // GELU, the exact one, of numbers that are held times a power of two.
    OP_GATE = 8'h27,  // Gated update: va gates between vb and vc.
    OP_SCAN = 8'h29,  // Step of the recurrence: GATE, whose vb is the previous lane's result in prefill.
    OP_SET = 8'h28,  // Fill a vector with a constant.
    OP_NORM = 8'h30,  // RMS normalisation with a weight.
    OP_QUANT = 8'h31,  // Absmax quantisation to int8.
    OP_LIFT = 8'h32,  // A vector as large as it may be, times a weight.
    OP_NORML = 8'h33,  // RMS normalisation of what was lifted: NORM with eps times 2^(2 lift).
    OP_TMATMUL = 8'h40,  // Ternary matrix times quantised vector.
    OP_FFFIN = 8'h41,  // Walk the trees of an FFF layer: the logits of the nodes on each tree's path.
    OP_FFFOUT = 8'h42,  // The nodes on the paths of the last FFFIN, each times its row of the second matrix of an FFF layer.
    OP_TOPK = 8'h50  // Merge a vector into the list of the greatest elements.
  } opcode_e;

  // What an instruction writes to vd; what it names in memory.
  typedef enum logic [2:0] {
    RESULT_NONE = 3'd0,
    RESULT_FIX = 3'd1,
    RESULT_Q8 = 3'd2,
    RESULT_ROWS = 3'd3,
    RESULT_LIST = 3'd4,
    RESULT_PATH = 3'd5
  } result_e;
  localparam int unsigned RESULT_BITS = 3;
  typedef enum logic [2:0] {
    ACCESS_NONE = 3'd0,
    ACCESS_VECTOR = 3'd1,
    ACCESS_ROW = 3'd2,
    ACCESS_MATRIX = 3'd3,
    ACCESS_TREE_IN = 3'd4,
    ACCESS_TREE_OUT = 3'd5
  } access_e;
  localparam int unsigned ACCESS_BITS = 3;

  // The units besides the router. A unit's number is its bit in start, done and trace_retire.
  localparam int unsigned UNITS = 5;
  typedef enum logic [2:0] {
    UNIT_LSU = 3'd0,  // Load/Store: whole vectors between DRAM and a register.
    UNIT_ROW = 3'd1,  // Row-wise: element by element arithmetic on registers.
    UNIT_RMS = 3'd2,  // Root Mean Square: normalisation and absmax quantisation, two passes over a register.
    UNIT_TMM = 3'd3,  // Ternary MatMul: a matrix streamed from DRAM times a quantised register, or an FFF layer's nodes on a path.
    UNIT_TOP = 3'd4  // The greatest elements of the program so far: the head's end on the device.
  } unit_e;
  localparam logic [UNITS-1:0] UNIT_SHARED = 5'b01001;  // one for all lanes, not one in each
  localparam logic [UNITS-1:0] UNIT_SATURATES = 5'b01110;  // its results may be clamped

  // Read streams of a register file: READ_X is unit X's first, of READ_X_COUNT.
  localparam int unsigned READ_LSU = 0;  // va
  localparam int unsigned READ_LSU_COUNT = 1;
  localparam int unsigned READ_ROW = 1;  // va vb vc
  localparam int unsigned READ_ROW_COUNT = 3;
  localparam int unsigned READ_RMS = 4;  // va vb
  localparam int unsigned READ_RMS_COUNT = 2;
  localparam int unsigned READ_TMM = 6;  // va
  localparam int unsigned READ_TMM_COUNT = 1;
  localparam int unsigned READ_TOP = 7;  // va
  localparam int unsigned READ_TOP_COUNT = 1;
  localparam int unsigned READ_STREAMS = 8;
  // The operand that stream s reads, at 2 * s: 0 va, 1 vb, 2 vc.
  localparam logic [15:0] READ_OPERANDS = {2'd0, 2'd0, 2'd1, 2'd0, 2'd2, 2'd1, 2'd0, 2'd0};
  // The units whose start binds stream s to a register, at UNITS * s.
  localparam logic [39:0] READ_STARTS = {5'd16, 5'd8, 5'd20, 5'd20, 5'd2, 5'd2, 5'd2, 5'd1};
  // The first streams have a data bus each, of the same number; the others share theirs.
  localparam int unsigned READ_BUSES = 7;
  // Write streams have the numbers of their units. The bus of unit u is at 4 * u; units of one bus
  // never run at once.
  localparam int unsigned WRITE_BUSES = 4;
  localparam logic [4*UNITS-1:0] WRITE_BUS = {4'd2, 4'd3, 4'd2, 4'd1, 4'd0};
  localparam int unsigned SCALE_WRITER = 2;  // RMS
  localparam int unsigned SCALE_READER = 3;  // TMM
  localparam int unsigned SCALE_STREAM = 6;  // its va

  localparam int unsigned STATUS_BITS = 3;
  typedef enum logic [2:0] {
    STATUS_OK = 3'd0,  // The program reached HALT.
    STATUS_ILLEGAL_INSTRUCTION = 3'd1,  // Unknown opcode, a register, length or row count that this build does not have, a non-zero unused field, TMATMUL with vd = va or with a segment that is not a multiple of CHANNELS, an instruction whose capability this build lacks, FFFOUT whose trees are not those of the last FFFIN.
    STATUS_BAD_ADDRESS = 3'd2,  // The access leaves its segment, or runs past 2^64.
    STATUS_READ_ERROR = 3'd3,  // Memory answered a read with an error.
    STATUS_WRITE_ERROR = 3'd4,  // Memory answered a write with an error.
    STATUS_PC_OVERRUN = 3'd5  // The program counter left the instruction ROM without a HALT.
  } status_e;

  // Byte offsets of the control registers.
  localparam int unsigned REG_ADDR_BITS = 12;
  localparam logic [11:0] REG_CTRL = 12'h000;
  localparam logic [11:0] REG_GIE = 12'h004;
  localparam logic [11:0] REG_IER = 12'h008;
  localparam logic [11:0] REG_ISR = 12'h00c;
  localparam logic [11:0] REG_SEG_BASE_LO = 12'h010;
  localparam int unsigned REG_SEG_BASE_LO_COUNT = 16;
  localparam int unsigned REG_SEG_BASE_LO_STRIDE = 16;
  localparam logic [11:0] REG_SEG_BASE_HI = 12'h014;
  localparam int unsigned REG_SEG_BASE_HI_COUNT = 16;
  localparam int unsigned REG_SEG_BASE_HI_STRIDE = 16;
  localparam logic [11:0] REG_SEG_SIZE = 12'h018;
  localparam int unsigned REG_SEG_SIZE_COUNT = 16;
  localparam int unsigned REG_SEG_SIZE_STRIDE = 16;
  localparam logic [11:0] REG_SEG_LANE_STRIDE = 12'h01c;
  localparam int unsigned REG_SEG_LANE_STRIDE_COUNT = 16;
  localparam int unsigned REG_SEG_LANE_STRIDE_STRIDE = 16;
  localparam logic [11:0] REG_ENTRY = 12'h110;
  localparam logic [11:0] REG_LANE_MASK_LO = 12'h114;
  localparam logic [11:0] REG_LANE_MASK_HI = 12'h118;
  localparam logic [11:0] REG_PREFILL = 12'h11c;
  localparam logic [11:0] REG_TOKEN = 12'h120;
  localparam int unsigned REG_TOKEN_COUNT = 64;
  localparam int unsigned REG_TOKEN_STRIDE = 4;
  localparam logic [11:0] REG_STATUS = 12'h240;
  localparam logic [11:0] REG_STATUS_PC = 12'h244;
  localparam logic [11:0] REG_FFF_KEEP = 12'h248;
  localparam logic [11:0] REG_ROM_ADDR = 12'h250;
  localparam logic [11:0] REG_ROM_DATA = 12'h254;
  localparam logic [11:0] REG_MAGIC = 12'h300;
  localparam logic [31:0] REG_MAGIC_VALUE = 32'h4e525453;
  localparam logic [11:0] REG_ISA_VERSION = 12'h304;
  localparam logic [11:0] REG_CHANNELS = 12'h308;
  localparam logic [11:0] REG_LANES = 12'h30c;
  localparam logic [11:0] REG_VECTOR_LENGTH = 12'h310;
  localparam logic [11:0] REG_REGISTERS = 12'h314;
  localparam logic [11:0] REG_BEAT_BITS = 12'h318;
  localparam logic [11:0] REG_ROM_DEPTH = 12'h31c;
  localparam logic [11:0] REG_CLOCK_KHZ = 12'h320;
  localparam logic [11:0] REG_BEATS_PER_STEP = 12'h324;
  localparam logic [11:0] REG_FFF = 12'h328;

  // Counter i is 64 bits at REG_COUNTERS + 8 * i, low word first.
  localparam int unsigned COUNTERS = 33;
  localparam logic [11:0] REG_COUNTERS = 12'h400;
  localparam int unsigned COUNTER_CYCLES = 0;  // From ap_start to ap_done.
  localparam int unsigned COUNTER_INSTRUCTIONS = 1;  // Cycles in which an instruction issued, HALT included.
  localparam int unsigned COUNTER_ISSUE_FETCH = 2;  // No instruction decoded yet.
  localparam int unsigned COUNTER_ISSUE_UNIT_BUSY = 3;  // The instruction's unit is busy.
  localparam int unsigned COUNTER_ISSUE_RAW = 4;  // A source register is still being written.
  localparam int unsigned COUNTER_ISSUE_WAR = 5;  // The destination is still being read.
  localparam int unsigned COUNTER_ISSUE_WAW = 6;  // The destination is still being written.
  localparam int unsigned COUNTER_ISSUE_PORT = 7;  // A source's only read port is taken.
  localparam int unsigned COUNTER_ISSUE_DRAIN = 8;  // HALT or an error waits for the units to finish.
  localparam int unsigned COUNTER_LSU_BUSY = 9;  // Load/Store has an instruction.
  localparam int unsigned COUNTER_LSU_WAIT_DRAM = 10;  // Load/Store waits for memory (data, address or response).
  localparam int unsigned COUNTER_ROW_BUSY = 11;  // Row-wise has an instruction.
  localparam int unsigned COUNTER_ROW_DIVIDE = 12;  // Row-wise waits for its serial divider.
  localparam int unsigned COUNTER_ROW_WAIT = 13;  // Row-wise waits for a word of a source that is still being written.
  localparam int unsigned COUNTER_RMS_BUSY = 14;  // RMS has an instruction.
  localparam int unsigned COUNTER_RMS_SCALAR = 15;  // RMS waits for its serial division or root.
  localparam int unsigned COUNTER_RMS_WAIT = 16;  // RMS waits for a word of a source that is still being written.
  localparam int unsigned COUNTER_TMM_BUSY = 17;  // Ternary MatMul has an instruction.
  localparam int unsigned COUNTER_TMM_WAIT_DRAM = 18;  // TMATMUL is stalled by missing weight beats only.
  localparam int unsigned COUNTER_TMM_BEATS = 19;  // Weight beats that TMATMUL consumed.
  localparam int unsigned COUNTER_TOP_BUSY = 20;  // The top list has an instruction.
  localparam int unsigned COUNTER_TOP_WAIT = 21;  // The top list waits for a word of a source that is still being written.
  localparam int unsigned COUNTER_READ_BEATS = 22;  // Beats read over AXI.
  localparam int unsigned COUNTER_WRITE_BEATS = 23;  // Beats written over AXI.
  localparam int unsigned COUNTER_SATURATED = 24;  // Instructions of which an element, in any active lane, left the range of fix and was clamped (docs/numerics.md, Saturation). Not defined after a bus error.
  localparam int unsigned COUNTER_FFF_BLOCKS = 25;  // Blocks of FFFIN's trees that were fetched, or found on chip (FFF_BLOCKS_HIT).
  localparam int unsigned COUNTER_FFF_BLOCKS_SHARED = 26;  // Blocks that a lane took from another lane's fetch; with FFF_BLOCKS, all that lanes evaluated.
  localparam int unsigned COUNTER_FFF_RECORDS = 27;  // Records of FFFOUT that were fetched.
  localparam int unsigned COUNTER_FFF_RECORDS_SHARED = 28;  // Records that a lane took from another lane's fetch.
  localparam int unsigned COUNTER_FFF_BEATS = 29;  // Beats of blocks and records read over AXI; READ_BEATS has them, too.
  localparam int unsigned COUNTER_FFF_WAIT_BLOCK = 30;  // FFFIN waits for a block's beats, or for the decisions that lead to the block.
  localparam int unsigned COUNTER_FFF_WAIT_RECORD = 31;  // FFFOUT waits for a record's beats.
  localparam int unsigned COUNTER_FFF_BLOCKS_HIT = 32;  // Blocks, of FFF_BLOCKS, that were on chip and not fetched; of several channels, in the first one.

  // The bits that an instruction may set; any other bit makes it illegal.
  function automatic logic [INSTRUCTION_BITS-1:0] used_bits(input logic [OP_BITS-1:0] op);
    case (op)
      OP_BITS'(sterna_isa_pkg::OP_HALT): used_bits = 128'h000000000000000000000000000000ff;
      OP_BITS'(sterna_isa_pkg::OP_LDV): used_bits = 128'h00000000ffffffff0000ffff0f000fff;
      OP_BITS'(sterna_isa_pkg::OP_SV): used_bits = 128'h00000000ffffffff0000ffff0f00f0ff;
      OP_BITS'(sterna_isa_pkg::OP_EMB): used_bits = 128'h00000000ffffffff0000ffff0f000fff;
      OP_BITS'(sterna_isa_pkg::OP_ADD): used_bits = 128'h00000000000000000000ffff000fffff;
      OP_BITS'(sterna_isa_pkg::OP_SUB): used_bits = 128'h00000000000000000000ffff000fffff;
      OP_BITS'(sterna_isa_pkg::OP_MUL): used_bits = 128'h00000000000000000000ffff000fffff;
      OP_BITS'(sterna_isa_pkg::OP_DIV): used_bits = 128'h00000000000000000000ffff000fffff;
      OP_BITS'(sterna_isa_pkg::OP_EXP): used_bits = 128'h00000000000000000000ffff0000ffff;
      OP_BITS'(sterna_isa_pkg::OP_SIG): used_bits = 128'h00000000000000000000ffff0000ffff;
      OP_BITS'(sterna_isa_pkg::OP_SILU): used_bits = 128'h00000000000000000000ffff0000ffff;
      OP_BITS'(sterna_isa_pkg::OP_SIGP): used_bits = 128'hffffffff000000000000ffff0000ffff;
      OP_BITS'(sterna_isa_pkg::OP_SILUP): used_bits = 128'hffffffff000000000000ffff0000ffff;
      OP_BITS'(sterna_isa_pkg::OP_RELU): used_bits = 128'h00000000000000000000ffff0000ffff;
      OP_BITS'(sterna_isa_pkg::OP_GELU): used_bits = 128'hffffffff000000000000ffff0000ffff;
      OP_BITS'(sterna_isa_pkg::OP_GATE): used_bits = 128'h00000000000000000000ffff00ffffff;
      OP_BITS'(sterna_isa_pkg::OP_SCAN): used_bits = 128'h00000000000000000000ffff00ffffff;
      OP_BITS'(sterna_isa_pkg::OP_SET): used_bits = 128'hffffffff000000000000ffff00000fff;
      OP_BITS'(sterna_isa_pkg::OP_NORM): used_bits = 128'hffffffff000000000000ffff000fffff;
      OP_BITS'(sterna_isa_pkg::OP_QUANT): used_bits = 128'h00000000000000000000ffff0000ffff;
      OP_BITS'(sterna_isa_pkg::OP_LIFT): used_bits = 128'hffffffff000000000000ffff000fffff;
      OP_BITS'(sterna_isa_pkg::OP_NORML): used_bits = 128'hffffffff000000000000ffff000fffff;
      OP_BITS'(sterna_isa_pkg::OP_TMATMUL): used_bits = 128'hffffffffffffffffffffffff0f00ffff;
      OP_BITS'(sterna_isa_pkg::OP_FFFIN): used_bits = 128'hffffffffffffffffffffffffff00ffff;
      OP_BITS'(sterna_isa_pkg::OP_FFFOUT): used_bits = 128'hffffffffffffffffffffffffff00ffff;
      OP_BITS'(sterna_isa_pkg::OP_TOPK): used_bits = 128'hffffffff000000000000ffff0000ffff;
      default: used_bits = '0;
    endcase
  endfunction

  // The bit of its unit; none of what the router does itself.
  function automatic logic [UNITS-1:0] unit_of(input logic [OP_BITS-1:0] op);
    case (op)
      OP_BITS'(sterna_isa_pkg::OP_LDV),
      OP_BITS'(sterna_isa_pkg::OP_SV),
      OP_BITS'(sterna_isa_pkg::OP_EMB): unit_of = UNITS'(1) << sterna_isa_pkg::UNIT_LSU;
      OP_BITS'(sterna_isa_pkg::OP_ADD),
      OP_BITS'(sterna_isa_pkg::OP_SUB),
      OP_BITS'(sterna_isa_pkg::OP_MUL),
      OP_BITS'(sterna_isa_pkg::OP_DIV),
      OP_BITS'(sterna_isa_pkg::OP_EXP),
      OP_BITS'(sterna_isa_pkg::OP_SIG),
      OP_BITS'(sterna_isa_pkg::OP_SILU),
      OP_BITS'(sterna_isa_pkg::OP_SIGP),
      OP_BITS'(sterna_isa_pkg::OP_SILUP),
      OP_BITS'(sterna_isa_pkg::OP_RELU),
      OP_BITS'(sterna_isa_pkg::OP_GELU),
      OP_BITS'(sterna_isa_pkg::OP_GATE),
      OP_BITS'(sterna_isa_pkg::OP_SCAN),
      OP_BITS'(sterna_isa_pkg::OP_SET): unit_of = UNITS'(1) << sterna_isa_pkg::UNIT_ROW;
      OP_BITS'(sterna_isa_pkg::OP_NORM),
      OP_BITS'(sterna_isa_pkg::OP_QUANT),
      OP_BITS'(sterna_isa_pkg::OP_LIFT),
      OP_BITS'(sterna_isa_pkg::OP_NORML): unit_of = UNITS'(1) << sterna_isa_pkg::UNIT_RMS;
      OP_BITS'(sterna_isa_pkg::OP_TMATMUL),
      OP_BITS'(sterna_isa_pkg::OP_FFFIN),
      OP_BITS'(sterna_isa_pkg::OP_FFFOUT): unit_of = UNITS'(1) << sterna_isa_pkg::UNIT_TMM;
      OP_BITS'(sterna_isa_pkg::OP_TOPK): unit_of = UNITS'(1) << sterna_isa_pkg::UNIT_TOP;
      default: unit_of = '0;
    endcase
  endfunction

  // What it writes to vd.
  function automatic result_e result_of(input logic [OP_BITS-1:0] op);
    case (op)
      OP_BITS'(sterna_isa_pkg::OP_LDV),
      OP_BITS'(sterna_isa_pkg::OP_EMB),
      OP_BITS'(sterna_isa_pkg::OP_ADD),
      OP_BITS'(sterna_isa_pkg::OP_SUB),
      OP_BITS'(sterna_isa_pkg::OP_MUL),
      OP_BITS'(sterna_isa_pkg::OP_DIV),
      OP_BITS'(sterna_isa_pkg::OP_EXP),
      OP_BITS'(sterna_isa_pkg::OP_SIG),
      OP_BITS'(sterna_isa_pkg::OP_SILU),
      OP_BITS'(sterna_isa_pkg::OP_SIGP),
      OP_BITS'(sterna_isa_pkg::OP_SILUP),
      OP_BITS'(sterna_isa_pkg::OP_RELU),
      OP_BITS'(sterna_isa_pkg::OP_GELU),
      OP_BITS'(sterna_isa_pkg::OP_GATE),
      OP_BITS'(sterna_isa_pkg::OP_SCAN),
      OP_BITS'(sterna_isa_pkg::OP_SET),
      OP_BITS'(sterna_isa_pkg::OP_NORM),
      OP_BITS'(sterna_isa_pkg::OP_LIFT),
      OP_BITS'(sterna_isa_pkg::OP_NORML): result_of = sterna_isa_pkg::RESULT_FIX;
      OP_BITS'(sterna_isa_pkg::OP_QUANT): result_of = sterna_isa_pkg::RESULT_Q8;
      OP_BITS'(sterna_isa_pkg::OP_TMATMUL),
      OP_BITS'(sterna_isa_pkg::OP_FFFOUT): result_of = sterna_isa_pkg::RESULT_ROWS;
      OP_BITS'(sterna_isa_pkg::OP_TOPK): result_of = sterna_isa_pkg::RESULT_LIST;
      OP_BITS'(sterna_isa_pkg::OP_FFFIN): result_of = sterna_isa_pkg::RESULT_PATH;
      default: result_of = sterna_isa_pkg::RESULT_NONE;
    endcase
  endfunction

  // What it names in memory.
  function automatic access_e access_of(input logic [OP_BITS-1:0] op);
    case (op)
      OP_BITS'(sterna_isa_pkg::OP_LDV),
      OP_BITS'(sterna_isa_pkg::OP_SV): access_of = sterna_isa_pkg::ACCESS_VECTOR;
      OP_BITS'(sterna_isa_pkg::OP_EMB): access_of = sterna_isa_pkg::ACCESS_ROW;
      OP_BITS'(sterna_isa_pkg::OP_TMATMUL): access_of = sterna_isa_pkg::ACCESS_MATRIX;
      OP_BITS'(sterna_isa_pkg::OP_FFFIN): access_of = sterna_isa_pkg::ACCESS_TREE_IN;
      OP_BITS'(sterna_isa_pkg::OP_FFFOUT): access_of = sterna_isa_pkg::ACCESS_TREE_OUT;
      default: access_of = sterna_isa_pkg::ACCESS_NONE;
    endcase
  endfunction

  // Is there such an instruction?
  function automatic logic is_legal_opcode(input logic [OP_BITS-1:0] op);
    case (op)
      OP_BITS'(sterna_isa_pkg::OP_HALT),
      OP_BITS'(sterna_isa_pkg::OP_LDV),
      OP_BITS'(sterna_isa_pkg::OP_SV),
      OP_BITS'(sterna_isa_pkg::OP_EMB),
      OP_BITS'(sterna_isa_pkg::OP_ADD),
      OP_BITS'(sterna_isa_pkg::OP_SUB),
      OP_BITS'(sterna_isa_pkg::OP_MUL),
      OP_BITS'(sterna_isa_pkg::OP_DIV),
      OP_BITS'(sterna_isa_pkg::OP_EXP),
      OP_BITS'(sterna_isa_pkg::OP_SIG),
      OP_BITS'(sterna_isa_pkg::OP_SILU),
      OP_BITS'(sterna_isa_pkg::OP_SIGP),
      OP_BITS'(sterna_isa_pkg::OP_SILUP),
      OP_BITS'(sterna_isa_pkg::OP_RELU),
      OP_BITS'(sterna_isa_pkg::OP_GELU),
      OP_BITS'(sterna_isa_pkg::OP_GATE),
      OP_BITS'(sterna_isa_pkg::OP_SCAN),
      OP_BITS'(sterna_isa_pkg::OP_SET),
      OP_BITS'(sterna_isa_pkg::OP_NORM),
      OP_BITS'(sterna_isa_pkg::OP_QUANT),
      OP_BITS'(sterna_isa_pkg::OP_LIFT),
      OP_BITS'(sterna_isa_pkg::OP_NORML),
      OP_BITS'(sterna_isa_pkg::OP_TMATMUL),
      OP_BITS'(sterna_isa_pkg::OP_FFFIN),
      OP_BITS'(sterna_isa_pkg::OP_FFFOUT),
      OP_BITS'(sterna_isa_pkg::OP_TOPK): is_legal_opcode = 1'b1;
      default: is_legal_opcode = 1'b0;
    endcase
  endfunction

  // May it issue while its sources are being written?
  function automatic logic chains(input logic [OP_BITS-1:0] op);
    case (op)
      OP_BITS'(sterna_isa_pkg::OP_ADD),
      OP_BITS'(sterna_isa_pkg::OP_SUB),
      OP_BITS'(sterna_isa_pkg::OP_MUL),
      OP_BITS'(sterna_isa_pkg::OP_DIV),
      OP_BITS'(sterna_isa_pkg::OP_EXP),
      OP_BITS'(sterna_isa_pkg::OP_SIG),
      OP_BITS'(sterna_isa_pkg::OP_SILU),
      OP_BITS'(sterna_isa_pkg::OP_SIGP),
      OP_BITS'(sterna_isa_pkg::OP_SILUP),
      OP_BITS'(sterna_isa_pkg::OP_RELU),
      OP_BITS'(sterna_isa_pkg::OP_GELU),
      OP_BITS'(sterna_isa_pkg::OP_GATE),
      OP_BITS'(sterna_isa_pkg::OP_NORM),
      OP_BITS'(sterna_isa_pkg::OP_QUANT),
      OP_BITS'(sterna_isa_pkg::OP_LIFT),
      OP_BITS'(sterna_isa_pkg::OP_NORML),
      OP_BITS'(sterna_isa_pkg::OP_TOPK): chains = 1'b1;
      default: chains = 1'b0;
    endcase
  endfunction

  // Must vd and va differ?
  function automatic logic needs_distinct(input logic [OP_BITS-1:0] op);
    case (op)
      OP_BITS'(sterna_isa_pkg::OP_TMATMUL),
      OP_BITS'(sterna_isa_pkg::OP_FFFIN),
      OP_BITS'(sterna_isa_pkg::OP_FFFOUT): needs_distinct = 1'b1;
      default: needs_distinct = 1'b0;
    endcase
  endfunction

  // Is its immediate a weight scale?
  function automatic logic takes_scale(input logic [OP_BITS-1:0] op);
    case (op)
      OP_BITS'(sterna_isa_pkg::OP_TMATMUL),
      OP_BITS'(sterna_isa_pkg::OP_FFFIN),
      OP_BITS'(sterna_isa_pkg::OP_FFFOUT): takes_scale = 1'b1;
      default: takes_scale = 1'b0;
    endcase
  endfunction

  // Does it need the capability FFF?
  function automatic logic needs_fff(input logic [OP_BITS-1:0] op);
    case (op)
      OP_BITS'(sterna_isa_pkg::OP_FFFIN),
      OP_BITS'(sterna_isa_pkg::OP_FFFOUT): needs_fff = 1'b1;
      default: needs_fff = 1'b0;
    endcase
  endfunction

  // Has the instruction the operand vd?
  function automatic logic uses_vd(input logic [OP_BITS-1:0] op);
    case (op)
      OP_BITS'(sterna_isa_pkg::OP_LDV),
      OP_BITS'(sterna_isa_pkg::OP_EMB),
      OP_BITS'(sterna_isa_pkg::OP_ADD),
      OP_BITS'(sterna_isa_pkg::OP_SUB),
      OP_BITS'(sterna_isa_pkg::OP_MUL),
      OP_BITS'(sterna_isa_pkg::OP_DIV),
      OP_BITS'(sterna_isa_pkg::OP_EXP),
      OP_BITS'(sterna_isa_pkg::OP_SIG),
      OP_BITS'(sterna_isa_pkg::OP_SILU),
      OP_BITS'(sterna_isa_pkg::OP_SIGP),
      OP_BITS'(sterna_isa_pkg::OP_SILUP),
      OP_BITS'(sterna_isa_pkg::OP_RELU),
      OP_BITS'(sterna_isa_pkg::OP_GELU),
      OP_BITS'(sterna_isa_pkg::OP_GATE),
      OP_BITS'(sterna_isa_pkg::OP_SCAN),
      OP_BITS'(sterna_isa_pkg::OP_SET),
      OP_BITS'(sterna_isa_pkg::OP_NORM),
      OP_BITS'(sterna_isa_pkg::OP_QUANT),
      OP_BITS'(sterna_isa_pkg::OP_LIFT),
      OP_BITS'(sterna_isa_pkg::OP_NORML),
      OP_BITS'(sterna_isa_pkg::OP_TMATMUL),
      OP_BITS'(sterna_isa_pkg::OP_FFFIN),
      OP_BITS'(sterna_isa_pkg::OP_FFFOUT),
      OP_BITS'(sterna_isa_pkg::OP_TOPK): uses_vd = 1'b1;
      default: uses_vd = 1'b0;
    endcase
  endfunction

  // Has the instruction the operand va?
  function automatic logic uses_va(input logic [OP_BITS-1:0] op);
    case (op)
      OP_BITS'(sterna_isa_pkg::OP_SV),
      OP_BITS'(sterna_isa_pkg::OP_ADD),
      OP_BITS'(sterna_isa_pkg::OP_SUB),
      OP_BITS'(sterna_isa_pkg::OP_MUL),
      OP_BITS'(sterna_isa_pkg::OP_DIV),
      OP_BITS'(sterna_isa_pkg::OP_EXP),
      OP_BITS'(sterna_isa_pkg::OP_SIG),
      OP_BITS'(sterna_isa_pkg::OP_SILU),
      OP_BITS'(sterna_isa_pkg::OP_SIGP),
      OP_BITS'(sterna_isa_pkg::OP_SILUP),
      OP_BITS'(sterna_isa_pkg::OP_RELU),
      OP_BITS'(sterna_isa_pkg::OP_GELU),
      OP_BITS'(sterna_isa_pkg::OP_GATE),
      OP_BITS'(sterna_isa_pkg::OP_SCAN),
      OP_BITS'(sterna_isa_pkg::OP_NORM),
      OP_BITS'(sterna_isa_pkg::OP_QUANT),
      OP_BITS'(sterna_isa_pkg::OP_LIFT),
      OP_BITS'(sterna_isa_pkg::OP_NORML),
      OP_BITS'(sterna_isa_pkg::OP_TMATMUL),
      OP_BITS'(sterna_isa_pkg::OP_FFFIN),
      OP_BITS'(sterna_isa_pkg::OP_FFFOUT),
      OP_BITS'(sterna_isa_pkg::OP_TOPK): uses_va = 1'b1;
      default: uses_va = 1'b0;
    endcase
  endfunction

  // Has the instruction the operand vb?
  function automatic logic uses_vb(input logic [OP_BITS-1:0] op);
    case (op)
      OP_BITS'(sterna_isa_pkg::OP_ADD),
      OP_BITS'(sterna_isa_pkg::OP_SUB),
      OP_BITS'(sterna_isa_pkg::OP_MUL),
      OP_BITS'(sterna_isa_pkg::OP_DIV),
      OP_BITS'(sterna_isa_pkg::OP_GATE),
      OP_BITS'(sterna_isa_pkg::OP_SCAN),
      OP_BITS'(sterna_isa_pkg::OP_NORM),
      OP_BITS'(sterna_isa_pkg::OP_LIFT),
      OP_BITS'(sterna_isa_pkg::OP_NORML): uses_vb = 1'b1;
      default: uses_vb = 1'b0;
    endcase
  endfunction

  // Has the instruction the operand vc?
  function automatic logic uses_vc(input logic [OP_BITS-1:0] op);
    case (op)
      OP_BITS'(sterna_isa_pkg::OP_GATE),
      OP_BITS'(sterna_isa_pkg::OP_SCAN): uses_vc = 1'b1;
      default: uses_vc = 1'b0;
    endcase
  endfunction

  // Has the instruction the operand mem?
  function automatic logic uses_mem(input logic [OP_BITS-1:0] op);
    case (op)
      OP_BITS'(sterna_isa_pkg::OP_LDV),
      OP_BITS'(sterna_isa_pkg::OP_SV),
      OP_BITS'(sterna_isa_pkg::OP_EMB),
      OP_BITS'(sterna_isa_pkg::OP_TMATMUL),
      OP_BITS'(sterna_isa_pkg::OP_FFFIN),
      OP_BITS'(sterna_isa_pkg::OP_FFFOUT): uses_mem = 1'b1;
      default: uses_mem = 1'b0;
    endcase
  endfunction

  // Has the instruction the operand len?
  function automatic logic uses_len(input logic [OP_BITS-1:0] op);
    case (op)
      OP_BITS'(sterna_isa_pkg::OP_LDV),
      OP_BITS'(sterna_isa_pkg::OP_SV),
      OP_BITS'(sterna_isa_pkg::OP_EMB),
      OP_BITS'(sterna_isa_pkg::OP_ADD),
      OP_BITS'(sterna_isa_pkg::OP_SUB),
      OP_BITS'(sterna_isa_pkg::OP_MUL),
      OP_BITS'(sterna_isa_pkg::OP_DIV),
      OP_BITS'(sterna_isa_pkg::OP_EXP),
      OP_BITS'(sterna_isa_pkg::OP_SIG),
      OP_BITS'(sterna_isa_pkg::OP_SILU),
      OP_BITS'(sterna_isa_pkg::OP_SIGP),
      OP_BITS'(sterna_isa_pkg::OP_SILUP),
      OP_BITS'(sterna_isa_pkg::OP_RELU),
      OP_BITS'(sterna_isa_pkg::OP_GELU),
      OP_BITS'(sterna_isa_pkg::OP_GATE),
      OP_BITS'(sterna_isa_pkg::OP_SCAN),
      OP_BITS'(sterna_isa_pkg::OP_SET),
      OP_BITS'(sterna_isa_pkg::OP_NORM),
      OP_BITS'(sterna_isa_pkg::OP_QUANT),
      OP_BITS'(sterna_isa_pkg::OP_LIFT),
      OP_BITS'(sterna_isa_pkg::OP_NORML),
      OP_BITS'(sterna_isa_pkg::OP_TMATMUL),
      OP_BITS'(sterna_isa_pkg::OP_FFFIN),
      OP_BITS'(sterna_isa_pkg::OP_TOPK): uses_len = 1'b1;
      default: uses_len = 1'b0;
    endcase
  endfunction

  // Has the instruction the operand rows?
  function automatic logic uses_rows(input logic [OP_BITS-1:0] op);
    case (op)
      OP_BITS'(sterna_isa_pkg::OP_TMATMUL),
      OP_BITS'(sterna_isa_pkg::OP_FFFOUT): uses_rows = 1'b1;
      default: uses_rows = 1'b0;
    endcase
  endfunction

  // Has the instruction the operand imm?
  function automatic logic uses_imm(input logic [OP_BITS-1:0] op);
    case (op)
      OP_BITS'(sterna_isa_pkg::OP_SIGP),
      OP_BITS'(sterna_isa_pkg::OP_SILUP),
      OP_BITS'(sterna_isa_pkg::OP_GELU),
      OP_BITS'(sterna_isa_pkg::OP_SET),
      OP_BITS'(sterna_isa_pkg::OP_NORM),
      OP_BITS'(sterna_isa_pkg::OP_LIFT),
      OP_BITS'(sterna_isa_pkg::OP_NORML),
      OP_BITS'(sterna_isa_pkg::OP_TMATMUL),
      OP_BITS'(sterna_isa_pkg::OP_FFFIN),
      OP_BITS'(sterna_isa_pkg::OP_FFFOUT),
      OP_BITS'(sterna_isa_pkg::OP_TOPK): uses_imm = 1'b1;
      default: uses_imm = 1'b0;
    endcase
  endfunction

endpackage
/* verilator lint_on UNUSEDPARAM */
