// SPDX-License-Identifier: Apache-2.0
// Register router: the issue stage and its scoreboard.
//
// Commands: the decoder's head, the next instruction in program order; HALT and faults end the program.
// Handshake: valid/ready to the decoder; unit_start_o only while the unit's unit_ready_i. Each register has one read and one write
// port, and each port belongs to at most one instruction, from its issue to its done. So the head waits while its unit is busy,
// while a source is being written (RAW), while its destination is being read (WAR) or written (WAW), or while a source's read
// port is taken (PORT); and while another unit uses the unit's buses (RMS and the top list share theirs). Vector chaining: a head
// with chain_i does not wait for its sources, whose words the register file releases one by one.
// Latency: an instruction a cycle; unit_start_o in the cycle in which the head may issue; what unit_done_i frees is free in the
// next.
//
// Every cycle from start to end has exactly one cause, which the counters add up. A unit here stands for that unit of every lane.
// Faults: the first in program order wins. The head is younger than all that is in flight, so its fault is reported only when the
// units have drained without a bus error; among bus errors the lower PC is the older.
`include "rtl/assertions.svh"

module sterna_router #(
  parameter int unsigned Registers = 8,
  localparam int unsigned StatusBits = sterna_isa_pkg::STATUS_BITS,
  localparam int unsigned Units = sterna_isa_pkg::UNITS
) (
  input  logic clk_i,
  input  logic rst_ni,

  input  logic                  start_i,
  output logic                  running_o,
  output logic                  end_o,        // last cycle of the program
  output logic [StatusBits-1:0] status_o,     // of the last program, from the cycle after end_o
  output logic [31:0]           status_pc_o,

  // The head: the next instruction in program order.
  input  logic                  valid_i,
  output logic                  ready_o,
  input  logic [31:0]           pc_i,
  input  logic [StatusBits-1:0] fault_i,
  input  logic                  halt_i,
  input  logic [Units-1:0]      unit_i,
  input  logic [Registers-1:0]  sources_i,
  input  logic [Registers-1:0]  dest_i,
  input  logic                  chain_i,

  output logic [Units-1:0]      unit_start_o,
  input  logic [Units-1:0]      unit_ready_i,
  input  logic [Units-1:0]      unit_done_i,
  input  logic [Units*2-1:0]    unit_error_i,
  output logic [Units-1:0]      unit_busy_o,

  // One-hot while running: the cause of this cycle.
  output logic cause_issue_o,
  output logic cause_fetch_o,
  output logic cause_unit_busy_o,
  output logic cause_raw_o,
  output logic cause_war_o,
  output logic cause_waw_o,
  output logic cause_port_o,
  output logic cause_drain_o,

  output logic [Units-1:0]    retire_o,  // a cycle after done without an error
  output logic [Units*16-1:0] retire_pc_o
);

  localparam logic [4*Units-1:0] Bus = sterna_isa_pkg::WRITE_BUS;

  // ---------------------------------------------------------------------------------------------- instructions in flight
  logic [Units-1:0]     busy_q;
  logic [Registers-1:0] reads_q[Units];   // registers that the unit's instruction reads
  logic [Registers-1:0] writes_q[Units];  // register that it writes
  logic [31:0]          flight_pc_q[Units];

  logic [Registers-1:0] reads_any, writes_any;

  always_comb begin
    reads_any  = '0;
    writes_any = '0;
    for (int unsigned u = 0; u < Units; u++) begin
      reads_any  = reads_any | reads_q[u];
      writes_any = writes_any | writes_q[u];
    end
  end

  // --------------------------------------------------------------------------------------------------------- this cycle
  logic running_q, bus_fault_q;
  logic [Units-1:0] buses_taken;  // units whose buses another unit uses
  logic unit_free, raw, war, waw, port, stop, last;

  always_comb begin
    buses_taken = '0;
    for (int unsigned u = 0; u < Units; u++) begin
      for (int unsigned v = 0; v < Units; v++) begin
        if (u != v && Bus[4*u +: 4] == Bus[4*v +: 4] && busy_q[v]) buses_taken[u] = 1'b1;
      end
    end
  end

  assign unit_free = (unit_i & unit_ready_i & ~busy_q & ~buses_taken) != '0;
  assign raw       = (sources_i & writes_any) != '0 && !chain_i;
  assign war       = (dest_i & reads_any) != '0;
  assign waw       = (dest_i & writes_any) != '0;
  assign port      = (sources_i & reads_any) != '0;

  // No more issues: a fault or a HALT waits for the units to drain.
  assign stop = bus_fault_q || (valid_i && (halt_i || fault_i != sterna_isa_pkg::STATUS_OK));
  assign last = running_q && stop && busy_q == '0;

  always_comb begin
    cause_issue_o     = 1'b0;
    cause_fetch_o     = 1'b0;
    cause_unit_busy_o = 1'b0;
    cause_raw_o       = 1'b0;
    cause_war_o       = 1'b0;
    cause_waw_o       = 1'b0;
    cause_port_o      = 1'b0;
    cause_drain_o     = 1'b0;
    if (running_q) begin
      if (stop) begin
        // A HALT issues, a fault does not.
        cause_issue_o = last && !bus_fault_q && fault_i == sterna_isa_pkg::STATUS_OK;
        cause_drain_o = !cause_issue_o;
      end else if (!valid_i) cause_fetch_o = 1'b1;
      else if (!unit_free) cause_unit_busy_o = 1'b1;
      else if (raw) cause_raw_o = 1'b1;
      else if (war) cause_war_o = 1'b1;
      else if (waw) cause_waw_o = 1'b1;
      else if (port) cause_port_o = 1'b1;
      else cause_issue_o = 1'b1;
    end
  end

  assign ready_o      = cause_issue_o;
  assign unit_start_o = cause_issue_o && !halt_i ? unit_i : '0;
  assign unit_busy_o  = busy_q;
  assign running_o    = running_q;
  assign end_o        = last;

  // --------------------------------------------------------------------------------------------------------- scoreboard
  always_ff @(posedge clk_i) begin
    for (int unsigned u = 0; u < Units; u++) begin
      if (!rst_ni) begin
        busy_q[u]   <= 1'b0;
        reads_q[u]  <= '0;
        writes_q[u] <= '0;
      end else if (unit_start_o[u]) begin
        busy_q[u]      <= 1'b1;
        reads_q[u]     <= sources_i;
        writes_q[u]    <= dest_i;
        flight_pc_q[u] <= pc_i;
      end else if (unit_done_i[u]) begin
        busy_q[u]   <= 1'b0;
        reads_q[u]  <= '0;
        writes_q[u] <= '0;
      end
    end
  end

  // ------------------------------------------------------------------------------------------------------------- faults
  logic                  bus_fault_d;
  logic [StatusBits-1:0] bus_status_q, bus_status_d;
  logic [31:0]           bus_pc_q, bus_pc_d;

  always_comb begin
    bus_fault_d  = bus_fault_q;
    bus_status_d = bus_status_q;
    bus_pc_d     = bus_pc_q;
    for (int unsigned u = 0; u < Units; u++) begin
      if (unit_done_i[u] && unit_error_i[u*2 +: 2] != 2'd0
          && (!bus_fault_d || flight_pc_q[u] < bus_pc_d)) begin
        bus_fault_d  = 1'b1;
        bus_status_d = unit_error_i[u*2 +: 2] == 2'd1 ? sterna_isa_pkg::STATUS_READ_ERROR
                                                      : sterna_isa_pkg::STATUS_WRITE_ERROR;
        bus_pc_d     = flight_pc_q[u];
      end
    end
  end

  always_ff @(posedge clk_i) begin
    bus_status_q <= bus_status_d;
    bus_pc_q     <= bus_pc_d;
  end

  always_ff @(posedge clk_i) begin
    if (!rst_ni) begin
      running_q   <= 1'b0;
      bus_fault_q <= 1'b0;
      status_o    <= sterna_isa_pkg::STATUS_OK;
      status_pc_o <= '0;
    end else begin
      running_q   <= start_i || (running_q && !last);
      bus_fault_q <= bus_fault_d && !start_i;
      if (last) begin
        status_o    <= bus_fault_q ? bus_status_q : fault_i;
        status_pc_o <= bus_fault_q ? bus_pc_q : pc_i;
      end
    end
  end

  // ---------------------------------------------------------------------------------------------------------- retirement
  always_ff @(posedge clk_i) begin
    for (int unsigned u = 0; u < Units; u++) begin
      retire_o[u]            <= rst_ni && unit_done_i[u] && unit_error_i[u*2 +: 2] == 2'd0;
      retire_pc_o[u*16 +: 16] <= flight_pc_q[u][15:0];
    end
  end

  `STERNA_ASSERT(OneCausePerCycle, 32'(running_q) == $countones({cause_issue_o, cause_fetch_o,
      cause_unit_busy_o, cause_raw_o, cause_war_o, cause_waw_o, cause_port_o, cause_drain_o}))
  `STERNA_ASSERT(DoneOnlyWhenBusy, (unit_done_i & ~busy_q) == '0)
  `STERNA_ASSERT(StartOnlyWhenIdle, (unit_start_o & (busy_q | ~unit_ready_i)) == '0)
  `STERNA_ASSERT(BusesTakenOnce, (busy_q & buses_taken) == '0)

  // Ports that two instructions in flight would share.
  logic [Registers-1:0] shared_ports;
  logic                 unused_shared;

  always_comb begin
    shared_ports = '0;
    for (int unsigned u = 0; u < Units; u++) begin
      for (int unsigned v = 0; v < Units; v++) begin
        if (u != v) begin
          shared_ports = shared_ports | (reads_q[u] & reads_q[v]) | (writes_q[u] & writes_q[v]);
        end
      end
    end
  end
  assign unused_shared = &{1'b0, shared_ports};

  `STERNA_ASSERT(PortsOwnedOnce, shared_ports == '0)

endmodule
