"""How long a reply can be in a model's context."""

from primum.engines.base import Engine
from primum.judging.asking.question import fits_context
from primum.messages import Messages


def room(engine: Engine, messages: Messages, most: int) -> int:
    """Tokens that a reply may have.

    Args:
        engine: Runs the model that replies.
        messages: What it replies to.
        most: The longest reply that is wanted.

    Returns:
        `most`, or what its context leaves; 0 where it leaves nothing.
    """
    if fits_context(engine, messages, most):
        return most
    return max(0, engine.context - engine.count(messages))
