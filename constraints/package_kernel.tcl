# SPDX-License-Identifier: Apache-2.0
# usage: vivado -mode batch -source constraints/package_kernel.tcl -tclargs CONFIG BOARD FOLDER      (from the root)
# Packages the kernel as FOLDER/sterna.xo, its sources preprocessed in FOLDER/rtl, and writes FOLDER/link.cfg for v++. Names, registers, ports and parameters come from
# constraints/generated/kernel_CONFIG.tcl, banks and SLRs from constraints/boards/BOARD.tcl.
lassign $argv config board folder
source constraints/generated/kernel_$config.tcl
source constraints/boards/$board.tcl

proc lines_of {path} {
  set file [open $path]
  set lines [split [read -nonewline $file] "\n"]
  close $file
  return $lines
}

# A source's text, with each header in the place of its `include: a packaged file finds no other by the path in this repository.
proc preprocessed {path} {
  set text {}
  foreach line [lines_of $path] {
    if {[regexp {^ *`include "(.*)"} $line - header]} {append text [preprocessed $header]} else {append text $line "\n"}
  }
  return $text
}

# Writes the design's sources to FOLDER: rtl/files.f without the tops of other kernels. Returns their paths, in order.
proc write_sources {folder} {
  set paths {}
  foreach source [lines_of rtl/files.f] {
    set other [expr {[string match */sterna_kernel_* $source] && [file rootname [file tail $source]] ne $kernel::top}]
    if {$other || ![regexp {\.s?v$} $source]} continue
    set path $folder/$source
    file mkdir [file dirname $path]
    set file [open $path w]
    puts $file "`define STERNA_DSP48E2"  ;# sterna_quad_add is one; a packaged file gets no define from outside
    puts -nonewline $file [preprocessed $source]
    close $file
    lappend paths $path
  }
  return $paths
}

proc package_ip {folder} {
  create_project -force kernel $folder/project -part $board::part
  add_files -norecurse [write_sources $folder]
  set_property top $kernel::top [current_fileset]
  add_files -fileset constrs_1 -norecurse constraints/kernel_ooc.xdc
  set_property USED_IN {synthesis implementation out_of_context} [get_files constraints/kernel_ooc.xdc]
  update_compile_order -fileset sources_1

  lassign [split $kernel::vlnv :] vendor library name version
  ipx::package_project -root_dir $folder/ip -vendor $vendor -library $library -taxonomy /KernelIP -import_files -set_current true
  set core [ipx::current_core]
  set_property name $name $core
  set_property version $version $core
  set_property sdx_kernel true $core
  set_property sdx_kernel_type rtl $core
  set_property supported_families {} $core
  set_property auto_family_support_level level_2 $core

  foreach {parameter value} $kernel::parameters {
    set_property value $value [ipx::get_user_parameters $parameter -of_objects $core]
    set_property value $value [ipx::get_hdl_parameters $parameter -of_objects $core]
  }
  lassign $kernel::control control bytes
  foreach bus [linsert $kernel::memory 0 $control] {
    ipx::associate_bus_interfaces -busif $bus -clock ap_clk $core
  }
  ipx::associate_bus_interfaces -clock ap_clk -reset ap_rst_n $core
  # All bursts are INCR, of whole beats: the interconnect needs no logic for others.
  foreach bus $kernel::memory {
    set interface [ipx::get_bus_interfaces $bus -of_objects $core]
    foreach parameter {HAS_BURST SUPPORTS_NARROW_BURST} {
      ipx::add_bus_parameter $parameter $interface
      set_property value 0 [ipx::get_bus_parameters $parameter -of_objects $interface]
    }
  }
  ipx::infer_bus_interface interrupt xilinx.com:signal:interrupt_rtl:1.0 $core

  # The memory map of the control port: what starts a kernel, and its arguments.
  ipx::add_memory_map $control $core
  set_property slave_memory_map_ref $control [ipx::get_bus_interfaces $control -of_objects $core]
  set map [ipx::get_memory_maps $control -of_objects $core]
  ipx::add_address_block reg0 $map
  set block [ipx::get_address_blocks reg0 -of_objects $map]
  set_property range $bytes $block
  set_property usage register $block
  foreach register $kernel::registers {
    lassign $register name offset bits port
    ipx::add_register $name $block
    set entry [ipx::get_registers $name -of_objects $block]
    set_property address_offset $offset $entry
    set_property size $bits $entry
    if {$port ne {}} {
      ipx::add_register_parameter ASSOCIATED_BUSIF $entry
      set_property value $port [ipx::get_register_parameters ASSOCIATED_BUSIF -of_objects $entry]
    }
  }
  ipx::update_checksums $core
  ipx::check_integrity -kernel $core
  ipx::save_core $core
}

# Which bank is behind which port, the clock, and where the kernel lies. With one channel it lies whole in the SLR of its bank;
# with more, generated/floorplan_CONFIG.tcl says what lies where, if the board's banks are behind as many SLRs as the configuration has dies.
proc write_link_configuration {path config} {
  set file [open $path w]
  puts $file "\[connectivity]\nnk=$kernel::name:1:${kernel::name}_1"
  foreach port $kernel::memory bank [lrange $board::banks 0 [llength $kernel::memory]-1] {
    puts $file "sp=${kernel::name}_1.$port:$bank"
  }
  if {[llength $kernel::memory] == 1 && [llength $board::slrs] > 0} {puts $file "slr=${kernel::name}_1:[lindex $board::slrs 0]"}
  puts $file "\n\[clock]\nfreqHz=[expr {$kernel::clock_khz * 1000}]:${kernel::name}_1.ap_clk"
  set dies [dict get $kernel::parameters Dies]
  if {$dies > 1 && $dies == [llength [lsort -unique $board::slrs]] && [llength $kernel::memory] > 1} {
    puts $file "\n\[vivado]\nprop=run.impl_1.STEPS.PLACE_DESIGN.TCL.PRE=[pwd]/constraints/generated/floorplan_$config.tcl"
  }
  close $file
}

if {[llength $kernel::memory] > [llength $board::banks]} {
  error "$board has [llength $board::banks] banks, configuration $config needs [llength $kernel::memory]"
}
file mkdir $folder
package_ip $folder
package_xo -force -xo_path $folder/$kernel::name.xo -kernel_name $kernel::name -ip_directory $folder/ip \
  -kernel_xml constraints/generated/kernel_$config.xml -ctrl_protocol ap_ctrl_hs
write_link_configuration $folder/link.cfg $config
