"""A Ray cluster: joined or started, and what of it each replica gets."""

import logging
import os
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from importlib.util import find_spec
from typing import Any

from primum.engines.extras import how_to_install
from primum.errors import UserError, first_line

LOCAL = "local"
ADDRESS = "RAY_ADDRESS"
"""Ray's own variable for the address of a cluster."""

_STORE = 512 << 20
"""Bytes of shared memory, since requests and answers are small. A choice."""

_ours = False


@dataclass(frozen=True)
class Share:
    """What of the cluster one replica has to itself; of CPUs, as many threads as well."""

    cpus: int
    gpus: int


def connect(address: str | None, replicas: int) -> None:
    """Connects to a Ray cluster, unless this process is connected to one already.

    Args:
        address: Such as `auto`, `10.0.0.1:6379` or `ray://head:10001`; `local` starts a cluster of
            this machine alone, which nobody else can reach and which ends with this process. None
            takes what RAY_ADDRESS names, or else `local`.
        replicas: For how many; a local cluster offers at least one CPU to each.

    Raises:
        UserError: If Ray is not installed, or no cluster of the same Ray and Python answers.
    """
    global _ours
    if find_spec("ray") is None:
        raise UserError(
            "engine.replicas and engine.cluster need Ray, which is not installed; "
            f"{how_to_install('ray')}, or leave both out"
        )
    place = address or os.environ.get(ADDRESS) or LOCAL
    _set_environment(alone=place == LOCAL)
    import ray

    if ray.is_initialized():
        return
    settings: dict[str, Any] = {"log_to_driver": False, "logging_level": logging.ERROR}
    if place == LOCAL:
        cpus = max(replicas, os.cpu_count() or 1)
        settings |= {"num_cpus": cpus, "object_store_memory": _STORE, "include_dashboard": False}
    try:
        ray.init(address=place, **settings)
    except (ConnectionError, RuntimeError, ValueError) as error:
        raise UserError(
            f"the Ray cluster {place!r} could not be joined ({first_line(error)}); check "
            "engine.cluster, and that its Ray and Python are those of this process"
        ) from error
    _ours = True


def disconnect() -> None:
    """Disconnects from the cluster that `connect` connected to; a local one ends."""
    global _ours
    if _ours:
        import ray

        ray.shutdown()
        _ours = False


def host_resources() -> list[dict[str, float]]:
    """What each host of the cluster has of `CPU` and `GPU`."""
    import ray

    return [node["Resources"] for node in ray.nodes() if node["Alive"]]


def share_per_replica(
    have: Sequence[Mapping[str, float]], device: str, replicas: int, gpus_each: int = 1
) -> Share:
    """What each replica asks the cluster for.

    Args:
        have: What each host has.
        device: The recipe's `engine.device`; `auto` is a GPU where the cluster has any.
        replicas: How many there are.
        gpus_each: How many GPUs one engine runs on.

    Raises:
        UserError: If the cluster is too small.
    """
    gpus = [int(host.get("GPU", 0)) for host in have]
    if device.startswith("cuda") or (device == "auto" and any(gpus)):
        if _capacity(gpus, gpus_each) < replicas:
            raise UserError(
                f"the Ray cluster can hold {_capacity(gpus, gpus_each)} engines of {gpus_each} "
                f"GPU each ({sum(gpus)} GPUs on {len(have)} hosts), not for engine.replicas="
                f"{replicas}; lower it, or set engine.device=cpu"
            )
        return Share(1, gpus_each)
    cpus = [int(host.get("CPU", 0)) for host in have]
    for each in range(max(cpus, default=0), 0, -1):
        if _capacity(cpus, each) >= replicas:
            return Share(each, 0)
    raise UserError(
        f"the Ray cluster has {sum(cpus)} CPUs, not one for each of engine.replicas={replicas}; "
        "lower it"
    )


def _capacity(hosts: Sequence[int], each: int) -> int:
    """How many shares of that size the hosts can give; none is spread over two hosts."""
    return sum(host // each for host in hosts)


def _set_environment(*, alone: bool) -> None:
    """Sets what Ray reads from the environment when it is first imported.

    Args:
        alone: Whether the cluster is of this machine alone.
    """
    os.environ.setdefault("RAY_USAGE_STATS_ENABLED", "0")
    os.environ.setdefault("RAY_DATA_DISABLE_PROGRESS_BARS", "1")
    # Zero GPUs shall not hide those that an engine in this process uses; Ray warns of it.
    os.environ.setdefault("RAY_ACCEL_ENV_VAR_OVERRIDE_ON_ZERO", "0")
    if alone:
        # Ray without clusters binds to 127.0.0.1 rather than to every interface.
        os.environ.setdefault("RAY_ENABLE_WINDOWS_OR_OSX_CLUSTER", "0")
