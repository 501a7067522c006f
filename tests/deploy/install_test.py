"""`cmake --install`: what lies where, manual pages without a complaint, and completions that know the
command line as it is."""

import os
import pathlib
import pty
import re
import select
import shutil
import subprocess
import time

import pytest

from harness.pages import snippet
from harness.shell import Shell

ROOT = pathlib.Path(__file__).resolve().parents[2]
BUILD = ROOT / "build" / "release"

INSTALLED = [
    "bin/gatehouse", "share/man/man1/gatehouse.1.gz", "share/man/man5/gatehouse.yaml.5.gz",
    "share/bash-completion/completions/gatehouse", "share/zsh/vendor-completions/_gatehouse",
    "share/fish/vendor_completions.d/gatehouse.fish", "share/gatehouse/gatehouse.schema.json",
    "share/doc/gatehouse/LICENSE", "share/doc/gatehouse/README.md", "share/doc/gatehouse/docs/CONFIGURATION.md",
    "share/doc/gatehouse/examples/gatehouse.yaml", "share/doc/gatehouse/examples/profiles/rtk-query.yaml",
]
UNITS = sorted(file.name for file in (ROOT / "deploy" / "systemd").glob("gatehouse.*"))


def install(prefix, **environment):
    """As docs/PACKAGES.md shows it, to another place."""
    line = snippet("docs/PACKAGES.md", "cmake --install")
    Shell(ROOT, replaced={"/usr/local": str(prefix)}, environment={name: str(value) for name, value in environment.items()}).type(line)


@pytest.fixture(scope="module")
def installed(tmp_path_factory):
    prefix = tmp_path_factory.mktemp("installed") / "opt" / "gatehouse"
    install(prefix)
    return prefix


def run(*words, **options):
    done = subprocess.run([str(word) for word in words], capture_output=True, text=True, timeout=60, **options)
    assert done.returncode == 0, f"{words}: {done.stdout}{done.stderr}"
    return done.stdout


def page(installed, name):
    return run("gzip", "-dc", installed / "share" / "man" / f"man{name[-1]}" / f"{name}.gz")


# ---- what lies where --------------------------------------------------------------------------

def test_everything_is_installed_and_nothing_else(installed):
    files = {str(file.relative_to(installed)) for file in installed.rglob("*") if file.is_file()}
    assert {*INSTALLED, *(f"lib/systemd/system/{unit}" for unit in UNITS)} - files == set()
    assert {file.split("/")[0] for file in files} <= {"bin", "lib", "share"}
    assert not [file for file in files if file.endswith((".cpp", ".hpp", ".py", ".cmake"))]


def test_it_works_wherever_it_lies(installed, tmp_path):
    moved = tmp_path / "elsewhere"
    shutil.copytree(installed, moved)
    assert run(moved / "bin" / "gatehouse", "version", cwd=tmp_path).startswith("gatehouse ")


@pytest.mark.parametrize("unit", UNITS)
def test_a_unit_starts_what_was_installed_with_it(installed, unit):
    text = (installed / "lib/systemd/system" / unit).read_text()
    assert "/usr/bin/gatehouse" not in text
    for line in re.findall("^ExecStart=.*", text, re.MULTILINE):
        assert line.startswith(f"ExecStart={installed}/bin/gatehouse ")


def test_a_packager_can_install_below_another_root(tmp_path):
    install("/usr", DESTDIR=tmp_path)
    files = {str(file.relative_to(tmp_path)) for file in tmp_path.rglob("*") if file.is_file()}
    assert {f"usr/{name}" for name in INSTALLED} - files == set()
    assert not [file for file in files if not file.startswith("usr/")]


def test_the_example_is_good(installed, tmp_path):
    example = installed / "share/doc/gatehouse/examples/gatehouse.yaml"
    done = subprocess.run([installed / "bin/gatehouse", "check", "--config", example], capture_output=True, text=True, timeout=30)
    assert (done.returncode, done.stderr) == (0, "")


# ---- manual pages -----------------------------------------------------------------------------

@pytest.mark.parametrize("name", ["gatehouse.1", "gatehouse.yaml.5"])
def test_a_manual_page_has_no_mistake(installed, tmp_path, name):
    file = tmp_path / name
    file.write_text(page(installed, name))
    lint = subprocess.run(["mandoc", "-T", "lint", file], capture_output=True, text=True, timeout=60)
    # mandoc looks for other pages on this machine, and theirs need not be installed.
    complaints = [line for line in lint.stdout.splitlines() if "referenced manual not found" not in line]
    assert complaints == []
    shown = subprocess.run(["man", "--warnings", "-E", "UTF-8", "-l", "-Tutf8", "-Z", file], capture_output=True, text=True,
                           timeout=60, env={**os.environ, "LC_ALL": "C.UTF-8", "MANROFFSEQ": "", "MANWIDTH": "80"})
    assert (shown.returncode, shown.stderr) == (0, "")


def shown_page(installed, name, tmp_path):
    file = tmp_path / name
    file.write_text(page(installed, name))
    text = run("mandoc", "-T", "utf8", "-O", "width=200", file)
    return re.sub(r".\x08", "", text)


def test_the_manual_names_every_command(installed, tmp_path):
    shown = shown_page(installed, "gatehouse.1", tmp_path)
    for path in commands_of(installed):
        if not commands_below(installed, path):
            assert re.search(rf"^ +{re.escape(path)}\b", shown, re.MULTILINE), path


