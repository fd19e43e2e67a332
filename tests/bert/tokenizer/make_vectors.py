# SPDX-License-Identifier: Apache-2.0
"""Writes tokenizer.json, a small one made as the crammed BERTs' was, and what PyPI's tokenizers (0.23.3) makes of texts with it: vectors.json.
Run: pip install tokenizers==0.23.3; python3 make_vectors.py [FOLDER [RANDOM_TEXTS]]"""
import json
import os
import random
import sys

from tokenizers import Regex, Tokenizer, models, normalizers, pre_tokenizers, processors, trainers

SPECIAL = ["<pad>", "<s>", "</s>", "<unk>", "<cls>", "<sep>", "<mask>"]
CORPUS = ["The tern flies over the sea, and the ternary tern turns.", "To be or not to be, that is the question of the tern.",
          "Weights are minus one, zero or one; five of them make a byte.", "naive cafe, resume, uber; angstrom and kelvin",
          "it's \"quoted\" -- don't_stop 1234567890 (a+b)=c"] * 20

TEXTS = ["", " ", "the tern", "The  TERN\tflies\nover\r\nthe sea", "``quoted'' text", "'''", "``", "`'", "café CAFÉ cafe\u0301", "naïve résumé Über",
         "Ångström and \u212b and \u212a", "İstanbul ıı", "don\u2019t stop\u2014now", "a\u00a0b", "\ufb01ve \ufb02at", "東京 tower", "ｆｕｌｌ width", "x\u0301y\u0302z",
         "≠ ≮ ≯", "\u1fef\u1fef", "\u037e", "a\u0000b", "\u0001\u007f", "\x1c\x1d\x0b\x0c", "1_000,000.5%", "a" * 100, "a" * 101, "a" * 99 + "é", "zzzqqq", "the<mask>sea", "The <mask> flies.",
         "<MASK>", "<mask", "<mask><mask>", "<unk> <pad></s>", "what?!?", "(a+b)=c", "it's", "ǅ ǆ ß ẞ", "\U0001d400 \U0001f426", "\ud7ff한국어", "한국어 tern", "Αθήνα", "e\u0301\u0327e", "\u200bzero\u200dwidth", "\u0130", "ŉ ǰ"]


def random_texts(count):
    r = random.Random(5)
    parts = ["the", "The", " ", "  ", "tern", "é", "É", "``", "''", "`", "'", "<mask>", "東", ",", "--", "_", "7", "\t", "\n", "\u0301", "Å", "\u212a", "sea", "zq", "\u2014", "\u00a0", "ary", "."]
    return ["".join(r.choice(parts) for _ in range(r.randrange(1, 10))) for _ in range(count)]


def main():
    here = sys.argv[1] if len(sys.argv) > 1 else os.path.dirname(os.path.abspath(__file__))
    tokenizer = Tokenizer(models.WordPiece(unk_token="<unk>"))
    tokenizer.normalizer = normalizers.Sequence([
        normalizers.Replace("``", '"'), normalizers.Replace("''", '"'), normalizers.NFD(), normalizers.Lowercase(),
        normalizers.StripAccents(), normalizers.Replace(Regex(" {2,}"), " "), normalizers.Replace(Regex(r"[^\x00-\x7F]+"), "")])
    tokenizer.pre_tokenizer = pre_tokenizers.Whitespace()
    tokenizer.train_from_iterator(CORPUS, trainers.WordPieceTrainer(vocab_size=300, special_tokens=SPECIAL, show_progress=False))
    tokenizer.post_processor = processors.TemplateProcessing(
        single="$A <sep>", pair="<cls>:0 $A:0 <sep>:0 $B:0 <sep>:0", special_tokens=[(t, tokenizer.token_to_id(t)) for t in ("<cls>", "<sep>")])
    with open(os.path.join(here, "tokenizer.json"), "w") as file:
        file.write(tokenizer.to_str(pretty=False))
    texts = TEXTS + random_texts(int(sys.argv[2]) if len(sys.argv) > 2 else 150)
    vectors = [{"text": text, "ids": tokenizer.encode(text).ids} for text in texts]
    with open(os.path.join(here, "vectors.json"), "w") as file:
        json.dump({"vocab_size": tokenizer.get_vocab_size(), "vectors": vectors}, file, indent=0)


main()
