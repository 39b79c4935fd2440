"""Keywords: known terms by their weight, and phrases of the title."""

from services.enricher.text.keywords import keywords, terms
from tests.support import cpu_time


def test_terms_are_phrases_of_two_or_three_words_with_their_papers() -> None:
    assert len(terms()) > 6_000
    assert all(2 <= len(term.split(" ")) <= 3 and count >= 10 for term, count in terms().items())
    assert terms()["dark matter"] > terms()["axion dark matter"]


def test_the_keywords_are_terms_and_not_what_surrounds_them() -> None:
    abstract = (
        "Extensive experiments on public datasets demonstrate superior performance. We train a variational autoencoder "
        "on weak lensing maps of galaxy clusters, which leads to significant improvements over existing methods."
    )
    assert set(keywords("", abstract)) == {"variational autoencoder", "weak lensing", "galaxy clusters"}


def test_rare_terms_come_before_frequent_ones() -> None:
    assert keywords("", "Deep learning for fast radio bursts.") == ("fast radio bursts", "deep learning")


def test_a_repeated_term_and_one_of_the_title_weigh_more() -> None:
    text = "Time series of black holes. Knowledge graphs of time series, with time series of anything."
    assert keywords("", text)[0] == "time series"
    assert keywords("Knowledge graphs", text)[0] == "knowledge graphs"


def test_a_name_and_a_new_phrase_of_the_title_are_keywords() -> None:
    found = keywords("CraneNet: Origami Tessellations by Machine Learning", "CraneNet folds origami tessellations.")
    assert set(found) == {"CraneNet", "origami tessellations", "machine learning"}


def test_a_word_of_the_title_counts_only_if_it_is_unusual() -> None:
    assert "kirigami" in keywords("Kirigami", "We cut paper: kirigami.")
    assert keywords("Learning", "Learning to learn.") == ()


def test_a_plural_is_the_same_term() -> None:
    assert keywords("", "A neural network among neural networks.") == ("neural network",)


def test_the_longest_term_is_taken_and_its_parts_are_not() -> None:
    assert keywords("", "Graph neural networks are studied.") == ("graph neural networks",)


def test_acronyms_keep_their_capitals_and_titles_do_not() -> None:
    assert keywords("Reasoning Chains of LLM Agents", "") == ("reasoning chains", "LLM agents")


def test_stopwords_and_marks_separate_words() -> None:
    assert keywords("", "neural, networks; dark: matter, a dark of matter") == ()


def test_pieces_of_formulas_are_no_keywords() -> None:
    assert keywords("Bounds on ℓ²xyz and Lorentzian²", "Lorentzian² and ℓ²xyz are large.") == ()


def test_the_parts_of_an_address_are_no_keywords() -> None:
    assert keywords("", "Code at https://github.com/neural networks/x and www.dark matter.example") == ()


def test_the_number_of_keywords_is_bounded() -> None:
    text = ". ".join(sorted(terms())[:40])
    assert len(keywords("", text)) == 8
    assert len(keywords("", text, max_count=2)) == 2


def test_texts_without_terms() -> None:
    assert keywords("", "") == ()
    assert keywords("On the 1st x 2024", "5 and 3d.") == ()
    assert keywords("中文", "…") == ()
    assert keywords("图像分割 综述", "") == ("图像分割 综述",)


def test_a_long_text_takes_little_time() -> None:
    for part in ("neural ", "neural networks ", "a-", "https://", "A "):
        assert cpu_time(lambda part=part: keywords(part * 2_000, part * 5_000)) < 0.5  # type: ignore[misc]