def test_the_manual_names_every_key(installed, tmp_path):
    shown = shown_page(installed, "gatehouse.yaml.5", tmp_path)
    keys = re.findall(r"^\| `([^`]+)` \|", (ROOT / "docs" / "CONFIGURATION.md").read_text(), re.MULTILINE)
    keys = [key for key in keys if re.fullmatch(r"[a-z0-9_.<>\[\]]+", key)]
    assert len(keys) > 100
    assert [key for key in keys if key not in shown] == []


# ---- completions ------------------------------------------------------------------------------

def commands_below(installed, path):
    """What `--help` lists; the completions are made of the same, and this reads what people see."""
    shown = run(installed / "bin/gatehouse", *path.split(), "--help")
    listed = shown.partition("Subcommands:\n")[2]
    return re.findall(r"^  ([a-z-]+) ", listed, re.MULTILINE)


def commands_of(installed, path=""):
    found = []
    for name in commands_below(installed, path):
        found.append(f"{path} {name}".strip())
        found += commands_of(installed, found[-1])
    return found


def completed(installed, *words, cwd=None):
    """What bash offers behind these words; the last one is the beginning of a word, or empty."""
    script = """source "$1"; shift
        COMP_WORDS=(gatehouse "$@"); COMP_CWORD=$#
        _gatehouse
        printf '%s\\n' "${COMPREPLY[@]}" """
    file = installed / "share/bash-completion/completions/gatehouse"
    return [line for line in run("bash", "--norc", "-c", script, "-", file, *words, cwd=cwd).splitlines() if line]


def test_bash_offers_every_command_at_its_place(installed):
    for path in ["", *commands_of(installed)]:
        below = commands_below(installed, path)
        offered = completed(installed, *path.split(), "")
        assert set(below) <= set(offered), path
        if below:
            assert {word for word in offered if not word.startswith("-")} == set(below), path


def test_bash_offers_every_option_at_its_place(installed):
    for path in commands_of(installed):
        shown = run(installed / "bin/gatehouse", *path.split(), "--help")
        options = set(re.findall(r"^  (?:-\w,)?(--[a-z-]+)", shown, re.MULTILINE))
        assert options | {"--config", "--env-file"} <= set(completed(installed, *path.split(), "--")), path


def test_the_program_prints_them_as_shown(tmp_path):
    steps = Shell(tmp_path).type(snippet("docs/PACKAGES.md", "gatehouse completion bash") + "complete -p gatehouse\n")
    assert "_gatehouse" in steps[-1].output
    assert "GATEHOUSE" in steps[1].output.upper() and (tmp_path / "gatehouse.schema.json").stat().st_size > 1000


@pytest.mark.parametrize("words, expected", [
    (["us"], ["user"]),
    (["completion", "z"], ["zsh"]),
    (["manual", "gatehouse."], ["gatehouse.yaml"]),
    (["user", "set-"], ["set-password", "set-roles"]),
    (["run", "--log-format", ""], ["json", "dev"]),
    (["run", "--log-format", "=", "d"], ["dev"]),
    (["init", "--registration", "i"], ["invite"]),
    (["--config", "run", "user", "bl"], ["block"]),
    (["--config", "=", "user", "che"], ["check"]),
    (["user", "--config", "x.yaml", "bl"], ["block"]),
    (["run", "--listen", ""], []),
    (["--config", "a"], ["a b.yaml", "abc.yaml"]),
    (["check", "--config", "=", "abc"], ["abc.yaml"]),
    (["nonsense"], []),
], ids=" ".join)
def test_bash_completes(installed, tmp_path, words, expected):
    for name in ("a b.yaml", "abc.yaml", "other.yaml"):
        (tmp_path / name).touch()
    assert sorted(completed(installed, *words, cwd=tmp_path)) == sorted(expected)


def test_bash_completes_at_a_terminal(installed, tmp_path):
    """As somebody types: a real bash, a real tab."""
    leader, follower = pty.openpty()
    shell = subprocess.Popen(["bash", "--norc", "--noprofile", "-i"], stdin=follower, stdout=follower, stderr=follower,
                             cwd=tmp_path, start_new_session=True,
                             env={"PATH": f"{installed / 'bin'}:{os.environ['PATH']}", "TERM": "dumb", "PS1": "$ ",
                                  "HISTFILE": "/dev/null", "HOME": str(tmp_path)})
    os.close(follower)
    seen = ""

    def type_and_wait(typed, awaited):
        nonlocal seen
        seen = ""
        os.write(leader, typed.encode())
        deadline = time.monotonic() + 30
        while awaited not in seen:
            assert time.monotonic() < deadline, f"{awaited!r} did not come: {seen!r}"
            if select.select([leader], [], [], 0.5)[0]:
                seen += os.read(leader, 4096).decode(errors="replace")

    try:
        type_and_wait(f"source {installed}/share/bash-completion/completions/gatehouse; echo rea''dy\n", "ready\r\n")
        type_and_wait("gatehouse vers\t", "gatehouse version")
        type_and_wait("\n", "gatehouse 0.")
        type_and_wait("gatehouse user set-r\t", "set-roles ")
    finally:
        shell.kill()
        shell.wait(30)
        os.close(leader)


@pytest.mark.parametrize("shell, file", [("zsh", "share/zsh/vendor-completions/_gatehouse"),
                                         ("fish", "share/fish/vendor_completions.d/gatehouse.fish")])
def test_the_other_shells_can_read_theirs(installed, shell, file):
    text = (installed / file).read_text()
    for path in commands_of(installed):
        assert path in text
    if shutil.which(shell) is None:
        return  # the words are all there; the syntax is tried where the shell is
    run(shell, "--no-execute", installed / file)
