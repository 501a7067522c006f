"""The fenced blocks of README.md and docs: what the pages show, for tests that run it."""

import json
import pathlib
import re
from dataclasses import dataclass

ROOT = pathlib.Path(__file__).resolve().parents[3]

# The lines between two fences, which may be indented as a list is.
FENCED = re.compile(r"^(?P<indent> *)```(?P<language>[^\n`]*)\n(?P<text>.*?)^(?P=indent)```$", re.MULTILINE | re.DOTALL)

# What may stand at the left margin of a gateway's configuration.
SECTIONS = set(json.loads((ROOT / "config" / "gatehouse.schema.json").read_text())["properties"])


@dataclass(frozen=True)
class Block:
    """One fenced block of a page."""
    page: str
    line: int
    language: str
    text: str

    def __str__(self):
        return f"{self.page}:{self.line}: {self.text.splitlines()[0][:60]}"

    def is_configuration(self):
        """A gateway's own, and neither a manifest nor another program's file."""
        keys = set(re.findall(r"^([a-z_]+):", self.text, re.MULTILINE))
        return self.language == "yaml" and bool(keys) and keys <= SECTIONS


def pages():
    """Decision records are about a moment and are not kept true."""
    docs = [file for file in sorted((ROOT / "docs").rglob("*.md")) if "decisions" not in file.parts]
    return [ROOT / "README.md", *docs]


def blocks_of(file):
    text = file.read_text()
    page = str(file.relative_to(ROOT))
    for match in FENCED.finditer(text):
        lines = [line.removeprefix(match["indent"]) for line in match["text"].splitlines(keepends=True)]
        yield Block(page, text.count("\n", 0, match.start()) + 1, match["language"], "".join(lines))


def blocks():
    """Every block of every page."""
    return [block for file in pages() for block in blocks_of(file)]


def matching(page, words):
    return [block for block in blocks_of(ROOT / page) if words in block.text]


def snippet(page, words):
    """The text of the one block of that page in which these words stand. tests/layout reads the calls of this function:
    whoever asks for a block runs it."""
    found = matching(page, words)
    assert len(found) == 1, f"{page} has {len(found)} blocks with {words!r}"
    return found[0].text
