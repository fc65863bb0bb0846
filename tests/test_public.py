"""The public door: what `import primum` gives, and what its functions take."""

from importlib.metadata import version

import pytest
from datasets import Dataset

import primum
from tests.run.small_job import FAST, write_constitution

PROMPTS = [
    *(f"How do I keep plant {at} alive?" for at in range(8)),
    *({"prompt": f"What does cloud {at} weigh?", "split": "heldout"} for at in range(10)),
]


def test_every_public_name_is_there():
    for name in primum.__all__:
        assert getattr(primum, name) is not None
    assert primum.__version__ == version("primum")
    assert issubclass(primum.UserError, ValueError)
    with pytest.raises(AttributeError, match="no attribute 'nothing'"):
        primum.nothing  # noqa: B018


def scripted():
    return primum.ScriptedEngine(
        answer=lambda request: f"Water it every {request.seed % 97} days.",
        choice=lambda request: [
            -float(abs(at - sum(request.messages[-1].content.encode()) % 9))
            for at, _ in enumerate(request.choices)
        ],
        context=2048,
    )


def rows():
    texts = [row if isinstance(row, str) else row["prompt"] for row in PROMPTS]
    splits = ["train" if isinstance(row, str) else "heldout" for row in PROMPTS]
    return Dataset.from_dict({"prompt": texts, "split": splits})


@pytest.mark.parametrize("form", ["list", "data set"])
def test_a_run_from_objects_alone(tiny_folder, tmp_path, form):
    engine = scripted()
    listed = [{"prompt": row, "split": "train"} if isinstance(row, str) else row for row in PROMPTS]
    outcome = primum.align(
        listed if form == "list" else rows(),
        model=str(tiny_folder),
        out=tmp_path / "run",
        constitution=write_constitution(tmp_path / "goals.yaml"),
        overrides=(*FAST, "judging.kind=rating-expected"),
        engine=engine,
    )
    assert engine.calls["sample"] == 8 * 4
    # The trained model runs in the recipe's own engine: this one answered as the starting model,
    # once to compare with, and twice to show what a change of nothing looks like.
    assert engine.calls["evaluate"] == 3 * 10
    assert outcome.gate.verdict in ("pass", "hold", "fail")
    assert [result.objective for result in outcome.gate.objectives] == ["kind", "useful"]
    assert outcome.report.exists()
