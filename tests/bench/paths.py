"""Where things lie."""

import os
import pathlib

ROOT = pathlib.Path(__file__).resolve().parents[2]
TREE = ROOT / "build" / "release"
BINARY = pathlib.Path(os.environ.get("GATEHOUSE_BINARY", TREE / "gatehouse"))
GENERATOR = TREE / "bench" / "bench_generator"
BACKEND = TREE / "bench" / "bench_backend"
E2E = ROOT / "tests" / "e2e"
