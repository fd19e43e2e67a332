# SPDX-License-Identifier: Apache-2.0
"""Speed for training, all of it optional.

On a CPU with AVX-512 (and VNNI), better with AMX, fast.cpp runs a whole block; on a GPU fused.py has the layers as Triton kernels. Elsewhere, or when
asked for, the products go to bfloat16 and torch.compile fuses what it can. Without a compiler, or on an older PyTorch, training goes on with
model.py alone. The mathematics stays the same, up to the rounding of sums to bfloat16.
"""
import os

import torch

import fff
from model import BIT_LINEAR_EPS, keep

NATIVE = None


class NativeTokenMixer(torch.autograd.Function):
    @staticmethod
    def forward(ctx, h, state, bound, noise, threshold, eps, *parameters):
        ctx.mixer = NATIVE.TokenMixer()
        out = ctx.mixer.forward(h.contiguous(), state.contiguous(), bound.contiguous(), noise, threshold, eps,
                                [p.detach() for p in parameters])
        last = ctx.mixer.last_state()
        ctx.mark_non_differentiable(last)  # gradients stop at the window's edge
        return out, last

    @staticmethod
    def backward(ctx, grad, _):
        grad_h, grad_bound, *rest = ctx.mixer.backward(grad)
        ctx.mixer = None  # its activations are no longer needed
        return grad_h, None, grad_bound, None, None, None, *rest


class NativeGatedUnit(torch.autograd.Function):
    @staticmethod
    def forward(ctx, h, noise, threshold, eps, *parameters):
        ctx.unit = NATIVE.GatedUnit()
        return ctx.unit.forward(h.contiguous(), noise, threshold, eps, [p.detach() for p in parameters])

    @staticmethod
    def backward(ctx, grad):
        grad_h, *rest = ctx.unit.backward(grad)
        ctx.unit = None
        return grad_h, None, None, None, *rest


class NativeTrees(torch.autograd.Function):
    @staticmethod
    def forward(ctx, x, weight_in, bias, weight_out, shape, temperature):
        ctx.trees = NATIVE.Trees()
        out = ctx.trees.forward(x.contiguous(), weight_in.detach(), bias.detach(), weight_out.detach(), shape.trees,
                                shape.depth, list(fff.ACTIVATIONS).index(shape.activation), temperature)
        ctx.mark_non_differentiable(ctx.trees.leaf)
        return out, ctx.trees.logits, ctx.trees.leaf

    @staticmethod
    def backward(ctx, grad, grad_logits, _):
        grads = ctx.trees.backward(grad.contiguous(), grad_logits.contiguous())
        ctx.trees = None
        return *grads, None, None


def native_trees(layer):
    """The `forward` of a layer of trees, run by trees.h."""
    def forward(x):
        y, logits, leaf = NativeTrees.apply(x.flatten(0, -2), layer.linear_in.weight, layer.linear_in.bias,
                                            layer.linear_out.weight, layer.shape, layer.temperature)
        if layer.training:
            layer.path = logits, leaf
        return y.unflatten(0, x.shape[:-1])

    return forward


def native_forward(layer):
    """The `forward` of a block, run by fast.cpp where the tokens fill AMX's tiles, or there are none."""
    plain = layer.forward
    mixer = [*layer.attn_norm.parameters(), *layer.attn.parameters()]
    unit = [*layer.mlp_norm.parameters(), *layer.mlp.parameters()] if layer.mlp is not None else []
    if layer.ffn is not None:
        layer.ffn.forward = native_trees(layer.ffn)

    def forward(h, state, bound, noise=(None, None), dropout=0.0):
        eps = layer.attn_norm.eps
        # fast.cpp has one eps for all norms.
        if NATIVE.has_amx() and h.shape[0] * h.shape[1] % 512 or eps != BIT_LINEAR_EPS:
            return plain(h, state, bound, noise, dropout)
        if noise[0] is None:
            noise = [torch.zeros(h.shape, dtype=torch.uint8)] * 2
        threshold = round(dropout * 256)
        h, last = NativeTokenMixer.apply(h, state, bound, noise[0], threshold, eps, *mixer)
        out = NativeGatedUnit.apply(h, noise[1], threshold, eps, *unit) if unit else h
        if layer.ffn is not None:
            out = out + keep(layer.ffn(layer.mlp_norm(h)), noise[1], dropout)
        return out, last

    return forward


def build():
    from torch.utils.cpp_extension import load
    source = os.path.join(os.path.dirname(os.path.abspath(__file__)), "fast.cpp")
    flags = ["-O3", "-march=native", "-mamx-tile", "-mamx-int8", "-mamx-bf16", "-mavx512bf16", "-mavx512vnni",
             "-mprefer-vector-width=512", "-ffast-math", "-Wno-ignored-attributes"]
    return load("sterna_train", [source], extra_cflags=flags)


def prepare(model, device, compile=False):
    """Change the model in place. compile: by torch.compile, even where there are Triton kernels for it."""
    global NATIVE
    shape = model.config.fff
    sizes = (model.config.hidden_size, model.config.intermediate_size, shape.master_leaf_size if shape else 0)
    try:
        if device == "cpu" and all(size % 64 == 0 for size in sizes):
            native = build()
            if native.available():
                NATIVE = native
                if native.has_amx():
                    model.set_product(torch.bfloat16)  # elsewhere float32 is as fast
                for layer in model.model.layers:
                    layer.forward = native_forward(layer)
                return
        if device != "cpu" and not compile:
            import fused
            return fused.prepare(model)
        model.set_product(torch.bfloat16)
        for layer in model.model.layers:
            layer.attn.scan = torch.compiler.disable(layer.attn.scan)  # a loop over the window: not worth unrolling
            layer.compile(dynamic=False)
    except Exception as error:  # no compiler, no ninja, an old PyTorch: slower, not wrong
        print(f"plain PyTorch instead of the fast path: {error}")
