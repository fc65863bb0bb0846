"""YAML as people mean it, and errors that name the line."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from primum.documents import dump_yaml, parse_yaml
from primum.errors import UserError


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("1e-5", 1e-5),
        ("-2.5E+3", -2500.0),
        (".5", 0.5),
        ("5.", 5.0),
        ("010", 10),
        ("-3", -3),
        ("true", True),
        ("~", None),
        ("", None),
        ("off", "off"),
        ("no", "no"),
        ("12:30", "12:30"),
        ("2025-01-01", "2025-01-01"),
        ("0x10", "0x10"),
        ("1_000", "1_000"),
        (".inf", ".inf"),
        ("'1e5'", "1e5"),
        ("{quantile: 0.5}", {"quantile": 0.5}),
    ],
)
def test_plain_values(text, value):
    data = parse_yaml(text, "f").data
    assert data == value
    assert type(data) is type(value)


SCALARS = (
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats(allow_nan=False, allow_infinity=False)
    | st.text()
    | st.from_regex(r"[-+]?[0-9.]{1,4}([eE][-+]?[0-9]{1,3})?", fullmatch=True)
    | st.sampled_from(["off", "Yes", "null", "~", "<<", "=", "2025-01-01", "1e5", "0o7", "1:2"])
)
DATA = st.recursive(
    SCALARS,
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(), inner, max_size=4),
    max_leaves=12,
)


@given(DATA)
def test_dump_reads_back_unchanged(data):
    # By their text, since Python calls 1, 1.0 and True equal.
    assert repr(parse_yaml(dump_yaml(data), "f").data) == repr(data)


def test_values_know_their_lines():
    document = parse_yaml("a: 1\nb:\n  - x\n  - y: 2\n    z: 3\n", "f.yaml")
    assert document.place(("a",)) == "f.yaml, line 1"
    assert document.place(("b", "0")) == "f.yaml, line 3"
    assert document.place(("b", "1", "z")) == "f.yaml, line 5"
    assert document.place(("b", "1", "lost", "deeper")) == "f.yaml, line 4"


@pytest.mark.parametrize(
    ("text", "line", "problem"),
    [
        ("a: 1\nb: [1,\n", 3, "malformed YAML"),
        ("a: 1\n\tb: 2\n", 2, "malformed YAML"),
        ("a: 1\nb: 2\na: 3\n", 3, "'a' stands twice"),
        ("x:\n  {k: 1, k: 2}\n", 2, "'k' stands twice"),
        ("a: !!python/object:os.system {}\n", 1, "malformed YAML"),
        ("a: 1\n--- \nb: 2\n", 2, "malformed YAML"),
        ("a: 1\nb: *nowhere\n", 2, "malformed YAML"),
        ('a: 1\nb: "\\ud800"\n', 2, "is no character"),
    ],
)
def test_errors_name_the_line(text, line, problem):
    with pytest.raises(UserError) as caught:
        parse_yaml(text, "f.yaml")
    assert f"f.yaml, line {line}:" in str(caught.value)
    assert problem in str(caught.value)


@pytest.mark.parametrize("text", ["a: \x00", "[" * 5000, "1" * 5000])
def test_unreadable_text_is_a_user_error(text):
    with pytest.raises(UserError, match=r"f\.yaml"):
        parse_yaml(text, "f.yaml")


def test_aliases_of_aliases_do_not_multiply():
    layers = [f"l{n}: &l{n} [{', '.join([f'*l{n - 1}'] * 9)}]" for n in range(1, 30)]
    document = parse_yaml("\n".join(["l0: &l0 [x]", *layers]), "f.yaml")
    assert len(document.places) < 1000
