"""Every fenced block of README.md and docs is run by a test, or is on the short list of those that cannot be.

A test that runs a block asks for it by `snippet(page, words)`. Configurations need not be asked for: tests/e2e/docs
judges all of them."""

import ast

import pytest

from harness.pages import blocks, matching, snippet

from layout_test import ROOT, tracked_files

# Page, words of the block, and why nothing runs it.
SHOWN = [
    ("docs/ARCHITECTURE.md", "config  <-  auth", "a picture; layout_test.py holds the includes to it"),
    ("docs/ARCHITECTURE.md", "gateway/net        accept", "a picture of the rooms"),
    ("docs/DEPLOY.md", "forwardAuth:", "theirs: Debian has no Traefik, and the page says so"),
    ("docs/migrate/oauth2-proxy.md", "oauth2-proxy --http-address", "theirs: Debian has no oauth2-proxy"),
]


def asked_for():
    """(page, words) of every call of snippet() in the tests."""
    found = []
    for file in tracked_files():
        if file.suffix == ".py" and file.is_relative_to(ROOT / "tests"):
            calls = [node for node in ast.walk(ast.parse(file.read_text())) if isinstance(node, ast.Call)]
            found += [tuple(ast.literal_eval(word) for word in call.args)  # only what stands there counts
                      for call in calls if getattr(call.func, "id", "") == snippet.__name__ and file.name != "snippets_test.py"]
    return found


def test_every_block_says_what_it_is_written_in():
    assert [str(block) for block in blocks() if not block.language] == []


def test_every_block_is_run_or_on_the_list():
    claimed = {block for page, words, *_ in [*asked_for(), *SHOWN] for block in matching(page, words)}
    assert [str(block) for block in blocks() if block not in claimed and not block.is_configuration()] == []


@pytest.mark.parametrize("page, words", sorted({(page, words) for page, words, *_ in [*asked_for(), *SHOWN]}))
def test_what_a_test_asks_for_is_one_block(page, words):
    snippet(page, words)


def test_nothing_is_on_the_list_and_run():
    listed = {block for page, words, _ in SHOWN for block in matching(page, words)}
    run = {block for page, words in asked_for() for block in matching(page, words)}
    assert [str(block) for block in listed & run] == []
