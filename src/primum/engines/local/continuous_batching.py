"""Generation with continuous batching: a finished sequence's row is taken by the next one."""

from collections.abc import Callable, Iterator, Sequence
from functools import partial

import torch
from transformers import PreTrainedModel

from primum.engines.local.active_batch import ActiveBatch, ActiveSequence, DecodeRequest
from primum.engines.local.batches import run_within_memory
from primum.engines.local.memory_budget import MemoryBudget


@torch.inference_mode()
def decode(
    model: PreTrainedModel,
    requests: Sequence[DecodeRequest],
    *,
    stop_ids: frozenset[int],
    pad_id: int,
    budget: MemoryBudget,
) -> Iterator[tuple[int, list[int], bool]]:
    """Generates a sequence for every request, as many side by side as memory allows.

    Where memory runs out, the sequences under way go back into the queue with the tokens they
    have, and go on from there among fewer.

    Args:
        model: A decoder-only model whose cache holds keys and values of every position.
        requests: In any order; those with the same prompt share its forward pass.
        stop_ids: Tokens that end a sequence; they are not part of the result.
        pad_id: Fills up batches; always masked.
        budget: How much memory allows.

    Yields:
        Index of the request, its tokens, and whether it ended by itself.

    Raises:
        UserError: If a single sequence does not fit into memory.
    """
    waiting = _queue([ActiveSequence(request) for request in requests])
    batch = ActiveBatch(model, pad_id, budget)
    while waiting or batch.active:
        admitted = batch.admissible(waiting)
        work = partial(batch.admit, admitted) if admitted else batch.step
        done = run_within_memory(partial(_compact_and_run, batch, work, waiting))
        yield from batch.release(stop_ids)
        if done:
            del waiting[len(waiting) - len(admitted) :]
            continue
        side_by_side = {id(row): row for row in (*batch.active, *admitted)}
        unfinished = [row for row in side_by_side.values() if row.finished(stop_ids) is None]
        budget.shrink(
            tokens=sum(row.length for row in admitted) or len(side_by_side),
            rows=len(side_by_side),
            longest=max((row.length for row in unfinished), default=0),
        )
        batch.reset()
        del waiting[len(waiting) - len(admitted) :]
        waiting = _queue([*waiting, *unfinished])


def _compact_and_run(
    batch: ActiveBatch, work: Callable[[], None], waiting: Sequence[ActiveSequence]
) -> bool:
    batch.compact(waiting[-1].length if waiting else 0)
    work()
    return True


def _queue(rows: Sequence[ActiveSequence]) -> list[ActiveSequence]:
    """The longest at the end, which is served first.

    What starts later is then never longer than the cursor, so that nothing has to be moved for it.
    """
    ordered = sorted(rows, key=lambda row: (-row.length, row.ids, row.request.index))
    ordered.reverse()
    return ordered
