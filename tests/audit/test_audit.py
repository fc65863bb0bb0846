"""The whole audit on scripted models, through Python and through the command."""

import json
import re
from dataclasses import replace
from zlib import crc32

import numpy as np
import pytest
from typer.testing import CliRunner

import primum.audit
from primum.audit import read_audit, settings_from_audit
from primum.audit.result import write_audit
from primum.cli.main import app
from primum.constitution import Constitution, load_constitution
from primum.engines.scripted import ScriptedEngine
from primum.errors import UserError
from primum.languages import LANGUAGES
from primum.recipe import load_recipe
from tests.audit.sample import sample_audit
from tests.audit.test_views import said
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
    return primum.audit(
        model="m",
        constitution=goals(count),
        overrides=("judging.kind=probe", *SMALL),
        engine=load or (lambda name: engine(name, representation=knowing(signal=2.0))),
        **more,
    )


def judged_in_words(*, count=60, kind="rating-expected", kinds=None, constitution=None, layers=5):
    """An audit of a model that gives every rating the same probability."""
    uniform = engine(choice=lambda request: np.zeros(len(request.choices)), layers=layers)
    recipe = load_recipe(None, SMALL)
    judging = recipe.judging.model_copy(update={"kind": kind, "kinds": kinds or {}})
    return primum.audit(
        model="m",
        constitution=constitution or goals(count),
        recipe=recipe.model_copy(update={"judging": judging}),
        engine=lambda name: uniform,
    )


def rows(found, objective=0):
    return {row.judge: row for row in found.objectives[objective].rows}


def test_a_model_that_knows_is_trusted_and_the_controls_are_at_chance(tmp_path):
    found = audit(out=tmp_path / "audit")
    for objective in (0, 1):
        assert found.objectives[objective].trust.level == "trust"
        judges = rows(found, objective)
        assert judges["this judge"].out_of_fold is True
        assert judges["this judge"].agreement.accuracy.low > 0.7
        for control in ("random", "length alone"):
            accuracy = judges[control].agreement.accuracy
            assert accuracy.low < 0.5 < accuracy.high
    assert found.objectives[0].retest.deviation == pytest.approx(0, abs=1e-3)
    assert found.position.startswith("does not apply")
    assert found.filters is None
    assert found.suggestion.delta == 0.0
    assert read_audit(tmp_path / "audit" / "audit.json") == found
    page = (tmp_path / "audit" / "audit.html").read_text()
    assert "kind: trust" in page
    assert "length alone" in page


def test_a_fit_that_only_remembers_its_exemplars_is_found_out():
    # 200 dimensions of noise tell 60 exemplars apart perfectly, and no other.
    found = audit(lambda name: engine(name, representation=knowing(200, signal=0.0)))
    accuracy = rows(found)["this judge"].agreement.accuracy
    assert accuracy.low < 0.5 < accuracy.high
    assert found.objectives[0].trust.level == "no"
    assert found.suggestion.delta is None


def test_a_judge_that_cannot_rate_is_not_to_be_used():
    uniform = engine(choice=lambda request: np.zeros(len(request.choices)))
    found = primum.audit(
        model="m",
        constitution=goals(),
        overrides=("judging.kind=rating-expected",),
        engine=lambda name: uniform,
    )
    first = found.objectives[0]
    assert first.trust.level == "no"
    assert rows(found)["this judge"].out_of_fold is False
    assert first.rows[0].agreement.ties == 1.0
    assert any("same score on both sides" in text for text in first.trust.warnings)
    assert found.suggestion.kind is not None
    assert "not to be trusted on kind and brief" in found.suggestion.kind
    assert found.suggestion.kind.endswith("judging.kind=probe")
    assert "Another kind of judge: asked in words" in said(found, width=500)


def test_a_judge_is_not_asked_about_the_exemplars_that_it_is_shown():
    asked = []

    def choose(request):
        asked.append(re.findall(r"^> (\w+ question \d+)$", request.messages[0].content, re.M))
        return np.zeros(len(request.choices))

    primum.audit(
        model="m",
        constitution=goals(20),
        overrides=("judging.kind=rating-expected", "judging.shots=4"),
        engine=lambda name: engine(choice=choose),
    )
    shown = {prompt for *shots, _ in asked for prompt in shots}
    assert len(shown) == 2 * 4
    tried = {prompts[-1] for prompts in asked}
    # Each objective's question is asked about the exemplars of both.
    for name in ("kind", "brief"):
        rated = {prompts[-1] for prompts in asked if prompts[0].startswith(name)}
        assert not rated & {prompt for prompt in shown if prompt.startswith(name)}
    assert len(tried) == 2 * (20 - 4)


