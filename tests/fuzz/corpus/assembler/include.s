.include "b.inc"
.include "loop.inc"
LDV v1, [b7+B], A
