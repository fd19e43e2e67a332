# SPDX-License-Identifier: Apache-2.0
"""Checks of the training code itself: python -m unittest test_train (the fast path is skipped where it cannot run)."""
import os
import re
import subprocess
import sys
import tempfile
import unittest
from unittest import mock

import torch
import torch.nn.functional as F

import data
import export
import fast
import fff
import train
from model import Config, FastFeedforward, MatMulFreeLM, load, quantize_activations, quantize_weights


def random_model(layers=2, trees=None):
    torch.manual_seed(1)
    model = MatMulFreeLM(Config(64, 128, layers, 192, fff=trees))
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
        ids = torch.arange(9)[None]
        for shards, trees in ((1, None), (3, None), (1, fff.Shape(3, 5, "gelu", [1], 32)), (2, fff.Shape(2, 3))):
            model = random_model(3, trees)
            with tempfile.TemporaryDirectory() as folder:
                export.save(model, folder, shards=shards)
                loaded = load(folder)
                self.assertEqual(loaded.config, model.config)
                with torch.no_grad():
                    self.assertTrue(torch.equal(loaded(ids)[0], model(ids)[0]))


    def test_checkpoint_form(self):
        tensors = random_model(3, fff.Shape(3, 5, layers=[0, 2], master_leaf_size=32)).state_dict()
        def shape(layer, name):
            name = f"model.layers.{layer}.{name}"
            return list(tensors[name].shape) if name in tensors else None
        for layer in range(3):
            trees = layer != 1
            self.assertEqual(shape(layer, "ffn.linear_in.weight"), [189, 128] if trees else None)
            self.assertEqual(shape(layer, "ffn.linear_in.bias"), [189] if trees else None)
            self.assertEqual(shape(layer, "ffn.linear_out.weight"), [128, 189] if trees else None)
            self.assertEqual(shape(layer, "mlp.gate_proj.weight"), [64 if trees else 384, 128])
        self.assertFalse(any("mlp." in name for name in random_model(1, fff.Shape(1, 1)).state_dict()))


    def test_recomputing_changes_nothing(self):
        for trees in None, fff.Shape(2, 3, "silu", [1], 64):
            gradients = []
            for recompute in False, True:
                model, ids = random_model(trees=trees).train(), torch.arange(20).view(2, 10)
                model.recompute = recompute
                torch.manual_seed(2)  # the same dropout
                logits, _ = model(ids, None, 0.2)
                (logits.square().mean() + sum(layer.balance_loss() for layer in model.tree_layers())).backward()
                gradients.append([p.grad for p in model.parameters()])
            for a, b in zip(*gradients):
                self.assertTrue(torch.equal(a, b))


class Reading(unittest.TestCase):
    def test_processes_share_the_rows(self):
        text = torch.randint(0, 256, (1000,), dtype=torch.uint8)
        whole, *parts = (data.Reader(text, 6, 16, 0.3, 5, own) for own in (slice(None), slice(0, 3), slice(3, 6)))
        for _ in range(4):
            for a, b in zip(whole.next(), map(torch.cat, zip(*(part.next() for part in parts)))):
                self.assertTrue(torch.equal(a, b))

    def test_targets_follow_inputs(self):
        reader = data.Reader(torch.arange(100), 3, 8, 0.0, 1)
        first, second = reader.next(), reader.next()
        self.assertTrue(torch.equal((first[0] + 1) % 100, first[1]))
        self.assertTrue(torch.equal((first[1][:, -1:] + torch.arange(8)) % 100, second[0]))


TEXT = "".join(f"The {a} {b} sees the {c}.\n" for a in ("old", "grey", "small") for b in ("cat", "king", "sea")
               for c in ("moon", "ship", "wall", "door"))


