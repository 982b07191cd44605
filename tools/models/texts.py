"""The texts that ranges and axes are fitted on. None comes from an evaluation set."""

from __future__ import annotations

import numpy as np

from wordnet import Entry

# What dictionary prose lacks: written for this tool, or made of symbols. The int8 ranges must hold here too.
_ODD = [
    "", " ", ".", "?!", "...", "-", "---", "***", "()", "[]{}<>", "!!! ??? !!!", ":-)", "@#$%^&*", "/\\|", "\"'`",
    ",;:.", "\u2026 \u2014 \u2013 \u00ab \u00bb", "+ - * / = < >", "~~~~~~~~", "$ \u20ac \u00a3 \u00a5", "?", "_ _ _", "#", "%%%", "\u00a7 \u00b6 \u2020",
    "a", "I", "x y z", "ok", "No", "yes!", "the", "42", "0", "-1", "3.14159", "1,000,000", "2024-02-29", "12:45:07",
    "+49 30 901820", "192.168.0.1", "v2.0.0-rc.1", "1e-9", "50%", "A", "USA", "NASA", "HELLO WORLD", "iPhone",
    "https://example.org/path?q=1&page=2", "user@example.com", "C:\\Windows\\System32", "../lib/index.js", "#hashtag @name",
    "for (let i = 0; i < n; i++) { total += values[i]; }", "def square(x): return x * x", "SELECT name FROM people WHERE age > 30;",
    "{\"id\": 7, \"tags\": [\"a\", \"b\"], \"ok\": true}", "<p class=\"note\">Hello</p>", "git commit -m 'fix the build'",
    "E = mc^2", "H2O + CO2 -> H2CO3", "\u222b f(x) dx = F(b) \u2212 F(a)", "\u03b1 + \u03b2 \u2264 \u03b3",
    "\U0001f600", "\U0001f680\U0001f680\U0001f680", "I \u2764\ufe0f this", "\u2713 done \u2717 failed",
    "Wo ist der n\u00e4chste Bahnhof?", "O\u00f9 est la gare la plus proche ?", "\u00bfD\u00f3nde est\u00e1 la estaci\u00f3n?", "Hvor ligger stasjonen?",
    "Jak\u00e9 je dnes po\u010das\u00ed?", "\u0413\u0434\u0435 \u043d\u0430\u0445\u043e\u0434\u0438\u0442\u0441\u044f \u0432\u043e\u043a\u0437\u0430\u043b?", "\u03a0\u03bf\u03cd \u03b5\u03af\u03bd\u03b1\u03b9 \u03bf \u03c3\u03c4\u03b1\u03b8\u03bc\u03cc\u03c2;", "\u8eca\u7ad9\u5728\u54ea\u88e1\uff1f",
    "\u99c5\u306f\u3069\u3053\u3067\u3059\u304b\u3002", "\uc5ed\uc774 \uc5b4\ub514\uc5d0 \uc788\uc2b5\ub2c8\uae4c?", "\u0623\u064a\u0646 \u0627\u0644\u0645\u062d\u0637\u0629\u061f", "\u05d0\u05d9\u05e4\u05d4 \u05d4\u05ea\u05d7\u05e0\u05d4?", "\u0938\u094d\u091f\u0947\u0936\u0928 \u0915\u0939\u093e\u0901 \u0939\u0948?",
    "Zo\u00eb na\u00efvely ordered cr\u00e8me br\u00fbl\u00e9e", "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa", "buffalo buffalo buffalo buffalo buffalo",
    "What time is it?", "Turn left at the bakery, then walk for ten minutes.", "The meeting has moved to Thursday at nine.",
    "Please send me the invoice again; the attachment was empty.", "The patient was given two tablets twice a day.",
    "How do I undo my last change without losing the files?", "Share prices fell after the bank raised its rate.",
]


def _sentence(entry: Entry) -> str:
    return f"{entry.words[0]}: {entry.definition}"


def _passages(entries: dict[str, Entry]) -> list[str]:
    """Each entry followed by the chain of ever wider meanings, with examples: longer texts on one topic."""
    passages = []
    for entry in entries.values():
        parts, current = [], entry
        while current is not None and len(parts) < 8:
            parts.append(". ".join([_sentence(current), *current.examples]))
            current = entries.get(current.wider) if current.wider else None
        if len(parts) >= 3:
            passages.append(". ".join(parts))
    return passages


def _sample(values: list[str], count: int, seed: int) -> list[str]:
    chosen = np.random.default_rng(seed).choice(len(values), size=min(count, len(values)), replace=False)
    return [values[i] for i in sorted(chosen)]


def calibration(entries: dict[str, Entry]) -> list[str]:
    """Texts whose activations set the int8 ranges: words, definitions, sentences, passages and the odd ones."""
    every = list(entries.values())
    examples = [example for entry in every for example in entry.examples]
    return [
        *_ODD,
        *_sample([entry.words[0] for entry in every], 100, seed=1),
        *_sample([entry.definition for entry in every], 300, seed=2),
        *_sample(examples, 300, seed=3),
        *_sample(_passages(entries), 60, seed=4),
    ]


def rotation(entries: dict[str, Entry]) -> list[str]:
    """Texts whose vectors set the axes of the reduction.

    Passages only: on texts outside every test axes fitted on them kept more at 64 and 128 dimensions than axes fitted
    on definitions, examples or any mixture. README.md has the figures.
    """
    return _sample(_passages(entries), 3000, seed=24)


def verification(entries: dict[str, Entry]) -> list[str]:
    """Texts of every kind and length that set no range and no axis (but for the odd ones), to measure a build on."""
    every = list(entries.values())
    examples = [example for entry in every for example in entry.examples]
    return [
        *_ODD,
        *_sample([entry.words[0] for entry in every], 50, seed=11),
        *_sample([entry.definition for entry in every], 150, seed=12),
        *_sample(examples, 150, seed=13),
        *_sample(_passages(entries), 50, seed=14),
        # Longer than the model reads: must be cut where the reference cuts it.
        " ".join(_sample([entry.definition for entry in every], 60, seed=15)),
    ]
