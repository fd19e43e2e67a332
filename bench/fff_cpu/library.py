#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""usage: library.py BATCH THREADS

Time of an input in `fastfeedforward`, the PyPI library of FFF's author, on PyTorch: a tree of depth 11, 768 wide, leaves of one neuron.
Its nodes only decide, and its leaves alone answer: it computes less than UltraFastBERT's layer, which bench_fff measures.
"""
import statistics
import sys
import time

import torch
from fastfeedforward import FFF

batch, threads = int(sys.argv[1]), int(sys.argv[2])
torch.set_num_threads(threads)
torch.manual_seed(1)
layer = FFF(768, 1, 768, 11, activation=torch.nn.GELU()).eval()
x = torch.randn(batch, 768)
with torch.no_grad():
    layer(x)
    times = []
    while len(times) < 3 or sum(times) < 2:
        begin = time.perf_counter()
        layer(x)
        times.append(time.perf_counter() - begin)
print(f"  {'fastfeedforward 0.2.1':<24}{statistics.median(times) / batch * 1e6:>12.3f} us a sample")
