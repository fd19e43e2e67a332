// Every source file of the design, packages first; paths from the root of the repository.
// Verilator: `verilator -f rtl/files.f ...` run there. Yosys and CMake read the lines that end in .sv.
+incdir+.
rtl/generated/sterna_isa_pkg.sv
rtl/generated/sigmoid_rom.sv
rtl/generated/exp2_rom.sv
rtl/memory/fifo.sv
rtl/memory/axi_burst_splitter.sv
rtl/memory/axi_read_engine.sv
rtl/memory/axi_write_engine.sv
rtl/memory/dram_router.sv
rtl/units/load_store.sv
rtl/units/row_wise.sv
rtl/units/rms.sv
rtl/units/ternary_matmul.sv
rtl/core/instr_rom.sv
rtl/core/fetch.sv
rtl/core/decode.sv
rtl/core/router.sv
rtl/core/vector_register.sv
rtl/core/register_file.sv
rtl/core/counters.sv
rtl/core/sterna_core.sv
rtl/top/control.sv
rtl/top/sterna_top.sv
