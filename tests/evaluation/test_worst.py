from dataclasses import replace

from primum.evaluation.guards.result import GuardResult
from primum.evaluation.guards.worst import worst_of
from primum.statistics.interval import Interval


def guard(name, loss, *, held=True):
    return GuardResult(
        guard=name,
        kind="form",
        before=0.0,
        after=loss,
        loss=Interval(loss, loss, loss, 64),
        margin=0.1,
        unit="share of answers",
        held=held,
        sentence=f"{name} lost {loss}",
    )


def test_the_model_that_lost_most_stands_for_all():
    models = [
        [guard("opening", 0.0), guard("length", 0.05)],
        [guard("opening", 0.5, held=False), guard("length", 0.01)],
    ]
    opening, length = worst_of(models)
    assert (opening.held, opening.loss.value) == (False, 0.5)
    assert opening.sentence == "opening lost 0.5 (trained model 2 of 2, the worst)"
    assert length.sentence.endswith("(trained model 1 of 2, the worst)")


def test_a_broken_guard_is_worse_than_a_larger_loss_that_held():
    [found] = worst_of([[guard("x", 0.2)], [guard("x", 0.1, held=False)]])
    assert not found.held
    nothing = replace(guard("x", 0.0), loss=Interval(None, None, None, 0))
    assert worst_of([[guard("x", 0.2)], [nothing]])[0].loss.value is None


def test_one_model_is_as_it_was():
    only = (guard("x", 0.2), guard("y", 0.1))
    assert worst_of([only]) == only
    assert worst_of([[], []]) == ()