@pytest.mark.parametrize("change", [{"layers": 0}, {"count": 9}, {"kind": "probe"}])
def test_no_probe_is_proposed_where_none_can_be_or_one_judges(change):
    assert judged_in_words(**change).suggestion.kind is None


def test_a_probe_is_proposed_for_the_objectives_that_fail_alone():
    kind = judged_in_words(kinds={"brief": "probe"}).suggestion.kind
    assert kind is not None
    assert "not to be trusted on kind;" in kind
    assert kind.endswith("'judging.kinds={kind: probe}'")


def test_a_threshold_takes_marks_for_a_probe_to_be_proposed():
    def with_threshold(marks):
        first, second = goals().objectives
        alone = [
            {"prompt": f"q{at}", "answer": f"good or evil {at}", "meets": at % 2 == 0}
            for at in range(marks)
        ]
        exemplars = [*first.model_dump(exclude_none=True)["exemplars"], *alone]
        plain = {"name": "kind", "definition": "Be kind.", "threshold": 7, "exemplars": exemplars}
        return Constitution.model_validate(
            {"name": "two", "objectives": [plain, second.model_dump(exclude_none=True)]}
        )

    few = judged_in_words(constitution=with_threshold(19)).suggestion.kind
    enough = judged_in_words(constitution=with_threshold(20)).suggestion.kind
    assert few is not None
    assert few.endswith("'judging.kinds={brief: probe}'")
    assert enough is not None
    assert enough.endswith("judging.kind=probe")


def test_too_few_exemplars_to_hold_any_out_are_told():
    first = audit(count=10).objectives[0]
    assert first.rows[0].agreement.missing == 10
    assert "only 0 prompts could be scored" in first.trust.sentence


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
    found = audit(pairs=file)
    first, second = (found.objectives[at].trust for at in (0, 1))
    assert (first.basis, first.level) == ("labelled pairs", "no")
    assert (second.basis, second.level) == ("exemplars", "trust")
    assert found.suggestion.delta is None


def test_prompts_show_what_the_filters_leave_and_a_second_judge_gives_tau():
    found = audit(
        lambda name: engine(name, representation=knowing(signal=2.0, seed=len(name))),
        prompts=PROMPTS,
        sample=8,
        second="other",
    )
    filters = found.filters
    assert filters.source == "a sample of 8 prompts"
    assert filters.prompts == 8
    assert filters.kept + sum(count for _, count in filters.reasons) == 8
    assert found.suggestion.measure in ("RV", "")
    assert found.objectives[0].saturation.scores >= 8 * 4


def test_the_first_judge_over_again_is_no_second_opinion():
    with pytest.raises(UserError, match="over again"):
        audit(lambda name: engine("same"), prompts=PROMPTS, sample=8, second="other")


def test_without_a_second_judge_tau_comes_from_accuracy_by_determinant():
    suggestion = audit(prompts=PROMPTS, sample=8).suggestion
    assert suggestion.measure == "accuracy"
    # A point of the curve, near its peak: no further than one standard error (the peak's) below.
    peak = max(suggestion.curve, key=lambda point: point.value)
    (taken,) = [point for point in suggestion.curve if point.tau == suggestion.tau]
    assert taken.share == suggestion.tau_share
    assert taken.value >= peak.value - peak.error


def wanted(tmp_path, **changes):
    file = tmp_path / "audit.json"
    suggestion = replace(sample_audit().suggestion, tau=0.5, delta=1.25)
    found = replace(sample_audit(), model="m", suggestion=suggestion)
    write_audit(replace(found, **changes), file)
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
    judge = load_recipe(None, ("judging.kind=probe",)).judging
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
    with pytest.raises(UserError, match=r"another judge \(judging\.kind differs\)"):
        take(wanted(tmp_path, **same), overrides=("judging.kind=rating-expected",))
    with pytest.raises(UserError, match="another constitution"):
        take(wanted(tmp_path, **same), constitution="harmless-helpful")
    nothing = replace(sample_audit().suggestion, tau=None, delta=None, tau_rule="no prompts")
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
        judge=load_recipe(None).judging,
        constitution_fingerprint=load_constitution("medical").fingerprint,
    )
    arguments = ["align", "seed", "-m", "m", "-o", str(tmp_path / "r"), "-c", "medical"]
    arguments += ["--recipe-from-audit", str(file), "pairing.delta=3"]
    assert str(CliRunner().invoke(app, arguments).exception) == "stop here"
    settings = load_recipe(None, seen["overrides"])
    assert (settings.denoising.tau, settings.pairing.delta) == (0.5, 3.0)


