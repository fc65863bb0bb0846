"""Makes one model and one account of training out of those of the objectives."""

from functools import partial

from primum.recipe.combination import soup_shares
from primum.run.layout import MODEL, TRAINING, of_objective
from primum.run.stage import Given, Stage, StageFacts
from primum.training.summary import join_summaries, read_summary, write_summary


def merge_models(given: Given, objectives: int) -> StageFacts:
    """The soup of the objectives' models, weighed as the recipe says.

    Args:
        given: What the stage is handed.
        objectives: How many there are.
    """
    # Only here: a run whose stages are only listed needs no PyTorch.
    from primum.training.soups import soup_of

    weights = given.settings.combination.weights
    soup_of(
        [given.path(of_objective(MODEL, number)) for number in range(1, objectives + 1)],
        weights,
        given.path(MODEL),
        trust_remote_code=given.settings.engine.trust_remote_code,
    )
    join_trainings(given, order=range(1, objectives + 1))
    return {"shares": dict(enumerate(soup_shares(weights, objectives), start=1))}


def join_trainings(given: Given, order: tuple[int, ...] | range) -> StageFacts:
    """The trainings of the objectives, told as one.

    Args:
        given: What the stage is handed.
        order: The objectives' numbers, in the order in which they were trained.
    """
    parts = [read_summary(given.path(of_objective(TRAINING, number))) for number in order]
    write_summary(join_summaries(parts), given.path(TRAINING))
    return {}


def merge(objectives: int) -> Stage:
    """The stage that merges a soup.

    Args:
        objectives: How many models there are.
    """
    numbers = range(1, objectives + 1)
    return Stage(
        name="merge",
        body=partial(merge_models, objectives=objectives),
        settings=("combination.weights", "engine.trust_remote_code"),
        reads=tuple(of_objective(file, n) for file in (MODEL, TRAINING) for n in numbers),
        writes=(MODEL, TRAINING),
    )


def joined(order: tuple[int, ...]) -> Stage:
    """The stage that ends a sequence, whose last training has written the model.

    Args:
        order: The objectives' numbers, in the order in which they were trained.
    """
    return Stage(
        name="joined",
        body=partial(join_trainings, order=order),
        reads=tuple(of_objective(TRAINING, number) for number in order),
        writes=(TRAINING,),
    )
