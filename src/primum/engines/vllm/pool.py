"""The running vLLMs of this process: each starts when first used, and as many as fit stay.

Models that share their base weights (a model and its adapters, round after round) share one.
"""

from primum.engines.vllm.host import Adapter, Base, Host, start

_running: dict[Base, Host] = {}  # The one used longest ago comes first.
_ranks: dict[Base, int] = {}


def register(base: Base, adapter: Adapter | None) -> None:
    """Remembers what will run, since vLLM must know the ranks of adapters when it starts."""
    _ranks[base] = max(_ranks.get(base, 0), adapter.rank if adapter else 0)


def running_host(base: Base) -> Host:
    """The running vLLM with these weights, started if there is none.

    Others are shut down where their shares of memory and this one's exceed the whole.
    """
    running = _running.pop(base, None)
    if running is not None and running.rank < _ranks[base]:
        running.shut_down()
        running = None
    if running is None:
        while _running and base.memory + sum(other.memory for other in _running) > 1:
            shut_down(next(iter(_running)))
        running = start(base, _ranks[base])
    _running[base] = running
    return running


def shut_down(base: Base) -> None:
    """Ends the vLLM with these weights, if it runs."""
    running = _running.pop(base, None)
    if running is not None:
        running.shut_down()
