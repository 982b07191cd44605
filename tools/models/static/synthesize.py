"""Make plain sentences, headlines, titles and questions from WordNet's words: python synthesize.py WORDNET_DIR TEXTS_DIR

Dictionaries and manuals hold few sentences such as "two dogs run across a field", short headlines or questions. The
words, their classes (person, food, motion, ...) and how common they are come from WordNet; the templates are this
file's. Writes TEXTS_DIR/synthetic.txt and
TEXTS_DIR/synthetic-common.txt (commoner words, more near pairs), one text a line, seeded. The teacher says what they mean, so nonsense is harmless.
"""
import random
import re
import sys
from collections import Counter, defaultdict
from pathlib import Path

# name: (texts, seed, how strongly common words are preferred, share of texts followed by a near variant)
PARTS = {"synthetic": (160_000, 9, 0.6, 0.3), "synthetic-common": (160_000, 10, 0.9, 0.6)}
NOUN_FILES = {"05": "animal", "06": "artifact", "08": "body", "13": "food", "15": "place", "17": "object", "18": "person",
              "20": "plant", "04": "act", "07": "attribute", "09": "idea", "10": "message", "11": "event", "14": "group",
              "19": "phenomenon", "21": "money", "22": "process", "26": "state", "27": "substance", "28": "time"}
VERB_FILES = {"38": "motion", "35": "contact", "36": "creation", "30": "change", "32": "communication", "40": "possession",
              "41": "social", "34": "consumption", "31": "cognition", "39": "perception", "33": "competition"}
NUMBERS = "one two three four five six seven eight nine ten twelve twenty thirty fifty 3 7 12 18 25 40 100 200 500 1,000".split()
PLACES = ("China India Russia Syria Iraq Iran Egypt Israel Ukraine France Germany Britain London Paris Pakistan Afghanistan "
          "Japan Korea Mexico Brazil Canada Texas California Australia Africa Turkey Spain Italy Nigeria Kenya Chicago "
          "Washington Moscow Beijing Boston Florida Libya Greece Cuba Vietnam").split()
NAMES = "John Mary David Sarah Michael Anna Peter Laura James Maria Paul Alice Smith Johnson Brown Clinton Obama Ford Bell".split()
LINKS = "in on at near with under over behind beside for from into through across around against inside outside".split()


def vocabulary(root, preference):
    """{class: ([word], [weight])} of WordNet's tagged senses, each lemma in its commonest class."""
    counts = defaultdict(Counter)
    for line in (Path(root) / "cntlist.rev").read_text().splitlines():
        key, _, count = line.split()
        lemma, sense = key.split("%")
        kind, file = sense.split(":")[:2]
        name = {"1": NOUN_FILES, "2": VERB_FILES}.get(kind, {}).get(file) if kind in "12" else {"3": "adj", "5": "adj", "4": "adv"}[kind]
        if name and re.fullmatch(r"[a-z]{3,}(_[a-z]{3,})?", lemma):
            counts[lemma, kind.replace("5", "3")][name] += int(count)
    classes = defaultdict(lambda: ([], []))
    for (lemma, _), names in sorted(counts.items()):
        name, count = names.most_common(1)[0]
        classes[name][0].append(lemma.replace("_", " "))
        classes[name][1].append((count + 1) ** preference)  # flattened: rare words need their turn
    return classes


def inflections(root):
    """{verb: irregular past} from WordNet's exception list."""
    past = {}
    for line in (Path(root) / "verb.exc").read_text().splitlines():
        form, base = line.split()[:2]
        if not form.endswith(("ing", "s")):
            past.setdefault(base, form)
    return past


class Grammar:
    """Random words in the right form, by class."""

    def __init__(self, root, rng, preference):
        self.rng, self.words, self.pasts = rng, vocabulary(root, preference), inflections(root)
        self.nouns, self.verbs = sorted(set(NOUN_FILES.values())), sorted(set(VERB_FILES.values()))
        self.things = ["artifact", "object", "animal", "food", "plant", "body", "substance", "person"]
        self.topics = ["act", "attribute", "idea", "message", "event", "phenomenon", "process", "state", "substance", "group", "money"]

    def word(self, *classes):
        words, weights = self.words[self.rng.choice(classes)]
        return self.rng.choices(words, weights)[0]

    def plural(self, *classes):
        word = self.word(*classes)
        if re.search(r"[^aeiou]y$", word):
            return word[:-1] + "ies"
        return word + ("es" if re.search(r"(s|x|z|ch|sh)$", word) else "s")

    def verb(self, form):
        head, _, rest = self.word(*self.verbs).partition(" ")
        if form == "ing":
            head = (head[:-1] if re.search(r"[^aeoy]e$", head) else
                    head + head[-1] if re.fullmatch(r"[^aeiou]*[aeiou][bdgmnprt]", head) else head) + "ing"
        elif form == "s":
            head = head[:-1] + "ies" if re.search(r"[^aeiou]y$", head) else head + ("es" if re.search(r"(s|x|z|ch|sh|o)$", head) else "s")
        elif form == "ed":
            head = self.pasts.get(head) or (head + "d" if head.endswith("e") else head[:-1] + "ied" if re.search(r"[^aeiou]y$", head) else
                                            head + head[-1] + "ed" if re.fullmatch(r"[^aeiou]*[aeiou][bdgmnprt]", head) else head + "ed")
        return f"{head} {rest}".strip()

    def phrase(self, classes):
        noun = self.word(*classes)
        if self.rng.random() < 0.4:
            noun = f"{self.word('adj')} {noun}"
        article = self.rng.choice(("a", "the", "the", "his", "a"))
        return f"{'an' if article == 'a' and noun[0] in 'aeiou' else article} {noun}"

    def subject(self):
        pick = self.rng.random()
        if pick < 0.35:
            return self.rng.choice(("a man", "a woman", "a boy", "a girl", "a person", "the man", "a child", "two men", "people", "a dog",
                                    "a cat", "a young woman", "an old man", "children", "someone", "a group of people", "two women", "a baby"))
        if pick < 0.5:
            return f"{self.rng.choice(NUMBERS)} {self.plural('person', 'animal')}"
        return self.phrase(("person", "person", "animal", "group", "artifact"))


