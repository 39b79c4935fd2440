"""The paper of the examples as a file in each format, by media type. Pure."""

import json
from typing import Any

from shared.export.paper_example import PAPER
from shared.export.paper_files import FORMATS, whole


def example_files() -> dict[str, Any]:
    """Return each file as the OpenAPI document shows it: CSL-JSON as a list, the others as text."""
    texts = {form.media: whole(format_id, [PAPER]).decode() for format_id, form in FORMATS.items()}
    csl = FORMATS["csl"].media
    return texts | {csl: json.loads(texts[csl])}
