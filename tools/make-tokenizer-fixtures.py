"""Trains small tokenizers and writes down what the reference makes of awkward texts with them.

    pip install tokenizers==0.23.3 sentencepiece==0.2.3 protobuf
    node tools/fuzz-tokenizer.mjs 3000 --seed 7 --write /tmp/fuzz
    python tools/make-tokenizer-fixtures.py /tmp/fuzz

Writes test/fixtures/tokenizers/{unigram,byte-bpe}.json with {unigram,byte-bpe}.expected.json beside them, and
test/golden/wordpiece-adversarial.json: strings of the fuzzer for the shipped WordPiece tokenizer.
"""

import io
import json
import pathlib
import sys
import tempfile

import sentencepiece
from sentencepiece import sentencepiece_model_pb2
from tokenizers import AddedToken, Regex, Tokenizer, decoders, models, normalizers, pre_tokenizers, processors, trainers

root = pathlib.Path(__file__).parent.parent
fixtures = root / "test/fixtures/tokenizers"
fixtures.mkdir(parents=True, exist_ok=True)

subjects = ["The river", "A small boat", "Every lighthouse", "Der alte Müller", "La niña", "Ein Gärtner", "My neighbor's cat"]
verbs = ["crosses", "follows", "remembers", "is painting", "doesn't see", "überholt", "mira", "counts"]
objects = ["the old bridge", "seventeen apples", "a letter from 1984", "das Fenster", "el café", "nothing at all", "東京の地図"]
ends = [".", "!", "?", " again.", ", slowly...", " (or so it seems).", " - perhaps;"]
corpus = [f"{s} {v} {o}{e}" for s in subjects for v in verbs for o in objects for e in ends]

specials = ["<s>", "<pad>", "</s>", "<unk>"]
mask = AddedToken("<mask>", lstrip=True, special=True, normalized=False)
frame = {"single": "<s> $A </s>", "pair": "<s> $A </s> </s> $B </s>", "special_tokens": [("<s>", 0), ("</s>", 2)]}


# Sequences and their replacements, in hexadecimal: a cluster, ligatures, spaces, nothing, a long and a short beginning.
rules = {
    "65 301": "e9",
    "75 308": "fc",
    "fb01": "66 69",
    "2460": "31",
    "a0": "20",
    "3000": "20",
    "d": "20",
    "9": "20",
    "a": "20",
    "200b": "",
    "feff": "",
    "600": "5b",
    "2026": "2e 2e 2e",
    **{f"{0xFF01 + i:x}": f"{0x21 + i:x}" for i in range(94)},
}


def charsmap() -> bytes:
    with tempfile.NamedTemporaryFile("w", suffix=".tsv") as table:
        table.write("".join(f"{sequence}\t{replacement}\n" for sequence, replacement in rules.items()))
        table.flush()
        written = io.BytesIO()
        sentencepiece.SentencePieceTrainer.train(
            sentence_iterator=iter(corpus),
            model_writer=written,
            vocab_size=200,
            hard_vocab_limit=False,
            normalization_rule_tsv=table.name,
            minloglevel=2,
        )
    model = sentencepiece_model_pb2.ModelProto()
    model.ParseFromString(written.getvalue())
    return model.normalizer_spec.precompiled_charsmap


def unigram() -> Tokenizer:
    tokenizer = Tokenizer(models.Unigram())
    tokenizer.normalizer = normalizers.Sequence([normalizers.Precompiled(charsmap()), normalizers.Replace(Regex(" {2,}"), " ")])
    tokenizer.pre_tokenizer = pre_tokenizers.Metaspace()
    tokenizer.decoder = decoders.Metaspace()
    tokenizer.train_from_iterator(
        corpus, trainers.UnigramTrainer(vocab_size=400, special_tokens=specials, unk_token="<unk>", show_progress=False)
    )
    tokenizer.add_special_tokens([mask])
    tokenizer.post_processor = processors.TemplateProcessing(**frame)
    return tokenizer


def byte_bpe() -> Tokenizer:
    tokenizer = Tokenizer(models.BPE())
    tokenizer.normalizer = normalizers.NFC()
    tokenizer.pre_tokenizer = pre_tokenizers.ByteLevel(add_prefix_space=False)
    tokenizer.decoder = decoders.ByteLevel()
    tokenizer.train_from_iterator(
        corpus,
        trainers.BpeTrainer(
            vocab_size=600,
            special_tokens=specials,
            initial_alphabet=pre_tokenizers.ByteLevel.alphabet(),
            show_progress=False,
        ),
    )
    tokenizer.add_special_tokens([mask])
    tokenizer.add_tokens([AddedToken("boat", single_word=True)])
    tokenizer.post_processor = processors.RobertaProcessing(("</s>", 2), ("<s>", 0), add_prefix_space=False)
    return tokenizer


texts = [
    "",
    " ",
    "a",
    "The river crosses the old bridge.",
    "  The   river  crosses\n\tthe old\u00a0bridge . ",
    "My neighbor's cat doesn't see 1984; it'll count 17 apples...",
    "Der alte Müller überholt das Fenster, la niña mira el café",
    "Cafe\u0301 u\u0308berholt ｆｕｌｌ ﬁsh ①",
    "東京の地図 ☃ 👍🏽 👩‍👩‍👧 \u200b\ufeff",
    "fill the <mask> and the  <mask>here</s>",
    "a boat, boats, Boat boat",
    "x" * 300,
    "\u0000\u0001 control \u007f",
    "\u06001 \u0600 e\u0301\u0323 \r\n\r x\u0301\u2026e\u0301",
    "\\ \" ' ` ~ |",
] + corpus[:: len(corpus) // 20]

for name, tokenizer in (("unigram", unigram()), ("byte-bpe", byte_bpe())):
    tokenizer.save(str(fixtures / f"{name}.json"), pretty=False)
    rows = []
    for text in texts:
        encoded = tokenizer.encode(text).ids
        rows.append({"text": text, "ids": encoded, "decoded": tokenizer.decode(encoded)})
    (fixtures / f"{name}.expected.json").write_text(json.dumps(rows, ensure_ascii=True, separators=(",", ":")) + "\n")

fuzz = pathlib.Path(sys.argv[1])
reference = Tokenizer.from_file(str(fuzz / "as-shipped.tokenizer.json"))
rows = []
for line in (fuzz / "as-shipped.jsonl").read_text("utf-8").split("\n"):
    text = json.loads(line)["text"]
    encoded = reference.encode(text)
    # Of all but the special tokens around the text, in code points.
    offsets = [at for span in encoded.offsets[1:-1] for at in span]
    rows.append({"text": text, "ids": encoded.ids, "offsets": offsets})
(root / "test/golden/wordpiece-adversarial.json").write_text(json.dumps(rows, separators=(",", ":")) + "\n")
