"""Asks the reference tokenizer what it does to every Unicode character and writes the answers as ranges.

    pip install tokenizers==0.23.3
    python tools/make-bert-characters.py > libs/engine/src/tokenization/bert-characters.data.ts

The result is the same on every machine: it depends on the version of `tokenizers` alone.
"""

import sys

import tokenizers
from tokenizers.normalizers import NFD, BertNormalizer
from tokenizers.pre_tokenizers import BertPreTokenizer

ALL_OFF = {"clean_text": False, "handle_chinese_chars": False, "strip_accents": False, "lowercase": False}
clean = BertNormalizer(**{**ALL_OFF, "clean_text": True})
spaced = BertNormalizer(**{**ALL_OFF, "handle_chinese_chars": True})
stripped = BertNormalizer(**{**ALL_OFF, "strip_accents": True})
lowered = BertNormalizer(**{**ALL_OFF, "lowercase": True})
decomposed = NFD()
split = BertPreTokenizer()

# Marks of the lowest and of a high combining class show whether a character takes part in canonical reordering.
LOWEST_CLASS, HIGH_CLASS = "\u0334", "\u0345"

sets: dict[str, list[int]] = {
    name: []
    for name in ("removed", "whitespace", "ideographs", "punctuation", "decomposing", "marks", "reordered", "uppercase")
}
for code in (c for c in range(0x110000) if not 0xD800 <= c <= 0xDFFF):
    char = chr(code)
    if clean.normalize_str(char) == "":
        sets["removed"].append(code)
    if spaced.normalize_str(char) != char:
        sets["ideographs"].append(code)
    nfd, bare = decomposed.normalize_str(char), stripped.normalize_str(char)
    if nfd != char:
        sets["decomposing"].append(code)
    elif bare == "":
        sets["marks"].append(code)
    moves = (
        decomposed.normalize_str("a" + char + LOWEST_CLASS)[1] == LOWEST_CLASS
        or decomposed.normalize_str(HIGH_CLASS + char)[0] != HIGH_CLASS
    )
    if moves and bare != "":
        sets["reordered"].append(code)
    if lowered.normalize_str(char) != char:
        sets["uppercase"].append(code)
    pieces = [piece for piece, _ in split.pre_tokenize_str("a" + char + "a")]
    if pieces == ["a", "a"]:
        sets["whitespace"].append(code)
    elif pieces == ["a", char, "a"]:
        sets["punctuation"].append(code)


def base36(number: int) -> str:
    digits = "0123456789abcdefghijklmnopqrstuvwxyz"
    return (base36(number // 36) if number >= 36 else "") + digits[number % 36]


def ranges(codes: list[int]) -> str:
    parts, end, index = [], 0, 0
    while index < len(codes):
        first = last = codes[index]
        while index + 1 < len(codes) and codes[index + 1] == last + 1:
            index += 1
            last = codes[index]
        index += 1
        parts.append(base36(first - end) + ("" if last == first else "." + base36(last - first)))
        end = last
    return ",".join(parts)


print(f"// Written by tools/make-bert-characters.py from tokenizers {tokenizers.__version__}; do not edit.")
print("// Each range: distance of its first character from the last of the range before, then, after a dot, its length - 1;")
print("// both in base 36.")
for name, codes in sets.items():
    print(f"export const {name.upper()} =\n  '{ranges(codes)}';")
    print(name, len(codes), file=sys.stderr)
