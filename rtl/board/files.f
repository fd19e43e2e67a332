// What a board with a serial line adds to rtl/files.f: all but its own top, rtl/board/sterna_BOARD.sv, and the memory controller.
rtl/generated/sterna_serial_pkg.sv
rtl/serial/sterna_uart_rx.sv
rtl/serial/sterna_uart_tx.sv
rtl/serial/sterna_crc32.sv
rtl/serial/sterna_serial_receive.sv
rtl/serial/sterna_serial_send.sv
rtl/serial/sterna_serial_bridge.sv
rtl/board/sterna_sdram_port.sv
rtl/board/sterna_board.sv
