// SPDX-License-Identifier: Apache-2.0
#include "host/xclbin/memory_map.h"
#include "host/xclbin/xclbin.h"
#include "isa/generated/isa.h"
#include "isa/generated/kernel.h"
#include "support/error.h"
#include "support/shell.h"

namespace sterna::xclbin {
namespace {

std::string memory_port(unsigned channel) {
  return fmt::format("{}{}", kKernelMemoryPort, channel);
}

}  // namespace

std::string kernel_metadata(const Capabilities& shape) {
  std::string xml = fmt::format(
      R"(<?xml version="1.0" encoding="UTF-8"?>
<project name="{0}">
  <platform vendor="sterna" boardid="emulation" name="emulation" featureRomTime="0">
    <device name="fpga0" fpgaDevice="sterna:verilated">
      <core name="OCL_REGION_0" target="hw_em" type="clc_region" clockFreq="{1}MHz">
        <kernelClocks>
          <clock port="DATA_CLK" frequency="{1}MHz"/>
        </kernelClocks>
        <kernel name="{0}" language="ip_c" type="pl">
          <port name="{2}" mode="slave" range="{3:#x}" dataWidth="32" portType="addressable" base="0x0"/>
)",
      kKernelName, shape.clock_khz / 1000, kKernelControlPort, kRegisterMapBytes);
  for (unsigned c = 0; c < shape.channels; ++c) {
    xml += fmt::format(
        R"(          <port name="{}" mode="master" range="0xFFFFFFFFFFFFFFFF" dataWidth="{}" portType="addressable" base="0x0"/>
)",
        memory_port(c), shape.beat_bits);
  }
  unsigned id = 0;
  for (const KernelArgument& a : kKernelArguments) {
    if (a.lane >= static_cast<int>(shape.lanes)) break;
    const auto segment = static_cast<unsigned>(a.segment);
    xml += fmt::format(
        R"(          <arg name="{0}" addressQualifier="{1}" id="{2}" port="{3}" size="{4:#x}" offset="{5:#x}" hostOffset="0x0" hostSize="{4:#x}" type="{6}"/>
)",
        a.name, a.is_pointer ? 1 : 0, id++,
        a.is_pointer ? memory_port(segment_channel(segment, shape.channels)) : kKernelControlPort,
        a.bytes, a.offset, a.is_pointer ? "void*" : "uint");
  }
  xml += fmt::format(
      R"(          <instance name="{}">
            <addrRemap base="{:#x}" port="{}"/>
          </instance>
        </kernel>
      </core>
    </device>
  </platform>
</project>
)",
      kKernelInstance, kKernelBase, kKernelControlPort);
  return xml;
}

std::string simulate_script(const EmulationXclbin& xclbin) {
  return fmt::format(R"SH(#!/bin/sh
# XRT runs this where a simulator would be. $PPID is the host program; XRT waits for the device
# without end, so when the device fails the host is ended here.
unset LD_PRELOAD
device=${{STERNA_HW_EMU:-}}
[ -n "$device" ] || device={}
"$device" --config {} --memory {} --bank-bytes {} --host "$PPID"
status=$?
[ "$status" -ne 0 ] || exit 0
parent() {{ cut -d ' ' -f 4 "/proc/$$/stat"; }}
[ "$(parent)" -eq "$PPID" ] || exit 1
echo "sterna: the emulated device ended (status $status); ending the host program" >&2
kill -s TERM "$PPID"
sleep 3
[ "$(parent)" -ne "$PPID" ] || kill -s KILL "$PPID"
exit 1
)SH",
                     shell_quoted(xclbin.device_process.string()), xclbin.configuration,
                     xclbin.memory, xclbin.bank_bytes);
}

}  // namespace sterna::xclbin