class Command(unittest.TestCase):
    def setUp(self):
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.folder = folder.name
        with open(self.path("text"), "w") as file:
            file.write(TEXT)

    def path(self, name):
        return os.path.join(self.folder, name)

    def options(self, out, *options):
        return ["train.py", "--text", self.path("text"), "--out", self.path(out), "--slow", "--window", "8", "--dropout", "0", "--warmup", "1",
                *options]

    def train(self, out, *options):
        """In this process; what its log says."""
        with mock.patch.object(sys, "argv", self.options(out, *options)), mock.patch("builtins.print"):
            train.main()
        with open(os.path.join(self.path(out), "log.txt")) as log:
            return log.read()

    SHAPE = "--hidden", "16", "--layers", "2", "--intermediate", "24"

    def test_batches_add_up(self):
        whole = self.train("whole", *self.SHAPE, "--batch", "4", "--steps", "2")
        parts = self.train("parts", *self.SHAPE, "--batch", "2", "--steps", "2", "--accumulate", "2", "--recompute")
        for a, b in zip(load(self.path("whole/best")).parameters(), load(self.path("parts/best")).parameters()):
            self.assertLess((a - b).abs().max(), 1e-4)

    def test_pieces(self):
        try:
            import sentencepiece
        except ImportError as error:
            self.skipTest(str(error))
        sentencepiece.SentencePieceTrainer.Train(input=self.path("text"), model_prefix=self.path("pieces"), vocab_size=29, minloglevel=2)
        self.train("first", *self.SHAPE, "--tokenizer", self.path("pieces.model"), "--steps", "2")
        first = self.path("first/best")
        with open(first + "/NOTE") as note:
            self.assertRegex(note.read(), r"nats a token, [0-9.]+ a byte")
        self.assertEqual(load(first).config.vocab_size, 29)
        vocabulary = data.vocabulary_of(first)
        self.assertEqual(vocabulary.model.DecodeIds(vocabulary.encode(TEXT.encode()).tolist()), TEXT.replace("\n", " ").strip())
        with mock.patch.object(data.Pieces, "CHUNK", 100):  # cut at lines, it is the same text
            self.assertTrue(torch.equal(vocabulary.encode(TEXT.encode()), data.Pieces(vocabulary.path).encode(TEXT.encode())))
        # Without a step it is the folder that it began with.
        self.train("second", "--start", first, "--steps", "0")
        for a, b in zip(load(first).parameters(), load(self.path("second/best")).parameters()):
            self.assertTrue(torch.equal(a, b))
        with open(self.path("second/best/tokenizer.model"), "rb") as a, open(self.path("pieces.model"), "rb") as b:
            self.assertEqual(a.read(), b.read())

    def test_processes_train_one_model(self):
        shape = *self.SHAPE, "--channel-mixer", "fff", "--fff-trees", "1", "--fff-depth", "2", "--batch", "2", "--steps", "3"
        # PyTorch 1.13's fails on Python 3.11 unless it copies the output.
        copies = ["--redirects", "0:1,1:1", "--tee", "0:1,1:1"]
        start = [sys.executable, "-m", "torch.distributed.run", "--standalone", "--nproc_per_node", "2", *copies]
        result = subprocess.run([*start, *self.options("two", *shape)], capture_output=True, text=True, timeout=200)
        self.assertEqual(result.returncode, 0, result.stderr)
        self.train("one", *shape, "--accumulate", "2")
        one, two = (load(self.path(name + "/best")).state_dict() for name in ("one", "two"))
        for name, want in one.items():
            self.assertLess((two[name] - want).abs().max(), 1e-4, name)
        self.assertEqual(len(re.findall("step 3 raw", result.stdout)), 1)

    def test_refusals(self):
        for options in (["--start", self.folder, "--hidden=32"], ["--start", self.folder, "--tokenizer", "x"], ["--accumulate", "0"]):
            with self.assertRaises(SystemExit), mock.patch("sys.stderr"):
                self.train("nothing", *options)
        self.assertFalse(os.path.exists(self.path("nothing")))


def walk(layer, x):
    """A layer of trees as the machine runs it, node by node; x [d]. The output and the nodes visited."""
    per_tree, acts = 2 ** (layer.shape.depth + 1) - 1, fff.ACTIVATIONS[layer.shape.activation]
    q, scale = quantize_activations(x)
    w1, w1_scale = quantize_weights(layer.linear_in.weight)
    w2, w2_scale = quantize_weights(layer.linear_out.weight)
    visited, values = [], []
    for tree in range(layer.shape.trees):
        node = 0
        while node < per_tree:
            row = tree * per_tree + node
            logit = (w1[row] * q).sum() / (scale * w1_scale) + layer.linear_in.bias[row]
            visited.append(row)
            values.append(acts(logit))
            node = 2 * node + (2 if logit > 0 else 1)
    values, scale = quantize_activations(torch.cat(values))
    return (w2[:, visited] @ values) / (scale * w2_scale), visited


