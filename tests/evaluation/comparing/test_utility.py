import pytest

from primum.evaluation.comparing.utility import LAMBDAS, utility


@pytest.mark.parametrize(
    ("scores", "expected"),
    [
        # Published scores and HH_λ on SafeRLHF (arXiv 2511.06222).
        ((9.90, 7.14), (9.44, 9.65, 9.77)),
        ((9.87, 6.14), (9.25, 9.53, 9.69)),
        ((9.30, 6.85), (8.89, 9.08, 9.18)),
    ],
)
def test_the_papers_own_figures(scores, expected):
    found = [utility(scores, weight) for weight in LAMBDAS]
    assert found == pytest.approx(list(expected), abs=0.0051)


def test_one_and_three_objectives():
    assert utility([7.0], 5) == 7
    assert utility([1, 0, 0], 2) == pytest.approx(4 / 7)
    assert utility([0, 1, 0], 2) == pytest.approx(2 / 7)


def test_a_missing_score():
    assert utility([9.0, None], 5) is None
    assert utility([], 5) is None
