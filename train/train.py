# SPDX-License-Identifier: Apache-2.0
"""Train a MatMul-free model on one text file, byte by byte or by the pieces of a SentencePiece tokenizer.

The first 90 % of the text is for training, the last 10 % only for measuring. Every row of the batch reads on through
the text and hands its recurrent state to its next window (gradients stop there), so the model learns to use more than
one window of memory; now and then a row jumps elsewhere and starts from zero, as a prompt does.

On several GPUs (or processes): torchrun --nproc_per_node N train.py ... with --batch rows each.
"""
import argparse
import contextlib
import math
import os
import shutil
import sys
import time

import torch
import torch.nn.functional as F

import data
import export
import fast
import fff
import parallel
from model import Config, MatMulFreeLM, load


@torch.no_grad()
def loss_carried(model, text, device, chunk=2048):
    """Nats a token over all of `text`, read once from left to right with the state carried through."""
    total, state = 0.0, None
    for start in range(0, len(text) - 1, chunk):
        ids = text[start:start + chunk + 1].long().to(device)
        logits, state = model(ids[None, :-1], state)
        total += F.cross_entropy(logits[0], ids[1:], reduction="sum").item()
    return total / (len(text) - 1)


@torch.no_grad()
def loss_windows(model, text, device, window=256, batch=8):
    """Nats a token over all whole windows, each from a zero state; a shorter text is one window."""
    window = min(window, len(text) - 1)
    count = (len(text) - 1) // window
    inputs = text[:count * window].view(count, window).long()
    targets = text[1:count * window + 1].view(count, window).long()
    total = 0.0
    for start in range(0, count, batch):
        logits, _ = model(inputs[start:start + batch].to(device))
        total += F.cross_entropy(logits.flatten(0, 1), targets[start:start + batch].flatten().to(device),
                                 reduction="sum").item()
    return total / (count * window)


def make_optimizer(model, args):
    # Decay is for matrices; norm weights and lower bounds have no reason to shrink.
    matrices = [p for n, p in model.named_parameters() if p.dim() == 2 and "lower_bounds" not in n]
    others = [p for n, p in model.named_parameters() if p.dim() != 2 or "lower_bounds" in n]
    groups = [{"params": matrices, "weight_decay": args.decay}, {"params": others, "weight_decay": 0.0}]
    try:
        return torch.optim.AdamW(groups, lr=args.lr, betas=(0.9, 0.98), fused=True)
    except (TypeError, RuntimeError):  # an older PyTorch has no fused AdamW for this device
        return torch.optim.AdamW(groups, lr=args.lr, betas=(0.9, 0.98))


def learning_rate(args, step, progress):
    """Linear warm-up, then a cosine down to 5 %."""
    return args.lr * min(1, (step + 1) / args.warmup) * (0.05 + 0.95 * 0.5 * (1 + math.cos(math.pi * progress)))


def make_config(args, vocabulary):
    trees = fff.from_options(args) if args.channel_mixer == "fff" else None
    return Config(vocabulary, args.hidden, args.layers, 0 if args.channel_mixer == "none" else args.intermediate, fff=trees)


def prepare_trees(model, args):
    for trees in model.tree_layers():
        trees.temperature = args.fff_temperature
        if args.fff_no_bias:
            torch.nn.init.zeros_(trees.linear_in.bias)
            trees.linear_in.bias.requires_grad_(False)


def replace_folder(new, old):
    """Put the folder `new` where `old` is, so that a reader finds one or the other, never half."""
    if os.path.isdir(old):
        gone = old + ".old"
        shutil.rmtree(gone, ignore_errors=True)
        os.rename(old, gone)
    os.rename(new, old)
    shutil.rmtree(old + ".old", ignore_errors=True)


# What a folder to start from says itself.
SHAPE = ("--hidden", "--layers", "--intermediate", "--channel-mixer", "--fff-trees", "--fff-depth", "--fff-activation", "--fff-layers",
         "--master-leaf")


