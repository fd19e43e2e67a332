// SPDX-License-Identifier: Apache-2.0
// Generated from isa/isa.toml by isagen (`make generate`): edit that file, not this one.
// No module needs every name of the package.
/* verilator lint_off UNUSEDPARAM */
package sterna_isa_pkg;
  localparam int unsigned ISA_VERSION = 3;
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
  localparam int unsigned FIELD_LEN_LSB = 32;
  localparam int unsigned FIELD_LEN_BITS = 16;
  localparam int unsigned FIELD_ROWS_LSB = 48;
  localparam int unsigned FIELD_ROWS_BITS = 16;
  localparam int unsigned FIELD_OFF_LSB = 64;
  localparam int unsigned FIELD_OFF_BITS = 32;
  localparam int unsigned FIELD_IMM_LSB = 96;
  localparam int unsigned FIELD_IMM_BITS = 32;

  localparam int unsigned OP_BITS = 8;
  localparam logic [7:0] OP_HALT = 8'h01;
  localparam logic [7:0] OP_LDV = 8'h10;
  localparam logic [7:0] OP_SV = 8'h11;
  localparam logic [7:0] OP_EMB = 8'h12;
  localparam logic [7:0] OP_ADD = 8'h20;
  localparam logic [7:0] OP_SUB = 8'h21;
  localparam logic [7:0] OP_MUL = 8'h22;
  localparam logic [7:0] OP_DIV = 8'h23;
  localparam logic [7:0] OP_EXP = 8'h24;
  localparam logic [7:0] OP_SIG = 8'h25;
  localparam logic [7:0] OP_SILU = 8'h26;
  localparam logic [7:0] OP_SIGP = 8'h2b;
  localparam logic [7:0] OP_SILUP = 8'h2a;
  localparam logic [7:0] OP_GATE = 8'h27;
  localparam logic [7:0] OP_SCAN = 8'h29;
  localparam logic [7:0] OP_SET = 8'h28;
  localparam logic [7:0] OP_NORM = 8'h30;
  localparam logic [7:0] OP_QUANT = 8'h31;
  localparam logic [7:0] OP_LIFT = 8'h32;
  localparam logic [7:0] OP_NORML = 8'h33;
  localparam logic [7:0] OP_TMATMUL = 8'h40;
  localparam logic [7:0] OP_TOPK = 8'h50;

  localparam int unsigned UNITS = 6;
  localparam int unsigned UNIT_BITS = 4;
  localparam logic [3:0] UNIT_CTL = 4'd0;  // Program control, done by the router itself.
  localparam logic [3:0] UNIT_LSU = 4'd1;  // Load/Store: whole vectors between DRAM and a register.
  localparam logic [3:0] UNIT_ROW = 4'd2;  // Row-wise: element by element arithmetic on registers.
  localparam logic [3:0] UNIT_RMS = 4'd3;  // Root Mean Square: normalisation and absmax quantisation, two passes over a register.
  localparam logic [3:0] UNIT_TMM = 4'd4;  // Ternary MatMul: a matrix streamed from DRAM times a quantised register.
  localparam logic [3:0] UNIT_TOP = 4'd5;  // The greatest elements of the program so far: the head's end on the device.

  localparam int unsigned STATUS_BITS = 3;
  localparam logic [2:0] STATUS_OK = 3'd0;  // The program reached HALT.
  localparam logic [2:0] STATUS_ILLEGAL_INSTRUCTION = 3'd1;  // Unknown opcode, a register, length or row count that this build does not have, a non-zero unused field, TMATMUL with vd = va or with a segment that is not a multiple of CHANNELS.
  localparam logic [2:0] STATUS_BAD_ADDRESS = 3'd2;  // The access leaves its segment, or runs past 2^64.
  localparam logic [2:0] STATUS_READ_ERROR = 3'd3;  // Memory answered a read with an error.
  localparam logic [2:0] STATUS_WRITE_ERROR = 3'd4;  // Memory answered a write with an error.
  localparam logic [2:0] STATUS_PC_OVERRUN = 3'd5;  // The program counter left the instruction ROM without a HALT.

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
  localparam logic [11:0] REG_RATE = 12'h324;

  // Counter i is 64 bits at REG_COUNTERS + 8 * i, low word first.
  localparam int unsigned COUNTERS = 25;
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
  localparam int unsigned COUNTER_TMM_WAIT_DRAM = 18;  // Ternary MatMul could take a beat and none is there.
  localparam int unsigned COUNTER_TMM_BEATS = 19;  // Weight beats that the Ternary MatMul consumed.
  localparam int unsigned COUNTER_TOP_BUSY = 20;  // The top list has an instruction.
  localparam int unsigned COUNTER_TOP_WAIT = 21;  // The top list waits for a word of a source that is still being written.
  localparam int unsigned COUNTER_READ_BEATS = 22;  // Beats read over AXI.
  localparam int unsigned COUNTER_WRITE_BEATS = 23;  // Beats written over AXI.
  localparam int unsigned COUNTER_SATURATED = 24;  // Instructions of which an element, in any active lane, left the range of fix and was clamped (docs/numerics.md, Saturation). Not defined after a bus error.

  // The bits that an instruction may set; any other bit makes it illegal.
  function automatic logic [INSTRUCTION_BITS-1:0] used_bits(input logic [OP_BITS-1:0] op);
    case (op)
      OP_HALT: used_bits = 128'h000000000000000000000000000000ff;
      OP_LDV: used_bits = 128'h00000000ffffffff0000ffff0f000fff;
      OP_SV: used_bits = 128'h00000000ffffffff0000ffff0f00f0ff;
      OP_EMB: used_bits = 128'h00000000ffffffff0000ffff0f000fff;
      OP_ADD: used_bits = 128'h00000000000000000000ffff000fffff;
      OP_SUB: used_bits = 128'h00000000000000000000ffff000fffff;
      OP_MUL: used_bits = 128'h00000000000000000000ffff000fffff;
      OP_DIV: used_bits = 128'h00000000000000000000ffff000fffff;
      OP_EXP: used_bits = 128'h00000000000000000000ffff0000ffff;
      OP_SIG: used_bits = 128'h00000000000000000000ffff0000ffff;
      OP_SILU: used_bits = 128'h00000000000000000000ffff0000ffff;
      OP_SIGP: used_bits = 128'hffffffff000000000000ffff0000ffff;
      OP_SILUP: used_bits = 128'hffffffff000000000000ffff0000ffff;
      OP_GATE: used_bits = 128'h00000000000000000000ffff00ffffff;
      OP_SCAN: used_bits = 128'h00000000000000000000ffff00ffffff;
      OP_SET: used_bits = 128'hffffffff000000000000ffff00000fff;
      OP_NORM: used_bits = 128'hffffffff000000000000ffff000fffff;
      OP_QUANT: used_bits = 128'h00000000000000000000ffff0000ffff;
      OP_LIFT: used_bits = 128'hffffffff000000000000ffff000fffff;
      OP_NORML: used_bits = 128'hffffffff000000000000ffff000fffff;
      OP_TMATMUL: used_bits = 128'hffffffffffffffffffffffff0f00ffff;
      OP_TOPK: used_bits = 128'hffffffff000000000000ffff0000ffff;
      default: used_bits = 128'h0;
    endcase
  endfunction

  // The unit of a legal opcode: its high nibble.
  function automatic logic [UNIT_BITS-1:0] unit_of(input logic [OP_BITS-1:0] op);
    case (op)
      OP_LDV, OP_SV, OP_EMB: unit_of = UNIT_LSU;
      OP_ADD, OP_SUB, OP_MUL, OP_DIV, OP_EXP, OP_SIG, OP_SILU, OP_SIGP, OP_SILUP, OP_GATE, OP_SCAN, OP_SET: unit_of = UNIT_ROW;
      OP_NORM, OP_QUANT, OP_LIFT, OP_NORML: unit_of = UNIT_RMS;
      OP_TMATMUL: unit_of = UNIT_TMM;
      OP_TOPK: unit_of = UNIT_TOP;
      default: unit_of = 4'd0;
    endcase
  endfunction

  // Is there such an instruction?
  function automatic logic is_legal_opcode(input logic [OP_BITS-1:0] op);
    case (op)
      OP_HALT, OP_LDV, OP_SV, OP_EMB, OP_ADD, OP_SUB, OP_MUL, OP_DIV, OP_EXP, OP_SIG, OP_SILU, OP_SIGP, OP_SILUP, OP_GATE, OP_SCAN, OP_SET, OP_NORM, OP_QUANT, OP_LIFT, OP_NORML, OP_TMATMUL, OP_TOPK: is_legal_opcode = 1'b1;
      default: is_legal_opcode = 1'b0;
    endcase
  endfunction

  // Must vd and va differ?
  function automatic logic needs_distinct(input logic [OP_BITS-1:0] op);
    case (op)
      OP_TMATMUL: needs_distinct = 1'b1;
      default: needs_distinct = 1'b0;
    endcase
  endfunction

  // Has the instruction the operand vd?
  function automatic logic uses_vd(input logic [OP_BITS-1:0] op);
    case (op)
      OP_LDV, OP_EMB, OP_ADD, OP_SUB, OP_MUL, OP_DIV, OP_EXP, OP_SIG, OP_SILU, OP_SIGP, OP_SILUP, OP_GATE, OP_SCAN, OP_SET, OP_NORM, OP_QUANT, OP_LIFT, OP_NORML, OP_TMATMUL, OP_TOPK: uses_vd = 1'b1;
      default: uses_vd = 1'b0;
    endcase
  endfunction

  // Has the instruction the operand va?
  function automatic logic uses_va(input logic [OP_BITS-1:0] op);
    case (op)
      OP_SV, OP_ADD, OP_SUB, OP_MUL, OP_DIV, OP_EXP, OP_SIG, OP_SILU, OP_SIGP, OP_SILUP, OP_GATE, OP_SCAN, OP_NORM, OP_QUANT, OP_LIFT, OP_NORML, OP_TMATMUL, OP_TOPK: uses_va = 1'b1;
      default: uses_va = 1'b0;
    endcase
  endfunction

  // Has the instruction the operand vb?
  function automatic logic uses_vb(input logic [OP_BITS-1:0] op);
    case (op)
      OP_ADD, OP_SUB, OP_MUL, OP_DIV, OP_GATE, OP_SCAN, OP_NORM, OP_LIFT, OP_NORML: uses_vb = 1'b1;
      default: uses_vb = 1'b0;
    endcase
  endfunction

  // Has the instruction the operand vc?
  function automatic logic uses_vc(input logic [OP_BITS-1:0] op);
    case (op)
      OP_GATE, OP_SCAN: uses_vc = 1'b1;
      default: uses_vc = 1'b0;
    endcase
  endfunction

  // Has the instruction the operand mem?
  function automatic logic uses_mem(input logic [OP_BITS-1:0] op);
    case (op)
      OP_LDV, OP_SV, OP_EMB, OP_TMATMUL: uses_mem = 1'b1;
      default: uses_mem = 1'b0;
    endcase
  endfunction

  // Has the instruction the operand len?
  function automatic logic uses_len(input logic [OP_BITS-1:0] op);
    case (op)
      OP_LDV, OP_SV, OP_EMB, OP_ADD, OP_SUB, OP_MUL, OP_DIV, OP_EXP, OP_SIG, OP_SILU, OP_SIGP, OP_SILUP, OP_GATE, OP_SCAN, OP_SET, OP_NORM, OP_QUANT, OP_LIFT, OP_NORML, OP_TMATMUL, OP_TOPK: uses_len = 1'b1;
      default: uses_len = 1'b0;
    endcase
  endfunction

  // Has the instruction the operand rows?
  function automatic logic uses_rows(input logic [OP_BITS-1:0] op);
    case (op)
      OP_TMATMUL: uses_rows = 1'b1;
      default: uses_rows = 1'b0;
    endcase
  endfunction

  // Has the instruction the operand imm?
  function automatic logic uses_imm(input logic [OP_BITS-1:0] op);
    case (op)
      OP_SIGP, OP_SILUP, OP_SET, OP_NORM, OP_LIFT, OP_NORML, OP_TMATMUL, OP_TOPK: uses_imm = 1'b1;
      default: uses_imm = 1'b0;
    endcase
  endfunction

endpackage
/* verilator lint_on UNUSEDPARAM */
