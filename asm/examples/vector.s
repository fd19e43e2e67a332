# A vector kernel: y = sigmoid(a * x + y), for 100 elements.

.equ n, 100
.input  x[n], ramp -5, 0.1      # -5, -4.9 .. 4.9, unless the command line gives others
.input  y[n], fill 0.25
.output y                       # printed when the program has run

        LDV   v0, [x], n
        LDV   v1, [y], n
        SET   v2, fix(0.5), n   # a: a constant fills a register
        MUL   v0, v0, v2, n     # waits for the load of x, not for that of y
        ADD   v1, v0, v1, n
        SIG   v1, v1, n
        SV    v1, [y], n        # writes whole lines of 16; elements 100..111 become zero
        HALT
