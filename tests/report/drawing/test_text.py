import pytest
from hypothesis import given
from hypothesis import strategies as st

from primum.report.drawing.text import (
    about,
    count,
    duration,
    hub_name,
    interval,
    model_name,
    number,
    one_line,
    percent,
    plain,
    plural,
    share,
    signed,
)


def test_controls_and_overrides_are_shown_rather_than_obeyed():
    assert plain("a\x00b\x1b[31m") == "a[U+0000]b[U+001B][31m"
    assert plain("\u202egpj.exe") == "[U+202E]gpj.exe"
    assert plain("\ud800") == "[U+D800]"
    assert plain("a\r\nb\rc\td") == "a\nb\nc\td"
    assert plain("مرحبا 🧑‍⚕️") == "مرحبا 🧑‍⚕️"


@given(st.text(st.characters(codec=None)))
def test_plain_text_fits_into_any_file_and_stays_as_it_is(text):
    shown = plain(text)
    shown.encode("utf-8")
    assert plain(shown) == shown
    assert not {"\x00", "\x1b", "\x9b", "\u202e", "\r"} & set(shown)
    assert "\n" not in one_line(text)


def test_figures():
    assert number(None) == signed(None) == "–"
    assert (number(-1.234), signed(0.5), signed(-0.5)) == ("−1.23", "+0.50", "−0.50")
    assert (interval(-0.1, 0.2), interval(None, 1.0)) == ("[−0.10, 0.20]", "")
    assert (count(999), count(51_312)) == ("999", "51\u202f312")
    assert (share(1, 3), share(0, 0)) == ("33%", "–")
    assert (percent(0.95), percent(0.975)) == ("95%", "97.5%")
    assert (plural(1, "pair"), plural(0, "pair")) == ("1 pair", "0 pairs")


@pytest.mark.parametrize(
    ("seconds", "text"),
    [
        (0.04, "0.0 s"),
        (59.6, "1 min 00 s"),
        (42, "42 s"),
        (84.2, "1 min 24 s"),
        (7325, "2 h 02 min"),
    ],
)
def test_durations(seconds, text):
    assert duration(seconds) == text


def test_a_models_name_tells_no_path(tmp_path):
    folder = tmp_path / "my-model"
    folder.mkdir()
    assert model_name(str(folder)) == "my-model"
    assert model_name("bundled:smollm2-135m") == "smollm2-135m"
    assert model_name("org/name-1.0") == hub_name("org/name-1.0") == "org/name-1.0"
    assert hub_name(str(folder)) is None
    assert hub_name("../up") is None
    assert model_name("/") == "/"


def test_a_folder_that_looks_like_a_hub_name_is_a_folder(tmp_path, monkeypatch):
    (tmp_path / "org" / "name").mkdir(parents=True)
    monkeypatch.chdir(tmp_path)
    assert hub_name("org/name") is None
    assert model_name("org/name") == "name"


@pytest.mark.parametrize(
    ("value", "said"),
    [
        (0, "0"),
        (999, "999"),
        (1000, "1k"),
        (12_345, "12.3k"),
        (999_999, "1M"),
        (4_560_000_000, "4.56G"),
    ],
)
def test_estimates_have_three_digits(value, said):
    assert about(value) == said
