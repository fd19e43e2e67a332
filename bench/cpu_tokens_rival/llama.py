#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""usage: llama.py write FILE.gguf D LAYERS INTERMEDIATE VOCABULARY
       llama.py run FILE.gguf THREADS PROMPT COUNT

A llama of that shape with random ternary weights (TQ2_0), written as GGUF; and the tokens a second at which llama.cpp reads a prompt and
generates, as "prompt generation". A layer of a llama has as many weights as one of HGRN + GLU: 4 d^2 + 3 d i.
"""
import sys
import time

import numpy as np


def write(path, d, layers, intermediate, vocabulary):
    import gguf
    random = np.random.default_rng(1)
    out = gguf.GGUFWriter(path, "llama")
    heads = d // 64
    out.add_context_length(4096)
    out.add_embedding_length(d)
    out.add_block_count(layers)
    out.add_feed_forward_length(intermediate)
    out.add_head_count(heads)
    out.add_head_count_kv(heads)
    out.add_layer_norm_rms_eps(1e-6)
    out.add_rope_dimension_count(64)
    out.add_vocab_size(vocabulary)
    out.add_file_type(gguf.LlamaFileType.MOSTLY_TQ2_0)
    out.add_tokenizer_model("no_vocab")

    def ternary(name, rows, columns):
        trits = random.integers(-1, 2, (rows, columns)).astype(np.float32) / np.sqrt(columns)
        kind = gguf.GGMLQuantizationType.TQ2_0
        out.add_tensor(name, gguf.quants.quantize(trits, kind), raw_dtype=kind)

    def ones(name):
        out.add_tensor(name, np.ones(d, dtype=np.float32))

    out.add_tensor("token_embd.weight", random.standard_normal((vocabulary, d)).astype(np.float16))
    for i in range(layers):
        ones(f"blk.{i}.attn_norm.weight")
        for name in ("attn_q", "attn_k", "attn_v", "attn_output"):
            ternary(f"blk.{i}.{name}.weight", d, d)
        ones(f"blk.{i}.ffn_norm.weight")
        ternary(f"blk.{i}.ffn_gate.weight", intermediate, d)
        ternary(f"blk.{i}.ffn_up.weight", intermediate, d)
        ternary(f"blk.{i}.ffn_down.weight", d, intermediate)
    ones("output_norm.weight")
    ternary("output.weight", vocabulary, d)
    out.write_header_to_file()
    out.write_kv_data_to_file()
    out.write_tensors_to_file()
    out.close()


def run(path, threads, prompt, count):
    import llama_cpp
    model = llama_cpp.Llama(path, n_ctx=2 * (prompt + count), n_batch=512, n_threads=threads, n_threads_batch=threads, verbose=False)
    tokens = [int(t) for t in np.random.default_rng(2).integers(0, model.n_vocab(), prompt + count)]
    rates = []
    for _ in range(2):  # the first touches every page
        model.reset()
        begin = time.perf_counter()
        model.eval(tokens[:prompt])
        middle = time.perf_counter()
        for token in tokens[prompt:]:
            model.eval([token])
        rates = [prompt / (middle - begin), count / (time.perf_counter() - middle)]
    print(*rates)


if sys.argv[1] == "write":
    write(sys.argv[2], *map(int, sys.argv[3:]))
else:
    run(sys.argv[2], *map(int, sys.argv[3:]))
