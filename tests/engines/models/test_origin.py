import json

import pytest

from primum.engines.models.origin import Origin, base_name, front_matter, origin_of


def adapter(folder, base):
    folder.mkdir()
    (folder / "adapter_config.json").write_text(json.dumps({"base_model_name_or_path": base}))
    return str(folder)


def test_what_a_model_is_called_on_the_hub(tmp_path):
    cached = tmp_path / "hub" / "models--org--base" / "snapshots" / "abc"
    cached.mkdir(parents=True)
    assert base_name("bundled:smollm2-135m") == "HuggingFaceTB/SmolLM2-135M-Instruct"
    assert base_name("org/base") == "org/base"
    assert base_name(str(cached)) == "org/base"
    assert base_name(str(tmp_path)) is None
    assert base_name(adapter(tmp_path / "one", "org/base")) == "org/base"
    assert base_name(adapter(tmp_path / "two", str(cached))) == "org/base"
    assert base_name(adapter(tmp_path / "three", str(tmp_path))) is None
    # A path in an adapter is looked for beside it, as where the model itself is loaded.
    assert base_name(adapter(tmp_path / "four", "../one")) == "org/base"
    assert base_name(adapter(tmp_path / "five", "../gone/away")) is None
    assert base_name(adapter(tmp_path / "six", "")) is None


def test_what_the_card_of_the_base_says(tmp_path):
    card = "---\nlicense: other\nlicense_name: clinic\nlanguage:\n- en\n- de\n---\n# Base"
    (tmp_path / "README.md").write_text(card)
    licence = {"license": "other", "license_name": "clinic"}
    assert origin_of(str(tmp_path)) == Origin(None, licence, ("en", "de"))
    assert origin_of(str(tmp_path), name="org/base").name == "org/base"
    bundled = origin_of("bundled:smollm2-135m")
    assert (bundled.licence, bundled.languages) == ({"license": "apache-2.0"}, ("en",))


def test_a_card_in_the_hubs_cache_is_read(tmp_path, monkeypatch):
    monkeypatch.setattr("huggingface_hub.constants.HF_HUB_CACHE", str(tmp_path))
    assert origin_of("org/base") == Origin("org/base", {}, ())
    place = tmp_path / "models--org--base"
    (place / "snapshots" / "abc").mkdir(parents=True)
    (place / "refs").mkdir()
    (place / "refs" / "main").write_text("abc")
    (place / "snapshots" / "abc" / "README.md").write_text("---\nlicense: mit\n---\n")
    assert origin_of("org/base") == Origin("org/base", {"license": "mit"}, ())


@pytest.mark.parametrize(
    "card",
    [
        "",
        "# no metadata",
        "---\n- a list\n---\n",
        "---\n{unclosed\n---\n",
        "---\nlicense: [mit]\n---\n",
        "---\nlicense: |\n  mit\n  base_model: evil\n---\n",
        "---\nlicense: '<script>'\n---\n",
        "---\nlicense_name: alone\n---\n",
    ],
)
def test_a_strangers_card_tells_nothing_odd(tmp_path, card):
    (tmp_path / "README.md").write_text(card)
    assert origin_of(str(tmp_path)).licence == {}
    assert isinstance(front_matter(card), dict)
