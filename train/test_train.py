# SPDX-License-Identifier: Apache-2.0
"""Checks of the training code itself: python -m unittest test_train (the fast path is skipped where it cannot run)."""
import tempfile
import unittest

import torch
import torch.nn.functional as F

import export
import fast
from model import Config, MatMulFreeLM, load, quantize_weights


def random_model(layers=2):
    torch.manual_seed(1)
    model = MatMulFreeLM(Config(64, 128, layers, 192))
    export.randomize(model)
    return model


class Model(unittest.TestCase):
    def test_state_carries_everything(self):
        model, ids = random_model(), torch.arange(12)[None]
        with torch.no_grad():
            whole, _ = model(ids)
            first, state = model(ids[:, :5])
            second, _ = model(ids[:, 5:], state)
        self.assertTrue(torch.allclose(torch.cat([first, second], 1), whole, atol=1e-4))

    def test_export_and_load(self):
        model, ids = random_model(), torch.arange(9)[None]
        for shards in 1, 3:
            with tempfile.TemporaryDirectory() as folder:
                export.save(model, folder, shards=shards)
                with torch.no_grad():
                    self.assertTrue(torch.equal(load(folder)(ids)[0], model(ids)[0]))


class Fast(unittest.TestCase):
    def setUp(self):
        try:
            self.native = fast.build()
        except Exception as error:
            self.skipTest(str(error))
        if not self.native.available():
            self.skipTest("no AMX")

    def test_products(self):
        torch.manual_seed(1)
        q, w = torch.randint(-127, 128, (1024, 128), dtype=torch.int8), torch.randn(192, 128)
        g, ternary = torch.randn(1024, 192).bfloat16(), quantize_weights(w)[0]
        for got, want in ((self.native.product(q, w), q.float() @ ternary.t()),
                          (self.native.product_transposed(g, w), g.float() @ ternary),
                          (self.native.product_gradient(g, q, w), g.float().t() @ q.float())):
            self.assertLess((got.float() - want).abs().max(), want.abs().max() / 256)

    def test_block(self):
        # Sums rounded to bfloat16 move some activations to the next integer: a few percent, where a wrong term in a
        # gradient would make tens.
        plain, quick = random_model(), random_model()
        fast.prepare(quick, "cpu")
        ids, state = torch.randint(0, 64, (4, 129)), torch.randn(2, 4, 128) * 0.3
        for model in plain, quick:
            torch.manual_seed(2)  # the same dropout
            logits, _ = model(ids[:, :-1], state, 0.2)
            F.cross_entropy(logits.flatten(0, 1), ids[:, 1:].flatten()).backward()
        for (name, a), b in zip(plain.named_parameters(), quick.parameters()):
            self.assertLess((a.grad - b.grad).norm() / a.grad.norm(), 0.1, name)


if __name__ == "__main__":
    unittest.main()
