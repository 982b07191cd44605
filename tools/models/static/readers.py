"""Readers: each yields raw passages (str) of one package's files, in the files' own order."""
import bz2
import gzip
import html
import json
import re
from pathlib import Path

BLOCK = re.compile(r"<(p|h1|h2|h3|title)\b[^>]*>(.*?)</\1>", re.S | re.I)
TAG = re.compile(r"<[^>]+>")


def wordnet(root):
    """Glosses, their example sentences and "lemma: definition" lines of WordNet's data files."""
    for part in ("noun", "verb", "adj", "adv"):
        for line in (Path(root) / f"data.{part}").read_text("utf-8").splitlines():
            head, bar, gloss = line.partition(" | ")
            if line.startswith(" ") or not bar:
                continue
            fields = head.split(" ")
            words = [re.sub(r"\(.*\)$", "", fields[4 + 2 * i]).replace("_", " ") for i in range(int(fields[3], 16))]
            gloss = gloss.strip()
            examples = re.findall(r'"([^"]+)"', gloss)
            definition = re.split(r';\s*"', gloss)[0].strip()
            yield gloss
            yield f"{', '.join(words)}: {definition}"
            if not words[0].islower() or len(words) > 1:
                yield ", ".join(words)
            yield from examples


def dictd(path):
    """Paragraphs of a dictd database: its headwords are flush left, its text is indented."""
    text = gzip.open(path).read().decode("utf-8", "replace")
    for paragraph in re.split(r"\n\s*\n", text):
        if not paragraph.startswith((" ", "\t")) and "\n" in paragraph:
            head, _, rest = paragraph.partition("\n")
            paragraph = rest if len(rest) > len(head) else paragraph
        paragraph = re.sub(r"\[[^\]]*\]|<[^>]*>|--[A-Z][\w. ]*\.?|[{}]|\(\d{4}-\d\d-\d\d\)", " ", paragraph)
        yield re.sub(r"^\s*(\(\w\)|\d+\.)\s*", "", paragraph)


def json_strings(root):
    """Every string value of every JSON file below root."""
    def walk(value):
        if isinstance(value, str):
            yield from re.split(r"<[^>]+>|\+\+", value)
        elif isinstance(value, dict):
            for item in value.values():
                yield from walk(item)
        elif isinstance(value, list):
            for item in value:
                yield from walk(item)
    for path in sorted(Path(root).rglob("*.json")):
        try:
            yield from walk(json.loads(path.read_text("utf-8")))
        except (ValueError, UnicodeDecodeError):
            continue


def plain(root):
    """Paragraphs of the plain text files below root."""
    for path in sorted(Path(root).rglob("*.txt")):
        yield from re.split(r"\n\s*\n", path.read_text("utf-8", "replace"))


def mediawiki(path):
    """Paragraphs and titles of the articles of a MediaWiki XML export."""
    text = bz2.open(path, "rt", encoding="utf-8", errors="replace").read()
    for page in re.findall(r"<page>(.*?)</page>", text, re.S):
        body = re.search(r"<text[^>]*>(.*?)</text>", page, re.S)
        if not body or "#REDIRECT" in body.group(1)[:40].upper():
            continue
        markup = html.unescape(html.unescape(body.group(1)))
        markup = re.sub(r"<ref[^>/]*/>|<ref.*?</ref>|<!--.*?-->|<math>.*?</math>", " ", markup, flags=re.S)
        markup = re.sub(r"\{\|.*?\n\|\}", " ", markup, flags=re.S)
        for _ in range(4):
            markup = re.sub(r"\{\{[^{}]*\}\}", " ", markup)
        markup = re.sub(r"\[\[(?:File|Image|Category|[a-z-]{2,8}):[^\[\]]*(?:\[\[[^\]]*\]\][^\[\]]*)*\]\]", " ", markup)
        markup = re.sub(r"\[\[(?:[^|\]]*\|)?([^\]]*)\]\]", r"\1", markup)
        markup = re.sub(r"\[\S+ ([^\]]*)\]", r"\1", markup)
        markup = TAG.sub(" ", markup).replace("'''", "").replace("''", "")
        for paragraph in markup.split("\n"):
            if paragraph[:1] not in "|!{}:;*#":
                yield paragraph.strip("= ")


def html_pages(root):
    """Headings and paragraphs of the HTML and Mallard pages below root, link farms left out."""
    pages = [p for p in sorted(Path(root).rglob("*")) if p.suffix in (".html", ".htm", ".page") and p.is_file()]
    for path in pages:
        if path.is_symlink() or re.search(r"genindex|py-modindex|search|_modules|/_sources", str(path)):
            continue
        page = path.read_text("utf-8", "replace")
        page = re.sub(r"<(pre|script|style)\b.*?</\1>", " ", page, flags=re.S | re.I)
        for _, block in BLOCK.findall(page):
            yield html.unescape(TAG.sub("", block)).replace("¶", "")


READERS = {"wordnet": wordnet, "dictd": dictd, "json_strings": json_strings, "plain": plain,
           "mediawiki": mediawiki, "html": html_pages}
