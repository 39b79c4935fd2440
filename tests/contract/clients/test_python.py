"""A Python client that openapi-python-client made from the document asks an instance."""

import importlib
import subprocess
from collections.abc import Iterator
from typing import Any, Final

import pytest

from tests.contract.clients.conftest import BUILT, Instance, program

GENERATOR: Final = BUILT / "python" / "bin" / "openapi-python-client"
PACKAGE: Final = "generated_paperwire"


class Client:
    """The generated package, by its operations."""

    def __init__(self, reader: Any, owner: Any) -> None:
        self.models: Any = importlib.import_module(f"{PACKAGE}.models")
        self._reader, self._owner = reader, owner

    def search(self, name: str, *path: str, **more: Any) -> Any:
        """Call an operation that needs no key."""
        return self._module("search", name).sync(*path, client=self._reader, **more)

    def alerts(self, name: str, *path: str, **more: Any) -> Any:
        """Call an operation that needs the key."""
        return self._module("subscriptions", name).sync(*path, client=self._owner, **more)

    def _module(self, tag: str, name: str) -> Any:
        return importlib.import_module(f"{PACKAGE}.api.{tag}.{name}")


@pytest.fixture(scope="module")
def client(instance: Instance, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Client]:
    generator = program(GENERATOR, "make clients")
    directory = tmp_path_factory.mktemp("python")
    options = ("--path", str(instance.document), "--output-path", str(directory / PACKAGE), "--meta", "none")
    # Without ruff on the PATH it formats nothing, which would take longer than all the rest.
    made = subprocess.run(
        (generator, "generate", *options), env={"PATH": "/usr/bin"}, capture_output=True, text=True, check=True
    )
    # Atom is the only thing that it cannot read, and leaves as bytes.
    assert {line for line in made.stdout.splitlines() if line.startswith("WARNING")} <= {
        f"WARNING parsing GET /feeds/{name}.atom within search."
        for name in ("search", "trending", "authors/{name}", "papers/{id}/similar")
    }
    with pytest.MonkeyPatch.context() as patch:
        patch.syspath_prepend(directory)
        package = importlib.import_module(PACKAGE)
        owner = package.AuthenticatedClient(base_url=instance.url, token=instance.key)
        with package.Client(base_url=instance.url) as reader, owner:
            yield Client(reader, owner)


def test_it_searches_and_reads_a_paper(client: Client) -> None:
    found = client.search("search", q="graph")
    assert found.results[0].paper.id == "arXiv:2401.00005"
    assert found.results[0].highlights[0].marks == [[12, 17]]
    paper = client.search("paper", "doi:10.1000/quantum(2024)/x")
    assert (paper.id, paper.authors[0].name) == ("arXiv:2401.00006", "Ada Origami")
    assert client.search("paper", "nothing").detail == "The paper nothing is not in the index."


@pytest.mark.parametrize(("form", "start"), [("BIBTEX", "@misc{garcia2024survey,"), ("RIS", "TY  - "), ("CSL", "[\n")])
def test_it_cites_in_every_format(client: Client, form: str, start: str) -> None:
    """One client has one way to read an operation: it must not read BibTeX as JSON."""
    cited = client.search("citation", "2401.00005", format_=client.models.CitationFormat[form])
    assert cited.startswith(start)


@pytest.mark.parametrize("schedule", ["instant", "daily", "weekly"])
def test_it_subscribes_with_every_schedule_and_gives_feedback(client: Client, schedule: str) -> None:
    models = client.models
    schedules = {
        "instant": "instant",
        "daily": models.Daily(daily="08:00"),
        "weekly": models.Weekly(weekly=models.WeekdayHour(day=models.Weekday.MONDAY, at="08:00")),
    }
    hook = models.Webhook(type_="webhook", url="https://hooks.example/1")
    new = models.NewSubscription(query="folding", channel=hook, schedule=schedules[schedule], sensitivity=0.4)
    made = client.alerts("create_subscription", body=new)
    assert type(made.schedule) is type(schedules[schedule])
    assert made.channel.url == hook.url
    more = models.NewFeedback(kind=models.Kind.MORE, paper="2401.00001")
    given = client.alerts("give_feedback", made.id, body=more)
    assert client.alerts("list_feedback", made.id).feedback == [given]
