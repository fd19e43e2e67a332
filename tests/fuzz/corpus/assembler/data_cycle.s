.vector x[a], 1
.equ a, x
.vector y[16]
.segment b0, b0
.vector y, (1, 2
.output q
