// SPDX-License-Identifier: Apache-2.0
// Register router: the issue stage and its scoreboard.
//
// Commands: what the decoder has checked, in program order; HALT and faults end the program. The head is the next instruction to
// issue; what units need of it goes through as a payload.
// Handshake: valid/ready from the decoder; unit_start_o only while the unit is ready, which it is from the cycle after unit_done_i
// on. Each register has one read and one write port, and each port belongs to at most one instruction, from its issue to its done.
// So the head waits while its unit is busy, while a source is being written (RAW), while its destination is being read (WAR) or
// written (WAW), or while a source's read port is taken (PORT); and while another unit uses the unit's buses (RMS and the top list
// share theirs). Vector chaining: a head with chain_i does not wait for its sources, whose words the register file releases one by
// one. Nor does a product for a source whose unit says unit_due_i: its words will be there when they are read.
// Latency: an instruction a cycle; it is the head a cycle after it came, and may issue in that cycle; what unit_done_i frees is free
// in the next. Who is in the way is worked out before an instruction comes (coming_*), and kept up to date from then on: so a start
// hangs on little more than unit_done_i, and unit_start_o is a register.
//
// Every cycle from start to end has exactly one cause, which the counters add up. A unit here stands for that unit of every lane.
// Faults: the first in program order wins. The head is younger than all that is in flight, so its fault is reported only when the
// units have drained without a bus error; among bus errors the lower PC is the older. They are compared at the program's end: after
// one of them nothing issues, so each unit has one at most, and its PC stays.
`include "rtl/assertions.svh"

module sterna_router #(
  parameter int unsigned Registers   = 8,
  parameter int unsigned PayloadBits = 1,
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

  // The next instruction in program order; only while running_o.
  input  logic                   valid_i,
  output logic                   ready_o,
  input  logic [31:0]            pc_i,
  input  logic [StatusBits-1:0]  fault_i,
  input  logic                   halt_i,
  input  logic [Units-1:0]       unit_i,
  input  logic [Registers-1:0]   sources_i,
  input  logic [Registers-1:0]   dest_i,
  input  logic [PayloadBits-1:0] payload_i,

  // The one behind it, which is the next one from the cycle after it was accepted on (at once where there is no next one).
  input  logic [Units-1:0]       coming_unit_i,
  input  logic [Registers-1:0]   coming_sources_i,
  input  logic [Registers-1:0]   coming_dest_i,
  input  logic                   coming_chain_i,

  // The head.
  output logic [15:0]            pc_o,
  output logic [PayloadBits-1:0] payload_o,
  output logic                   issue_o,       // it starts,
  output logic [Units-1:0]       unit_start_o,  // in this unit
  input  logic [Units-1:0]       unit_done_i,
  input  logic [Units-1:0]       unit_not_done_i,  // ~unit_done_i, for the issue and the program's end
  input  logic [Units*2-1:0]     unit_error_i,  // shared units only
  input  logic [Units-1:0]       unit_due_i,    // two cycles before a product may start; until unit_done_i
  output logic [Units-1:0]       unit_busy_o,

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

  localparam logic [4*Units-1:0] Bus    = sterna_isa_pkg::WRITE_BUS;
  localparam logic [Units-1:0]   Shared = sterna_isa_pkg::UNIT_SHARED;
  localparam int unsigned        Tmm    = 32'(sterna_isa_pkg::UNIT_TMM);

  // ------------------------------------------------------------------------------------------------------------ the head
  logic                  running_q, last_q, last_d, busy;  // last_d: the last instruction's units may still be busy
  logic                  valid_q, valid_d;
  logic                  hold_q, load_q;  // it stays: !ready_o, as registers of its own for what lies in here
  logic                  ends_q, ends_d;  // the program: a HALT or a fault
  logic [31:0]           pc_q;
  logic [StatusBits-1:0] fault_q;
  logic [Units-1:0]      unit_q, unit_d;
  logic [Registers-1:0]  sources_q, dest_q;
  logic                  issue_q, issue_d;
  logic [Units-1:0]      start_q;  // the head, in its unit

  assign valid_d = hold_q || valid_i;
  assign ends_d  = hold_q ? ends_q : halt_i || fault_i != sterna_isa_pkg::STATUS_OK;
  assign unit_d  = hold_q ? unit_q : unit_i;

  always_ff @(posedge clk_i) begin
    load_q <= !valid_d || issue_d;  // not reset: nothing comes in that cycle
    if (load_q) begin
      pc_q      <= pc_i;
      payload_o <= payload_i;
      fault_q   <= fault_i;
      sources_q <= sources_i;
      dest_q    <= dest_i;
    end
    unit_q <= unit_d;
    ends_q <= ends_d;
  end

  // --------------------------------------------------------------------------------------------------------- scoreboard
  logic [Units-1:0]     busy_q;
  logic [Registers-1:0] reads_q[Units];   // registers that the unit's instruction reads
  logic [Registers-1:0] writes_q[Units];  // register that it writes
  logic [15:0]          flight_pc_q[Units];

  always_ff @(posedge clk_i) begin
    for (int unsigned u = 0; u < Units; u++) begin
      if (!rst_ni) begin
        busy_q[u]   <= 1'b0;
        reads_q[u]  <= '0;
        writes_q[u] <= '0;
      end else if (start_q[u]) begin
        busy_q[u]      <= 1'b1;
        reads_q[u]     <= sources_q;
        writes_q[u]    <= dest_q;
        flight_pc_q[u] <= pc_o;
      end else if (unit_done_i[u]) begin
        busy_q[u]   <= 1'b0;
        reads_q[u]  <= '0;
        writes_q[u] <= '0;
      end
    end
  end

  // -------------------------------------------------------------------------------------------------- who is in whose way
  // A bit a unit: its instruction in flight is in the way of the next one, or of the head. The next one's say nothing yet of a head
  // that starts, whose unit's bit they get when they become the head's. A done only takes bits away, as late in the cycle as it likes.
  typedef struct packed {
    logic [Units-1:0] busy, raw, war, waw, port;
  } way_t;
  // What the next one and the head have to do with each other; busy: in this unit it would be in the way.
  typedef struct packed {
    logic [Units-1:0] busy;
    logic             raw, war, waw, port;
  } between_t;

  logic                 takes;                 // what comes is the next one in the next cycle
  logic [Registers-1:0] sources_d, dest_d;     // the head's
  logic                 head_raw, head_war, head_waw, head_port;  // of what comes and the head, which starts
  logic [Units-1:0]     shares;                // units on whose buses is what comes
  way_t                 coming_way, next_way_q, next_way_d, way_q, way_d;
  way_t                 done;                  // unit_done_i, of each kind
  between_t             between_q, between_d;
  logic [Units-1:0]     any_next_q, any_between_q, any_q, any;  // of any kind
  logic [Units-1:0]     due_q;                 // unit_due_i, when any_next_q and any_q know of it
  logic [Units-1:0]     next_raw, next_other;  // the next one's, RAW and any other kind
  logic                 next_product_q;
  logic [Units-1:0]     next_due, head_due;    // what they may take is

  assign takes     = !valid_i || !hold_q;
  assign done      = {5{unit_done_i}};
  assign sources_d = hold_q ? sources_q : sources_i;
  assign dest_d    = hold_q ? dest_q : dest_i;
  assign head_raw  = (coming_sources_i & dest_q) != '0;
  assign head_war  = (coming_dest_i & sources_q) != '0;
  assign head_waw  = (coming_dest_i & dest_q) != '0;
  assign head_port = (coming_sources_i & sources_q) != '0;

  always_comb begin
    for (int unsigned u = 0; u < Units; u++) begin
      shares[u] = 1'b0;
      for (int unsigned v = 0; v < Units; v++) begin
        if (coming_unit_i[v] && Bus[4*u +: 4] == Bus[4*v +: 4]) shares[u] = 1'b1;
      end
      coming_way.busy[u] = shares[u] && (busy_q[u] || start_q[u]);
      coming_way.raw[u]  = !coming_chain_i && ((coming_sources_i & writes_q[u]) != '0 || (start_q[u] && head_raw));
      coming_way.war[u]  = (coming_dest_i & reads_q[u]) != '0 || (start_q[u] && head_war);
      coming_way.waw[u]  = (coming_dest_i & writes_q[u]) != '0 || (start_q[u] && head_waw);
      coming_way.port[u] = (coming_sources_i & reads_q[u]) != '0 || (start_q[u] && head_port);
    end
    between_d.busy = shares;
    between_d.raw  = !coming_chain_i && (coming_sources_i & dest_d) != '0;
    between_d.war  = (coming_dest_i & sources_d) != '0;
    between_d.waw  = (coming_dest_i & dest_d) != '0;
    between_d.port = (coming_sources_i & sources_d) != '0;

    next_way_d = (takes ? coming_way : next_way_q) & ~done;
    next_due   = unit_due_i & {Units{takes ? coming_unit_i[Tmm] : next_product_q}};
    next_raw   = takes ? coming_way.raw : next_way_q.raw;
    next_other = takes ? coming_way.busy | coming_way.war | coming_way.waw | coming_way.port
                       : next_way_q.busy | next_way_q.war | next_way_q.waw | next_way_q.port;
    way_d      = way_q;
    if (!hold_q) begin
      way_d = next_way_q;
      for (int unsigned u = 0; u < Units; u++) begin
        if (start_q[u]) begin
          way_d.busy[u] = between_q.busy[u];
          way_d.raw[u]  = between_q.raw;
          way_d.war[u]  = between_q.war;
          way_d.waw[u]  = between_q.waw;
          way_d.port[u] = between_q.port;
        end
      end
    end
    head_due  = unit_due_i & {Units{unit_d[Tmm]}};
    way_d.raw = way_d.raw & ~(due_q & {Units{unit_d[Tmm]}});
    any = hold_q ? any_q : (start_q & any_between_q) | (~start_q & any_next_q);
  end

  always_ff @(posedge clk_i) begin
    next_way_q <= next_way_d;
    any_next_q <= (next_other | (next_raw & ~next_due)) & ~unit_done_i;
    due_q      <= rst_ni ? unit_due_i & ~unit_done_i : '0;
    if (takes) begin
      next_product_q <= coming_unit_i[Tmm];
      between_q     <= between_d;
      any_between_q <= between_d.busy | {Units{between_d.raw || between_d.war || between_d.waw || between_d.port}};
    end
    way_q <= way_d & ~done;
    any_q <= (way_d.busy | (way_d.raw & ~head_due) | way_d.war | way_d.waw | way_d.port) & ~unit_done_i;
  end

  // --------------------------------------------------------------------------------------------------------------- issue
  logic bus_fault_q, bus_fault_d;
  logic stop_q, stop_d;

  assign issue_d = valid_d && !ends_d && !bus_fault_d && (any & unit_not_done_i) == '0;

  // No more issues: a fault or a HALT waits for the units to drain.
  assign stop_d = bus_fault_d || (valid_d && ends_d);
  assign last_d = running_q && !last_q && stop_d && start_q == '0;
  sterna_any_enable #(  // which of the units is not done comes late
    .Users(Units)
  ) u_busy (
    .enable_i(unit_not_done_i),
    .select_i(busy_q),
    .any_o   (busy)
  );

  always_ff @(posedge clk_i) begin
    if (!rst_ni || last_q) begin
      valid_q <= 1'b0;
      ready_o <= 1'b1;
      hold_q  <= 1'b0;
      issue_q <= 1'b0;
      start_q <= '0;
      stop_q  <= 1'b0;
    end else begin
      valid_q <= valid_d;
      ready_o <= !valid_d || issue_d;
      hold_q  <= valid_d && !issue_d;
      issue_q <= issue_d;
      stop_q  <= stop_d;
      for (int unsigned u = 0; u < Units; u++) start_q[u] <= issue_d && unit_d[u];
    end
    if (!rst_ni || busy) last_q <= 1'b0;
    else last_q <= last_d;
  end

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
      if (stop_q) begin
        // A HALT issues, a fault does not.
        cause_issue_o = last_q && !bus_fault_q && fault_q == sterna_isa_pkg::STATUS_OK;
        cause_drain_o = !cause_issue_o;
      end else if (!valid_q) cause_fetch_o = 1'b1;
      else if (way_q.busy != '0) cause_unit_busy_o = 1'b1;
      else if (way_q.raw != '0) cause_raw_o = 1'b1;
      else if (way_q.war != '0) cause_war_o = 1'b1;
      else if (way_q.waw != '0) cause_waw_o = 1'b1;
      else if (way_q.port != '0) cause_port_o = 1'b1;
      else cause_issue_o = 1'b1;
    end
  end

  assign pc_o         = pc_q[15:0];
  assign issue_o      = issue_q;
  assign unit_start_o = start_q;
  assign unit_busy_o  = busy_q;
  assign running_o    = running_q;
  assign end_o        = last_q;

  // ------------------------------------------------------------------------------------------------------------- faults
  logic [1:0]            error_q[Units];  // of the unit's last instruction
  logic [Units-1:0]      oldest;          // one-hot: whose is the first in program order
  logic [StatusBits-1:0] fault_status;
  logic [15:0]           fault_pc;

  always_comb begin
    bus_fault_d  = bus_fault_q;
    fault_status = '0;
    fault_pc     = '0;
    for (int unsigned u = 0; u < Units; u++) begin
      if (Shared[u] && unit_done_i[u] && unit_error_i[u*2 +: 2] != 2'd0) bus_fault_d = 1'b1;
      oldest[u] = Shared[u] && error_q[u] != 2'd0;
      for (int unsigned v = 0; v < Units; v++) begin
        if (u != v && Shared[v] && error_q[v] != 2'd0 && flight_pc_q[v] < flight_pc_q[u]) oldest[u] = 1'b0;
      end
      if (oldest[u]) begin
        fault_status = fault_status | (error_q[u] == 2'd1 ? StatusBits'(sterna_isa_pkg::STATUS_READ_ERROR)
                                                          : StatusBits'(sterna_isa_pkg::STATUS_WRITE_ERROR));
        fault_pc     = fault_pc | flight_pc_q[u];
      end
    end
  end

  always_ff @(posedge clk_i) begin
    for (int unsigned u = 0; u < Units; u++) begin
      if (!rst_ni || last_q) error_q[u] <= 2'd0;
      else if (Shared[u] && unit_done_i[u]) error_q[u] <= unit_error_i[u*2 +: 2];
    end
  end

  always_ff @(posedge clk_i) begin
    if (!rst_ni) begin
      running_q   <= 1'b0;
      bus_fault_q <= 1'b0;
      status_o    <= sterna_isa_pkg::STATUS_OK;
      status_pc_o <= '0;
    end else begin
      running_q   <= start_i || (running_q && !last_q);
      bus_fault_q <= bus_fault_d && !last_q;
      if (last_q) begin
        status_o    <= bus_fault_q ? fault_status : fault_q;
        status_pc_o <= bus_fault_q ? 32'(fault_pc) : pc_q;
      end
    end
  end

  // ---------------------------------------------------------------------------------------------------------- retirement
  always_ff @(posedge clk_i) begin
    for (int unsigned u = 0; u < Units; u++) begin
      retire_o[u]             <= rst_ni && unit_done_i[u] && (!Shared[u] || unit_error_i[u*2 +: 2] == 2'd0);
      retire_pc_o[u*16 +: 16] <= flight_pc_q[u];
    end
  end

  `STERNA_ASSERT(KnowsAnyWay, any == (way_d.busy | way_d.raw | way_d.war | way_d.waw | way_d.port) || !valid_d)
  `STERNA_ASSERT(OneCausePerCycle, 32'(running_q) == $countones({cause_issue_o, cause_fetch_o,
      cause_unit_busy_o, cause_raw_o, cause_war_o, cause_waw_o, cause_port_o, cause_drain_o}))
  `STERNA_ASSERT(IssueIsTheCause, issue_q == (cause_issue_o && !stop_q))
  `STERNA_ASSERT(ComesOnlyWhileRunning, running_q || !(valid_i || valid_q))
  `STERNA_ASSERT(NotDoneIsTheComplement, unit_not_done_i == ~unit_done_i)
  `STERNA_ASSERT(DoneOnlyWhenBusy, (unit_done_i & ~busy_q) == '0)
  `STERNA_ASSERT(StartOnlyWhenIdle, (start_q & busy_q) == '0)

  // Ports and buses that two instructions in flight would share.
  logic [Registers-1:0] shared_ports;
  logic [Units-1:0]     buses_taken;  // units whose buses another unit uses
  logic                 unused_check;

  always_comb begin
    shared_ports = '0;
    buses_taken  = '0;
    for (int unsigned u = 0; u < Units; u++) begin
      for (int unsigned v = 0; v < Units; v++) begin
        if (u != v) begin
          shared_ports = shared_ports | (reads_q[u] & reads_q[v]) | (writes_q[u] & writes_q[v]);
          if (Bus[4*u +: 4] == Bus[4*v +: 4] && busy_q[v]) buses_taken[u] = 1'b1;
        end
      end
    end
  end
  assign unused_check = &{1'b0, shared_ports, buses_taken, unit_error_i};

  `STERNA_ASSERT(PortsOwnedOnce, shared_ports == '0)
  `STERNA_ASSERT(BusesTakenOnce, (busy_q & buses_taken) == '0)

endmodule
