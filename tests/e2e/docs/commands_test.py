"""Commands and options that pages name between their lines are those of the program."""

import functools
import re
import shlex
import subprocess

import pytest

from harness.gateway import BINARY
from harness.pages import FENCED, pages


@functools.cache
def help_of(*words):
    done = subprocess.run([BINARY, *words, "--help"], capture_output=True, text=True, timeout=30)
    return done.stdout if done.returncode == 0 else ""


def below(*words):
    return set(re.findall(r"^  ([a-z-]+) ", help_of(*words).partition("Subcommands:\n")[2], re.MULTILINE))


def named():
    """Page and words of each `gatehouse ...` in a text."""
    found = set()
    for page in pages():
        for text in re.findall(r"`gatehouse ([^`]+)`", FENCED.sub("", page.read_text())):
            found.add((page.name, text.partition("|")[0].partition(" > ")[0]))
    return sorted(found)


@pytest.mark.parametrize("page, text", named(), ids=lambda value: value)
def test_a_command_that_a_page_names_is_one(page, text):
    command, rest = [], shlex.split(text)
    while rest and rest[0] in below(*command):
        command.append(rest.pop(0))
    assert command, f"{page}: {text} is no command"
    names_a_group = below(*command) and not rest
    assert names_a_group or not below(*command), f"{page}: {text}: {rest[0] if rest else ''} is no command"
    options = [word.partition("=")[0] for word in rest if word.startswith("--")]
    known = help_of(*command) + help_of()  # every command takes those of the program
    assert [option for option in options if not re.search(rf"{option}\b", known)] == []


def test_there_are_many_of_them():
    assert len(named()) > 40
