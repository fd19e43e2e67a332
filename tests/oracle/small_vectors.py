# SPDX-License-Identifier: Apache-2.0
"""How exactly golden holds small vectors, by a model that is made to have them, against train/model.py in double precision.

    small_vectors.py TRAIN_FOLDER MODEL_LOGITS

In a model of one layer the state, the gated product and the SwiGLU product are given a root mean square of about 1, 1e-3 and 1e-5. Golden
holds each times a power of two. For each: its root mean square, and its error's relative to that, worst of all positions.
Fails when one is above 1e-6; at 1e-5, where powers of two reach their limits, above 1e-4.
"""
import os
import subprocess
import sys
import tempfile

os.environ["ATEN_CPU_CAPABILITY"] = "default"  # the same roundings on every machine

import numpy as np
import torch

from compare_with_pytorch import quantize_weights_in_single

HIDDEN, INTERMEDIATE, VOCAB, IDS = 256, 768, 64, [7, 26, 45, 0, 19, 38, 57, 12]
# The limit, and factors of the norms inside BitLinears: i is proportional to the first, the SwiGLU product to the second's square.
CASES = {"1": (1e-6, 1, 1), "1e-3": (1e-6, 8e-3, 0.1), "1e-5": (1e-4, 8e-5, 0.01)}


def truth(reference, checkpoint):
    """State, gated product and SwiGLU product of each position."""
    model = reference.load(checkpoint).double()
    layer, rows, state = model.model.layers[0], [], None
    seen = {}
    for name, product in (("gated product", layer.attn.o_proj), ("SwiGLU product", layer.mlp.down_proj)):
        product.register_forward_pre_hook(lambda _, inputs, name=name: seen.update({name: inputs[0].flatten().numpy()}))
    with torch.no_grad():
        for token in IDS:
            _, state = model(torch.tensor([[token]]), state)
            rows.append({"state": state.flatten().numpy(), **seen})
    return rows


def main():
    train, model_logits = sys.argv[1:]
    sys.path.insert(0, train)
    import model as reference

    reference.quantize_weights = quantize_weights_in_single
    torch.set_num_threads(1)
    holds = True
    for case, (limit, i_factor, gate_factor) in CASES.items():
        with tempfile.TemporaryDirectory() as folder:
            checkpoint, compiled, out = (os.path.join(folder, name) for name in ("checkpoint", "model.sterna", "vectors"))
            subprocess.run([sys.executable, "-B", os.path.join(train, "export.py"), "random", checkpoint, "--layers", "1",
                            "--hidden", str(HIDDEN), "--intermediate", str(INTERMEDIATE), "--vocab", str(VOCAB),
                            "--scale", "i_proj.norm.weight", str(i_factor), "--scale", "gate_proj.norm.weight", str(gate_factor)],
                           check=True)
            subprocess.run([model_logits, checkpoint, "compile", compiled], check=True)
            subprocess.run([model_logits, compiled, "vectors", ",".join(map(str, IDS)), out], check=True)
            golden = np.fromfile(out, "<i4").reshape(len(IDS), -1).astype(np.float64)
            exact = truth(reference, checkpoint)
        ends = np.cumsum([HIDDEN, HIDDEN, INTERMEDIATE])
        for name, end in zip(("state", "gated product", "SwiGLU product"), ends):
            size = INTERMEDIATE if name == "SwiGLU product" else HIDDEN
            errors, sizes = [], []
            for held, row in zip(golden[:, end - size:end], exact):
                want = row[name]
                sizes.append(np.sqrt((want ** 2).mean()))
                power = np.round(np.log2(np.linalg.norm(held) / np.linalg.norm(want)))
                errors.append(np.sqrt(((held / 2 ** power - want) ** 2).mean()) / sizes[-1])
            holds = holds and max(errors) <= limit
            print(f"about {case:>4}: {name:<14} rms {np.median(sizes):.1e}, error {max(errors):.1e}")
    sys.exit(not holds)


if __name__ == "__main__":
    main()