def sentence(g):
    """One text from a random template."""
    r, thing, topic = g.rng, g.things, g.topics
    link = lambda: r.choice(LINKS)
    be = lambda subject: "are" if subject.split()[0] in NUMBERS + ["people", "children", "two"] else "is"
    kind = r.randrange(22)
    if kind < 6:
        subject = g.subject()
        text = f"{subject} {be(subject)} {g.verb('ing')}"
        text += f" {g.phrase(thing)}" if r.random() < 0.7 else ""
        text += f" {link()} {g.phrase(('place', 'artifact', 'object'))}" if r.random() < 0.5 else ""
    elif kind < 9:
        text = f"{g.subject()} {g.verb('ed')} {g.phrase(thing + topic)} {link()} {g.phrase(g.nouns)}"
    elif kind < 11:
        text = f"{r.choice(PLACES)} {g.word(*topic)} {g.verb(r.choice(('s', 'ed')))} {r.choice(NUMBERS)} {r.choice(('in', 'after', 'amid', 'over'))} {g.word(*g.nouns)}"
    elif kind == 11:
        text = f"{r.choice(PLACES)} {g.verb('s')} {g.plural(*g.nouns)} {r.choice(('over', 'after', 'amid', 'on', 'in'))} {r.choice(PLACES)} {g.word(*topic)}"
    elif kind == 12:
        text = f"{r.choice(NAMES)} {g.verb('ed')} the {g.word('person', 'group')} that {r.choice(PLACES)} {g.verb('ed')} {g.phrase(topic)}"
    elif kind == 13:
        text = r.choice(("how do I {} {}?", "how can you {} {}?", "should I {} {}?", "what is the best way to {} {}?", "why would anyone {} {}?",
                         "is it possible to {} {}?", "you can {} {}", "you should not {} {}", "can you {} {}?")).format(g.verb(""), g.phrase(g.nouns))
    elif kind == 14:
        text = f"{r.choice(('what is the', 'how does the', 'explain the', 'information on the', 'papers on the'))} {g.word('attribute', 'process', 'state')} of {g.word('adj')} {g.plural(*thing)} {link()} {g.word(*topic)}"
    elif kind == 15:
        text = f"{r.choice(('the effect of', 'a study of', 'an investigation of', 'measurements of', 'on the theory of', 'experiments on'))} {g.word('phenomenon', 'process', 'act', 'attribute')} {r.choice(('on', 'in', 'of', 'for'))} {g.word('adj')} {g.plural('artifact', 'object', 'substance', 'plant', 'body')}"
    elif kind == 16:
        text = f"{g.word('adj')} {g.word(*g.nouns)}"
    elif kind == 17:
        text = f"{g.word(*g.nouns)} {g.word(*g.nouns)}" + (f" {g.word(*g.nouns)}" if r.random() < 0.5 else "")
    elif kind == 18:
        text = f"the {g.word(*g.nouns)} is {r.choice(('', 'not ', 'very ', 'too ', 'more '))}{g.word('adj')} and {g.word('adj')}"
    elif kind == 19:
        text = f"{g.subject()} {g.word('adv')} {g.verb('ed')} {g.phrase(thing)} and {g.verb('ed')} {g.phrase(g.nouns)}"
    elif kind == 20:
        text = f"I {r.choice(('think', 'hope', 'know', 'guess', 'agree', 'would say'))} it {r.choice(('depends on', 'is about', 'comes from', 'has nothing to do with'))} {g.phrase(g.nouns)}"
    else:
        text = f"shares of {g.word('group', 'artifact')} {r.choice(('rose', 'fell', 'dropped', 'closed up', 'gained'))} {r.choice(NUMBERS)} percent {r.choice(('on', 'after', 'in'))} {g.word(*topic)}"
    return (text[0].upper() + text[1:] + ("" if text.endswith("?") else ".")) if r.random() < 0.5 else text


def variant(g, text):
    """text with one word dropped, swapped for another of WordNet's, or negated: near pairs for the ranking loss."""
    words = text.split()
    at = g.rng.randrange(len(words))
    change = g.rng.random()
    if change < 0.6:
        words[at] = g.word(*g.nouns, "adj", "adv")
    elif change < 0.8 and len(words) > 4:
        del words[at]
    else:
        words = [f"{w} not" if w in ("is", "are", "can") else w for w in words]
    return " ".join(words)


def main(wordnet, texts):
    for name, (count, seed, preference, variants) in PARTS.items():
        rng = random.Random(seed)
        grammar, made = Grammar(wordnet, rng, preference), {}
        while len(made) < count:
            text = sentence(grammar)
            made[text] = None
            if rng.random() < variants:
                made[variant(grammar, text)] = None
            if rng.random() < 0.05:
                made[f"{text} {sentence(grammar)}"] = None
        (Path(texts) / f"{name}.txt").write_text("\n".join(list(made)[:count]) + "\n", "utf-8")
        print(f"{name} {count} texts", flush=True)


if __name__ == "__main__":
    main(*sys.argv[1:3])
