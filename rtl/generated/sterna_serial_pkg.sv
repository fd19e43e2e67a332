// SPDX-License-Identifier: Apache-2.0
// Generated from isa/isa.toml by isagen (`make generate`): edit that file, not this one.
// No module needs every name of the package.
/* verilator lint_off UNUSEDPARAM */
package sterna_serial_pkg;
  localparam int unsigned VERSION = 1;
  localparam logic [7:0] REQUEST_SYNC = 8'h5a;
  localparam logic [7:0] REPLY_SYNC = 8'ha5;
  localparam int unsigned HEADER_BYTES = 8;
  localparam int unsigned MAX_PAYLOAD = 1024;
  localparam int unsigned WINDOW = 16;
  localparam int unsigned IDENTITY_BYTES = 16;
  localparam logic [7:0] COMMAND_HELLO = 8'd0;
  localparam logic [7:0] COMMAND_READ_MEMORY = 8'd1;
  localparam logic [7:0] COMMAND_WRITE_MEMORY = 8'd2;
  localparam logic [7:0] COMMAND_READ_REGISTERS = 8'd3;
  localparam logic [7:0] COMMAND_WRITE_REGISTERS = 8'd4;
  localparam logic [7:0] COMMAND_WAIT = 8'd5;
  localparam logic [3:0] RESULT_OK = 4'd0;
  localparam logic [3:0] RESULT_SEQUENCE = 4'd1;
  localparam logic [3:0] RESULT_BAD_COMMAND = 4'd2;
  localparam logic [3:0] RESULT_BAD_ADDRESS = 4'd3;
  localparam logic [3:0] RESULT_BUSY = 4'd4;
endpackage
/* verilator lint_on UNUSEDPARAM */
