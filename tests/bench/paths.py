"""Where things lie."""

import os
import pathlib

ROOT = pathlib.Path(__file__).resolve().parents[2]
TREE = ROOT / "build" / "release"
BINARY = pathlib.Path(os.environ.get("GATEHOUSE_BINARY", TREE / "gatehouse"))
PROGRAMS = TREE / "bench"
GENERATOR, BACKEND = PROGRAMS / "bench_generator", PROGRAMS / "bench_backend"
FORWARDER, TOKENS = PROGRAMS / "bench_forwarder", PROGRAMS / "bench_tokens"
STORE, FEEDS = PROGRAMS / "bench_store", PROGRAMS / "bench_feeds"
TESTS = ROOT / "tests"
E2E = TESTS / "e2e"
HERE = pathlib.Path(__file__).resolve().parent
