"""Subscriptions and feedback as sentences."""

from datetime import datetime
from typing import Final

from services.notifier.channels.registry import definition_of
from services.notifier.matching.reasons import listed
from services.notifier.subscribing.relevance import Entry, Kind
from services.notifier.subscription.model import Subscription
from services.notifier.subscription.sensitivity import Volume
from shared.text.spoken_languages import LANGUAGES

_FEEDBACK: Final = {Kind.MORE: "More like", Kind.LESS: "Not", Kind.MUTE: "Muted"}
_MAX_QUERY: Final = 300
"""Characters of a query that are shown."""


def feedback_line(entry: Entry) -> str:
    """Return a line about one piece of feedback."""
    return f"{_FEEDBACK[entry.kind]}: “{entry.title}”" + (" (undone)" if entry.undone else "")


def channel_phrase(one: Subscription) -> str:
    """Return where a subscription sends papers: the name of its channel, and its endpoint if that is no secret."""
    label, channel = definition_of(one.channel).label, one.channel
    known = getattr(channel, "address", None) or getattr(channel, "url", None)
    return f"{label} ({known})" if isinstance(known, str) else label


def subscription_lines(one: Subscription) -> list[str]:
    """Return lines about the state and the conditions of a subscription."""
    state = f"This subscription is {one.state.status.value}"
    state += f": {one.state.reason}" if one.state.reason else "."
    lists = {"phrases": (*one.must, *one.any), "categories": one.categories, "authors": one.authors}
    lists |= {"sources": one.sources, "watched papers": one.papers, "muted authors": one.mute_authors}
    lines = [state, *([f"About: {one.query[:_MAX_QUERY]}"] if one.query else [])]
    lines += [f"{name.capitalize()}: {listed(values)}" for name, values in lists.items() if values]
    lines += [f"At least: {value:,} {name}" for name, value in one.min_signals or () if value is not None]
    if one.has_code is not None:
        lines.append("With known code only." if one.has_code else "Without known code only.")
    lines += [f"Only if: {one.only_if}"] if one.only_if else []
    lines += [f"Language of summaries: {LANGUAGES[one.language].name}"] if one.language else []
    if one.like or one.unlike:
        lines.append(f"Papers to match: {len(one.like)}. Papers to avoid: {len(one.unlike)}.")
    lines += _following_lines(one)
    lines += _citation_lines(one)
    if isinstance(one.sensitivity, Volume):
        lines.append(f"Wanted volume: about {one.sensitivity.per_week:g} papers a week.")
    return lines


def _following_lines(one: Subscription) -> list[str]:
    """Return lines about the place that the liked papers come from."""
    if one.likes_from is None:
        return []
    if one.following is None:
        return [f"Liked papers come from {one.likes_from}, which is not read yet."]
    following = one.following
    lines = []
    if following.read_at:
        noun = "paper" if following.items == 1 else "papers"
        lines.append(
            f"Liked papers come from {one.likes_from}, read at {moment_phrase(following.read_at)}: {following.items} "
            f"{noun}, {following.known} of them in this index, {following.used} liked."
        )
    if following.error:
        lines.append(
            f"{one.likes_from} was not read: {following.error} The next visit is at {moment_phrase(following.next_at)}."
        )
    return lines


def _citation_lines(one: Subscription) -> list[str]:
    """Return lines about who cites the papers of the owner."""
    if one.cites is None:
        return []
    read, lines = one.citations, [f"Only papers that cite yours: {one.cites}."]
    if read is None:
        return [*lines, "It is not known yet who cites them."]
    if read.read_at:
        lines.append(
            f"Asked at {moment_phrase(read.read_at)} about papers of yours: {read.papers}. Their citations: "
            f"{read.citations:,}. Found since the first visit and not in this index yet: {read.awaited}."
        )
    if read.error:
        lines.append(f"The last visit failed: {read.error} The next visit is at {moment_phrase(read.next_at)}.")
    return lines


def moment_phrase(moment: datetime) -> str:
    """Return a moment as readers see it."""
    return moment.strftime("%Y-%m-%d %H:%M UTC")
