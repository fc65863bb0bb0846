"""The whole audit on scripted models, through Python and through the command."""

import json
from zlib import crc32

import numpy as np
import pytest
from typer.testing import CliRunner

import primum.audit
from primum.audit import audit_model, audit_run, read_audit, settings_from_audit
from primum.cli.main import app
from primum.constitution import Constitution, load_constitution
from primum.engines.scripted import ScriptedEngine
from primum.errors import UserError
from primum.recipe import load_recipe
from tests.run.test_align import PROMPTS, constitution, run

__all__ = ["constitution"]  # A fixture.

SMALL = ("sampling.n=4", "sampling.max_tokens=8", "refinement.max_tokens=8")


@pytest.fixture(autouse=True)
def own_cache(tmp_path, monkeypatch):
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))


def goals(count=60):
    def objective(name):
        rows = [
            {
                "prompt": f"{name} question {i}",
                "better": f"good answer {i}, {name}" + " indeed" * (i % 3),
                "worse": f"evil answer {i}, {name}" + " indeed" * (i // 3 % 3),
            }
            for i in range(count)
        ]
        return {"name": name, "definition": f"Be {name}.", "exemplars": rows}

    return Constitution.model_validate(
        {"name": "two", "objectives": [objective("kind"), objective("brief")]}
    )


def knowing(hidden=8, signal=1.0, seed=0):
    """Hidden states that know whether a text is good; other seeds, other noise."""

    def states(request):
        text = request.messages[-1].content
        rng = np.random.default_rng(crc32(f"{seed}{text}".encode()))
        values = rng.normal(size=(len(request.layers), hidden)).astype(np.float32)
        values[:, 0] += signal * (("good" in text) - ("evil" in text)) + text.count("well")
        return values

    return states


def engine(name="m", **more):
    def answer(request):
        words = ["good", "evil", "well", "so"]
        return " ".join(words[(request.seed >> at) % 4] for at in (0, 2, 4, 6))

    made = {"answer": answer, "representation": knowing(), "layers": 5, "fingerprint": name}
    return ScriptedEngine(**{**made, **more})


def audit(load=None, count=60, **more):
    return audit_model(
        "m",
        constitution=goals(count),
        overrides=("judging.kind=probe", *SMALL),
        load_engine=load or (lambda name: engine(name, representation=knowing(signal=2.0))),
        **more,
    )


def rows(content, objective=0):
    return {row["judge"]: row for row in content["objectives"][objective]["rows"]}


def test_a_model_that_knows_is_trusted_and_the_controls_are_at_chance(tmp_path):
    content = audit(out=tmp_path / "audit")
    for objective in (0, 1):
        assert content["objectives"][objective]["trust"]["verdict"] == "trust"
        found = rows(content, objective)
        assert found["this judge"]["out_of_fold"] is True
        assert found["this judge"]["agreement"]["accuracy"]["low"] > 0.7
        for control in ("random", "length alone"):
            accuracy = found[control]["agreement"]["accuracy"]
            assert accuracy["low"] < 0.5 < accuracy["high"]
    assert content["objectives"][0]["retest"]["deviation"] == pytest.approx(0, abs=1e-3)
    assert content["position"].startswith("does not apply")
    assert content["filters"] is None
    assert content["suggestion"]["delta"] == 0.0
    assert json.loads((tmp_path / "audit" / "audit.json").read_text()) == content
    page = (tmp_path / "audit" / "audit.html").read_text()
    assert "kind: trust" in page
    assert "length alone" in page


def test_a_fit_that_only_remembers_its_exemplars_is_found_out():
    # 200 dimensions of noise tell 60 exemplars apart perfectly, and no other.
    content = audit(lambda name: engine(name, representation=knowing(200, signal=0.0)))
    found = rows(content)["this judge"]["agreement"]["accuracy"]
    assert found["low"] < 0.5 < found["high"]
    assert content["objectives"][0]["trust"]["verdict"] == "no"
    assert content["suggestion"]["delta"] is None


def test_a_judge_that_cannot_rate_is_not_to_be_used():
    uniform = engine(choice=lambda request: np.zeros(len(request.choices)))
    content = audit_model(
        "m",
        constitution=goals(),
        overrides=("judging.kind=rating-expected",),
        load_engine=lambda name: uniform,
    )
    found = content["objectives"][0]
    assert found["trust"]["verdict"] == "no"
    assert rows(content)["this judge"]["out_of_fold"] is False
    assert found["rows"][0]["agreement"]["ties"] == 1.0
    assert any("same score on both sides" in text for text in found["trust"]["warnings"])


def test_too_few_exemplars_to_hold_any_out_are_told():
    content = audit(count=10)
    assert content["objectives"][0]["rows"][0]["agreement"]["missing"] == 10
    assert "only 0 prompts could be scored" in content["objectives"][0]["trust"]["sentence"]


def test_labelled_pairs_decide_where_there_are_enough(tmp_path):
    file = tmp_path / "pairs.jsonl"
    lines = [
        json.dumps(
            {
                "prompt": f"p{i}",
                "better": f"evil {i}",
                "worse": f"good {i}",
                "objective": "kind",
            }
        )
        for i in range(40)
    ]
    file.write_text("\n".join(lines))
    content = audit(pairs=file)
    first, second = (content["objectives"][at]["trust"] for at in (0, 1))
    assert (first["basis"], first["verdict"]) == ("labelled pairs", "no")
    assert (second["basis"], second["verdict"]) == ("exemplars", "trust")
    assert content["suggestion"]["delta"] is None


def test_prompts_show_what_the_filters_leave_and_a_second_judge_gives_tau():
    content = audit(
        lambda name: engine(name, representation=knowing(signal=2.0, seed=len(name))),
        prompts=PROMPTS,
        sample=8,
        second="other",
    )
    filters = content["filters"]
    assert filters["source"] == "a sample of 8 prompts"
    assert filters["prompts"] == 8
    assert filters["kept"] + sum(found for _, found in filters["reasons"]) == 8
    assert content["suggestion"]["measure"] in ("RV", "")
    assert content["objectives"][0]["saturation"]["scores"] >= 8 * 4


def test_the_first_judge_over_again_is_no_second_opinion():
    with pytest.raises(UserError, match="over again"):
        audit(lambda name: engine("same"), prompts=PROMPTS, sample=8, second="other")


def test_without_a_second_judge_tau_comes_from_accuracy_by_determinant():
    content = audit(prompts=PROMPTS, sample=8)
    suggestion = content["suggestion"]
    assert suggestion["measure"] == "accuracy"
    assert suggestion["tau"] == pytest.approx(
        max(p["tau"] for p in suggestion["curve"] if p["tau"] <= suggestion["tau"])
    )


def wanted(tmp_path, **more):
    content = {
        "model": "m",
        "judge": {"kind": "probe"},
        "constitution_fingerprint": "?",
        "objectives": [],
        "suggestion": {"tau": 0.5, "delta": 1.25, "tau_rule": "a", "delta_rule": "b"},
        **more,
    }
    file = tmp_path / "audit.json"
    file.write_text(json.dumps(content))
    return file


def take(file, **more):
    given = {
        "model": "m",
        "constitution": "medical",
        "recipe": None,
        "overrides": ("judging.kind=probe",),
    }
    return settings_from_audit(file, **{**given, **more})


def test_tau_and_delta_go_into_the_recipe_unless_the_audit_is_of_something_else(tmp_path):
    judge = load_recipe(None, ("judging.kind=probe",)).judging.model_dump(mode="json")
    same = {
        "judge": judge,
        "constitution_fingerprint": load_constitution("medical").fingerprint,
    }
    settings = take(wanted(tmp_path, **same))
    assert settings == ("denoising.tau=0.5", "pairing.delta=1.25")
    recipe = load_recipe(None, settings)
    assert (recipe.denoising.tau, recipe.pairing.delta) == (0.5, 1.25)
    with pytest.raises(UserError, match="another model"):
        take(wanted(tmp_path, **same), model="n")
    with pytest.raises(UserError, match="another judge"):
        take(wanted(tmp_path, **same), overrides=("judging.kind=rating-expected",))
    with pytest.raises(UserError, match="another constitution"):
        take(wanted(tmp_path, **same), constitution="harmless-helpful")
    nothing = {"tau": None, "delta": None, "tau_rule": "no prompts", "delta_rule": "no trust"}
    with pytest.raises(UserError, match="no prompts"):
        take(wanted(tmp_path, **same, suggestion=nothing))


def test_align_takes_the_audits_settings_and_the_users_go_over_them(tmp_path, monkeypatch):
    seen = {}

    def stub(prompts, **given):
        seen.update(given)
        raise UserError("stop here")

    monkeypatch.setattr("primum.run.align.align", stub)
    file = wanted(
        tmp_path,
        judge=load_recipe(None).judging.model_dump(mode="json"),
        constitution_fingerprint=load_constitution("medical").fingerprint,
    )
    arguments = ["align", "seed", "-m", "m", "-o", str(tmp_path / "r"), "-c", "medical"]
    arguments += ["--recipe-from-audit", str(file), "pairing.delta=3"]
    assert str(CliRunner().invoke(app, arguments).exception) == "stop here"
    settings = load_recipe(None, seen["overrides"])
    assert (settings.denoising.tau, settings.pairing.delta) == (0.5, 3.0)


@pytest.mark.parametrize("text", ["{", "[]", "{}"])
def test_what_is_no_audit_is_said_to_be_none(tmp_path, text):
    file = tmp_path / "audit.json"
    with pytest.raises(UserError, match="there is no audit"):
        read_audit(file)
    file.write_text(text)
    with pytest.raises(UserError, match=r"audit\.json"):
        read_audit(file)


def command(*arguments):
    return CliRunner().invoke(app, ["audit", *map(str, arguments)])


def test_the_command_prints_verdicts_and_takes_settings_without_a_run(tmp_path, monkeypatch):
    seen = {}

    def stub(model, **given):
        seen.update(given, model=model)
        return audit()

    monkeypatch.setattr(primum.audit, "audit_model", stub)
    done = command("--model", "m", "judging.kind=probe", "seed=3", "--out", tmp_path / "o")
    assert done.exit_code == 0, done.output
    assert (seen["model"], seen["overrides"]) == ("m", ["judging.kind=probe", "seed=3"])
    assert "kind: trust" in done.output
    assert "Preference for position does not apply" in done.output


@pytest.mark.parametrize(
    "arguments", [(), ("RUN", "--model", "m"), ("RUN", "seed=1"), ("RUN", "--prompts", "seed")]
)
def test_the_command_says_what_does_not_go_together(arguments):
    assert isinstance(command(*arguments).exception, UserError)


def test_a_directory_without_a_run(tmp_path):
    with pytest.raises(UserError, match="holds no run"):
        audit_run(tmp_path)


def test_a_run_is_audited_and_shows_it_in_its_report(tiny_folder, constitution, tmp_path):
    out = tmp_path / "run"
    run(tiny_folder, constitution, out, "judging.kind=probe")
    before = (out / "report.html").read_text()
    assert 'id="audit"' not in before
    content = audit_run(out)
    expected = load_constitution(constitution).fingerprint
    assert content["constitution_fingerprint"] == expected
    assert content["filters"]["source"] == "the run"
    assert content["filters"]["prompts"] == 8
    assert content["objectives"][0]["trust"]["verdict"] == "no"
    assert read_audit(out / "audit.json") == content
    assert 'id="audit"' in (out / "report.html").read_text()
    assert "kind: do not use" in (out / "report.html").read_text()
    again = run(tiny_folder, constitution, out, "judging.kind=probe")
    assert again.executed == ()
    (out / "constitution.yaml").unlink()
    with pytest.raises(UserError, match="name its file with --constitution"):
        audit_run(out)
    with pytest.raises(UserError, match="objectives are kind, useful"):
        audit_run(out, constitution="medical")
