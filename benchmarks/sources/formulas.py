"""How many plain titles and abstracts still have LaTeX (bars: 0.1% of titles, 1% of abstracts).

A macro is a backslash with letters; every brace counts, also those of sets, which are none of LaTeX. It also tells what
reading takes, and of how many formulas math-core makes MathML; the others are shown by their reading.
"""

import gzip
import json
import re
import time
from typing import Final

from benchmarks.common import arguments, data, report
from services.enricher.text.clean import read_text
from services.enricher.works.sighting import MAX_ABSTRACT, MAX_TITLE
from shared.text.formula import markup
from shared.text.typesetting import split_tex

MACRO: Final = re.compile(r"\\[A-Za-z]+")
BRACE: Final = re.compile(r"[{}]")


def main() -> None:
    """Read the titles and abstracts of real papers, and count what is left in them."""
    given = arguments(__doc__ or "", papers=5_000)
    with gzip.open(data("arxiv-5k.jsonl.gz" if given.papers <= 5_000 else "arxiv-64k.jsonl.gz"), "rt") as lines:
        rows = [json.loads(line) for _, line in zip(range(given.papers), lines, strict=False)]
    started = time.process_time()
    titles = [read_text(row["title"], MAX_TITLE) for row in rows]
    abstracts = [read_text(row.get("abstract") or "", MAX_ABSTRACT) for row in rows]
    seconds = time.process_time() - started
    formulas = {part.tex for text in (*titles, *abstracts) for part in split_tex(text.tex or "") if part.tex}
    figures = {
        "papers": len(rows),
        **{f"{what} of titles, %": share(pattern, [each.plain for each in titles]) for what, pattern in PATTERNS},
        **{f"{what} of abstracts, %": share(pattern, [each.plain for each in abstracts]) for what, pattern in PATTERNS},
        "distinct formulas": len(formulas),
        "shown as MathML, %": 100 * sum(markup(tex) is not None for tex in formulas) / len(formulas),
        "ms a paper": 1_000 * seconds / len(rows),
    }
    report(figures, given.json)


PATTERNS: Final = (("with macros", MACRO), ("with braces", BRACE))


def share(pattern: re.Pattern[str], texts: list[str]) -> float:
    """Return the share of texts with a match, in percent."""
    return 100 * sum(pattern.search(text) is not None for text in texts) / len(texts)


if __name__ == "__main__":
    main()