@pytest.mark.parametrize("text", ["{", "[]", "{}", '{"suggestion": {}, "objectives": []}'])
def test_what_is_no_audit_is_said_to_be_none(tmp_path, text):
    file = tmp_path / "audit.json"
    with pytest.raises(UserError, match="there is no audit"):
        read_audit(file)
    file.write_text(text)
    with pytest.raises(UserError, match="holds no audit that can be read"):
        read_audit(file)


def test_an_audit_of_before_is_to_be_run_again(tmp_path):
    file = wanted(tmp_path)
    content = json.loads(file.read_text())
    del content["objectives"][0]["across"]
    file.write_text(json.dumps(content))
    with pytest.raises(UserError, match=r"\(objectives\.0\.across\).*run primum audit again"):
        read_audit(file)


def command(*arguments):
    return CliRunner().invoke(app, ["audit", *map(str, arguments)])


def test_the_command_says_whom_to_trust_and_takes_settings_without_a_run(tmp_path, monkeypatch):
    seen, found = {}, audit()

    def stub(run, **given):
        seen.update(given, run=run)
        return found

    monkeypatch.setattr("primum.audit.entry.audit", stub)
    done = command("--model", "m", "judging.kind=probe", "seed=3", "--out", tmp_path / "o")
    assert done.exit_code == 0, done.output
    assert (seen["run"], seen["model"]) == (None, "m")
    assert seen["overrides"] == ["judging.kind=probe", "seed=3"]
    assert "kind: trust" in done.output
    assert "Preference for position does not apply" in done.output


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        ((), "either a finished run or a model"),
        (("RUN", "--model", "m"), "either a finished run or a model"),
        (("RUN", "seed=1"), "leave out settings"),
        (("RUN", "--prompts", "seed"), "leave out settings"),
        (("--model", "m", "--sample", "8"), "a sample is taken of prompts"),
    ],
)
def test_the_command_says_what_does_not_go_together(arguments, said):
    error = command(*arguments).exception
    assert isinstance(error, UserError)
    assert said in str(error)


def test_overrides_do_not_vanish_in_a_recipe_that_is_an_object():
    with pytest.raises(UserError, match="set them in the Recipe"):
        primum.audit(model="m", recipe=load_recipe(None), overrides=("seed=3",))


def test_a_directory_without_a_run(tmp_path):
    with pytest.raises(UserError, match="holds no run"):
        primum.audit(tmp_path)


def test_a_run_is_audited_and_shows_it_in_its_report(tiny_folder, constitution, tmp_path):
    out = tmp_path / "run"
    run(tiny_folder, constitution, out, "judging.kind=probe")
    before = (out / "report.html").read_text()
    assert 'id="audit"' not in before
    found = primum.audit(out)
    expected = load_constitution(constitution).fingerprint
    assert found.constitution_fingerprint == expected
    assert (found.filters.source, found.filters.prompts) == ("the run", 8)
    assert found.objectives[0].trust.level == "no"
    assert read_audit(out / "audit.json") == found
    assert 'id="audit"' in (out / "report.html").read_text()
    assert "kind: do not use" in (out / "report.html").read_text()
    again = run(tiny_folder, constitution, out, "judging.kind=probe")
    assert again.executed == ()
    some = primum.audit(out, sample=3)
    assert (some.filters.source, some.filters.prompts) == (
        "a sample of 3 of the run's 8 prompts",
        3,
    )
    assert some.objectives[0].saturation.scores < found.objectives[0].saturation.scores
    assert (out / "report.html").read_text().count('id="audit"') == 1
    (out / "constitution.yaml").unlink()
    with pytest.raises(UserError, match="name its file with --constitution"):
        primum.audit(out)
    with pytest.raises(UserError, match="objectives are kind, useful"):
        primum.audit(out, constitution="medical")


def test_a_model_is_tried_under_system_prompts_in_the_constitution_s_language():
    asked = []

    def answer(request):
        asked.extend(turn.content for turn in request.messages if turn.role == "system")
        return f"good {request.seed % 7}"

    german = goals().model_copy(update={"language": "de"})
    primum.audit(
        model="m",
        constitution=german,
        overrides=("judging.kind=probe", *SMALL),
        engine=lambda name: engine(name, answer=answer, representation=knowing(signal=2.0)),
        prompts=[f"Frage {number}?" for number in range(12)],
        sample=4,
    )
    known = filter(None, LANGUAGES["de"].system_prompts)
    assert set(known) <= set(asked)
    assert not set(LANGUAGES["en"].system_prompts[1:]) & set(asked)