def read_arguments():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--text", required=True, help="the text: bytes, or UTF-8 for a tokenizer")
    parser.add_argument("--out", required=True, help="folder for the checkpoint, the log and best/ (Hugging Face format)")
    parser.add_argument("--tokenizer", help="a SentencePiece model (tokenizer.model); without it a token is a byte")
    parser.add_argument("--start", metavar="FOLDER", help="begin with the weights, shape and tokenizer of a Hugging Face folder")
    parser.add_argument("--hidden", type=int, default=256)
    parser.add_argument("--layers", type=int, default=6)
    parser.add_argument("--intermediate", type=int, default=768)
    parser.add_argument("--channel-mixer", choices=("glu", "none", "fff"), default="glu",
                        help="none: token mixers alone, to see what a channel mixer is worth")
    fff.add_options(parser)
    parser.add_argument("--fff-no-bias", action="store_true", help="keep the nodes' biases at zero")
    parser.add_argument("--fff-temperature", type=float, default=0.5, help="of the gradient through a decision")
    parser.add_argument("--fff-balance", choices=("none", "bias", "loss"), default="bias",
                        help="bias: move a node's bias against the side that more tokens took; loss: a penalty")
    parser.add_argument("--fff-balance-rate", type=float, default=0.003,
                        help="the bias's step at the full learning rate, or the penalty's weight")
    parser.add_argument("--batch", type=int, default=8, help="rows at a time, of each process")
    parser.add_argument("--accumulate", type=int, default=1, help="batches a step: their gradients are added up")
    parser.add_argument("--recompute", action="store_true", help="keep only the layers' inputs for the backward pass (less memory, more time)")
    parser.add_argument("--window", type=int, default=256)
    parser.add_argument("--jump", type=float, default=0.06, help="chance that a row starts afresh at a window")
    parser.add_argument("--steps", type=int, default=10 ** 9, help="stop after so many steps")
    parser.add_argument("--minutes", type=float, default=10 ** 9, help="or after so many minutes, resumed ones included")
    parser.add_argument("--lr", type=float, default=2e-3)
    parser.add_argument("--warmup", type=int, default=100)
    parser.add_argument("--decay", type=float, default=0.05)
    parser.add_argument("--dropout", type=float, default=0.2)
    parser.add_argument("--ema", type=float, default=0.999, help="decay of the averaged latent weights")
    parser.add_argument("--every", type=float, default=5, help="minutes between validations")
    parser.add_argument("--threads", type=int, default=1)
    parser.add_argument("--seed", type=int, default=1)
    speed = parser.add_mutually_exclusive_group()
    speed.add_argument("--slow", action="store_true", help="plain PyTorch in float32")
    speed.add_argument("--compile", action="store_true", help="on a GPU: torch.compile in place of the Triton kernels")
    args = parser.parse_args()
    given = [option for option in SHAPE if any(word.split("=")[0] == option for word in sys.argv)]
    if args.start and (given or args.tokenizer):
        parser.error(f"--start takes shape and tokenizer from the folder: not with {(given or ['--tokenizer'])[0]}")
    if args.fff_no_bias and args.fff_balance == "bias":
        parser.error("--fff-no-bias leaves no bias to balance with: --fff-balance none or loss")
    if args.accumulate < 1:
        parser.error("--accumulate counts from 1 on")
    return args


