# SPDX-License-Identifier: Apache-2.0
# Kria KV260: the processor's DDR4, behind its four ports HP0 to HP3 of 128 bits (a configuration with wider beats gets a width converter
# from Vitis). One die, so no SLRs. The platform is the one that AMD's tutorial of custom platforms makes (docs/boards.md).
namespace eval board {
  variable part xck26-sfvc784-2LV-c
  variable platform kv260_custom
  variable banks {HP0 HP1 HP2 HP3}
  variable slrs {}
  variable firmware sterna  ;# xmutil loads bitstreams by this name, from a folder of files that have it
}
