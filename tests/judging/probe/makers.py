"""Exemplars and hidden states for tests of the probe."""

import numpy as np

from primum.constitution import Objective
from primum.judging.probe.labels import Labels

SCALE = (1.0, 10.0)


def labels(contrasts=(), equal=(), marked=(), meets=(), pleading=(), topics=()):
    """Labels of answers named by their places."""
    pairs = [*contrasts, *equal]
    return Labels(
        np.array(pairs, dtype=np.int64).reshape(-1, 2),
        np.array([False] * len(contrasts) + [True] * len(equal), dtype=bool),
        np.array(marked, dtype=np.int64),
        np.array(meets, dtype=bool),
        np.array(pleading, dtype=np.int64),
        np.array(topics, dtype=np.int64),
    )


def goal(threshold=None, exemplars=()):
    """An objective that judges nothing but what the exemplars say."""
    content = {"name": "safe", "definition": "Be safe.", "exemplars": list(exemplars)}
    return Objective.model_validate({**content, "threshold": threshold})


def known(prompts=60, hidden=8, layers=(0.0, 2.0), seed=0):
    """Two answers to each prompt, the first one good; every prompt a topic, every answer marked.

    Only the first coordinate carries the objective, as strongly as the layer says.
    """
    rng = np.random.default_rng(seed)
    states = rng.normal(size=(2 * prompts, len(layers), 2 * hidden))
    good = np.tile([1.0, -1.0], prompts)
    states[:, :, 0] += good[:, None] * np.asarray(layers) / 2
    places = np.arange(2 * prompts)
    return states, labels(
        contrasts=places.reshape(-1, 2), marked=places, meets=good > 0, topics=places // 2
    )
