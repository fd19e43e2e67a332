# A vector kernel: y = sigmoid(a * x + y), for 100 elements.
#
# Memory (segment 0, byte addresses):
#   x   100 elements in
#   y   100 elements in and out
#
# A vector of n elements takes vector_bytes(n): whole lines of 64 bytes, 16 elements each.

.equ n, 100
.equ x, 0
.equ y, x + vector_bytes(n)     # 448 = 0x1c0

        LDV   v0, [b0 + x], n
        LDV   v1, [b0 + y], n
        SET   v2, fix(0.5), n           # a: a constant fills a register
        MUL   v0, v0, v2, n             # waits for the load of x, not for that of y
        ADD   v1, v0, v1, n
        SIG   v1, v1, n
        SV    v1, [b0 + y], n           # writes whole lines; elements 100..111 become zero
        HALT
