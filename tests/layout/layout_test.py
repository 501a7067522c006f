"""What the tree promises about itself: who may include whom, what lies where, and what never
belongs into a tracked file."""

import pathlib
import re
import subprocess

import pytest

ROOT = pathlib.Path(__file__).resolve().parents[2]

ALLOWED_AT_THE_TOP = {
    "CMakeLists.txt", "gateway", "auth", "config", "deploy", "tests", "docs", "README.md", "LICENSE",
    "CMakePresets.json", ".clang-format", ".clang-tidy", ".gitignore", ".dockerignore", ".ci",
}

# Each library may include itself and those before it, never the other way.
LIBRARIES = ["config", "auth", "gateway"]

LONGEST_SOURCE = 400
LONGEST_TEST = 500  # tests are tables, and a table is not better in two halves


def tracked_files():
    listed = subprocess.run(["git", "-c", "safe.directory=*", "ls-files", "-z"], cwd=ROOT, capture_output=True, check=True)
    return [ROOT / name for name in listed.stdout.decode().split("\0") if name and (ROOT / name).is_file()]


def sources_of(folder):
    return [file for file in tracked_files()
            if file.is_relative_to(ROOT / folder) and file.suffix in {".cpp", ".hpp", ".h"}]


def includes_of(file):
    return re.findall(r'^\s*#\s*include\s*[<"]([^>"]+)[>"]', file.read_text(), re.MULTILINE)


def wrong(files, is_wrong):
    return [f"{file.relative_to(ROOT)} includes {name}"
            for file in files for name in includes_of(file) if is_wrong(name)]


def test_the_top_level_holds_only_what_it_may():
    names = {file.relative_to(ROOT).parts[0] for file in tracked_files()}
    assert names - ALLOWED_AT_THE_TOP == set()


@pytest.mark.parametrize("library", LIBRARIES)
def test_includes_point_one_way(library):
    later = LIBRARIES[LIBRARIES.index(library) + 1:]
    assert wrong(sources_of(library), lambda name: name.split("/")[0] in later) == []


@pytest.mark.parametrize("library", LIBRARIES)
def test_the_product_includes_nothing_from_the_tests(library):
    assert wrong(sources_of(library), lambda name: name.split("/")[0] == "tests") == []


@pytest.mark.parametrize("library", ["config", "auth"])
def test_there_is_no_event_loop_below_the_gateway(library):
    assert wrong(sources_of(library), lambda name: re.match(r"boost/(asio|beast)\b", name)) == []


def test_includes_start_at_the_root():
    assert wrong(sources_of("."), lambda name: name.startswith(".")) == []


def test_cpp_files_are_short_enough_to_read():
    too_long = []
    for file in sources_of("."):
        length = file.read_text().count("\n")
        allowed = LONGEST_TEST if file.is_relative_to(ROOT / "tests") else LONGEST_SOURCE
        if length > allowed:
            too_long.append(f"{file.relative_to(ROOT)}: {length} lines")
    assert too_long == []


def test_tracked_files_name_no_machine_and_no_registry():
    home = r"/(?:root|home/\w+|work|tmp/wt)/\w"
    registry = r"https?://[\w.-]*" + r"registry" + r"[\w.-]*|\"resolved\":"
    forbidden = re.compile(rf"(?<![\w.*]){home}|{registry}")
    found = []
    for file in tracked_files():
        if file == pathlib.Path(__file__).resolve() or "corpus" in file.parts:
            continue
        text = file.read_bytes().decode("utf-8", "replace")
        found += [f"{file.relative_to(ROOT)}: {match.group()}" for match in forbidden.finditer(text)]
    assert found == []


def test_a_public_header_guards_itself():
    unguarded = [file for file in sources_of(".") if file.suffix == ".hpp" and "#pragma once" not in file.read_text()]
    assert unguarded == []


def test_no_file_promises_to_be_finished_later():
    marks = re.compile(r"\b(TO" + r"DO|FIX" + r"ME|XX" + r"X)\b")
    found = [str(file.relative_to(ROOT)) for file in sources_of(".") if marks.search(file.read_text())]
    assert found == []
