.equ n, 3
.segment s, b3, per_lane, size 4096
.input x, 1, 0.1, -3
.output x
.output y[20]
.segment w, b4
.matrix m
 +0-+
 --00
.input m
.vector v[n * 3], fill -0.25
.vector r[4], ramp -1, 0.25
.vector f, file "x.txt"
.matrix g, file "w.txt"
.matrix q[6, 70], random 7
.segment s
.vector z
  1, 2
  (3), -4
LDV v0, [x], x.len
SV v0, [s + y], 3
TMATMUL v1, v0, [m], m.rows, m.cols, scale(1)
HALT
