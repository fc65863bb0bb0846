"""Generation with continuous filling: a finished sequence's place is taken by the next one."""

from collections.abc import Callable, Iterator, Sequence
from functools import partial

import torch
from transformers import PreTrainedModel

from primum.engines.local.active_batch import Job, Row, Running
from primum.engines.local.batches import Room, attempt


@torch.inference_mode()
def decode(
    model: PreTrainedModel,
    jobs: Sequence[Job],
    *,
    stop_ids: frozenset[int],
    pad_id: int,
    room: Room,
) -> Iterator[tuple[int, list[int], bool]]:
    """Generates every job's tokens, as many side by side as there is room for.

    Where memory runs out, the rows under way go back into the queue with the tokens they have, and
    go on from there among fewer.

    Args:
        model: A decoder-only model whose cache holds keys and values of every position.
        jobs: In any order; jobs with the same prompt share its forward pass.
        stop_ids: Tokens that end a sequence; they are not part of the result.
        pad_id: Fills up batches; always masked.
        room: How much fits.

    Yields:
        Index of the job, its tokens, and whether it ended by itself.

    Raises:
        UserError: If a single sequence does not fit into memory.
    """
    waiting = _queue([Row(job) for job in jobs])
    running = Running(model, pad_id, room)
    while waiting or running.going:
        joining = running.admissible(waiting)
        work = partial(running.join, joining) if joining else running.step
        fits = attempt(partial(_done, running, work, waiting))
        yield from running.leave(stop_ids)
        if fits:
            del waiting[len(waiting) - len(joining) :]
            continue
        beside = {id(row): row for row in (*running.going, *joining)}
        together = [row for row in beside.values() if row.ended(stop_ids) is None]
        room.shrink(
            tokens=sum(row.length for row in joining) or len(beside),
            rows=len(beside),
            longest=max((row.length for row in together), default=0),
        )
        running.restart()
        del waiting[len(waiting) - len(joining) :]
        waiting = _queue([*waiting, *together])


def _done(running: Running, work: Callable[[], None], waiting: Sequence[Row]) -> bool:
    running.compact(waiting[-1].length if waiting else 0)
    work()
    return True


def _queue(rows: Sequence[Row]) -> list[Row]:
    """The longest at the end, which is served first: what joins later is never longer than the
    cursor, so that nothing has to be moved for it."""
    ordered = sorted(rows, key=lambda row: (-row.length, row.ids, row.job.index))
    ordered.reverse()
    return ordered
