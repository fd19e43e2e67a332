# SPDX-License-Identifier: Apache-2.0
# usage: tclsh stand_ins.tcl RECORD SCRIPT ARGUMENT...
# Runs a script for Vivado without Vivado: each of its commands writes one line to RECORD, words separated by tabs, and a query
# returns what it asked for as kind:name. A command that is not here is an error, as is a wrong name in a script of ours, and
# what the packager refuses.
set auto_noexec 1
set record [open [lindex $argv 0] w]
set script [lindex $argv 1]
set argv [lrange $argv 2 end]

proc note {args} {
  puts $::record [join $args \t]
}

# Of the sources that add_files took: a SystemVerilog top is refused, and a header that is no source itself.
namespace eval ipx {}
set sources {}
proc add_files {args} {
  note add_files {*}$args
  if {[lsearch $args -fileset] < 0} {lappend ::sources {*}[lindex $args end]}
}
proc set_property {name value object} {
  note set_property $name $value $object
  if {$name eq "top"} {set ::top $value}
}
proc ipx::package_project {args} {
  note ipx::package_project {*}$args
  set tops [lsearch -all -inline -regexp $::sources "/$::top\\.\[^/]*\$"]
  if {[llength $tops] != 1 || [file extension [lindex $tops 0]] ne ".v"} {error "the top $::top must be one Verilog file: '$tops'"}
  foreach source $::sources {
    set file [open $source]
    foreach {- header} [regexp -all -inline -line {^\s*`include\s+"([^"]*)"} [read $file]] {
      if {[file join [file dirname $source] $header] ni $::sources} {error "$source includes $header, which is not packaged"}
    }
    close $file
  }
}

foreach command {create_pblock resize_pblock add_cells_to_pblock create_project update_compile_order create_clock package_xo
                 ipx::add_bus_parameter ipx::associate_bus_interfaces ipx::infer_bus_interface ipx::add_memory_map ipx::add_address_block
                 ipx::add_register ipx::add_register_parameter ipx::update_checksums ipx::check_integrity ipx::save_core} {
  namespace eval [namespace qualifiers ::$command] {}
  proc ::$command {args} "note $command {*}\$args"
}
foreach {query kind} {ipx::get_user_parameters user_parameter ipx::get_hdl_parameters hdl_parameter
                      ipx::get_bus_interfaces bus ipx::get_bus_parameters bus_parameter ipx::get_memory_maps map ipx::get_address_blocks block
                      ipx::get_registers register ipx::get_register_parameters register_parameter
                      get_files file get_ports port} {
  proc ::$query {name args} "return $kind:\$name\[expr {\[regexp ^(register|bus): \[lindex \$args 1]] ? \"@\[lindex \$args 1]\" : {}}]"
}
proc get_cells {args} {return cell:[lindex $args end]}
proc current_fileset {} {return fileset}
proc ipx::current_core {} {return core}

source $script
close $record
