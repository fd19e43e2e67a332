# SPDX-License-Identifier: Apache-2.0
"""Train a MatMul-free byte model on one text file.

The first 90 % of the text is for training, the last 10 % only for measuring. Every row of the batch reads on through
the text and hands its recurrent state to its next window (gradients stop there), so the model learns to use more than
one window of memory; now and then a row jumps elsewhere and starts from zero, as a prompt does.
"""
import argparse
import math
import os
import shutil
import time

import numpy
import torch
import torch.nn.functional as F

import export
import fast
import fff
from model import Config, MatMulFreeLM


class Reader:
    """`batch` rows that walk through the text, window by window."""

    def __init__(self, text, batch, window, jump):
        self.text, self.batch, self.window, self.jump = text, batch, window, jump
        self.places = torch.randint(len(text), (batch,))

    def next(self):
        """Inputs and targets [B,T], and which rows have just jumped (their state must be zero)."""
        jumped = torch.rand(self.batch) < self.jump
        self.places = torch.where(jumped, torch.randint(len(self.text), (self.batch,)), self.places)
        rows = self.text[(self.places[:, None] + torch.arange(self.window + 1)) % len(self.text)].long()
        self.places = (self.places + self.window) % len(self.text)
        return rows[:, :-1], rows[:, 1:], jumped


@torch.no_grad()
def loss_carried(model, text, device, chunk=2048):
    """Nats a byte over all of `text`, read once from left to right with the state carried through."""
    total, state = 0.0, None
    for start in range(0, len(text) - 1, chunk):
        ids = text[start:start + chunk + 1].long().to(device)
        logits, state = model(ids[None, :-1], state)
        total += F.cross_entropy(logits[0], ids[1:], reduction="sum").item()
    return total / (len(text) - 1)


@torch.no_grad()
def loss_windows(model, text, device, window=256, batch=8):
    """Nats a byte over all whole windows, each from a zero state."""
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


