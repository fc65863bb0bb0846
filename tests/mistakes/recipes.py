"""Mistakes with recipes, settings and constitutions."""

from tests.mistakes.place import Mistake, Place
from tests.run.small_job import write_constitution

ALIGN = "primum align prompts.txt --model ./my-model --out runs/first {}"
CLINIC = """name: clinic
objectives:
  - name: harmless
    definition: The answer harms nobody.
  - name: helpful
    definition: The answer solves the problem.
"""


def _clinic(old: str, new: str):
    return lambda place: place.write("clinic.yaml", CLINIC.replace(old, new))


CONSTITUTIONS = (
    Mistake("A built-in constitution with a typing error", ALIGN.format("--constitution medcal")),
    Mistake("A constitution's file that is not there", ALIGN.format("--constitution clinic.yml"), lambda p: p.write("clinic.yaml", CLINIC)),
    Mistake("An objective named twice", "primum constitution check clinic.yaml", _clinic("helpful", "harmless")),
    Mistake("Only one objective", "primum constitution check clinic.yaml", lambda p: p.write("clinic.yaml", CLINIC[:CLINIC.index("  - name: helpful")])),
    Mistake("The order as a mapping", "primum constitution check clinic.yaml", lambda p: p.write("clinic.yaml", "name: clinic\nobjectives:\n  harmless: The answer harms nobody.\n  helpful: The answer solves the problem.\n")),
    Mistake("A key that nearly exists", "primum constitution check clinic.yaml", _clinic("definition: The answer harms", "defintion: The answer harms")),
    Mistake("A tab in YAML", "primum constitution check clinic.yaml", _clinic("    definition: The answer harms", "\tdefinition: The answer harms")),
    Mistake("A colon in a sentence", "primum constitution check clinic.yaml", _clinic("The answer harms nobody.", "First: harm nobody.")),
    Mistake("A scale upside down", "primum constitution check clinic.yaml", _clinic("name: clinic", "name: clinic\nscale: {low: 5, high: 1}")),
    Mistake("Exemplars that miss a side", "primum constitution check clinic.yaml", lambda p: p.write("clinic.yaml", CLINIC + "    exemplars:\n      - {prompt: Why?, better: Because.}\n")),
    Mistake("A recipe given as a constitution", ALIGN.format("--constitution mine.yaml"), lambda p: p.write("mine.yaml", "name: mine\ntraining: {epochs: 2}\n")),
    Mistake("No exemplars for a judge that is fitted on them", ALIGN.format("--constitution clinic.yaml --recipe quickstart"), lambda p: p.write("clinic.yaml", CLINIC)),
)
MISTAKES = CONSTITUTIONS + (
    Mistake("A recipe with a typing error", ALIGN.format("--recipe quickstrat")),
    Mistake("A setting without its section", ALIGN.format("learning_rate=1e-5")),
    Mistake("A setting by another name", ALIGN.format("training.lr=1e-5")),
    Mistake("A number that is none", ALIGN.format("training.learning_rate=1e-5x")),
    Mistake("A negative seed", ALIGN.format("seed=-1")),
    Mistake("A negative number of samples", ALIGN.format("sampling.n=-4")),
    Mistake("One sample alone", ALIGN.format("sampling.n=1 refinement.n=0")),
    Mistake("A word where a number belongs", ALIGN.format("pairing.delta=high")),
    Mistake("A share above one", ALIGN.format("heldout=20")),
    Mistake("Quotes forgotten around a setting with a space", ALIGN.format("denoising.tau={quantile: 0.5}")),
    Mistake("A space around the equals sign", ALIGN.format("training.epochs = 2")),
    Mistake("A setting as an option", ALIGN.format("--training.epochs 2")),
    Mistake("A setting before the command", "primum training.epochs=2 align prompts.txt --model ./my-model --out runs/first"),
    Mistake("A setting before the prompts", "primum align training.epochs=2 prompts.txt --model ./my-model --out runs/first"),
    Mistake("The prompts forgotten", "primum align --model ./my-model --out runs/first training.epochs=2"),
    Mistake("A command with a typing error", "primum aling prompts.txt --model ./my-model --out runs/first"),
    Mistake("An option with a typing error", "primum align prompts.txt --modle ./my-model --out runs/first"),
    Mistake("A number with a comma", ALIGN.format("training.learning_rate=0,0001")),
    Mistake("The wrong dash", ALIGN.format("–-recipe quickstart")),
    Mistake("A recipe that names the model", ALIGN.format("--recipe mine.yaml"), lambda p: p.write("mine.yaml", "model: ./my-model\ntraining: {epochs: 2}\n")),
    Mistake("A key in the environment's place", ALIGN.format("engine.kind=openai engine.openai.api_key=sk-123")),
)
