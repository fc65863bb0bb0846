"""A running vLLM: base weights in a child process, requests in, answers out as they finish."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import count
from threading import Thread
from typing import Any, TypeVar

from primum.engines.vllm.reaper import Reaper
from primum.errors import UserError, first_line

K = TypeVar("K")
VllmRequest = tuple[K, Sequence[int], Any]
"""What the answer belongs to, token ids of the prompt, and vLLM's sampling parameters."""

RANKS = (8, 16, 32, 64, 128, 256, 320, 512)
"""The adapter ranks that vLLM allows as its highest one."""

_CPU_BLOCK = 32
"""Tokens of a cache block on a CPU: the smallest that vLLM's attention takes there, since whole
blocks alone are shared."""

_PATIENCE = 60.0
"""Seconds for a graceful end. A choice."""


@dataclass(frozen=True)
class Base:
    """The weights that a running vLLM holds, and how.

    Attributes:
        weights: A local folder or a hub name.
        dtype: The number format, such as "bfloat16".
        context: Longest prompt with its answer, in tokens.
        memory: Share of the device's memory that it may take.
        tensor_parallel: Cards that share every layer.
        trust_remote_code: Whether code that the model's repository brings may run.
    """

    weights: str
    dtype: str
    context: int
    memory: float
    tensor_parallel: int
    trust_remote_code: bool


@dataclass(frozen=True)
class Adapter:
    """A PEFT adapter: its identity, its folder, and its rank."""

    name: str
    folder: str
    rank: int


class Host:
    """vLLM with its child processes, from start to `shut_down`.

    Args:
        engine: vLLM's `LLMEngine`.
        rank: The highest rank of an adapter that may join its weights; 0 for none.
        reaper: Watches over the child processes.
    """

    def __init__(self, engine: Any, rank: int, reaper: Reaper | None = None) -> None:
        self.rank = rank
        self._engine = engine
        self._reaper = reaper
        self._names = count()
        self._adapters: dict[Adapter, Any] = {}
        self._arrived: dict[str, Any] = {}

    def run(
        self, requests: Iterable[VllmRequest[K]], adapter: Adapter | None
    ) -> Iterator[tuple[K, Any]]:
        """Answers requests, as many side by side as fit.

        Args:
            requests: In any order; those with a common beginning, one after another, share it.
            adapter: Joins the base weights for these requests.

        Yields:
            What each request is for and vLLM's `RequestOutput`, as they finish.
        """
        from vllm.inputs import tokens_input
        from vllm.v1.engine.exceptions import EngineDeadError

        pending: dict[str, K] = {}
        try:
            for key, ids, params in requests:
                name = str(next(self._names))
                prompt = tokens_input(list(ids))
                self._engine.add_request(name, prompt, params, lora_request=self._lora(adapter))
                pending[name] = key
            while pending:
                for name in self._next(pending):
                    yield pending.pop(name), self._arrived.pop(name)
        except EngineDeadError as error:
            pending.clear()
            raise UserError(
                "vLLM's own process has died: it says why above (VLLM_LOGGING_LEVEL=INFO makes it "
                "say more), or the system ended it for want of memory; finished calls are kept, so "
                "run the same command again"
            ) from error
        finally:
            # Whoever reads no further has no use for the rest.
            if pending:
                self._engine.abort_request(list(pending))
            for name in pending:
                self._arrived.pop(name, None)

    def shut_down(self) -> None:
        """Ends the child processes, and with them what they held."""
        self._engine.engine_core.shutdown(timeout=_PATIENCE)
        if self._reaper:
            self._reaper.release()

    def _next(self, pending: dict[str, Any]) -> list[str]:
        """Names of finished requests among those pending; others may run beside them."""
        while not (finished := [name for name in self._arrived if name in pending]):
            for output in self._engine.step():
                self._arrived[output.request_id] = output
        return finished

    def _lora(self, adapter: Adapter | None) -> Any:
        if adapter is None:
            return None
        if adapter not in self._adapters:
            from vllm.lora.request import LoRARequest

            lora = LoRARequest(adapter.name, len(self._adapters) + 1, adapter.folder)
            try:
                self._engine.add_lora(lora)
            except Exception as error:  # What it is depends on where in vLLM it happened.
                raise UserError(
                    f"vLLM could not load the adapter {adapter.folder}: {first_line(error)}"
                ) from error
            self._adapters[adapter] = lora
        return self._adapters[adapter]


def start(base: Base, rank: int) -> Host:
    """Starts vLLM.

    Args:
        base: The weights, and how they are held.
        rank: The highest rank of an adapter that may join them; 0 for none.

    Raises:
        UserError: If vLLM does not start.
    """
    from vllm import EngineArgs, LLMEngine
    from vllm.exceptions import VLLMError
    from vllm.platforms import current_platform

    on_cpu = current_platform.is_cpu()
    arguments = EngineArgs(
        model=base.weights,
        # Prompts are token ids and answers are decoded here, as for every engine.
        skip_tokenizer_init=True,
        load_format="safetensors",
        use_tqdm_on_load=False,
        trust_remote_code=base.trust_remote_code,
        dtype=base.dtype,
        max_model_len=base.context,
        gpu_memory_utilization=base.memory,
        tensor_parallel_size=base.tensor_parallel,
        block_size=_CPU_BLOCK if on_cpu else None,
        # A request's own seed and a prompt read in parts do not go together on a CPU.
        enable_chunked_prefill=False if on_cpu else None,
        enable_prefix_caching=True,
        enable_lora=rank > 0,
        max_lora_rank=min(allowed for allowed in RANKS if allowed >= rank),
        generation_config="vllm",
        disable_log_stats=True,
    )
    reaper = Reaper()
    try:
        engine = LLMEngine.from_engine_args(arguments, enable_multiprocessing=True)
    except (ValueError, RuntimeError, OSError, VLLMError) as error:
        reaper.release()
        raise UserError(
            f"vLLM could not start with {base.weights}: {first_line(error)}; where memory is "
            "short, change engine.vllm.memory or lower engine.vllm.max_length"
        ) from error
    reaper.settle()
    _wake_at_death(engine.engine_core)
    return Host(engine, rank, reaper)


def _wake_at_death(client: Any) -> None:
    """Wakes who waits for answers once nothing reads them any more.

    vLLM sees that its process was killed, stops reading, and leaves `step` waiting for ever.

    Args:
        client: vLLM's `SyncMPClient`.
    """
    from vllm.v1.engine.exceptions import EngineDeadError

    # Nothing here may hold the client: vLLM cleans up when it is collected.
    reader, answers = client.output_queue_thread, client.outputs_queue

    def wait() -> None:
        reader.join()
        answers.put_nowait(EngineDeadError())

    Thread(target=wait, name="vllm-death", daemon=True).start()