def make_config(args):
    trees = fff.from_options(args) if args.channel_mixer == "fff" else None
    return Config(256, args.hidden, args.layers, 0 if args.channel_mixer == "none" else args.intermediate, fff=trees)


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


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--text", required=True, help="the text, read as bytes")
    parser.add_argument("--out", required=True, help="folder for the checkpoint, the log and best/ (Hugging Face format)")
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
    parser.add_argument("--batch", type=int, default=8)
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
    parser.add_argument("--slow", action="store_true", help="plain PyTorch in float32")
    args = parser.parse_args()

    torch.set_num_threads(args.threads)
    torch.manual_seed(args.seed)
    device = "cuda" if torch.cuda.is_available() else "cpu"
    os.makedirs(args.out, exist_ok=True)
    data = torch.from_numpy(numpy.fromfile(args.text, dtype=numpy.uint8))
    cut = len(data) * 9 // 10
    train_text, valid_text = data[:cut], data[cut:]

    if args.fff_no_bias and args.fff_balance == "bias":
        parser.error("--fff-no-bias leaves no bias to balance with: --fff-balance none or loss")
    config = make_config(args)
    model = MatMulFreeLM(config).to(device)
    average = MatMulFreeLM(config).to(device).eval()  # holds the weights that are measured
    prepare_trees(model, args)
    trees = model.tree_layers()
    optimizer = make_optimizer(model, args)
    checkpoint = os.path.join(args.out, "checkpoint.pt")
    step, spent, best = 0, 0.0, math.inf
    ema = {name: p.detach().clone() for name, p in model.named_parameters()}
    if os.path.exists(checkpoint):
        saved = torch.load(checkpoint, map_location=device, weights_only=True)
        model.load_state_dict(saved["model"])
        optimizer.load_state_dict(saved["optimizer"])
        ema, step, spent, best = saved["ema"], saved["step"], saved["spent"], saved["best"]
        torch.manual_seed(args.seed + step)
    if not args.slow:
        fast.prepare(model, device)
        fast.prepare(average, device)

    log = open(os.path.join(args.out, "log.txt"), "a")

    def say(text):
        print(text, flush=True)
        print(text, file=log, flush=True)

    def validate():
        """Measure the raw and the averaged weights, keep the better one if it is the best so far, save everything."""
        nonlocal best
        for kind, weights in (("raw", dict(model.named_parameters())), ("average", ema)):
            average.load_state_dict({name: value.detach() for name, value in weights.items()})
            loss = loss_carried(average, valid_text, device)
            say(f"step {step} {kind}: validation {loss:.4f} with the state carried through")
            if loss < best:
                best = loss
                zero = loss_windows(average, valid_text, device)
                folder = os.path.join(args.out, "best")
                export.save(average, folder + ".new", "F32")
                with open(os.path.join(folder + ".new", "NOTE"), "w") as note:
                    note.write(f"step {step}, {kind} weights, {spent / 60:.1f} minutes\n"
                               f"validation, state carried through: {loss:.4f} nats a byte\n"
                               f"validation, windows of 256 from a zero state: {zero:.4f} nats a byte\n")
                replace_folder(folder + ".new", folder)
                say(f"  best so far; {zero:.4f} in windows of 256 from a zero state")
        save()

    def save():
        torch.save({"model": model.state_dict(), "optimizer": optimizer.state_dict(), "ema": ema, "step": step,
                    "spent": spent, "best": best}, checkpoint + ".new")
        os.replace(checkpoint + ".new", checkpoint)

    say(f"{sum(p.numel() for p in model.parameters())} parameters on {device}; {vars(args)}")
    reader = Reader(train_text, args.batch, args.window, args.jump)
    state = model.initial_state(args.batch).detach()
    names, parameters = zip(*model.named_parameters())
    averages = [ema[name] for name in names]
    start, running, since, last_validation = time.time() - spent, 0.0, 0, spent
    last_save = spent
    while step < args.steps and spent < args.minutes * 60:
        began = time.time()
        progress = min(1, max(step / args.steps, spent / (args.minutes * 60)))
        for group in optimizer.param_groups:
            group["lr"] = learning_rate(args, step, progress)
        inputs, targets, jumped = reader.next()
        state = torch.where(jumped[:, None].to(device), torch.zeros_like(state), state)
        logits, state = model(inputs.to(device), state, args.dropout)
        state = state.detach()
        loss = F.cross_entropy(logits.flatten(0, 1), targets.flatten().to(device))
        running += loss.item()
        if trees and args.fff_balance == "loss":
            loss = loss + args.fff_balance_rate * sum(layer.balance_loss() for layer in trees) / len(trees)
        loss.backward()
        torch.nn.utils.clip_grad_norm_(parameters, 1.0)
        optimizer.step()
        optimizer.zero_grad(set_to_none=True)
        if args.fff_balance == "bias":
            for layer in trees:
                layer.nudge_bias(args.fff_balance_rate * optimizer.param_groups[0]["lr"] / args.lr)
        step += 1
        # Early weights are soon worthless, so the average starts short.
        torch._foreach_lerp_(averages, [p.detach() for p in parameters], 1 - min(args.ema, (1 + step) / (10 + step)))
        spent = time.time() - start
        since += 1
        if since == 100:
            say(f"step {step}  {spent / 60:.1f} min  train {running / since:.4f}  "
                f"{args.batch * args.window / (time.time() - began):.0f} tokens/s"
                + "".join(f"  {layer.effective_leaves():.0f}" for layer in trees)
                + (f" leaves of {2 ** args.fff_depth}" if trees else ""))
            running, since = 0.0, 0
        if spent - last_validation > args.every * 60:
            last_validation = spent
            validate()
        if spent - last_save > 180:
            last_save = spent
            save()
    validate()


if __name__ == "__main__":
    main()
