from primum.errors import first_line


def test_the_first_line_of_an_error_can_be_quoted():
    assert first_line(OSError("\n no such file. \nmore\n")) == "no such file"
    assert first_line(ValueError("a\nb")) == "a"
    assert first_line(KeyError()) == "KeyError"
