"""What came of the check of a condition in plain words (`only_if`), and how the language model is asked. Pure."""

import hashlib
import re
from typing import Annotated, Final, Literal

import orjson
from pydantic import AfterValidator, BaseModel, ConfigDict, StringConstraints

from shared.llm.fencing import MAX_ABSTRACT, MAX_TITLE, Prompt, fenced
from shared.llm.llm_answers import SEEN
from shared.papers.paper import Model

MAX_REASON: Final = 300
MAX_CONDITION: Final = 300
_UNSAFE: Final = re.compile(r"https?:|www\.|</?[a-z!]|\]\(|`|@\w+\.", re.IGNORECASE)
_TASK: Final = (
    "You decide whether a research paper meets a condition, by what its title and abstract say. If they do not say "
    "that it does, it does not. Give the reason in one sentence of at most 200 characters, in the language of the "
    'condition, as plain text without links and markup. The form of the answer: {"meets": true or false, '
    '"reason": "…"}'
)


class Outcome(Model):
    """The result of a check: the condition, whether the paper meets it, and why, or why it was not checked."""

    condition: str
    verdict: Literal["yes", "no", "unchecked"]
    reason: str

    @property
    def sentence(self) -> str:
        """Return it as one of the reasons of an alert."""
        word = "not checked" if self.verdict == "unchecked" else self.verdict
        return f"only if “{self.condition}”: {word}, {self.reason}"


def _safe(reason: str) -> str:
    if _UNSAFE.search(reason):
        raise ValueError("it has a link or markup, which readers must not get out of a stranger's text")
    return " ".join(reason.split())


Reason = Annotated[
    str, StringConstraints(strip_whitespace=True, min_length=1, max_length=MAX_REASON), SEEN, AfterValidator(_safe)
]


class Judgement(BaseModel):
    """The answer of the model."""

    model_config = ConfigDict(strict=True)

    meets: bool
    reason: Reason


def unchecked(condition: str, why: str) -> Outcome:
    """Return the outcome of a condition that was not checked."""
    return Outcome(condition=condition, verdict="unchecked", reason=why)


def judged(condition: str, judgement: Judgement) -> Outcome:
    """Return the outcome of a condition that was checked."""
    return Outcome(condition=condition, verdict="yes" if judgement.meets else "no", reason=judgement.reason)


def question(title: str, abstract: str, condition: str) -> Prompt:
    """Return the prompt that asks whether a paper meets a condition; both were written by strangers."""
    texts = {"Title": (title, MAX_TITLE), "Abstract": (abstract, MAX_ABSTRACT), "Condition": (condition, MAX_CONDITION)}
    return fenced(_TASK, texts)


def outcome_key(model: str, title: str, abstract: str, condition: str) -> str:
    """Return the key of the answer of a model about one version of a paper and one condition."""
    asked = orjson.dumps([model, title[:MAX_TITLE], abstract[:MAX_ABSTRACT], condition])
    return f"condition:{hashlib.sha256(asked).hexdigest()[:40]}"