class Trees(unittest.TestCase):
    def test_masked_is_walked(self):
        torch.manual_seed(3)
        for trees, depth, activation in ((1, 0, "none"), (3, 4, "gelu"), (2, 7, "relu"), (5, 3, "silu"), (4, 5, "none")):
            layer = FastFeedforward(64, fff.Shape(trees, depth, activation)).double()
            layer.linear_in.bias.data.normal_(std=0.3)
            layer.linear_in.bias.data[::3] = 0
            layer.product = torch.float64
            x = torch.randn(20, 64).double()
            x[-1] = 0  # logits that are their biases, a third of them 0: left
            layer.train()
            out = layer(x)
            logits, leaf = layer.path
            nodes = fff.path_nodes(leaf, depth) + (2 ** (depth + 1) - 1) * torch.arange(trees)[:, None]
            for n in range(len(x)):
                want, visited = walk(layer, x[n])
                self.assertEqual(nodes[n].flatten().tolist(), visited)
                self.assertLess((out[n] - want).abs().max(), 1e-12)

    def test_ties_go_left(self):
        mask = fff.path_mask(torch.zeros(1, 1, 7))
        self.assertEqual(mask.flatten().tolist(), [1, 1, 0, 1, 0, 0, 0])

    def test_gradient_through_a_decision(self):
        # What a node's decision is worth: the other side's path less this side's, times the slope of the sigmoid.
        logits = torch.tensor([[[0.3, -0.2, 0.5, 0.1, -0.1, -0.4, 0.2]]], requires_grad=True)  # path 0, 2, 6; else 0, 1, 3
        worth = torch.tensor([1., 2, 4, 8, 16, 32, 64])
        mask = fff.path_mask(logits, 0.5)
        self.assertEqual(mask.flatten().tolist(), [1, 0, 1, 0, 0, 0, 1])
        (mask * worth).sum().backward()
        slope = lambda x: 2 * torch.sigmoid(torch.tensor(2 * x)) * torch.sigmoid(torch.tensor(-2 * x))
        want = torch.tensor([slope(0.3) * ((4 + 64) - (2 + 8)), 0, slope(0.5) * (64 - 32), 0, 0, 0, 0])
        self.assertTrue(torch.allclose(logits.grad.flatten(), want))

    def test_decisions_learn(self):
        # One tree of three constant nodes: only its decision can tell the two kinds of input apart.
        torch.manual_seed(1)
        layer = FastFeedforward(64, fff.Shape(1, 1, "none")).train()
        before = layer.linear_in.weight.detach().clone()
        layer(torch.randn(32, 64)).square().sum().backward()
        self.assertGreater(layer.linear_in.weight.grad[0].norm(), 0)
        self.assertTrue(torch.equal(before, layer.linear_in.weight))

    def test_lean(self):
        torch.manual_seed(2)
        logits = torch.randn(200, 3, 31)
        leaf = fff.leaves(fff.path_mask(logits))
        want = torch.zeros(3, 31, dtype=torch.long)
        for token in range(200):
            for tree in range(3):
                node = 0
                while node < 15:
                    right = int(logits[token, tree, node] > 0)
                    want[tree, node] += 2 * right - 1
                    node = 2 * node + 1 + right
        self.assertTrue(torch.equal(fff.lean(leaf, 4), want))

    def test_effective_leaves(self):
        even, one = torch.arange(40) % 8, torch.full((40,), 3)
        self.assertAlmostEqual(fff.effective_leaves(torch.stack([even, one], 1), 3), (8 + 1) / 2, places=5)

    def unbalanced(self):
        torch.manual_seed(4)
        layer, x = FastFeedforward(64, fff.Shape(2, 3)).train(), torch.randn(512, 64)
        layer.linear_in.bias.data.fill_(0.4)
        layer(x)
        return layer, x

    def share(self, layer):
        """Of a layer's tokens, those at the leaf of each tree that has most."""
        return max(torch.bincount(leaf).max().item() for leaf in layer.path[1].unbind(1)) / len(layer.path[1])

    def test_bias_balances(self):
        layer, x = self.unbalanced()
        self.assertGreater(self.share(layer), 0.5)
        for step in range(100):
            layer.nudge_bias(0.02, layer.lean())
            layer(x)
        self.assertLess(self.share(layer), 0.2)

    def test_loss_balances(self):
        layer, x = self.unbalanced()
        optimizer = torch.optim.Adam([layer.linear_in.bias], 0.02)
        first = layer.balance_loss().item()
        for step in range(100):
            optimizer.zero_grad()
            layer.balance_loss().backward()
            optimizer.step()
            layer(x)
        self.assertLess(layer.balance_loss().item(), first / 10)
        self.assertLess(self.share(layer), 0.2)

    def test_bad_shapes(self):
        good = {"trees": 4, "depth": 3}
        self.assertEqual(fff.Shape.read(good, 2), fff.Shape(4, 3))
        for bad in ({"trees": 0}, {"trees": 65}, {"trees": 1.0}, {"trees": True}, {"depth": -1}, {"depth": 16},
                    {"depth": "3"}, {"activation": "tanh"}, {"activation": []}, {"layers": [2]}, {"layers": 1},
                    {"layers": [-1]}, {"master_leaf_size": -1}, {"width": 3}):
            with self.assertRaises(ValueError, msg=bad) as raised:
                fff.Shape.read({**good, **bad}, 2)
            self.assertIn(next(iter(bad)) if "width" not in bad else "keys", str(raised.exception))
        for bad in (None, [], {"trees": 4}):
            with self.assertRaises(ValueError):
                fff.Shape.read(bad, 2)


