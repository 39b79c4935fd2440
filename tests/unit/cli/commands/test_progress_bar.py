"""Lines that are logged while a progress bar is on a terminal are whole, and so is the bar."""

import os
import sys

from tests.screen import shown

LOGGED = 8
SCRIPT = f"""
import logging, sys, threading, time
import structlog
from services.cli.commands.import_papers import progress_bar
from shared.telemetry import configure_logging

configure_logging()
log, other = structlog.get_logger(), logging.getLogger("library")

def chatter():
    for number in range({LOGGED}):
        log.warning(
            "outage began", part=f"source {{number}}", reason="a reason of many words " * 6 + f"end-{{number}}."
        )
        other.warning("library line %d of a library that logs by itself", number)
        sys.stderr.write(f"importing: waiting, since {{number}}\\n")
        time.sleep(0.03)

thread = threading.Thread(target=chatter)
with progress_bar() as bar:
    task = bar.add_task("importing", total=100)
    thread.start()
    for done in range(100):
        bar.update(task, completed=done)
        time.sleep(0.002)
    thread.join()
print("ready: 100 papers")
"""


def test_no_line_tears_the_bar_and_nothing_of_it_stays() -> None:
    environment = {name: value for name, value in os.environ.items() if name not in ("CI", "NO_COLOR")}
    screens = shown([sys.executable, "-c", SCRIPT], {**environment, "TERM": "xterm-256color"})
    bars = [[line for line in lines if "━" in line] for lines in screens]
    assert max(map(len, bars)) == 1, "the bar is on the screen once"
    assert {line[:11] for lines in bars for line in lines} <= {"importing ━", "importing ╸"}, "nothing stands before it"
    assert "━" not in "".join(screens[-1])
    text = "".join("".join(screens[-1]).split())
    for number in range(LOGGED):
        assert f"manywordsend-{number}." in text
        assert f"WARNINGlibrarylibraryline{number}ofalibrarythatlogsbyitself" in text
        assert f"importing:waiting,since{number}" in text
    assert screens[-1][-2] == "ready: 100 papers"
