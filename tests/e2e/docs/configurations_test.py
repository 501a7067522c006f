"""Every configuration on the pages is one: it fits the schema, and `gatehouse check` has no mistake to show."""

import os
import re
import subprocess

import pytest

from harness.certificates import Authority
from harness.gateway import BINARY
from harness.pages import blocks, snippet
from harness.schema import verdicts

# What the environment of a gateway brings.
GIVEN = {"ACCESS_TOKEN_SECRET": "a" * 40, "REFRESH_TOKEN_SECRET": "b" * 40, "SMTP_PASSWORD": "c" * 40}

CONFIGURATIONS = [block for block in blocks() if block.is_configuration()]


def make_certificates(text, folder):
    """What the text names: `people.crt` for whom to trust, and pairs of others."""
    authority = Authority(folder, "people")
    for name in sorted(set(re.findall(r"(\w+)\.key\b", text))):
        authority.issue(name)


def check(text, folder):
    (folder / "gatehouse.yaml").write_text(text)
    return subprocess.run([BINARY, "check"], capture_output=True, text=True, timeout=30, cwd=folder,
                          env={**os.environ, **GIVEN})


@pytest.mark.parametrize("block", CONFIGURATIONS, ids=str)
def test_a_configuration_on_a_page_is_good(block, tmp_path):
    text = block.text
    if "authority.crt" in text:
        Authority(tmp_path).issue("gateway")
    make_certificates(text, tmp_path)
    done = check(text, tmp_path)
    assert done.returncode == 0, done.stderr
    assert verdicts([text]) == [""]


def test_there_are_many_of_them():
    assert len(CONFIGURATIONS) > 5


def test_a_mistake_is_told_as_shown(tmp_path):
    shown = snippet("docs/CONFIGURATION.md", "15 parsecs")
    place = re.match(r"gatehouse\.yaml:(\d+):(\d+)", shown)
    line = shown.splitlines()[1]
    before = ["listen: [{address: 127.0.0.1:8080}]", "tokens:"]
    text = "\n".join([*before, "  " + line.strip()]) + "\n"
    assert (place[1], place[2]) == ("3", str(text.splitlines()[2].index("15") + 1))
    told = check(text, tmp_path).stderr
    assert [each.strip() for each in shown.splitlines()] == [each.strip() for each in told.splitlines()][:4]


def test_a_first_file_is_written_as_shown(shell, tmp_path):
    shell().type(snippet("docs/CONFIGURATION.md", "gatehouse init"))
    assert check((tmp_path / "gatehouse.yaml").read_text(), tmp_path).returncode == 0


