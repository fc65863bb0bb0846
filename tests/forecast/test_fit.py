"""The settings proposed are those that fit, and lose no more than they must."""

import json

import pytest
import torch

from primum.cli.reading.summary import print_fit
from primum.engines.base import thinks
from primum.engines.local.engine import TransformersEngine
from primum.engines.models import loading
from primum.engines.models.loading import load
from primum.errors import UserError
from primum.forecast import fit as fitting
from primum.forecast import resources
from primum.forecast.entry import longest_answer
from primum.forecast.figures import Need
from primum.forecast.fit import Fit, fit
from primum.forecast.paper import PaperEngine
from primum.forecast.rehearsal import RealModels, rehearse
from primum.forecast.resources import model_shape, training_memory
from primum.forecast.standin import JUDGE
from primum.forecast.views import fit_summary
from primum.run.inputs import prepare_inputs
from primum.training import limits
from tests.engines.local.test_thinking import THINKING
from tests.run.small_job import FAST, PROMPTS, write_constitution
from tests.tiny import CHATML, save_tiny

SETTINGS = (*FAST, "judging.kind=rating-expected", "training.tokens_per_batch=4096")
ORDER = (
    "tokens_per_batch",
    "gradient_checkpointing",
    "optimizer",
    "lora",
    "lora.quantize",
)


@pytest.fixture
def job(tiny_folder, tmp_path, monkeypatch):
    """Fits a run of the tiny model into so many bytes of a card."""
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    monkeypatch.setattr(fitting, "choose_device", lambda name: torch.device("cuda"))
    monkeypatch.setattr(limits, "find_spec", lambda name: name)
    constitution = write_constitution(tmp_path / "kind-useful.yaml")

    class Job:
        def inputs(self, *settings, model=tiny_folder):
            return prepare_inputs(PROMPTS, str(model), constitution, None, (*SETTINGS, *settings))

        def asked(self, *settings, model=tiny_folder):
            inputs = self.inputs(*settings, model=model)
            models = RealModels(inputs, lambda name: PaperEngine.of(name, trust_remote_code=False))
            return rehearse(inputs, models, tmp_path / "run", longest_answer)

        def fit(self, there, *settings):
            monkeypatch.setattr(resources, "_memory", lambda place: there)
            return fit(
                PROMPTS,
                model=str(tiny_folder),
                out=tmp_path / "run",
                constitution=constitution,
                overrides=(*SETTINGS, *settings),
            )

    return Job()


@pytest.mark.parametrize("whole", [(), ("training.lora=null",)])
def test_less_memory_takes_more_from_the_run(job, whole, monkeypatch):
    plenty = job.fit(10**12, *whole)
    asked = job.asked(*whole)
    monkeypatch.setattr(fitting, "rehearse", lambda *args: asked)
    assert (plenty.settings, plenty.lacking) == ((), 0)
    there = 2 * max(plenty.training.needed, plenty.generation.needed)
    seen = []
    while True:
        there = int(there * 0.75)
        found = job.fit(there, *whole)
        names = {setting.split("=")[0].removeprefix("training.") for setting in found.settings}
        seen.append(max((ORDER.index(name) for name in names if name in ORDER), default=-1))
        if found.lacking:
            break
        # The run itself takes the settings, and needs what was promised.
        inputs = job.inputs(*whole, *found.settings)
        need = training_memory(inputs, model_shape(inputs), 1)
        assert need.needed <= found.training.needed <= 0.9 * there
        assert found.generation.needed <= 0.9 * there
    needed = max(found.training.needed, found.generation.needed)
    assert found.lacking == needed - int(0.9 * there)
    expected = {-1, 0, 1, 2, 3, 4} if whole else {-1, 0, 1, 4}
    assert expected - {2, 3} <= set(seen)


