# SPDX-License-Identifier: Apache-2.0
"""Writes the tokenizer.json files of this folder and what PyPI's tokenizers (0.23.3) makes of texts with them: vectors.json.
Run: pip install tokenizers==0.23.3; python3 make_vectors.py"""
import json, os, random, sys
from tokenizers import Tokenizer, models, trainers, normalizers, pre_tokenizers, decoders, processors, AddedToken

HERE = sys.argv[1] if len(sys.argv) > 1 else os.path.dirname(os.path.abspath(__file__))
CORPUS = ["the tern flies over the sea and the ternary tern turns", "to be or not to be that is the question of the tern",
          "Weights are minus one, zero or one; five of them make a byte.", "Ünïcode flies, too: naïve café, 東京 and the sea.", "aaaa aaaaaa"] * 20
BYTES = [f"<0x{b:02X}>" for b in range(256)]

def train(size):
    tokenizer = Tokenizer(models.BPE())
    tokenizer.pre_tokenizer = pre_tokenizers.Metaspace(prepend_scheme="always")
    tokenizer.train_from_iterator(CORPUS, trainers.BpeTrainer(vocab_size=size, show_progress=False))
    model = json.loads(tokenizer.to_str())["model"]
    pieces = ["<unk>", "<s>", "</s>"] + BYTES + [p for p in sorted(model["vocab"], key=model["vocab"].get)]
    return {p: i for i, p in enumerate(pieces)}, model["merges"]

def base(vocab, merges, added=(), **model):
    tokens = [dict(id=i, content=c, single_word=False, lstrip=False, rstrip=False, normalized=False, special=True)
              for i, c in enumerate(["<unk>", "<s>", "</s>"])] + list(added)
    return {"version": "1.0", "truncation": None, "padding": None, "added_tokens": tokens,
            "normalizer": None, "pre_tokenizer": None, "post_processor": None, "decoder": None,
            "model": {"type": "BPE", "dropout": None, "unk_token": "<unk>", "continuing_subword_prefix": None,
                      "end_of_word_suffix": None, "fuse_unk": True, "byte_fallback": True, **model, "vocab": vocab, "merges": merges}}

def template(before, behind):
    special = lambda t: {"SpecialToken": {"id": t, "type_id": 0}}
    ids = {"<s>": 1, "</s>": 2}
    single = [special(t) for t in before] + [{"Sequence": {"id": "A", "type_id": 0}}] + [special(t) for t in behind]
    return {"type": "TemplateProcessing", "single": single, "pair": single + [{"Sequence": {"id": "B", "type_id": 1}}],
            "special_tokens": {t: {"id": t, "ids": [ids[t]], "tokens": [t]} for t in ids}}

MARK = "▁"
LEGACY_NORMALIZER = {"type": "Sequence", "normalizers": [{"type": "Prepend", "prepend": MARK}, {"type": "Replace", "pattern": {"String": " "}, "content": MARK}]}
LEGACY_DECODER = {"type": "Sequence", "decoders": [{"type": "Replace", "pattern": {"String": MARK}, "content": " "},
                  {"type": "ByteFallback"}, {"type": "Fuse"}, {"type": "Strip", "content": " ", "start": 1, "stop": 0}]}

def added(i, content, **kw):
    return dict(dict(id=i, content=content, single_word=False, lstrip=False, rstrip=False, normalized=False, special=False), **kw)

def variants():
    vocab, merges = train(160)
    n = len(vocab)
    strings = [" ".join(m) for m in merges]
    llama = base(vocab, strings, [added(n, "<tool>"), added(n + 1, "<pad>", special=True, lstrip=True, rstrip=True), added(n + 2, "tern!", normalized=True)])
    llama.update(normalizer=LEGACY_NORMALIZER, decoder=LEGACY_DECODER, post_processor=template(["<s>"], []))
    yield "llama", llama
    mistral = base(vocab, merges, [added(n, "[INST]", special=True), added(n + 1, "[/INST]", special=True)], ignore_merges=True)
    mistral.update(pre_tokenizer={"type": "Metaspace", "replacement": MARK, "prepend_scheme": "first", "split": False},
                   decoder=LEGACY_DECODER, post_processor={"type": "Sequence", "processors": [template(["<s>"], ["</s>"])]})
    yield "mistral", mistral
    old = base(vocab, strings, fuse_unk=False, byte_fallback=False)
    old.update(pre_tokenizer={"type": "Metaspace", "replacement": MARK, "add_prefix_space": True, "str_rep": MARK},
               decoder={"type": "Metaspace", "replacement": MARK, "add_prefix_space": True})
    yield "old", old

TEXTS = ["", " ", "  ", "the tern", " the tern", "the  tern ", "a\nb", "\n", "\t x", "to be or not to be", "Zebra é€!", "東京タワー", "👩‍🚀 astronaut 🏳️‍🌈", "naïve café",
         "\u0000\u0001\u007f", "\u00a0x\u3000y", MARK, MARK + "the", "the" + MARK + "tern", " " + MARK + " ", "e\u0301", "\ufeffbom", "ﬃ ligature", "\u202eright to left",
         "<s>", "</s>", "<s>the</s>", " <s> the </s> sea", "<tool>call<tool>", "x <pad>  y", "<pad>", "\u3000<pad>\u2003\nz", "tern! is a tern!", "the tern! flies", "<0x41>", "<0x", "<unk>",
         "[INST] the sea [/INST]", "[INST][INST]", "<s", "s>", "<<s>>", "a" * 7, "a" * 70, "tern" * 30, "the tern flies over the sea " * 4, "ab\r\ncd\r\n", "Weights, zero; one.", "\U0010ffff", "𝔘𝔫𝔦"]

def random_texts(count):
    r = random.Random(3)
    parts = ["the", " ", "tern", "  ", "\n", "é", "東", "👍", MARK, "<s>", "</s>", "<tool>", "<pad>", "tern!", "[INST]", "!", "x", "sea", "\u00a0", "\u0007", "to be", "aaa", "ary", "<0x41>", "京"]
    return ["".join(r.choice(parts) for _ in range(r.randrange(1, 9))) for _ in range(count)]

def vectors(tokenizer, text):
    plain = Tokenizer.from_str(tokenizer.to_str())
    special = tokenizer.encode(text).ids
    without = json.loads(tokenizer.to_str()); without["added_tokens"] = []
    stripped = Tokenizer.from_str(json.dumps(without))
    return {"text": text, "special": special, "plain": stripped.encode(text).ids, "decoded": tokenizer.decode(special)}

if __name__ == "__main__":
    count = int(sys.argv[2]) if len(sys.argv) > 2 else 60
    out = {}
    for name, description in variants():
        path = os.path.join(HERE, name + ".json")
        with open(path, "w", encoding="utf-8") as f:
            json.dump(description, f, ensure_ascii=False, separators=(",", ":")); f.write("\n")
        tokenizer = Tokenizer.from_file(path)
        out[name] = [vectors(tokenizer, t) for t in TEXTS + random_texts(count)]
    with open(os.path.join(HERE, "vectors.json"), "w", encoding="utf-8") as f:
        f.write("{" + ",\n".join(f'"{n}": [\n' + ",\n".join(json.dumps(v) for v in vs) + "]" for n, vs in out.items()) + "}\n")
