"""What is vendored is the file that docs/licenses.md names, unchanged, with its license."""

import gzip
import hashlib
import re

from tests.architecture.sources import ROOT

VENDOR = ROOT / "services" / "search" / "web" / "vendor"
ROW = re.compile(
    r"^\| `[\w-]+` \(npm\) \| [\d.]+ \| `(?P<file>[\w.-]+)` \| `(?P<digest>[0-9a-f]{64})` \| Apache-2.0 \|$",
    re.MULTILINE,
)


def test_every_vendored_file_is_the_one_that_is_documented() -> None:
    documented = {
        row["file"]: row["digest"] for row in ROW.finditer((ROOT / "docs" / "licenses.md").read_text("utf-8"))
    }
    found = {
        path.name.removesuffix(".gz"): hashlib.sha256(gzip.decompress(path.read_bytes())).hexdigest()
        for path in VENDOR.glob("*.gz")
    }
    assert found == documented
    assert len(found) == 2
    assert {"LICENSE", "NOTICE", "swagger-ui-bundle.js.LICENSE.txt"} <= {path.name for path in VENDOR.iterdir()}
