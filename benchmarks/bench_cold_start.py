"""The cold start of each door: a fresh process imports the app and answers an event of its own.

What is measured is from the start of the interpreter to the answer, on an embedded AWS that is
already there. The events bring as little work as may be, because work is measured elsewhere: a
mail for an unknown address, S3's own test event, a command about a document that is already read,
a round of the clock with nothing to do, the sign-in page.
"""

import json
import os
import statistics
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

from benchmarks.house import House, house, say

ROOT = Path(__file__).resolve().parents[1]
TIMES = 7

#: Loads functions/<name>/app.py, calls a handler with an event, says when each was done.
PROGRAM = """
import time; started = time.perf_counter()
import importlib.util, json, sys
name, handler, event = sys.argv[1], sys.argv[2], json.loads(sys.stdin.read())
spec = importlib.util.spec_from_file_location("app", name)
module = importlib.util.module_from_spec(spec)
spec.loader.exec_module(module)
imported = time.perf_counter()
function = getattr(module, handler)
class Context: aws_request_id = "1"; function_name = "f"
answer = None
try:
    answer = function(event, Context())
except Exception as error:
    print("raised", type(error).__name__, error, file=sys.stderr)
answered = time.perf_counter()
print(json.dumps([answered, imported - started, answered - imported,
    answer.get("statusCode") if isinstance(answer, dict) else None]))
"""


def recorded(name: str) -> dict[str, Any]:
    """An event of events/."""
    event: dict[str, Any] = json.loads((ROOT / "events" / name).read_text("utf-8"))
    return event


def mail_to_nobody(place: House) -> dict[str, Any]:
    """The recorded notice of a mail; its object exists, its address is nobody's."""
    event = recorded("mail_received.json")
    key = json.loads(json.loads(event["Records"][0]["body"])["Message"])
    place.clients("s3").put_object(
        Bucket=place.settings.intake_bucket,
        Key=key["receipt"]["action"]["objectKey"],
        Body=(ROOT / "events" / "mail.eml").read_bytes(),
    )
    return event


def started(door: str, handler: str, event: dict[str, Any]) -> tuple[float, float, float]:
    """Seconds: from the start of the process to its answer; of that the import, the answer.

    Both processes read the same monotonic clock. What comes after the answer, the end of the
    interpreter, is nobody's wait: Lambda keeps the process.
    """
    began = time.perf_counter()
    ran = subprocess.run(
        [sys.executable, "-c", PROGRAM, str(ROOT / "functions" / door / "app.py"), handler],
        input=json.dumps(event),
        capture_output=True,
        text=True,
        check=False,
        env={name: one for name, one in os.environ.items() if name != "PYTHONDONTWRITEBYTECODE"},
    )
    assert ran.returncode == 0, ran.stderr
    ended, imported, answered, status = json.loads(ran.stdout.splitlines()[-1])
    if ran.stderr.strip():
        say(f"{door}: {ran.stderr.strip().splitlines()[-1]}")
    assert status in (None, 200), status
    return ended - began, imported, answered


def main() -> None:
    """Print the section."""
    with house() as place:
        doors = (
            ("web", "app", recorded("page_asked.json"), 0.8),
            ("inbound", "receive_mails", mail_to_nobody(place), 0.8),
            ("pipeline", "receive_uploads", recorded("upload_test.json"), 1.5),
            ("pipeline", "run_commands", recorded("command.json"), 1.5),
            ("rulebook", "run_checks", recorded("check.json"), 1.5),
            ("schedule", "sweep", recorded("clock.json"), 1.5),
        )
        rows = []
        for door, handler, event, goal in doors:
            started(door, handler, event)  # leaves the bytecode that layers bring compiled
            times = [started(door, handler, event) for _ in range(TIMES)]
            whole, imported, answered = (
                statistics.median(one) for one in zip(*times, strict=True)
            )
            rows.append((f"{door}.{handler}", whole, imported, answered, goal))
    print("## Cold start of each door\n")
    print(
        f"Median of {TIMES} fresh processes, bytecode compiled as in the layers: start the "
        "interpreter, import app.py, answer one recorded event with as little work as may be (a "
        "mail for nobody, a test event, a document that is not there, an empty round, the sign-in "
        "page). Lambda adds its own start, and is slower or faster with the memory it is given.\n"
    )
    print("| door | whole, s | import, s | first answer, s | goal, s |")
    print("|---|---|---|---|---|")
    for name, whole, imported, answered, goal in rows:
        print(f"| {name} | **{whole:.2f}** | {imported:.2f} | {answered:.2f} | {goal} |")


if __name__ == "__main__":
    main()
