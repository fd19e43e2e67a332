# A Fast Feedforward layer: a tree of seven nodes, of which an input meets three. Each node on the way gives a number, its row
# times x plus its bias; where that is above 0 the way goes right, else left; behind an activation each of the numbers is
# worth its node's row of the second matrix.

.input  x[4], 1, 0.5, -0.25, -1

.tree_in w1[1, 2, x.len]        # one tree, two levels below the root: a node a line, its bias behind the comma
    +000                        # 0, the root
    0+00                        # 1, left of it
    00+0, 0.5                   # 2, right of it
    ++00                        # 3 and 4, below node 1
    --00
    00++, 0.125                 # 5 and 6, below node 2
    +00-

.tree_out w2[1, 2, 3]           # what each node is worth: three outputs
    +00
    0+0
    00+
    +-0
    ++0
    0--
    -0+

.output y[w2.rows]

# The trits of both matrices stand for +-1.
.equ w_scale, scale(1.0 / 127)

        LDV     v0, [x], x.len
        QUANT   v1, v0, x.len
        FFFIN   v2, v1, [w1], w1.trees, w1.depth, w1.cols, w_scale
        RELU    v2, v2, w1.path                 # w1.path: four elements for each four levels of a tree
        QUANT   v3, v2, w1.path
        FFFOUT  v4, v3, [w2], w2.rows, w2.trees, w2.depth, w_scale
        SV      v4, [y], w2.rows
        HALT
