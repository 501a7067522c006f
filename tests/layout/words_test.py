"""Names that the pages use are names that there are: keys of the configuration, codes of refusals, alerts."""

import fnmatch
import re

import pytest

from harness.pages import pages

from layout_test import ROOT, sources_of

DOCS = ROOT / "docs"


def keys():
    """Every key and section of the reference, without marks of lists and maps."""
    text = (DOCS / "CONFIGURATION.md").read_text()
    named = re.findall(r"^(?:\| |## )`([a-z_.<>\[\]]+)`", text, re.MULTILINE)
    whole = {name.replace("[]", "").replace(".<name>", "") for name in named}
    return {".".join(name.split(".")[:count]) for name in whole for count in range(1, name.count(".") + 2)}


def checks():
    """Names of what tests/mutants switches off, which docs/SECURITY.md lists."""
    return {name for library in ("auth", "config", "gateway") for file in sources_of(library)
            for name in re.findall(r'enforced\("([\w.]+)"\)', file.read_text())}


def test_every_key_that_a_page_names_is_there():
    known, sections = keys() | checks(), {key.split(".")[0] for key in keys()}
    unknown = [f"{page.name}: {name}" for page in pages()
               for name in re.findall(r"`([a-z_]+(?:\[\])?(?:\.[a-z_]+)+)[`:]", page.read_text())
               if name.split(".")[0].removesuffix("[]") in sections and name.replace("[]", "") not in known]
    assert unknown == []


def test_every_check_that_the_threats_name_is_there():
    table = re.search(r"^\| threat \| answer \| checks \|\n(.*?)\n\n", (DOCS / "SECURITY.md").read_text(), re.MULTILINE | re.DOTALL)[1]
    named = [name for row in table.splitlines() for name in re.findall(r"`([^`]+)`", row.rsplit("|", 2)[1])]
    assert len(named) > 50
    assert [name for name in named if not fnmatch.filter(checks(), name)] == []


# ---- codes ------------------------------------------------------------------------------------


def codes_of_the_program():
    """As gateway/pipeline/refusal.cpp writes them, with the status."""
    text = (ROOT / "gateway" / "pipeline" / "refusal.cpp").read_text()
    return {code: status for status, code in re.findall(r'return \{(\d+), "(\w+)"', text) if code != "unknown"}


def codes_of_the_contract():
    text = (DOCS / "DESIGN.md").read_text()
    listed = re.search(r"Codes: (.*?)\.\n", text, re.DOTALL)[1]
    names = set(re.findall(r"\b[a-z_]+[a-z*]", re.sub(r"\([^)]*\)", "", listed)))
    return {code for name in names for code in (codes_of_the_program() if name.endswith("*") else [name])
            if code.startswith(name.rstrip("*"))}


def section(page, heading):
    return re.search(rf"^## {heading}\n(.*?)(?=^## |\Z)", (DOCS / page).read_text(), re.MULTILINE | re.DOTALL)[1]


def test_the_contract_names_every_code():
    assert codes_of_the_contract() == set(codes_of_the_program())


def test_clients_are_told_of_every_code():
    told = re.findall(r"^\| (\d{3}) \| `(\w+)` \|", section("API.md", "Refusals"), re.MULTILINE)
    assert {code: status for status, code in told} == codes_of_the_program()


def test_operators_are_told_what_to_do_about_every_code():
    rows = re.findall(r"^\| (`.*?`) \| (.+) \| (.+) \|$", section("OPERATIONS.md", "Error codes"), re.MULTILINE)
    told = [code for names, _, _ in rows for code in re.findall(r"`(\w+)`", names)]
    assert sorted(told) == sorted(codes_of_the_program())


# ---- lines of the log -------------------------------------------------------------------------


def test_every_line_that_the_gateway_says_is_named_on_a_page():
    said = {name for file in sources_of("gateway")
            for call in re.findall(r"\bsay\([^;]*;", file.read_text()) for name in re.findall(r'"([a-z]+(?:_[a-z]+)*)"', call)[:1]}
    assert len(said) > 30
    text = "".join(page.read_text() for page in pages())
    assert sorted(name for name in said if not re.search(rf'[`"]{name}[`"]', text)) == []


# ---- versions of the store --------------------------------------------------------------------


@pytest.mark.parametrize("store", ["sqlite", "postgres"])
def test_operators_are_told_what_each_version_of_the_store_added(store):
    told = re.findall(r"^\| (\d+) \| (\d+) \| \w", section("STORE.md", "Versions"), re.MULTILINE)
    schema = (ROOT / "auth" / "store" / store / "schema.cpp").read_text()
    made = re.findall(r"Migration\{\w+, (\d+)\}", schema)
    assert made and told == [(str(number), usable) for number, usable in enumerate(made, start=1)]


# ---- alerts -----------------------------------------------------------------------------------

ALERTS = re.findall(r"^ +- alert: (\w+)$", (ROOT / "deploy" / "monitoring" / "alerts.yml").read_text(), re.MULTILINE)


@pytest.mark.parametrize("alert", ALERTS)
def test_operators_are_told_what_to_do_about_every_alert(alert):
    found = re.search(rf"^### {alert}\n(.*?)(?=^##|\Z)", section("OPERATIONS.md", "Alerts"), re.MULTILINE | re.DOTALL)
    assert found and "- Look" in found[1] and "- Do: " in found[1]
