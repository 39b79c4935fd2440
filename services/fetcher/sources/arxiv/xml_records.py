"""Long XML of many alike records: pure. Answers of the usual size are read whole, larger ones record by record."""

import io
from collections.abc import Callable
from typing import Final
from xml.etree import ElementTree as ET

WHOLE: Final = 150_000
"""Tags of a document that is read whole, which 2,000 records stay below; and of one record with what is before it."""

XmlError = ET.ParseError
"""What is raised where a document is not well-formed or not plausible; its text says why."""


def read_records(body: bytes, record: str, take: Callable[[ET.Element], None]) -> ET.Element:
    """Give each element of the name `record` to `take`; returns the root. Raises XmlError.

    expat bounds the expansion of entities and opens no external ones.
    """
    if body.count(b"<") <= WHOLE:  # a third faster than one event an element
        root = ET.fromstring(body)  # noqa: S314  # see above
        for element in root.iter(record):
            take(element)
        return root
    return _stream(body, record, take)


def _stream(body: bytes, record: str, take: Callable[[ET.Element], None]) -> ET.Element:
    since = 0
    for _, element in ET.iterparse(io.BytesIO(body)):  # noqa: S314  # see above
        since += 1
        if element.tag == record:
            take(element)
            element.clear()
            since = 0
        elif since > WHOLE:
            message = f"more than {WHOLE:,} elements without a record among them"
            raise XmlError(message)
    return element
