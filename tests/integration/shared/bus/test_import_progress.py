"""The counters of an import: written by the transactions of every group, read by one function."""

from shared.bus import Bus, import_progress
from tests.architecture.sources import modules

CORRELATION = f"{import_progress.IMPORT}1"


async def test_counters_add_up_and_expire(bus: Bus) -> None:
    async with bus.redis.pipeline(transaction=True) as pipe:
        import_progress.count(pipe, CORRELATION, {"enricher": 2})
        import_progress.count(pipe, CORRELATION, {"enricher": 1, "unchanged": 1})
        await pipe.execute()
    assert await import_progress.read(bus.redis, CORRELATION) == {"enricher": 3, "unchanged": 1}
    assert 0 < await bus.redis.ttl(f"progress:{CORRELATION}") <= 86_400


def test_one_module_names_the_key() -> None:
    assert [path.name for path in modules() if "progress:{" in path.read_text("utf-8")] == ["import_progress.py"]
