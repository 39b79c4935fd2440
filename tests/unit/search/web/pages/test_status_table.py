from services.search.web.pages.status import DAYS, table
from shared.board import DayRow


def row(category: str, day: str, source: str = "arxiv") -> DayRow:
    return {"source": source, "category": category, "day": day, "state": "complete", "received": 1}


def test_days_are_columns_and_categories_are_rows() -> None:
    rows = [row("cs.LG", "2026-03-02"), row("cs.CL", "2026-03-03"), row("cs.CL", "2026-03-02", "api")]
    ledger = table(rows)
    assert ledger.days == ("2026-03-03", "2026-03-02")
    assert [(source, category) for source, category, _ in ledger.rows] == [
        ("api", "cs.CL"),
        ("arxiv", "cs.CL"),
        ("arxiv", "cs.LG"),
    ]
    assert [[cell is not None for cell in cells] for _, _, cells in ledger.rows] == [
        [False, True],
        [True, False],
        [False, True],
    ]


def test_old_days_and_their_rows_are_left_out() -> None:
    rows = [row("old", "2026-01-01"), *(row("cs.LG", f"2026-03-{day:02d}") for day in range(1, DAYS + 1))]
    ledger = table(rows)
    assert len(ledger.days) == DAYS
    assert [category for _, category, _ in ledger.rows] == ["cs.LG"]
