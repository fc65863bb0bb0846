"""Mistakes with recipes and settings."""

from tests.mistakes.place import Mistake


def _align(settings: str) -> str:
    return f"primum align prompts.txt --model ./my-model --out runs/first {settings}"


MISTAKES = (
    Mistake("A built-in recipe with a typing error", _align("--recipe quickstrat")),
    Mistake(
        "A method with a typing error",
        "primum compare spa dpo2 --model ./my-model --prompts prompts.txt --out runs/methods",
    ),
    Mistake("A setting without its section", _align("learning_rate=1e-5")),
    Mistake("A setting in short", _align("training.lr=1e-5")),
    Mistake("A number that is none", _align("training.learning_rate=1e-5x")),
    Mistake("A number with a comma", _align("training.learning_rate=0,0001")),
    Mistake("A negative seed", _align("seed=-1")),
    Mistake("A negative number of samples", _align("sampling.n=-4")),
    Mistake("One sample of each prompt", _align("sampling.n=1")),
    Mistake("A word where a number belongs", _align("pairing.delta=high")),
    Mistake("A number where a share belongs", _align("heldout=20")),
    Mistake("Quotation marks forgotten", _align("denoising.tau={quantile: 0.5}")),
    Mistake("Spaces around the equals sign", _align("training.epochs = 2")),
    Mistake("A setting with hyphens", _align("--training.epochs 2")),
    Mistake(
        "A setting before the command",
        "primum training.epochs=2 align prompts.txt --model ./my-model --out runs/first",
    ),
    Mistake(
        "A setting before the prompts",
        "primum align training.epochs=2 prompts.txt --model ./my-model --out runs/first",
    ),
    Mistake(
        "A recipe that names the model",
        _align("--recipe mine.yaml"),
        lambda place: place.write("mine.yaml", "model: ./my-model\ntraining: {epochs: 2}\n"),
    ),
    Mistake(
        "Windows' line ends and a mark at the beginning, and one wrong value",
        _align("--recipe mine.yaml"),
        lambda place: place.write("mine.yaml", "\ufefftraining:\r\n  epochs: two\r\n"),
    ),
)
