# SPDX-License-Identifier: Apache-2.0
"""Compiles the Triton kernels of fused.py for GPUs that need not be there: python compile_fused.py 80 90

What the interpreter never sees, types and layouts of the real compiler, registers that do not suffice, is seen so; nothing runs."""
import os
import re
import subprocess
import sys
import tempfile

import triton
from triton.backends.compiler import GPUTarget
from triton.compiler import ASTSource, AttrsDescriptor

import fused

F32, I8, I32, BF16 = "*fp32", "*i8", "i32", "*bf16"
NORM = dict(x=F32, weight=F32, gate=F32, scales=F32, columns=I32, eps="fp32")
# kernel, types of its arguments, constants
CASES = [
    (fused.norm_kernel, dict(NORM, out=I8), dict(GATED=False, QUANTISE=True, BLOCK=2048)),
    (fused.norm_kernel, dict(NORM, out=BF16), dict(GATED=False, QUANTISE=True, BLOCK=2048)),
    (fused.norm_kernel, dict(NORM, out=F32), dict(GATED=True, QUANTISE=False, BLOCK=8192)),
    *((fused.norm_backward_kernel, dict(NORM, grad=grad, w_scale=F32, grad_x=F32, grad_weight=F32, grad_gate=F32, rows=I32),
       dict(GATED=not scaled, SCALED=scaled, ROWS=16, BLOCK=2048)) for grad, scaled in ((BF16, True), (F32, False))),
    (fused.glu_kernel, dict(both=F32, out=F32, size=I32), dict(BLOCK=fused.GLU_BLOCK)),
    (fused.glu_backward_kernel, dict(both=F32, grad=F32, grad_both=F32, size=I32), dict(BLOCK=fused.GLU_BLOCK)),
    *((fused.ternary_kernel, dict(weight=F32, w_scale=F32, out=out, count=I32), dict(BLOCK=4096)) for out in (I8, BF16)),
    (fused.product_kernel, dict(q=I8, w=I8, scales=F32, w_scale=F32, out=F32, rows=I32, outputs=I32, columns=I32), fused.TILES),
    (fused.cross_entropy_kernel, dict(logits=F32, targets="*i64", losses=F32, rows=I32, columns=I32), dict(BLOCK=fused.LOGITS_BLOCK)),
    (fused.recurrence_kernel, dict(forget=F32, update=F32, bound=F32, first=F32, states=F32, T=I32, D=I32), dict(BLOCK=fused.CHANNELS)),
    (fused.recurrence_backward_kernel, dict(forget=F32, update=F32, bound=F32, first=F32, states=F32, grad=F32, grad_forget=F32,
                                            grad_update=F32, grad_bound=F32, grad_first=F32, T=I32, D=I32), dict(BLOCK=fused.CHANNELS)),
]


def warps(kernel, constants):
    """As fused.py starts them."""
    if kernel in (fused.product_kernel, fused.cross_entropy_kernel):
        return 8
    if kernel in (fused.norm_kernel, fused.norm_backward_kernel):
        return fused.warps(constants["BLOCK"] * (2 if constants["GATED"] and kernel is fused.norm_backward_kernel else 1))
    return 4 if kernel in (fused.ternary_kernel, fused.glu_kernel, fused.glu_backward_kernel) else 2


def report(kernel, types, constants, capability):
    """A line about the kernel as it is made for the released models' sizes, which are multiples of 16 like all addresses."""
    signature = {name: types[name] for name in kernel.arg_names if name in types}  # in the order of the parameters
    assert signature.keys() | constants.keys() == set(kernel.arg_names), kernel
    even = tuple(i for i, name in enumerate(kernel.arg_names) if name in signature and name != "eps")
    options = dict(num_warps=warps(kernel, constants), num_stages=3, enable_fp_fusion=kernel not in (fused.norm_kernel, fused.ternary_kernel))
    compiled = triton.compile(ASTSource(kernel, signature, constants, AttrsDescriptor(even, ())), target=GPUTarget("cuda", capability, 32),
                              options=options)
    with tempfile.NamedTemporaryFile("w", suffix=".ptx") as ptx:
        ptx.write(compiled.asm["ptx"])
        ptx.flush()
        assembler = os.path.join(os.path.dirname(triton.__file__), "backends/nvidia/bin/ptxas")
        said = subprocess.run([assembler, "-v", f"--gpu-name=sm_{capability}" + "a" * (capability == 90), ptx.name, "-o", os.devnull],
                              check=True, capture_output=True, text=True).stderr
    registers, spills = (int(re.search(what, said)[1]) for what in (r"Used (\d+) registers", r"(\d+) bytes spill stores"))
    units = ", tensor cores" if "mma" in compiled.asm["ptx"] else ""
    return f"sm_{capability} {kernel.__name__} {constants}: {registers} registers, {spills} bytes spilled{units}"


def main():
    for capability in map(int, sys.argv[1:]):
        for case in CASES:
            print(report(*case, capability))


if __name__ == "__main__":
    main()
