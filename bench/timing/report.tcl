# SPDX-License-Identifier: Apache-2.0
# For OpenSTA, sourced after `set` of: library netlist top clock period uncertainty driver input_delay output_delay keep result.
# Writes result, a line each:  path SLACK START END | pin NAME CELL ARRIVAL FANOUT (of the path before) | loop TEXT
set link_make_black_boxes 0
read_liberty $library
read_verilog $netlist
link_design $top
create_clock -name clk -period $period [get_ports $clock]
set_clock_uncertainty $uncertainty [get_clocks clk]
foreach port [all_inputs] {
  if {[get_full_name $port] ne $clock} {
    set_driving_cell -lib_cell [lindex $driver 0] -pin [lindex $driver 1] $port
    set_input_delay $input_delay -clock clk $port
  }
}
set_output_delay $output_delay -clock clk [all_outputs]
set_load 1 [all_outputs]

set out [open $result w]
with_output_to_variable loops { check_setup -verbose -loops }
foreach line [split $loops "\n"] {
  if {[string trim $line] ne ""} { puts $out "loop\t[string trim $line]" }
}

# The worst path to every end; of each instance's first `keep` that are late, and of its worst, all pins.
set count [dict create]
foreach path [find_timing_paths -group_count 100000000] {
  set end [get_full_name [get_property $path endpoint]]
  set slack [get_property $path slack]
  puts $out "path\t$slack\t[get_full_name [get_property $path startpoint]]\t$end"
  set instance [join [lrange [split $end /] 0 end-2] /]
  dict incr count $instance
  if {[dict get $count $instance] > ($slack < 0 ? $keep : 1)} { continue }
  foreach point [get_property $path points] {
    set pin [get_property $point pin]
    set name [get_full_name $pin]
    set fanout ""
    set cell ""
    if {[string first / $name] >= 0} {
      set cell [get_property [get_cells [join [lrange [split $name /] 0 end-1] /]] ref_name]
      if {[get_property $pin direction] eq "output"} { set fanout [expr {[llength [get_fanout -from $pin -flat -pin_levels 1]] - 1}] }
    }
    puts $out "pin\t$name\t$cell\t[get_property $point arrival]\t$fanout"
  }
}
close $out
