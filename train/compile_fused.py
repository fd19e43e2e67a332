# SPDX-License-Identifier: Apache-2.0
"""Compiles the Triton kernels of fused.py for GPUs that need not be there: python compile_fused.py 80 90

What the interpreter never sees, types and layouts of the real compiler, is checked so; nothing runs."""
import sys

import triton
from triton.backends.compiler import GPUTarget
from triton.compiler import ASTSource

import fused

F32, I8, I32, BF16 = "*fp32", "*i8", "i32", "*bf16"
NORM = dict(x=F32, weight=F32, scales=F32, columns=I32, eps="fp32")
# kernel, types of its arguments, constants
CASES = [
    (fused.norm_kernel, dict(NORM, out=I8), dict(QUANTISE=True, BLOCK=2048)),
    (fused.norm_kernel, dict(NORM, out=BF16), dict(QUANTISE=True, BLOCK=2048)),
    (fused.norm_kernel, dict(NORM, out=F32), dict(QUANTISE=False, BLOCK=8192)),
    *((fused.norm_backward_kernel, dict(NORM, grad=grad, w_scale=F32, grad_x=F32, grad_weight=F32, rows=I32),
       dict(SCALED=scaled, ROWS=16, BLOCK=2048)) for grad, scaled in ((BF16, True), (F32, False))),
    *((fused.ternary_kernel, dict(weight=F32, w_scale=F32, out=out, count=I32), dict(BLOCK=4096)) for out in (I8, BF16)),
    (fused.product_kernel, dict(q=I8, w=I8, scales=F32, w_scale=F32, out=F32, rows=I32, outputs=I32, columns=I32), fused.TILES),
    (fused.recurrence_kernel, dict(forget=F32, update=F32, bound=F32, first=F32, states=F32, T=I32, D=I32), dict(BLOCK=fused.CHANNELS)),
    (fused.recurrence_backward_kernel, dict(forget=F32, update=F32, bound=F32, first=F32, states=F32, grad=F32, grad_forget=F32,
                                            grad_update=F32, grad_bound=F32, grad_first=F32, T=I32, D=I32), dict(BLOCK=fused.CHANNELS)),
]


def main():
    for capability in map(int, sys.argv[1:]):
        for kernel, types, constants in CASES:
            # In the order of the kernel's parameters.
            signature = {name: types[name] for name in kernel.arg_names if name in types}
            assert signature.keys() | constants.keys() == set(kernel.arg_names), kernel
            options = dict(num_warps=8, num_stages=3, enable_fp_fusion=kernel not in (fused.norm_kernel, fused.ternary_kernel))
            compiled = triton.compile(ASTSource(kernel, signature, constants), target=GPUTarget("cuda", capability, 32), options=options)
            tensor_cores = "mma" in compiled.asm["ptx"]
            print(f"sm_{capability} {kernel.__name__} {constants}: {len(compiled.asm['cubin'])} bytes" + ", tensor cores" * tensor_cores)


if __name__ == "__main__":
    main()
