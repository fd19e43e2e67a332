  ADDD v0, v1, v2, 4
	ADD	v0, v16, v2, 4
  ADD v0, v1, 3
  LDV v0, [b9], 4
  LDV v0, [b0 + 3], 4
  SET v0, 1.5, 4
  SET v0, fix(40000), 4
  SET v0, x + 1, 99999
  TMATMUL v1, v1, [b0], 4, 4, scale(0.1)
  TMATMUL v1, v2, [b0], 4, 4, 5
 ADD v0 v1
ÿ ÿ
 .equ a, b
 .equ b, a
 .equ v3, 3
 .equ b, 3
 .include "nope.s"
 .include "e.s"
 SET v0, 1/0, 4
 SET v0, 1 << 64, 4
 SET v0, (1, 4
 SET v0, 'a, 4
