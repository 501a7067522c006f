"""Every requirement of docs/SECURITY.md on messages, identity, tokens, sessions and passwords is cited
by a test: by a row or a name that would fail without the control. tests/mutants shows that they do."""

import re

import pytest

from layout_test import ROOT, tracked_files

IN_SCOPE = [number for numbers in (range(1, 18), range(20, 27), range(30, 40), range(40, 49), range(50, 60))
            for number in numbers]


@pytest.fixture(scope="module")
def cited():
    tests = [file for file in tracked_files() if file.is_relative_to(ROOT / "tests")
             and not file.is_relative_to(ROOT / "tests" / "layout") and file.suffix in {".cpp", ".hpp", ".py"}]
    return {int(number) for file in tests for first, last in re.findall(r"\bR(\d+)(?: to R(\d+))?\b", file.read_text())
            for number in range(int(first), int(last or first) + 1)}


def test_every_requirement_is_cited_by_a_test(cited):
    assert [f"R{number}" for number in IN_SCOPE if number not in cited] == []
