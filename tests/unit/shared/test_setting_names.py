"""Variables that nothing reads are told, with the nearest name."""

from services.cli.app import TRACEBACK
from shared.setting_names import known_variables, unknown_variables


def test_a_misspelled_variable_is_told_with_the_nearest_name() -> None:
    assert unknown_variables(["PAPERWIRE_HTTP_PROT", "HOME"]) == [
        "PAPERWIRE_HTTP_PROT is not a setting and has no effect. Did you mean PAPERWIRE_HTTP_PORT?"
    ]


def test_a_variable_that_resembles_none_is_told_alone() -> None:
    assert unknown_variables(["PAPERWIRE_XYLOPHONE_QUARTZ"]) == [
        "PAPERWIRE_XYLOPHONE_QUARTZ is not a setting and has no effect."
    ]


def test_known_variables_are_not_told_whatever_their_case() -> None:
    assert unknown_variables([*known_variables(), "paperwire_http_port", TRACEBACK]) == []
