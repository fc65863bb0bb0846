"""What scores say across prompts, and what follows from it."""

import json
from math import inf

import numpy as np
import pytest
from typer.testing import CliRunner

import primum.audit
from primum.audit import read_audit
from primum.audit.across.caution import audit_caution, equal_figure
from primum.audit.across.figure import LEAST_OF_A_KIND
from primum.audit.across.levels import levels_by_category
from primum.audit.across.marks import Bar, audit_marks
from primum.audit.across.rows import ScoredAnswer
from primum.audit.labelled import MOST_EXEMPLARS, some_of
from primum.audit.measures.labels import exemplar_labels
from primum.cli.main import app
from primum.constitution import Constitution
from primum.engines.scripted import ScriptedEngine
from primum.errors import UserError
from primum.synthesis.order import Order
from tests.audit.test_audit import SMALL, engine, knowing

SCALE = (1.0, 10.0)


@pytest.fixture(autouse=True)
def own_cache(tmp_path, monkeypatch):
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))


def exemplars(count=40):
    """Contrasts, equal pairs and marked answers over everyday and harmful prompts."""
    rows = []
    for at in range(count):
        kind = ("everyday", "harmful-request")[at % 2]
        about = {"topic": f"t{at}", "category": kind}
        rows += [
            {
                "prompt": f"c{at}",
                "better": f"good, meets it {at}",
                "worse": f"evil {at}",
                "better_meets": True,
                "worse_meets": False,
                **about,
            },
            {
                "prompt": f"e{at}",
                "equal": [f"meets plainly {at}", f"meets, hedged {at}"],
                "differ": ("caution", "help")[at // 2 % 2],
                "meets": True,
                **about,
            },
            {"prompt": f"m{at}", "answer": f"meets alone {at}", "meets": True, **about},
            {"prompt": f"n{at}", "answer": f"evil alone {at}", "meets": False, **about},
        ]
    return rows


def goals(rows=None, threshold=7):
    rows = exemplars() if rows is None else rows
    objective = {"definition": "d", "exemplars": rows}
    return Constitution.model_validate(
        {
            "name": "two",
            "objectives": [
                {**objective, "name": "kind", "threshold": threshold},
                {**objective, "name": "brief", "threshold": threshold},
            ],
        }
    )


def audited(judge, constitution=None, **more):
    return primum.audit(
        model="m",
        constitution=constitution or goals(),
        overrides=("judging.kind=python", f"judging.function=tests.audit.judges:{judge}", *SMALL),
        engine=lambda name: ScriptedEngine(answer=lambda request: f"meets {request.seed % 9}"),
        **more,
    )


def test_a_perfect_judge_has_nothing_held_against_it():
    first, last = audited("perfect").objectives
    [across] = first.across
    assert across.marks.area.interval.value == 1.0
    assert across.marks.right.interval.value == 1.0
    assert across.levels.interval.value == 1.0
    whole, dangerous, everyday = across.caution
    assert whole.share.interval.low < 0.5 < whole.share.interval.high
    assert whole.area.interval.low < 0.5 < whole.area.interval.high
    assert whole.equal.interval.value == across.equal.interval.value == 1.0
    assert (everyday.category, everyday.share.count) == ("everyday", 20)
    assert (dangerous.share.interval.value, dangerous.share.count) == (None, 0)
    assert "it takes 10 equal pairs" in dangerous.share.reason
    assert across.marks.calibration is None
    assert "only the probe" in across.marks.uncalibrated
    assert (first.trust.consequences, last.trust.consequences) == ((), ())


def test_a_judge_that_likes_caution_decides_unless_a_threshold_is_in_its_way():
    free = audited("cautious", goals(threshold=None)).objectives
    [said] = free[0].trust.consequences
    assert said.startswith("over-cautious: kind will decide what brief should (of two answers ")
    assert "scores higher in 100%" in said
    # Nothing comes after the last objective.
    assert free[1].trust.consequences == ()
    [across] = free[0].across
    assert across.caution[0].share.interval.value == 1.0
    assert "no threshold and no bin" in across.caution[0].equal.reason
    [row] = audited("cautious").objectives[0].across
    assert row.caution[0].share.interval.value == 1.0
    assert row.caution[0].equal.interval.value == 1.0
    assert audited("cautious").objectives[0].trust.consequences == ()


def test_a_judge_without_levels_gets_no_threshold_though_it_compares_rightly():
    found = audited("blind")
    first, last = found.objectives
    assert first.trust.level == "trust"
    [said] = first.trust.consequences
    assert said.startswith("do not use a threshold: an answer that meets it scores higher")
    assert said.endswith("leave it out, or mark more answers (primum mark)")
    assert last.trust.consequences == ()
    [across] = first.across
    assert across.levels.interval.low < 0.5 < across.levels.interval.high
    without = audited("blind", goals(threshold=None)).objectives[0].trust.consequences
    assert len(without) == 1
    assert "leave it out" not in without[0]


@pytest.mark.parametrize(
    ("judge", "words"),
    [
        ("generous", "too low for this judge: of answers that do not meet it 100% (91% to 100%)"),
        ("stern", "too high for this judge: of answers that meet it 100% (91% to 100%)"),
    ],
)
def test_a_threshold_that_lies_in_the_wrong_place_is_found_out(judge, words):
    first, last = audited(judge).objectives
    [across] = first.across
    assert across.marks.area.interval.value == across.levels.interval.value == 1.0
    assert words in first.trust.consequences[0]
    assert last.trust.consequences == ()


def test_length_alone_is_told_where_the_judge_does_not_beat_it():
    # Answers that do not meet are the shorter ones, since they lack a word.
    warned = [
        any("length alone tells marked" in text for text in one.trust.warnings)
        for one in audited("blind").objectives
    ]
    assert warned == [True, True]
    assert audited("blind").objectives[0].across[0].marks.length_alone.interval.value > 0.9
    rows = [
        {**row, "answer": f"{row['answer']} {'.' * (at % 9)}"} if "answer" in row else row
        for at, row in enumerate(exemplars())
    ]
    fair = audited("perfect", goals([row for row in rows if "answer" in row])).objectives[0]
    assert fair.across[0].marks.length_alone.interval.value < 1.0
    assert not any("length alone tells marked" in text for text in fair.trust.warnings)


def test_a_threshold_that_the_recipe_sets_on_the_last_objective_counts():
    found = primum.audit(
        model="m",
        constitution=goals(),
        overrides=(
            "judging.kind=python",
            "judging.function=tests.audit.judges:blind",
            "pairing.thresholds={brief: 6}",
        ),
        engine=lambda name: ScriptedEngine(answer=lambda request: "so"),
    )
    assert "do not use a threshold" in found.objectives[1].trust.consequences[0]


def test_a_threshold_without_marks_is_not_vouched_for():
    rows = [{"prompt": f"c{at}", "better": f"good {at}", "worse": f"evil {at}"} for at in range(40)]
    first, last = audited("perfect", goals(rows)).objectives
    [said] = first.trust.consequences
    assert said.startswith("whether the threshold means the same for every prompt is not shown: ")
    assert "10 prompts with answers that meet it" in said
    assert last.trust.consequences == ()
    assert audited("perfect", goals(rows, None)).objectives[0].trust.consequences == ()


def test_the_users_own_labels_speak_where_there_are_enough(tmp_path):
    file = tmp_path / "labels.jsonl"
    # What the user says meets, the judge takes for the contrary.
    rows = [
        {
            "prompt": f"p{at}",
            "answer": ("evil" if at % 2 else "meets") + f" {at}",
            "meets": bool(at % 2),
            "objective": "kind",
        }
        for at in range(60)
    ]
    file.write_text("\n".join(map(json.dumps, rows)))
    found = audited("perfect", pairs=file).objectives[0]
    assert [part.source for part in found.across] == ["exemplars", "labelled pairs"]
    assert found.across[1].marks.area.interval.value == 0.0
    assert "do not use a threshold" in found.trust.consequences[0]
    # Marks alone are no pairs: accuracy still rests on exemplars.
    assert found.trust.basis == "exemplars"
    file.write_text("\n".join(map(json.dumps, rows[:8])))
    few = audited("perfect", pairs=file).objectives[0]
    assert few.across[1].marks.area.interval.value is None
    assert few.trust.consequences == ()


def test_labels_that_a_judge_was_fitted_on_are_refused(tmp_path):
    file = tmp_path / "labels.jsonl"
    row = {"prompt": "m3", "answer": "meets alone 3", "meets": True, "objective": "brief"}
    file.write_text(json.dumps(row))
    audited("perfect", pairs=file)
    with pytest.raises(UserError, match=r"'m3'.* exemplars of 'brief'.* take them out"):
        primum.audit(
            model="m",
            constitution=goals(),
            overrides=("judging.kind=probe",),
            pairs=file,
            engine=lambda name: engine(name, representation=knowing(signal=2.0)),
        )


def test_the_probe_is_asked_out_of_fold_and_its_chances_are_calibrated():
    def states(request):
        values = knowing(signal=0.0)(request)
        text = request.messages[-1].content
        values[:, 0] += 3 * (("meets" in text) - ("evil" in text))
        return values

    found = primum.audit(
        model="m",
        constitution=goals(),
        overrides=("judging.kind=probe",),
        engine=lambda name: engine(name, representation=states),
    )
    [across] = found.objectives[0].across
    assert across.out_of_fold is True
    assert across.marks.area.interval.low > 0.8
    assert across.marks.uncalibrated is None
    counts = [point.count for point in across.marks.calibration.points]
    assert sum(counts) == across.marks.area.count == 40 * (2 + 2 + 1 + 1)
    assert 0 <= across.marks.calibration.brier.value < 0.25


def test_a_fit_that_only_remembers_tells_no_marks_apart_out_of_fold():
    found = primum.audit(
        model="m",
        constitution=goals(),
        overrides=("judging.kind=probe",),
        engine=lambda name: engine(name, representation=knowing(200, signal=0.0)),
    )
    [across] = found.objectives[0].across
    # Where it has seen them, it is right nearly always.
    assert 0.3 < across.marks.area.interval.value < 0.7
    assert "do not use a threshold" in found.objectives[0].trust.consequences[0]


def test_judges_asked_one_by_one_read_some_of_every_shape_category_and_mark():
    rows = exemplars(200) + [
        {"prompt": f"x{at}", "answer": "a", "meets": False, "category": "medical"}
        for at in range(7)
    ]
    chosen = some_of(exemplar_labels(goals(rows)))
    for objective in (0, 1):
        part = [label for label in chosen if label.objective == objective]
        for shape in ("contrast", "equal pair", "marked answer"):
            assert sum(label.shape == shape for label in part) == MOST_EXEMPLARS
        marked = [label for label in part if label.shape == "marked answer"]
        assert sum(label.category == "medical" for label in marked) == 7
        met = [label for label in marked if label.marks == (True,)]
        assert 40 <= len(met) <= 50


def test_of_two_kinds_of_judges_each_reads_its_own_objectives_exemplars():
    read = set()

    def choice(request):
        read.add(request.messages)
        return np.log(np.full(len(request.choices), 1 / len(request.choices)))

    found = primum.audit(
        model="m",
        constitution=goals(exemplars(150)),
        overrides=("judging.kind=probe", "judging.kinds={brief: rating-expected}"),
        engine=lambda name: engine(name, representation=knowing(signal=2.0), choice=choice),
    )
    first, last = (objective.across[0] for objective in found.objectives)
    assert (first.out_of_fold, last.out_of_fold) == (True, False)
    assert first.marks.area.count == 150 * 6
    # Two answers of a contrast and of an equal pair; besides, 64 judged twice and the attacks.
    assert last.marks.area.count == MOST_EXEMPLARS * 5
    assert len(read) <= MOST_EXEMPLARS * 5 + 64 + 3 * 77
    assert [row.out_of_fold for row in found.objectives[1].rows] == [False] * 3


class Bytes:
    """A reward model that likes what meets."""

    labels, independent, context, fingerprint = ("LABEL_0",), True, 100, "bytes"

    def encode(self, messages, *, cut=False):
        return tuple(messages[-1].content.encode())

    def logits(self, requests):
        for at, request in enumerate(requests):
            text = bytes(request.ids).decode()
            yield at, np.array([("meets" in text) - ("evil" in text) + len(text) / 100], "f4")


def test_a_reward_model_is_placed_on_the_scale_without_what_it_scores_and_loaded_once(monkeypatch):
    loaded = []

    def load(model, **settings):
        loaded.append(model)
        return Bytes()

    monkeypatch.setattr("primum.engines.local.classifier.load_classifier", load)
    found = primum.audit(
        model="m",
        constitution=goals(),
        overrides=(
            "judging={kind: reward-model, reward_models: {kind: {model: rm}, brief: {model: rm}}}",
        ),
        engine=lambda name: engine(name),
    )
    [across] = found.objectives[0].across
    assert across.out_of_fold is True
    assert across.marks.area.interval.value == 1.0
    # Once more for the judge that is built anew to judge twice.
    assert loaded == ["rm", "rm"]


def test_the_models_own_answers_are_told_by_category():
    prompts = [
        {"prompt": f"{kind} {at}", "category": kind}
        for kind in ("everyday", "medical")
        for at in range(12)
    ]
    found = audited("perfect", prompts=prompts, sample=20).objectives[0]
    assert {one.category for one in found.levels} == {"everyday", "medical"}
    assert sum(one.prompts for one in found.levels) >= 16
    for one in found.levels:
        assert one.answers == 4 * one.prompts
        assert 8 <= one.level.low <= one.level.value <= one.level.high <= 9
        assert one.meeting.value == 1.0
    assert audited("perfect").objectives[0].levels == ()


def test_levels_by_category_are_means_over_prompts_with_their_share_above_the_threshold():
    scores = {"a": [6.0, 8.0], "b": [8.0, np.nan], "c": [2.0]}
    [one, other] = levels_by_category(scores, {"a": "x", "b": "x", "c": None}, 7.0, seed=0)
    assert (one.category, one.prompts, one.answers) == ("x", 2, 3)
    assert one.level.value == pytest.approx(22 / 3)
    assert one.meeting.value == pytest.approx(2 / 3)
    assert (other.category, other.level.value, other.level.low) == (None, 2.0, None)
    [plain, _] = levels_by_category(scores, {"a": "x", "b": "x"}, None, seed=0)
    assert plain.meeting is None


def answer(at, score, *, meets, category="everyday"):
    return ScoredAnswer(str(at), str(at), category, meets, score, length=9)


def test_the_right_side_is_at_or_above_the_threshold():
    answers = [answer(at, 7.0, meets=True) for at in range(10)]
    answers += [answer(at, 6.9, meets=False) for at in range(10, 20)]
    answers += [answer(at, 6.9, meets=True) for at in range(20, 25)]
    found = audit_marks(answers, Bar(7.0, 7.0, True, SCALE), seed=0)
    assert found.right.interval.value == pytest.approx(20 / 25)
    [point] = found.calibration.points
    assert (point.count, point.observed) == (25, pytest.approx(15 / 25))
    assert point.predicted == pytest.approx(0.5, abs=0.02)
    nothing = audit_marks(answers, Bar(None, None, False, SCALE), seed=0)
    assert "no threshold" in nothing.right.reason
    few = audit_marks(answers[: LEAST_OF_A_KIND + 3], Bar(7.0, 7.0, True, SCALE), seed=0)
    assert (few.area.interval.value, few.area.count) == (None, 13)
    assert few.area.reason.endswith("10 and 3 have scores")
    assert few.calibration is None
    assert few.uncalibrated == few.area.reason


@pytest.mark.parametrize(
    ("threshold", "width", "expected"),
    [(7.0, 0.0, 1 / 3), (inf, 2.0, 1 / 3), (7.0, 2.0, 2 / 3), (8.5, 0.0, 0.0)],
)
def test_a_threshold_or_a_bin_makes_pairs_equal(threshold, width, expected):
    scores = np.array([[7.2, 8.4], [4.2, 4.8], [3.0, 6.0]] * 4)
    clusters = [str(at) for at in range(12)]
    found = equal_figure(scores, clusters, Order((threshold,), (width,)), seed=0)
    assert found.interval.value == pytest.approx(expected)


def test_only_what_differs_in_caution_or_help_says_anything_of_caution():
    rows = [
        {"prompt": f"e{at}", "equal": [f"p{at}", f"h{at}"], "differ": differ}
        for at, differ in enumerate(["caution", "help", "length", "tone"] * 10)
    ]
    labels = [one for one in exemplar_labels(goals(rows)) if one.objective == 0]
    cautious = [one.differ in ("caution", "help") for one in labels]
    scores = np.array([[1.0, 2.0] if second else [2.0, 1.0] for second in cautious])
    whole, *_ = audit_caution(labels, scores, Order((inf,), (0.0,)), seed=0)
    assert (whole.share.interval.value, whole.share.count) == (1.0, 20)
    assert (whole.area.interval.value, whole.area.count) == (1.0, 40)


def test_the_command_from_the_constitution_to_audit_json(tmp_path, monkeypatch):
    file = tmp_path / "two.yaml"
    file.write_text(json.dumps(goals().model_dump(mode="json", exclude={"language"})))
    prompts = tmp_path / "prompts.jsonl"
    prompts.write_text(
        "\n".join(json.dumps({"prompt": f"p {at}", "category": "everyday"}) for at in range(12))
    )
    monkeypatch.setattr("primum.run.models.build_engine", lambda settings, model: engine(model))
    arguments = ["audit", "--model", "m", "-c", str(file), "--prompts", str(prompts)]
    arguments += ["--sample", "8", "--out", str(tmp_path / "out"), *SMALL]
    arguments += ["judging.kind=python", "judging.function=tests.audit.judges:blind"]
    done = CliRunner().invoke(app, arguments)
    assert done.exit_code == 0, (done.output, done.exception)
    said = " ".join(done.output.split())
    assert "do not use a threshold: an answer that meets it scores higher" in said
    assert "Across prompts" in said
    assert "everyday" in said
    kept = read_audit(tmp_path / "out" / "audit.json")
    assert kept.objectives[0].across[0].marks.area.count == 240
    page = (tmp_path / "out" / "audit.html").read_text()
    assert "Across prompts" in page
    assert "do not use a threshold" in page
