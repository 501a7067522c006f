"""The schema of the configuration, and what an editor that has it would say."""

import json
import pathlib
import subprocess

ROOT = pathlib.Path(__file__).resolve().parents[3]
SCHEMA = ROOT / "config" / "gatehouse.schema.json"
CLIENT = ROOT / "tests" / "e2e" / "clients" / "validate_yaml.cjs"


def verdicts(documents):
    """What an editor says about each of these texts; "" is nothing."""
    asked = json.dumps({"schema": str(SCHEMA), "documents": documents})
    done = subprocess.run(["node", CLIENT], input=asked, capture_output=True, text=True, timeout=60)
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout)
