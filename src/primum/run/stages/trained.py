"""The models that a run has trained, one per seed, for the stages that prove something of them."""

from primum.evaluation.answerers import after
from primum.run.layout import MODEL, of_seed
from primum.run.stage import Given


def trained_models(given: Given) -> dict[str, str]:
    """Every trained model by the name under which it answers, the first seed's first.

    The stage has to declare the setting `seeds` and the input `policy`; `run.plan` lets it read
    the models of further seeds.
    """
    further = range(2, given.settings.seeds + 1)
    return {
        after(1): given.policy,
        **{after(seed): str(given.path(of_seed(MODEL, seed))) for seed in further},
    }
