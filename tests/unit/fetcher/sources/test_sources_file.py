"""`sources.toml`: what is read, and what is said of a bad one."""

import re
from datetime import timedelta
from pathlib import Path

import pytest

from services.fetcher.settings import FetcherSettings
from services.fetcher.sources.files.folder import FolderConfig
from services.fetcher.sources.registry import SOURCE_TYPES
from services.fetcher.sources.sources_file import load_sources
from shared.errors import ConfigurationError

ROOT = Path(__file__).parents[4]
FEED = '[[source]]\nname = "a"\ntype = "feed"\nurl = "https://x.example/feed"\n'


def write(tmp_path: Path, text: str) -> Path:
    path = tmp_path / "sources.toml"
    path.write_text(text)
    return path


def test_feeds_and_folders_are_read(tmp_path: Path) -> None:
    text = FEED + 'interval = "90s"\n[[source]]\nname = "inbox"\ntype = "folder"\npath = "in"\nenabled = false\n'
    feed, folder = load_sources(write(tmp_path, text))
    assert (feed.name, feed.interval, feed.enabled) == ("a", timedelta(seconds=90), True)
    assert isinstance(folder, FolderConfig)
    assert (folder.path, folder.enabled, folder.interval) == (tmp_path / "in", False, timedelta(minutes=30))
    _, elsewhere = load_sources(write(tmp_path, text), Path("/data"))
    assert isinstance(elsewhere, FolderConfig)
    assert elsewhere.path == Path("/data/in")


@pytest.mark.parametrize(
    ("text", "seconds"), (("90s", 90), ("30m", 1_800), ("6h", 21_600), (" 1 d ", 86_400), ("P1D", 86_400))
)
def test_intervals_are_parsed(tmp_path: Path, text: str, seconds: int) -> None:
    assert load_sources(write(tmp_path, f'{FEED}interval = "{text}"\n'))[0].interval.total_seconds() == seconds


def test_an_empty_sources_file_is_valid(tmp_path: Path) -> None:
    assert load_sources(write(tmp_path, "# nothing yet\n")) == []


@pytest.mark.parametrize(
    ("text", "problem"),
    (
        ("[[source", "cannot be read"),
        ('source = "x"', "holds 'source'"),
        ("source = [1]", "holds 'source'"),
        ('[source]\nname = "a"', "holds 'source'"),
        (FEED.replace("[[source]]", "[[sources]]"), "holds 'sources'"),
        (FEED + '[[sources]]\nname = "b"', "holds 'sources'"),
        ('[[source]]\nname = "a"', "Source 1 .*: type"),
        ('[[source]]\nname = "a"\ntype = "feed"', "Source 1 .*needs 'url'"),
        ('[[source]]\nname = "a"\ntype = "folder"', "Source 1 .*needs 'path'"),
        (FEED.replace("https", "ftp"), "Source 1 .*: url"),
        (FEED.replace('"a"', '""'), "Source 1 .*: name"),
        (FEED.replace('"a"', '"a\\nb"'), "Source 1 .*: name"),
        (FEED + "colour = 1", "Source 1 .*: colour"),
        (FEED + 'interval = "soon"', "Source 1 .*: interval"),
        (FEED + 'interval = "0s"', "Source 1 .*between a second and a year"),
        (FEED + 'interval = "999999999999d"', "Source 1 .*interval"),
        (FEED + 'interval = "999999d"', "Source 1 .*between a second and a year"),
        (FEED + "interval = inf", "Source 1 .*interval"),
        (FEED + FEED, "Two sources in .* have the same name"),
    ),
)
def test_a_bad_file_stops_the_start_with_one_line(tmp_path: Path, text: str, problem: str) -> None:
    with pytest.raises(ConfigurationError, match=problem) as caught:
        load_sources(write(tmp_path, text))
    assert "\n" not in str(caught.value).replace("\\n", "")
    assert str(tmp_path) in str(caught.value)


def test_a_missing_file_is_named(tmp_path: Path) -> None:
    with pytest.raises(ConfigurationError, match=r"none\.toml cannot be read"):
        load_sources(tmp_path / "none.toml")


def test_the_bundled_file_is_usable() -> None:
    bundled = load_sources(ROOT / "services" / "fetcher" / "sources.toml")
    assert {source.type for source in bundled} == {row.id for row in SOURCE_TYPES}
    assert [source.name for source in bundled if source.enabled] == ["arxiv", "huggingface"]


@pytest.mark.parametrize(
    ("fields", "problem"),
    (
        ('type = "arxiv"', "needs 'categories'"),
        ('type = "arxiv-query"', "needs 'query'"),
        ('type = "openreview"', "needs 'query'"),
        ('type = "huggingface"\nurl = "https://x.example"', "has no 'url'"),
        ('type = "arxiv"\ncategories = ["cs.AI+x"]', "categories.0"),
        ('type = "folder"\npath = "in"\nquery = "x"', "has no 'query'"),
    ),
)
def test_each_type_has_its_own_fields(tmp_path: Path, fields: str, problem: str) -> None:
    with pytest.raises(ConfigurationError, match=problem):
        load_sources(write(tmp_path, f'[[source]]\nname = "a"\n{fields}\n'))


def test_the_example_file_is_usable() -> None:
    example = load_sources(ROOT / "examples" / "sources.toml")
    assert [source.name for source in example if not source.enabled] == ["internal-reports", "openreview"]
    assert len({source.type for source in example}) == len(example) == 7


def test_the_runbook_documents_the_login_of_openreview(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Its table loads, its variables are read, and a sources file with credentials in it is refused."""
    section = (ROOT / "docs" / "runbook.md").read_text("utf-8").partition("## OpenReview\n")[2].partition("\n## ")[0]
    table, commands = re.findall(r"```\w+\n(.*?)```", section, re.DOTALL)
    assert [source.type for source in load_sources(write(tmp_path, table))] == ["openreview"]
    for name, value in re.findall(r"^export (\w+)=(\S+)$", commands, re.MULTILINE):
        monkeypatch.setenv(name, value)
    settings = FetcherSettings.load()
    assert settings.openreview_user == "name@example.org"
    assert settings.openreview_password
    with pytest.raises(ConfigurationError, match="has no 'password'"):
        load_sources(write(tmp_path, table + 'password = "x"\n'))