def test_fewer_sequences_side_by_side_where_their_keys_do_not_fit(job):
    plenty = job.fit(10**12, "engine.batch_size=64").generation.needed
    found = job.fit(plenty, "engine.batch_size=64")
    assert "engine.batch_size=32" in found.settings
    assert found.generation.needed <= 0.9 * plenty


def test_no_weights_are_read(job, monkeypatch):
    monkeypatch.setattr(loading, "load", None)
    monkeypatch.setattr(loading.AutoModelForCausalLM, "from_pretrained", None)
    assert job.fit(10**12).lacking == 0


def test_exact_settings_come_before_those_that_round(job):
    rungs = list(fitting._rungs(job.inputs("training.lora=null").recipe, with_bitsandbytes=True))
    given_up = [ORDER[max(map(ORDER.index, rung), default=0)] for rung in rungs]
    assert given_up == sorted(given_up, key=ORDER.index)
    assert rungs[1] == {"gradient_checkpointing": True}
    adapter = list(fitting._rungs(job.inputs().recipe, with_bitsandbytes=False))
    assert adapter == [{}, {"gradient_checkpointing": True}]


def test_four_bits_take_a_quarter_and_eight_bit_moments_less(job):
    def needed(*settings):
        inputs = job.inputs(*settings)
        return training_memory(inputs, model_shape(inputs), 1).needed, model_shape(inputs)

    plain, shape = needed("engine.dtype=float32")
    four, _ = needed("engine.dtype=float32", "training.lora.quantize=nf4")
    assert plain - four == round(shape.linear * (4 - 0.516))
    # Four blocks: q and o, k and v of half as many heads, three products of the feed-forward part.
    assert shape.linear == 4 * (2 * 32 * 32 + 2 * 32 * 16 + 3 * 32 * 64)
    whole, full = needed("training.lora=null")
    eight, _ = needed("training.lora=null", "training.optimizer=adamw_8bit")
    assert whole - eight == 6 * full.trained


def test_the_terminal_names_what_each_setting_costs(capsys):
    found = Fit(
        ("engine.batch_size=8", "training.gradient_checkpointing=true"),
        None,
        Need(3 * 2**30, 4 * 2**30),
        0,
    )
    text = fit_summary(found)
    assert "engine.batch_size=8 training.gradient_checkpointing=true\n" in text
    assert "training.gradient_checkpointing: the same gradient, a forward pass more" in text
    assert "quantize" not in text
    assert "Memory for training: 3.0 GiB of 4.0 GiB" in text
    lacking = Fit((), None, Need(3 * 2**30, 2**30), 2 * 2**30)
    assert "2.0 GiB (2,147,483,648 bytes) are lacking" in fit_summary(lacking)
    print_fit(found, as_json=True)
    assert json.loads(capsys.readouterr().out)["settings"] == list(found.settings)


def test_fit_alone_is_refused(job, tmp_path):
    from primum.cli.align import align

    with pytest.raises(UserError, match="--fit goes with --dry-run"):
        align("seed", "bundled:smollm2-135m", tmp_path / "run", fits=True)


@pytest.mark.parametrize("template", [CHATML, THINKING])
def test_on_paper_a_model_thinks_as_it_does_in_truth(tmp_path, template):
    folder = str(save_tiny(tmp_path / "model", template=template))
    on_paper = PaperEngine.of(folder, trust_remote_code=False)
    loaded = TransformersEngine(load(folder, device="cpu", dtype="float32"), 4)
    assert thinks(on_paper) == thinks(loaded) == (template is THINKING)


def test_the_memory_for_calls_holds_the_thoughts_of_a_judge(tmp_path, job):
    longest = []
    for name, template in (("plain", CHATML), ("thinking", THINKING)):
        folder = save_tiny(tmp_path / name, template=template)
        settings = ("judging.kind=rating-text", "judging.thought_tokens=512")
        asked = [each.request for each in job.asked(*settings, model=folder).asked]
        longest.append(max(longest_answer(each) for each in asked if each.purpose == JUDGE))
    assert longest == [256, 256 + 512]
