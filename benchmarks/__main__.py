"""Runs the benchmarks and writes their page: `make bench`, `make bench ARGS="calls"`.

Each benchmark runs in a process of its own, so that none warms another. A section that was not run
again keeps what it said, with the date it was measured.
"""

import argparse
import datetime
import os
import platform
import re
import subprocess
import sys
from pathlib import Path

HERE = Path(__file__).resolve().parent
PAGE = HERE.parent / "docs" / "benchmarks.md"
NAMES = tuple(sorted(one.stem.removeprefix("bench_") for one in HERE.glob("bench_*.py")))
#: The order of the page; what is not named comes after.
ORDER = (
    "pipeline",
    "throughput",
    "calls",
    "synchronising",
    "flows",
    "lists",
    "cold_start",
    "reading_cost",
    "extraction",
)

HEAD = """\
# Benchmarks

Made by `make bench`; do not edit. Each section says when and on what it was measured. Trust ratios
before milliseconds: the machine is shared and its figures move by a fifth.
"""


def machine() -> str:
    """One line about what measures: cores, memory, system, Python, and how busy it already is."""
    model = platform.processor() or platform.machine()
    info = Path("/proc/cpuinfo")
    if info.exists():
        found = re.search(r"^model name\s*: (.+)$", info.read_text(), re.MULTILINE)
        model = found[1] if found else model
    pages, size = os.sysconf("SC_PHYS_PAGES"), os.sysconf("SC_PAGE_SIZE")
    memory = pages * size / 2**30
    system = f"{platform.system()} {platform.release().split('-')[0]}"
    python = platform.python_version()
    load = f"others' load {os.getloadavg()[0]:.1f}"
    return (
        f"{os.cpu_count()} cores of {model}, {memory:.0f} GiB, {system}, Python {python}; {load}"
    )


def sections(page: str) -> dict[str, str]:
    """The sections of a page by name."""
    return dict(re.findall(r"<!-- (\w+) -->\n(.*?)<!-- end -->", page, re.DOTALL))


def written(found: dict[str, str]) -> str:
    """The page that holds these sections."""
    order = [*ORDER, *sorted(set(found) - set(ORDER))]
    body = [f"<!-- {name} -->\n{found[name]}<!-- end -->\n" for name in order if name in found]
    return "\n".join([HEAD, *body])


def measured(name: str) -> str | None:
    """Run one benchmark; its section, None when it failed or had nothing to measure."""
    print(f"== {name}", flush=True)
    where = machine()  # before it loads the machine itself
    ran = subprocess.run(
        [sys.executable, "-m", f"benchmarks.bench_{name}"],
        cwd=HERE.parent,
        stdout=subprocess.PIPE,
        text=True,
        check=False,
    )
    if ran.returncode or not ran.stdout.strip():
        print(f"   no section (exit status {ran.returncode})", flush=True)
        return None
    print(ran.stdout)
    day = datetime.datetime.now(datetime.UTC).date().isoformat()
    return f"{ran.stdout.rstrip()}\n\n*{day}, {where}.*\n"


def main() -> int:
    """Run what was asked; 1 when one of them failed."""
    parser = argparse.ArgumentParser(prog="make bench", description="Measure.")
    parser.add_argument("name", nargs="*", choices=[*NAMES, []], help=", ".join(NAMES))
    asked = parser.parse_args().name or NAMES
    failed = False
    for name in asked:
        section = measured(name)
        failed |= section is None
        if section is not None:  # read again: another one may have been written meanwhile
            found = sections(PAGE.read_text("utf-8")) if PAGE.exists() else {}
            found[name] = section
            PAGE.write_text(written(found), encoding="utf-8")
    print(f"written: {PAGE.relative_to(HERE.parent)}")
    return int(failed)


if __name__ == "__main__":
    sys.exit(main())
