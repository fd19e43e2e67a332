// SPDX-License-Identifier: Apache-2.0
// One byte's step of the CRC-32 that Ethernet and zlib use (reflected, 0xEDB88320).
//
// Commands, handshake: none. Latency: combinational.
module sterna_crc32 (
  input  logic [31:0] crc_i,
  input  logic [7:0]  byte_i,
  output logic [31:0] crc_o
);

  always_comb begin
    crc_o = crc_i ^ {24'd0, byte_i};
    for (int unsigned bit_index = 0; bit_index < 8; bit_index++) begin
      crc_o = {1'b0, crc_o[31:1]} ^ (crc_o[0] ? 32'hEDB88320 : 32'd0);
    end
  end

endmodule
