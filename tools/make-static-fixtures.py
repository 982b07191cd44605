"""Tiny random static models with the vectors that the reference implementation, model2vec, gives for them.

    pip install model2vec==0.10.0 tokenizers==0.23.3 numpy safetensors
    python tools/make-static-fixtures.py

Writes test/fixtures/static/<name>/: model.safetensors, config.json and tokenizer.json as model2vec saves them, and
expected.json with texts and model2vec's vectors. Everything is generated here from a fixed seed.
"""

import base64
import json
import shutil
from importlib.metadata import version
from pathlib import Path

import numpy as np
from model2vec import StaticModel
from model2vec.persistence import save_pretrained
from tokenizers import AddedToken, Tokenizer, decoders, models, normalizers, pre_tokenizers, processors

ROOT = Path(__file__).resolve().parent.parent
OUT = ROOT / "test/fixtures/static"
DIMENSIONS = 24

WORDS = """the a river runs through old town and market people walk new york city light night stone bridge water cold
morning train station small large garden green house open window""".split()
TEXTS = [
    "The river runs through the old town.",
    "people walk",
    "New York City at night",
    "new   york",
    "a",
    "Straße, naïve café: 42!",
    "☃",
    "☃ river ☃",
    "",
    "   ",
    "[MASK] the [CLS]",
    "gardens openings watering stones " * 12,
    "the " * 700,
]


def wordpiece(multiword: bool) -> Tokenizer:
    letters = [chr(code) for code in range(ord("a"), ord("z") + 1)] + list("0123456789.,:!")
    vocab = ["[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]", *letters, *(f"##{letter}" for letter in letters)]
    vocab += [word for word in WORDS if word not in vocab] + ["##s", "##ing", "##ings"]
    ids = {piece: index for index, piece in enumerate(dict.fromkeys(vocab))}
    tokenizer = Tokenizer(models.WordPiece(vocab=ids, unk_token="[UNK]"))
    tokenizer.normalizer = normalizers.BertNormalizer()
    tokenizer.pre_tokenizer = pre_tokenizers.BertPreTokenizer()
    tokenizer.decoder = decoders.WordPiece()
    tokenizer.add_special_tokens(["[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]"])
    # The frame that a transformer's tokenizer brings along, which model2vec does not use.
    tokenizer.post_processor = processors.TemplateProcessing(
        single="[CLS] $A [SEP]", special_tokens=[("[CLS]", ids["[CLS]"]), ("[SEP]", ids["[SEP]"])]
    )
    if multiword:
        tokenizer.add_tokens([AddedToken(words, single_word=False, normalized=True) for words in ("new york", "old town")])
    return tokenizer


def write(name: str, tokenizer: Tokenizer, rng: np.random.Generator, *, dtype, normalize, weights=None, clusters=None):
    size = tokenizer.get_vocab_size()
    rows = clusters or size
    matrix = rng.normal(0, 1, (rows, DIMENSIONS))
    matrix = np.clip(np.rint(matrix * 40), -127, 127).astype(np.int8) if dtype is np.int8 else matrix.astype(dtype)
    folder = OUT / name
    shutil.rmtree(folder, ignore_errors=True)
    save_pretrained(
        folder,
        embeddings=matrix,
        tokenizer=tokenizer,
        config={"model_type": "model2vec", "normalize": normalize, "max_length": 512},
        weights=None if weights is None else rng.uniform(0.01, 2, size).astype(weights),
        mapping=None if clusters is None else rng.integers(0, rows, size).astype(np.int64),
        create_model_card=False,
    )
    (folder / "modules.json").unlink()
    model = StaticModel.from_pretrained(folder)
    # Without model2vec's cut by characters, which is a shortcut to its limit in tokens.
    model.median_token_length = 10**6
    vectors = model.encode(TEXTS).astype("<f4")
    expected = {
        "made_with": f"model2vec {version('model2vec')}",
        "max_tokens": 512,
        "normalize": normalize,
        "dimensions": DIMENSIONS,
        "tokens": [len(e.ids) for e in model.tokenizer.encode_batch(TEXTS, add_special_tokens=False)],
        "texts": TEXTS,
        "vectors": [base64.b64encode(vector.tobytes()).decode() for vector in vectors],
    }
    (folder / "expected.json").write_text(json.dumps(expected, ensure_ascii=False, indent=1) + "\n")
    print(f"{name}: {rows} rows of {size} tokens, {sum(f.stat().st_size for f in folder.iterdir())} bytes")


def main():
    rng = np.random.default_rng(7)
    plain, multiword = wordpiece(False), wordpiece(True)
    unigram = Tokenizer.from_file(str(ROOT / "test/fixtures/tokenizers/unigram.json"))
    write("float32", plain, rng, dtype=np.float32, normalize=True)
    write("float16", plain, rng, dtype=np.float16, normalize=False)
    write("int8", plain, rng, dtype=np.int8, normalize=False)
    write("int8-weights", plain, rng, dtype=np.int8, normalize=True, weights=np.float32)
    write("mapping", plain, rng, dtype=np.float16, normalize=True, weights=np.float64, clusters=17)
    write("multiword", multiword, rng, dtype=np.float32, normalize=True)
    write("unigram", unigram, rng, dtype=np.float32, normalize=False)


if __name__ == "__main__":
    main()