class Training:
    """The model on its way: what a checkpoint holds, and the steps."""

    def __init__(self, args):
        self.args = args
        self.device = parallel.begin()
        self.first = parallel.RANK == 0  # the process that measures and writes
        self.vocabulary = (data.vocabulary_of(args.start) if args.start else
                           data.Pieces(args.tokenizer) if args.tokenizer else data.Bytes())
        self.train_text, self.valid_text, self.bytes_a_token = data.read_text(args.text, self.vocabulary)
        torch.manual_seed(args.seed)
        start = load(args.start) if args.start else None
        if start is not None and start.config.vocab_size < self.vocabulary.size:
            raise SystemExit(f"{args.start}: its tokenizer has {self.vocabulary.size} tokens, the model {start.config.vocab_size}")
        config = start.config if args.start else make_config(args, self.vocabulary.size)
        self.model = MatMulFreeLM(config).to(self.device)
        if start is not None:
            self.model.load_state_dict(start.state_dict())
        self.model.recompute = args.recompute
        prepare_trees(self.model, args)
        self.trees = self.model.tree_layers()
        self.optimizer = make_optimizer(self.model, args)
        self.step, self.spent, self.best = 0, 0.0, math.inf
        self.ema = {name: p.detach().clone() for name, p in self.model.named_parameters()}
        self.checkpoint = os.path.join(args.out, "checkpoint.pt")
        if os.path.exists(self.checkpoint):
            self.resume()
        torch.manual_seed(args.seed + self.step + 7919 * parallel.RANK)  # of dropout
        self.average = MatMulFreeLM(config).to(self.device).eval() if self.first else None  # holds the weights that are measured
        if not args.slow:
            for model in filter(None, (self.model, self.average)):
                fast.prepare(model, self.device, args.compile)
        self.wrapped = parallel.wrap(self.model)
        self.log = open(os.path.join(args.out, "log.txt"), "a") if self.first else None

    def resume(self):
        saved = torch.load(self.checkpoint, map_location=self.device, weights_only=True)
        self.model.load_state_dict(saved["model"])
        self.optimizer.load_state_dict(saved["optimizer"])
        self.ema, self.step, self.spent, self.best = saved["ema"], saved["step"], saved["spent"], saved["best"]

    def save(self):
        if self.first:
            torch.save({"model": self.model.state_dict(), "optimizer": self.optimizer.state_dict(), "ema": self.ema, "step": self.step,
                        "spent": self.spent, "best": self.best}, self.checkpoint + ".new")
            os.replace(self.checkpoint + ".new", self.checkpoint)

    def say(self, text):
        if self.first:
            print(text, flush=True)
            print(text, file=self.log, flush=True)

    def nats(self, loss):
        """A loss a token, for people."""
        if self.vocabulary.path is None:
            return f"{loss:.4f} nats a byte"
        return f"{loss:.4f} nats a token, {loss / self.bytes_a_token:.4f} a byte"

    def validate(self):
        """Measure the raw and the averaged weights, keep the better one if it is the best so far, save everything."""
        parallel.require_same(self.model)
        if self.first:
            for kind, weights in (("raw", dict(self.model.named_parameters())), ("average", self.ema)):
                self.measure(kind, weights)
        self.save()

    def measure(self, kind, weights):
        self.average.load_state_dict({name: value.detach() for name, value in weights.items()})
        loss = loss_carried(self.average, self.valid_text, self.device)
        self.say(f"step {self.step} {kind}: validation {self.nats(loss)} with the state carried through")
        if loss >= self.best:
            return
        self.best = loss
        zero = loss_windows(self.average, self.valid_text, self.device)
        folder = os.path.join(self.args.out, "best")
        export.save(self.average, folder + ".new", "F32", tokenizer=self.vocabulary.path)
        with open(os.path.join(folder + ".new", "NOTE"), "w") as note:
            note.write(f"step {self.step}, {kind} weights, {self.spent / 60:.1f} minutes\n"
                       f"validation, state carried through: {self.nats(loss)}\n"
                       f"validation, windows of 256 from a zero state: {self.nats(zero)}\n")
        replace_folder(folder + ".new", folder)
        self.say(f"  best so far; {zero:.4f} in windows of 256 from a zero state")

    def gradients(self, inputs, targets, state):
        """Of the mean loss of all rows, batch by batch; the mean loss, the rows' new state, where tokens went in the trees."""
        args, total, states, leans = self.args, 0.0, [], [0] * len(self.trees)
        for part in range(args.accumulate):
            rows = slice(part * args.batch, (part + 1) * args.batch)
            last = part + 1 == args.accumulate
            with contextlib.nullcontext() if last else parallel.apart(self.wrapped):
                logits, after = self.wrapped(inputs[rows].to(self.device), state[:, rows], args.dropout)
                loss = self.model.cross_entropy(logits.flatten(0, 1), targets[rows].flatten().to(self.device))
                total += loss.item()
                states.append(after.detach())
                if self.trees and args.fff_balance == "loss":
                    loss = loss + args.fff_balance_rate * sum(layer.balance_loss() for layer in self.trees) / len(self.trees)
                leans = [lean + layer.lean() for lean, layer in zip(leans, self.trees)]
                (loss / args.accumulate).backward()
        return total / args.accumulate, torch.cat(states, 1), leans

    def run(self):
        args = self.args
        self.say(f"{sum(p.numel() for p in self.model.parameters())} parameters on {self.device}; {vars(args)}")
        rows = args.batch * args.accumulate
        reader = data.Reader(self.train_text, rows * parallel.SIZE, args.window, args.jump, args.seed + self.step,
                             slice(rows * parallel.RANK, rows * (parallel.RANK + 1)))
        state = self.model.initial_state(rows).detach()
        names, parameters = zip(*self.model.named_parameters())
        averages = [self.ema[name] for name in names]
        running, since, start = 0.0, 0, time.time() - self.spent
        last_validation = last_save = self.spent
        while True:
            began = time.time()
            self.spent, = parallel.from_first([began - start], self.device)
            if self.step >= args.steps or self.spent >= args.minutes * 60:
                break
            if self.spent - last_validation > args.every * 60:
                last_validation = self.spent
                self.validate()
            if self.spent - last_save > 180:
                last_save = self.spent
                self.save()
            progress = min(1, max(self.step / args.steps, self.spent / (args.minutes * 60)))
            for group in self.optimizer.param_groups:
                group["lr"] = learning_rate(args, self.step, progress)
            inputs, targets, jumped = reader.next()
            state = torch.where(jumped[:, None].to(self.device), torch.zeros_like(state), state)
            loss, state, leans = self.gradients(inputs, targets, state)
            running += loss
            torch.nn.utils.clip_grad_norm_(parameters, 1.0)
            self.optimizer.step()
            self.optimizer.zero_grad(set_to_none=True)
            if args.fff_balance == "bias":
                for layer, lean in zip(self.trees, leans):
                    layer.nudge_bias(args.fff_balance_rate * self.optimizer.param_groups[0]["lr"] / args.lr, parallel.add_up(lean))
            self.step += 1
            # Early weights are soon worthless, so the average starts short.
            keep = min(args.ema, (1 + self.step) / (10 + self.step))
            torch._foreach_mul_(averages, keep)
            torch._foreach_add_(averages, [p.detach() for p in parameters], alpha=1 - keep)
            since += 1
            if since == 100:
                mean = parallel.add_up(torch.tensor(running / since, device=self.device)).item() / parallel.SIZE
                self.say(f"step {self.step}  {self.spent / 60:.1f} min  train {mean:.4f}  "
                         f"{rows * parallel.SIZE * args.window / (time.time() - began):.0f} tokens/s"
                         + "".join(f"  {layer.effective_leaves():.0f}" for layer in self.trees)
                         + (f" leaves of {2 ** self.model.config.fff.depth}" if self.trees else ""))
                running, since = 0.0, 0
        self.validate()
        if self.first:
            self.log.close()


def main():
    args = read_arguments()
    torch.set_num_threads(args.threads)
    os.makedirs(args.out, exist_ok=True)
    Training(args).run()


if __name__ == "__main__":
    main()
