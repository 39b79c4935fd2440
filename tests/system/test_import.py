"""`paperwire import` and `search` with no instance running: bad lines are named, the others can be found."""

import gzip
import json
from pathlib import Path

from tests.system.instance import paperwire

GOOD = {"title": "Paper boats in wind tunnels", "abstract": "We measure the drag of folded boats.", "id": "bad:1"}
LINES = (
    json.dumps(GOOD).encode(),
    b"this is no json",
    b'{"abstract": "a paper without a title"}',
    b'{"title": "' + b"x" * 10_000_000 + b'"}',
    json.dumps({"title": "Dated in the year zero", "published": "0000-01-01"}).encode(),
    b'{"title": "Holding a NUL\\u0000 inside"}',
    b'{"title": "Half a surrogate \\ud83d here"}',
    json.dumps({"title": "<script>alert(1)</script>Marked <b>up</b> lanterns"}).encode(),
    b'["a list"]',
    b"",
    json.dumps({"title": "The last line is taken too"}).encode(),
)


async def test_each_bad_line_is_named_and_the_others_are_imported(tmp_path: Path) -> None:
    data, file = str(tmp_path / "data"), tmp_path / "papers.jsonl.gz"
    file.write_bytes(gzip.compress(b"\n".join(LINES) + b"\n"))
    report = json.loads(await paperwire("import", str(file), "--data-dir", data, "--json", status=1))
    assert (report["read"], report["searchable"], report["dead"]) == (6, 6, 0)
    refused = {row["where"]: row["reason"] for row in report["refused"]}
    assert set(refused) == {"line 2", "line 3", "line 4", "line 9"}
    assert "not JSON" in refused["line 2"]
    assert "no title" in refused["line 3"]
    assert "4,194,304 bytes" in refused["line 4"]
    assert "object was expected" in refused["line 9"]
    assert {row["where"] for row in report["cleaned"]} == {"line 5", "line 6", "line 7"}

    found = json.loads(await paperwire("search", "lanterns", "marked", "up", "--data-dir", data, "--json"))
    titles = [row["paper"]["title"] for row in found["results"]]
    assert titles[0] == "Marked up lanterns"
    assert "Half a surrogate here" in titles
    words = await paperwire("search", "drag", "of", "boats", "--data-dir", data)
    assert "Paper boats in wind tunnels" in words.splitlines()[0]


async def test_a_missing_file_is_named_and_the_others_are_imported(tmp_path: Path) -> None:
    file = tmp_path / "one.jsonl"
    file.write_text(json.dumps(GOOD))
    missing = str(tmp_path / "missing.jsonl")
    output = await paperwire("import", missing, str(file), "--data-dir", str(tmp_path / "data"), status=1)
    assert f"refused: {missing}, file:" in output
    assert "1 paper searchable" in output
