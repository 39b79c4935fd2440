"""Commands in the pipes, encodings and terminals of others: what they print arrives, and no error is a traceback."""

import gzip
import json
import os
import subprocess
from collections.abc import Mapping
from pathlib import Path

from embedded.redis import find_binary
from tests.support import until
from tests.system.instance import COMMAND, OWN, free_port, started

WORDS = ("search", "α cranes")
# Python itself reads and writes UTF-8 in the C locale unless it is told not to.
C_LOCALE = {"LC_ALL": "C", "PYTHONUTF8": "0", "PYTHONCOERCECLOCALE": "0"}
LATIN_1 = {"PYTHONIOENCODING": "latin-1"}


def ran(
    script: str, *words: str, stdin: bytes = b"", environment: Mapping[str, str] | None = None
) -> tuple[int, str, str]:
    """Run a command of bash, in which "$@" is paperwire with the words; return the status and what it printed."""
    done = subprocess.run(
        ["bash", "-c", f"set -o pipefail; {script}", "bash", *COMMAND, *words],
        input=stdin, capture_output=True, check=False, timeout=120,
        env={**os.environ, **OWN, **(environment or {})},
    )  # fmt: skip
    output, errors = done.stdout.decode("latin-1"), done.stderr.decode()
    assert "Traceback" not in errors
    return done.returncode, output, errors


async def test_output_arrives_whatever_it_is_written_to(tmp_path: Path) -> None:
    data = ("--data-dir", str(tmp_path / "data"))
    lines = b'{"id": "x:1", "title": "\xce\xb1 cranes \xe6\x8a\x98\xe7\xb4\x99"}\n'
    async with started(tmp_path / "data"):
        assert ran('"$@"', "import", "-", *data, stdin=lines)[0] == 0
        assert ran('"$@"', "import", "-", *data, stdin=gzip.compress(lines))[0] == 0
        status, output, _ = ran('"$@" <&-', "import", "-", *data)
        assert (status, "standard input is closed" in output) == (1, True)
        status, output, errors = ran('"$@"', *WORDS, *data, environment=LATIN_1)
        assert (status, "cranes ??" in output) == (0, True), output + errors
        status, output, errors = ran('"$@"', *WORDS, "--json", *data, environment=C_LOCALE)
        assert (status, json.loads(output)["query"]) == (0, "α cranes"), errors
        assert output.isascii()
        assert ran('"$@" >&-', *WORDS, *data) == (0, "", "")
        for words in (WORDS, (*WORDS, "--json")):
            assert ran('"$@" | true', *words, *data) == (0, "", ""), "as ripgrep does"
            status, _, errors = ran('"$@" >/dev/full', *words, *data)
            assert (status, errors) == (2, "paperwire: The disk is full. Try again when this has passed.\n")


KEYS = ("keys", "list")
COMMANDS = (KEYS, ("dead", "list"), ("sources", "list"))


async def test_a_redis_that_is_away_or_refuses_the_password_is_one_line(tmp_path: Path) -> None:
    port, log = free_port(), tmp_path / "log"
    options = ["--port", str(port), "--requirepass", "right", "--save", "", "--dir", str(tmp_path)]
    away = f"redis://127.0.0.1:{free_port()}"
    with log.open("wb") as file, subprocess.Popen([find_binary(), *options], stdout=file) as server:  # noqa: ASYNC220  # the test waits for nothing else
        try:
            await until(lambda: b"Ready to accept" in log.read_bytes())
            wrong = f"redis://:wrong@127.0.0.1:{port}"
            asked = [(KEYS, away), (KEYS, f"redis://127.0.0.1:{port}"), *((each, wrong) for each in COMMANDS)]
            for command, address in asked:
                status, _, errors = ran('"$@"', *command, environment={"PAPERWIRE_REDIS_URL": address})
                assert (status, errors.count("\n"), errors.startswith("paperwire: ")) == (2, 1, True), errors
                assert ("password" in errors) == (address != away), errors
                assert "wrong" not in errors
        finally:
            server.terminate()
