import random

from primum.engines.models.chat.answering import shared_beginning


def test_it_is_as_long_as_a_count_one_by_one_says():
    draw = random.Random(0)
    for _ in range(300):
        first, second = ([draw.randint(0, 1) for _ in range(draw.randint(0, 9))] for _ in "ab")
        same = draw.randint(0, 9)
        first, second = [7] * same + first, [7] * same + second
        pairs = zip(first, second, strict=False)
        expected = next(
            (at for at, (one, other) in enumerate(pairs) if one != other),
            min(len(first), len(second)),
        )
        assert shared_beginning(first, second) == expected
