# comment
.equ N, 100          ; elements
.equ one, fix(1.0)
.equ M, matrix_bytes(N, N)
start: LDV v0, [b0], N
  ldv  v1, [b0 + vector_bytes(N)], N // hi
  set v3, fix(-1.5), N
  set v4, one, N
  NORM v2, v0, v1, N, eps(1e-6)
go: QUANT v5, v2, N
  TMATMUL v6, v5, [b1 + 2*M + (1?64:1/0)], N, N, scale(0.0123/127)
  SV v6, [b2 + 'A'-65], N
  .word 1, 2, 3, 0xffffffff
.entry go
  HALT
