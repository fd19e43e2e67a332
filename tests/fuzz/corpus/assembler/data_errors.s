.segment s
.segment s, b16
.segment t, b1, size t.bytes
.vector a[b], fill 1
.vector b[a], fill 1
.vector c[
.vector d]
.vector [3]
.vector e, fill
.vector f, file "nothing"
.matrix g, random
.matrix h
+-1
.output g
.input
.vector huge[16777216]
.vector more[16777216]
1, 2
LDV v0, [t + a], 1
