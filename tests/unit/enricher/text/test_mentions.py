"""Datasets and tasks that a text names, and similar words that are none."""

import tomllib
from pathlib import Path

import pytest

from services.enricher.text import extraction as mentions
from services.enricher.text.extraction import datasets, extract, tasks
from services.enricher.text.gist import MAX_GIST
from services.enricher.works.sighting import MAX_ABSTRACT, MAX_TITLE


@pytest.mark.parametrize(
    ("text", "names"),
    (
        ("We train on ImageNet-1K, CIFAR-10/100 and (MNIST).", ("CIFAR-10", "ImageNet", "MNIST")),
        ("Results on the GLUE benchmark and SQuAD.", ("GLUE", "SQuAD")),
        ("Detectors are tried on COCO; captions on MS-COCO.", ("COCO",)),
        ("On KITTI and on SemanticKITTI.", ("KITTI", "SemanticKITTI")),
        ("RefCOCO+ only", ("RefCOCO",)),
    ),
)
def test_datasets_are_found_by_their_names(text: str, names: tuple[str, ...]) -> None:
    assert datasets("", text) == names


@pytest.mark.parametrize(
    "text",
    ("Tiny-ImageNet and miniImageNet", "we glue paper", "GLUE: folding with paste", "imagenet", "KITTI-3", "COCOA",
     "the GAIA mission", "GAIA and Hipparcos", "drop and spider", "MNISTER", "the pile of paper"),
)  # fmt: skip
def test_similar_words_are_no_datasets(text: str) -> None:
    assert datasets("", text) == ()


@pytest.mark.parametrize(
    ("title", "abstract", "names"),
    (
        ("Object detection in folds", "", ("object detection",)),
        ("Folds", "Object Detection is hard. We do object detection.", ("object detection",)),
        ("Folds", "Such as object detection, or speech recognition.", ()),
        ("Visual question answering about cranes", "", ("visual question answering",)),
        ("Speech synthesis of cranes", "text-to-speech", ("speech synthesis",)),
        ("Detecting objects", "", ()),
    ),
)
def test_tasks_are_found_in_the_title_or_twice_in_the_abstract(
    title: str, abstract: str, names: tuple[str, ...]
) -> None:
    assert tasks(title, abstract) == names


def test_every_spelling_of_the_vocabulary_is_found() -> None:
    """INVARIANT: every entry of the lists can be found."""
    lists = tomllib.loads((Path(mentions.__file__).parent / "vocabulary.toml").read_text("utf-8"))
    missed = [
        text for name, all_ in lists["datasets"].items() for text in all_ if name not in datasets("", f"({text}),")
    ]
    missed += [text for name, all_ in lists["tasks"].items() for text in all_ if not tasks(f"on {text}.", "")]
    assert missed == []


def test_text_in_another_language_has_no_gist_and_no_tasks() -> None:
    text = "Wir falten Kraniche aus Papier mit einem Roboterarm, der die Schritte aus wenigen Filmen lernt. " * 2
    found = extract("Kraniche falten", text + "Auch auf MNIST.")
    assert (found.language, found.gist, found.tasks, found.datasets) == ("de", None, (), ("MNIST",))


HOSTILE = ("e.g. A ", "We ", "A. ", "ImageNet", "this ", "object detection ", "a ", "a", ".", "We propose a paper ")


@pytest.mark.parametrize("piece", HOSTILE)
def test_extraction_takes_bounded_time(piece: str) -> None:
    """INVARIANT: no text takes long; these have the maximum length."""
    text = piece * (MAX_ABSTRACT // len(piece))
    found = extract(text[:MAX_TITLE], text)
    assert len(found.keywords) <= 8
    assert len(found.gist or "") <= MAX_GIST
