# SPDX-License-Identifier: Apache-2.0
"""The Triton kernels of fused.py beside plain PyTorch, in Triton's interpreter on a CPU: python -m unittest test_fused
On a GPU, compiled: TRITON_INTERPRET=0 python -m unittest test_fused"""
import copy
import os
import unittest

os.environ.setdefault("TRITON_INTERPRET", "1")

import torch
import torch.nn.functional as F

import export
import fff
import fused
from model import BitLinear, Block, Config, MatMulFreeLM, RMSNorm, quantize_activations, quantize_weights, scan

if os.environ["TRITON_INTERPRET"] == "0":
    torch.set_default_device("cuda")


def gradients(outputs, inputs):
    """Of a sum in which every element of the outputs counts differently."""
    torch.manual_seed(9)
    total = sum((out * torch.randn_like(out)).sum() for out in outputs)
    return torch.autograd.grad(total, inputs)


class Fused(unittest.TestCase):
    def close(self, got, want, most=1e-5):
        self.assertEqual(got.shape, want.shape)
        self.assertLess((got - want).norm(), most * want.norm())

    def test_quantisation_is_exact(self):
        torch.manual_seed(1)
        x, weight = torch.randn(5, 77) * torch.tensor([1e-7, 0.1, 1, 30, 1e4])[:, None], torch.rand(77) + 0.5
        x[1] = 0
        norm = RMSNorm(77, 1e-6)
        norm.weight.data = weight
        q, scales = fused.norm_rows(x, weight, 1e-6, torch.int8)
        want, want_scales = quantize_activations(norm(x).detach())
        self.close(scales[:, None], want_scales, 1e-6)
        # A value within a rounding of a half may go either way.
        self.assertLess((q.float() - want).abs().sum(), 3)
        w = torch.randn(33, 129)
        w[0, :5] = torch.tensor([0, -0.0, 1e9, -1e9, 1e-30])
        got, scale = fused.ternary(w, torch.int8)
        want, want_scale = quantize_weights(w)
        self.close(scale, want_scale)
        self.assertEqual((got.float() - want).abs().sum(), 0)
        halves = torch.tensor([0.5, -0.5, 1.5, -1.5, 2, 0, 1, 1, 1, 1])  # of mean 1: half to even, as torch rounds
        self.assertEqual(fused.ternary(halves, torch.int8)[0].tolist(), quantize_weights(halves)[0].tolist())

    def test_bit_linear(self):
        for rows, inputs, outputs in ((1, 16, 16), (7, 80, 33), (130, 64, 150)):
            torch.manual_seed(rows)
            plain = BitLinear(inputs, outputs)
            plain.norm.weight.data.uniform_(0.5, 1.5)
            x = torch.randn(rows, inputs, requires_grad=True)
            outs = plain(x), fused.bit_linear(plain, x)
            self.close(outs[1], outs[0])
            wanted = [x, plain.norm.weight, plain.weight]
            for got, want in zip(gradients(outs[1:], wanted), gradients(outs[:1], wanted)):
                self.close(got, want)

    def test_rms_norm(self):
        torch.manual_seed(2)
        norm, x = RMSNorm(100, 1e-3), torch.randn(3, 5, 100, requires_grad=True)
        norm.weight.data.uniform_(0.5, 1.5)
        outs = norm(x), fused.rms_norm(norm, x)
        self.close(outs[1], outs[0])
        for got, want in zip(gradients(outs[1:], [x, norm.weight]), gradients(outs[:1], [x, norm.weight])):
            self.close(got, want)

    def test_gates(self):
        torch.manual_seed(5)
        norm = RMSNorm(70, 1e-3)
        norm.weight.data.uniform_(0.5, 1.5)
        x, gate = (torch.randn(2, 9, 70, requires_grad=True) for _ in range(2))
        both = torch.randn(3, 5, 2 * 37, requires_grad=True)
        for got, want, again, wanted in (
                (fused.rms_norm(norm, x, gate), norm(x) * F.silu(gate), None, [x, gate, norm.weight]),
                (fused.FusedGlu.apply(both.flatten(0, 1)), (F.silu(both[..., :37]) * both[..., 37:]).flatten(0, 1), None, [both])):
            self.close(got, want)
            if again := getattr(got, "again", None):
                self.close(again(), want.flatten(0, 1), 1e-6)
            for g, w in zip(gradients([got], wanted), gradients([want], wanted)):
                self.close(g, w)

    def test_cross_entropy(self):
        torch.manual_seed(6)
        for rows, tokens in ((1, 1), (5, 50), (7, 4096), (3, 5000)):
            x, targets = torch.randn(rows, tokens) * 20, torch.randint(0, tokens, (rows,))
            x[0, 0] = 300
            x.requires_grad_()
            want, got = F.cross_entropy(x, targets), fused.cross_entropy(x * 1, targets)
            self.assertAlmostEqual(got.item(), want.item(), delta=1e-5 * max(1, abs(want.item())))
            wanted = torch.autograd.grad(2 * want, x)[0]
            self.assertLessEqual((torch.autograd.grad(2 * got, x)[0] - wanted).norm(), 1e-5 * wanted.norm() + 1e-9)

    def test_recurrence(self):
        torch.manual_seed(3)
        for B, T, D in ((1, 1, 1), (2, 8, 3), (2, 9, 70), (1, 6, 65), (1, 7, 2)):
            forget, update = (torch.randn(B, T, D, requires_grad=True) for _ in range(2))
            bound, first = torch.rand(D, requires_grad=True), torch.randn(B, D, requires_grad=True)
            f = bound + (1 - bound) * torch.sigmoid(forget)
            outs = scan(f, F.silu(update) * (1 - f), first), fused.FusedRecurrence.apply(forget, update, bound, first)
            self.close(outs[1], outs[0])
            wanted = [forget, update, bound, first]
            for got, want in zip(gradients(outs[1:], wanted), gradients(outs[:1], wanted)):
                self.close(got, want)

    def test_model(self):
        for trees in None, fff.Shape(2, 2, "gelu", [1], 16):
            torch.manual_seed(4)
            plain = MatMulFreeLM(Config(50, 32, 2, 48, fff=trees))
            export.randomize(plain)
            quick = copy.deepcopy(plain)
            fused.prepare(quick, torch.float32)
            ids, state = torch.randint(0, 50, (2, 7)), torch.randn(2, 2, 32)
            for model in plain, quick:
                logits, last = model(ids[:, :-1], state)
                (model.cross_entropy(logits.flatten(0, 1), ids[:, 1:].flatten()) + last.square().mean()).backward()
            for (name, want), got in zip(plain.named_parameters(), quick.parameters()):
                self.close(got.grad, want.grad, 1e-3)

    def test_what_is_kept(self):
        """Between forward and backward a BitLinear keeps its input, a recurrence its inputs and states: no copies."""
        def kept(function, *inputs):
            tensors = {}
            def pack(tensor):
                tensors[tensor.data_ptr()] = tensor
                return tensor
            with torch.autograd.graph.saved_tensors_hooks(pack, lambda tensor: tensor):
                out = function(*inputs)
            return sum(tensor.numel() for pointer, tensor in tensors.items()), out
        layer, x = BitLinear(64, 32), torch.randn(20, 64, requires_grad=True)
        own = layer.weight.numel() + layer.norm.weight.numel()
        self.assertEqual(kept(lambda x: fused.bit_linear(layer, x), x)[0], own + x.numel())
        self.assertGreater(kept(layer, x)[0], own + 3 * x.numel())
        # A layer: its two inputs, the outputs of four matrices, one of them of two rows a number, and the states.
        d, size, tokens = 64, 96, 40
        block = Block(Config(50, d, 1, size), 0)
        own = sum(parameter.numel() for parameter in block.parameters()) + 2 * d  # the bound and the first state
        fused.replace(block, fused.KERNELS, torch.float32)
        h = torch.randn(1, tokens, d, requires_grad=True)
        numbers = kept(lambda h: block(h, torch.zeros(1, d), torch.zeros(d)), h)[0]
        self.assertEqual(numbers, own + tokens * (6 * d + 2 * size))


if __name__ == "__main__":
    unittest.main()
