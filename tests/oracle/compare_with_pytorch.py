# SPDX-License-Identifier: Apache-2.0
"""The float oracle against the independent PyTorch model of train/model.py, and golden against the oracle, on a random checkpoint.

    compare_with_pytorch.py TRAIN_FOLDER MODEL_LOGITS --hidden 320 --intermediate 1024 --layers 3 --vocab 1000 --dtype BF16

Four comparisons, position by position; "relative" is max |difference| / max |logit|.
1. In double precision the oracle and PyTorch agree to 1e-9: the equations are the same.
2. In single precision they agree to 1e-4, median below 1e-6. An activation that lies within a rounding error of a half may
   be quantised to either side, and both are right; the logits then move by a percent or so, here and for some positions
   to come. So this is measured over short sequences, and three positions in ten may be off.
3. The oracle gives the same logits, to the bit, from the checkpoint and from the compiled file.
4. The cosine between golden's logits and the oracle's is above 0.995 at every position.

--deep leaves the second out: over many layers such an activation is certain, and moves every position. Large or small weights
(--scale, --scale-some of export.py) may do so, too; the fourth then says that no number left its range.
"""
import argparse
import os
import subprocess
import sys
import tempfile

# The same roundings on every machine, whatever vectors its processor has.
os.environ["ATEN_CPU_CAPABILITY"] = "default"

import numpy as np
import torch

POSITIONS = 20


def torch_logits(model, sequences):
    rows = []
    with torch.no_grad():
        for ids in sequences:
            state = None
            for id in ids:
                logits, state = model(torch.tensor([[id]]), state)
                rows.append(logits[0, 0].numpy())
    return np.stack(rows)


def quantize_weights_in_single(w):
    """The trits are those of single precision, whatever the precision of all the rest."""
    mean = w.double().abs().mean().float().clamp(min=1e-5)
    return (w.float() * (1 / mean)).round().clamp(-1, 1).to(w.dtype), 1 / mean.to(w.dtype)


def relative(a, b):
    return np.abs(a.astype(np.float64) - b).max(1) / np.abs(b).max(1)


def cosine(a, b):
    a, b = a.astype(np.float64), b.astype(np.float64)
    return (a * b).sum(1) / np.sqrt((a * a).sum(1) * (b * b).sum(1))


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("train")
    parser.add_argument("model_logits")
    parser.add_argument("--vocab", type=int, required=True)
    parser.add_argument("--deep", action="store_true")
    args, shape = parser.parse_known_args()  # the rest is for export.py
    sys.path.insert(0, args.train)
    import model as reference

    torch.set_num_threads(1)
    ids = np.random.RandomState(1).randint(args.vocab, size=POSITIONS).tolist()
    one, short = [ids], [ids[i:i + 4] for i in range(0, POSITIONS, 4)]
    with tempfile.TemporaryDirectory() as folder:
        checkpoint, compiled = os.path.join(folder, "checkpoint"), os.path.join(folder, "model.sterna")
        subprocess.run([sys.executable, os.path.join(args.train, "export.py"), "random", checkpoint,
                        "--vocab", str(args.vocab), *shape], check=True)
        subprocess.run([args.model_logits, checkpoint, "compile", compiled], check=True)

        def ours(model, what, sequences):
            out = os.path.join(folder, "logits")
            text = "/".join(",".join(map(str, ids)) for ids in sequences)
            subprocess.run([args.model_logits, model, what, text, out], check=True)
            return np.fromfile(out, "<f8" if what == "double" else "<f4").reshape(POSITIONS, args.vocab)

        oracle, from_file, golden = ours(checkpoint, "float", one), ours(compiled, "float", one), ours(compiled, "golden", one)
        model = reference.load(checkpoint)
        in_single = relative(ours(checkpoint, "float", short), torch_logits(model, short))
        reference.quantize_weights = quantize_weights_in_single
        in_double = relative(ours(checkpoint, "double", one), torch_logits(model.double(), one))
    cosines = cosine(golden, oracle)
    print(f"double: worst {in_double.max():.1e}; single: median {np.median(in_single):.1e}, "
          f"{(in_single <= 1e-4).sum()} of {POSITIONS} within 1e-4; golden: worst cosine {cosines.min():.5f}")
    checks = {
        "the oracle's equations are PyTorch's": in_double.max() <= 1e-9,
        "single precision agrees": args.deep or (in_single <= 1e-4).mean() >= 0.7 and np.median(in_single) <= 1e-6,
        "checkpoint and compiled file give the same logits": np.array_equal(oracle, from_file),
        "golden follows the oracle": cosines.min() > 0.995,
    }
    for what, holds in checks.items():
        if not holds:
            print(f"FAILED: {what}")
    sys.exit(not all(checks.values()))


if __name__ == "__main__":
    main()