class Fast(unittest.TestCase):
    def setUp(self):
        try:
            self.native = fast.build()
        except Exception as error:
            self.skipTest(str(error))
        if not self.native.available():
            self.skipTest("no AVX-512 VNNI")

    def test_products(self):
        torch.manual_seed(1)
        q, w = torch.randint(-127, 128, (1024, 128), dtype=torch.int8), torch.randn(192, 128)
        g, ternary = torch.randn(1024, 192).bfloat16(), quantize_weights(w)[0]
        for got, want in ((self.native.product(q, w), q.float() @ ternary.t()),
                          (self.native.product_transposed(g, w), g.float() @ ternary),
                          (self.native.product_gradient(g, q, w), g.float().t() @ q.float())):
            self.assertLess((got.float() - want).abs().max(), want.abs().max() / 256)

    def gradients_agree(self, most, trees=None):
        # Sums rounded to bfloat16 move some activations to the next integer: a few percent, where a wrong term in a
        # gradient would make tens. Such a one may also send a token to another leaf.
        plain, quick = random_model(trees=trees), random_model(trees=trees)
        fast.prepare(quick, "cpu")
        ids, state = torch.randint(0, 64, (4, 129)), torch.randn(2, 4, 128) * 0.3
        for model in plain, quick:
            torch.manual_seed(2)  # the same dropout
            logits, _ = model(ids[:, :-1], state, 0.2)
            loss = F.cross_entropy(logits.flatten(0, 1), ids[:, 1:].flatten())
            (loss + sum(layer.balance_loss() for layer in model.tree_layers())).backward()
        for (name, a), b in zip(plain.named_parameters(), quick.parameters()):
            self.assertLess((a.grad - b.grad).norm() / a.grad.norm(), most, name)

    def test_block(self):
        self.gradients_agree(0.1)

    def test_block_with_trees(self):
        self.gradients_agree(0.25, fff.Shape(2, 3, "silu", [1], 64))
        self.gradients_agree(0.25, fff.Shape(2, 3, "none"))

    def test_trees(self):
        # The same float32 sums in another order: only a few activations at a half differ.
        for trees, depth, activation in ((1, 0, "none"), (3, 5, "relu"), (2, 6, "silu"), (4, 4, "gelu"), (3, 7, "none")):
            grads, outs = [], []
            for native in False, True:
                torch.manual_seed(5)
                layer = FastFeedforward(128, fff.Shape(trees, depth, activation)).train()
                if native:
                    fast.NATIVE = self.native
                    layer.forward = fast.native_trees(layer)
                x = torch.randn(4, 64, 128).requires_grad_()
                out, weight = layer(x), torch.randn(4, 64, 128)
                ((out * weight).sum() + 100 * layer.balance_loss()).backward()
                outs.append((out, *layer.path))
                grads.append([x.grad, *(p.grad for p in layer.parameters())])
            same = (outs[0][2] == outs[1][2]).all(1)
            self.assertGreater(same.float().mean(), 0.99)
            self.assertLess((outs[0][0] - outs[1][0]).flatten(0, 1)[same].norm() / outs[0][0].norm(), 0.01)
            for a, b in zip(*grads):
                self.assertLess((a - b).norm() / a.norm(), 0.03)


if __name__ == "__main__":
    unittest.main()
