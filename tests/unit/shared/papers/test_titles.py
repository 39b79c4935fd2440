"""Titles: rubrics, and how titles compare."""

from typing import Final

import pytest

from shared.papers.titles import is_rubric, title_letters

RUBRICS: Final = tuple(
    """
Issue Information
Issue Information - TOC
ISSUE INFORMATION: Volume 12, Number 3, March 2026
Editorial
Editorial: Kites in schools
Editorial. Five years of tin boats
Guest Editorial: Special Issue on Paper Cranes
Guest Editors' Introduction: Folding at Scale
Introduction to the Special Issue on Paper Cranes
Introduction to this special section
Preface to the Special Issue "Kites"
Correction
Correction to: A census of tin boats
Corrigendum to "A census of tin boats" [J. Boat 3 (2020) 1-9]
Erratum: A census of tin boats
Author Correction: A census of tin boats
Book Review
Book review: The Paper Sailor
Book Reviews 2026
Table of Contents
Contents, Vol. 12, 2026
Preface
Foreword
In Memoriam
In memoriam Ada Sample (1931-2020)
Letter to the Editor
Front Matter
Subscription Information
Reply to the Editor
Corrections and Clarifications
This paper has been withdrawn by the author
List of Reviewers 2025
Inhaltsverzeichnis
Vorwort
Buchbesprechungen
Buchbesprechung: Das Papierschiff
Berichtigung
Nachruf auf Ada Muster
Éditorial
Avant-propos
Table des matières
Comptes rendus
Introduction au dossier
Rectificatif
Prólogo
Presentación
Reseñas
Fe de erratas
Carta al director
Introducción al número especial
Editoriale
Prefazione
Recensioni
Errata corrige
Apresentação
Resenhas
Prefácio
Carta ao editor
编者按
目录
第12卷第3期总目次
勘误
书评
征稿启事
巻頭言
編集後記
書評
お詫びと訂正
권두언
От редакции
Содержание
Рецензии
Памяти Ады Образцовой
Исправление
""".strip().splitlines()
)

TITLES: Final = tuple(
    """
Corrections to scaling in the sample model
Introduction to deep learning for kites
Editorial bias in the reviewing of tin boats
News recommendation with sparse attention
Contents and discontents of paper archives
Prefaces in the early printed books of Samplia
The book review as a genre, 1900 to 1950
Introductory remarks on lattices of warm ice
Commentary tracks of films as data
Indexing strings in compressed space
Vorworte und ihre Leser im Barock
图像分割综述
面向低资源语言的机器翻译方法研究
画像分割の研究
딥러닝 기반 의료 영상 분할
О поправках к спектру оператора
In memory computing with tin wires
""".strip().splitlines()
)


def test_rubrics_are_told_from_titles_of_works() -> None:
    assert [title for title in RUBRICS if not is_rubric(title)] == []
    assert [title for title in TITLES if is_rubric(title)] == []
    assert all(title_letters(title) is None for title in RUBRICS)
    assert all(title_letters(title) for title in TITLES)


@pytest.mark.parametrize(
    "spellings",
    [
        ("H₂O on Mars at noon", "H2O on Mars at noon", "H_2O on Mars at noon", "H 2 O on Mars at noon"),
        ("Møller scattering at low energies", "Moller scattering at low energies"),
        ("The Łukasiewicz logic of kites", "The Lukasiewicz Logic of Kites."),
        ("Aggregates of β-amyloid in glass", "Aggregates of beta-amyloid in glass"),
        ("Non-invasive tests of tin", "Noninvasive tests of tin"),
        ("RETRACTED: A census of tin boats", "A census of tin boats", "A census of tin boats [Withdrawn]"),
        ("图像分割综述", "图像 分割 综述"),
        ("Ｆｕｌｌ ｗｉｄｔｈ letters in titles", "Full width letters in titles"),
    ],
)
def test_spellings_of_one_title_compare_as_equal(spellings: tuple[str, ...]) -> None:
    assert len({title_letters(title) for title in spellings}) == 1
    assert title_letters(spellings[0])


def test_programming_languages_of_one_letter_tell_titles_apart() -> None:
    titles = ("Safe pointers in C++ programs", "Safe pointers in C# programs", "Safe pointers in C programs")
    assert len({title_letters(title) for title in titles}) == len(titles)
    assert title_letters("Uptake of Ca++ by tin boats") == title_letters("Uptake of Ca by tin boats")


@pytest.mark.parametrize("title", ["", "!?", "Turbulence", "Photosynthesisandmore", "On tin boats", "图像", "序"])
def test_a_short_title_and_one_of_one_word_identify_no_work(title: str) -> None:
    assert title_letters(title) is None
