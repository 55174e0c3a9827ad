"""Hostile files get a clear refusal within 2 seconds and 200 MB, measured in a process of its own."""

import json
import subprocess
import sys
from pathlib import Path

import pytest

SECONDS = 2.0
MEGABYTES = 200
PROBE = """
import json, sys, time
from app.runbook.load import load
from app.steps import BUILT_IN
kinds = {kind.name: kind for kind in BUILT_IN}
started = time.process_time()
loaded = load(sys.argv[1], kinds)
spent = time.process_time() - started
# not ru_maxrss: it carries over what the process that started this one had used
peak = next(int(line.split()[1]) for line in open("/proc/self/status") if line.startswith("VmHWM")) / 1024
first = str(loaded.problems[0]) if loaded.problems else ""
print(json.dumps({"spent": spent, "peak": peak, "first": first, "problems": len(loaded.problems)}))
"""
STEP = "  - {{id: s{0}, owner: dba, est: 1m, changes: nothing, check: {{text: look, items: [a, b]}}}}\n"
HEAD = "runbook: 1\nname: big\nphases:\n- id: p\n  steps:\n"
BAD = '  - {{id: s{0}, owner: x, est: 1m, needs: [n{0}], sql: {{db: "d{0}", run: "selekt ${{params.x}}"}}}}\n'

HOSTILE = {
    "a bomb of aliases": "a: &a [x,x,x,x,x,x,x,x,x]\n" + "".join(f"b{n}: &b{n} [*a,*a,*a,*a]\n" for n in range(50)),
    "deep nesting": "a: " + "[" * 200_000,
    "deep mappings": "".join(f"{' ' * n}a:\n" for n in range(500)),
    "one long flow": "a: [" + "x," * 400_000,
    "many keys": "".join(f"k{n}: 1\n" for n in range(90_000)),
    "duplicate keys": "a: 1\n" * 100_000,
    "many unknown keys in steps": HEAD + "".join(f"  - {{kk{n}: 1}}\n" for n in range(20_000)),
    "20,000 steps": HEAD + "".join(STEP.format(n) for n in range(20_000)),
    "19,000 of the smallest steps": HEAD + "".join(f"  - {{id: s{n}, check: {{}}}}\n" for n in range(19_000)),
    "9,000 steps wrong in many ways": HEAD + "".join(BAD.format(n) for n in range(9_000)),
    "one enormous scalar": "a: '" + "x" * 1_000_000,
    "unclosed quotes": "a: '\n" * 100_000,
    "question marks": "? " * 500_000,
    "dashes": "- " * 500_000,
    "a huge number": "a: " + "9" * 1_000_000,
    "a comment of a megabyte": "#" * 1_048_576,
    "tags": "".join(f"a{n}: !!x y\n" for n in range(50_000)),
    "bidi everywhere": "\u202e" * 300_000,
}


def measured(path: Path) -> dict[str, float | str]:
    done = subprocess.run(
        [sys.executable, "-c", PROBE, str(path)], capture_output=True, text=True, check=True, timeout=60
    )
    answer: dict[str, float | str] = json.loads(done.stdout)
    return answer


@pytest.mark.parametrize("name", HOSTILE)
def test_a_hostile_file_is_refused_quickly_and_in_little_room(name: str, tmp_path: Path) -> None:
    path = tmp_path / "it.yaml"
    path.write_text(HOSTILE[name], encoding="utf-8")
    answer = measured(path)
    assert answer["problems"]
    assert len(str(answer["first"])) < 600
    assert float(answer["spent"]) < SECONDS
    assert float(answer["peak"]) < MEGABYTES


def test_a_file_of_100_megabytes_is_refused_unread(tmp_path: Path) -> None:
    path = tmp_path / "it.yaml"
    with path.open("wb") as file:
        file.truncate(100 << 20)
    answer = measured(path)
    assert "RB102" in str(answer["first"])
    assert "104,857,600 bytes" in str(answer["first"])
    assert float(answer["spent"]) < SECONDS
    assert float(answer["peak"]) < MEGABYTES


def test_a_device_without_an_end_is_refused() -> None:
    assert "RB102" in str(measured(Path("/dev/zero"))["first"])
