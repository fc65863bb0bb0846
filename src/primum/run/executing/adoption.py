"""Takes over a finished step from a sibling run, rather than run it again."""

import re
import shutil
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from primum.errors import UserError
from primum.run.directory import RunDirectory, digest_path, read_manifest
from primum.run.executing.links import copy_linked
from primum.run.inputs import Inputs
from primum.run.layout import MANIFEST
from primum.run.stage import Step, fingerprint
from primum.run.stages import label, report
from primum.store.manifest import FORMAT, StageRecord

ADOPTED_FROM = "adopted_from"
"""The fact that names the run which a step was adopted from: the one that ran it."""

_OWN = (label.STAGE.name, report.STAGE.name)
"""Stages that depend on more than their fingerprint says: on labels that people have added to just
this run, and on its own manifest."""
_DRAFT = ".adopted"


@dataclass(frozen=True)
class Sibling:
    """A run whose finished steps may be adopted.

    Attributes:
        name: Its name in facts, such as `dpo/0`.
        path: The run directory; another process may be working there.
    """

    name: str
    path: Path


@dataclass(frozen=True)
class _Found:
    """A step of a sibling.

    Attributes:
        sibling: The run.
        folder: Where the step's files lie, relative to that run; empty for the run itself.
        record: What its manifest says of the step.
    """

    sibling: Sibling
    folder: str
    record: StageRecord


def adopt(step: Step, run: RunDirectory, inputs: Inputs, siblings: Sequence[Sibling]) -> bool:
    """Takes over the files and the record of a sibling's step with the same fingerprint.

    Files are linked where the disk allows it: stages never write into a file that is there. What a
    sibling has lost or changed since it recorded it is not taken.

    Args:
        step: The step that would run otherwise.
        run: The run directory.
        inputs: The inputs of the run.
        siblings: Where to look, in this order.

    Returns:
        Whether there was one.
    """
    if step.stage.name in _OWN:
        return False
    wanted = fingerprint(step, run, inputs)
    return any(
        _take(step, run, found)
        for sibling in siblings
        for found in _steps_like(step, sibling)
        if found.record.inputs == wanted
    )


def _steps_like(step: Step, sibling: Sibling) -> Iterator[_Found]:
    """The sibling's finished steps of the same stage, of whichever round."""
    if not (sibling.path / MANIFEST).exists():
        return
    try:
        manifest = read_manifest(sibling.path)
    except UserError:
        # It lacks nothing that this run needs: the step is run.
        return
    if manifest.get("format") != FORMAT:
        return
    # No other name: a manifest that was copied from elsewhere must not name a path.
    of_stage = re.compile(rf"(?:(iteration-[1-9][0-9]*)/)?{re.escape(step.stage.name)}")
    for name, record in manifest["stages"].items():
        if found := of_stage.fullmatch(name):
            yield _Found(sibling, found[1] or "", StageRecord(**record))


def _take(step: Step, run: RunDirectory, found: _Found) -> bool:
    draft = run.path / _DRAFT
    shutil.rmtree(draft, ignore_errors=True)
    source = found.sibling.path / found.folder
    try:
        digests = {}
        for number, file in enumerate(step.stage.writes):
            recorded = found.record.outputs.get(f"{found.folder}/{file}".lstrip("/"))
            if recorded is None:
                return False
            copy_linked(source / file, draft / str(number))
            if digest_path(draft / str(number)) != recorded:
                return False
            digests[step.place(file)] = recorded
        run.claim(step.name, list(digests))
        for number, file in enumerate(step.stage.writes):
            run.put(step.place(file), draft / str(number))
    except FileNotFoundError:
        # The sibling has lost a file, or is replacing it just now.
        return False
    finally:
        shutil.rmtree(draft, ignore_errors=True)
    facts = {ADOPTED_FROM: found.sibling.name, **found.record.facts}
    run.record(step.name, replace(found.record, outputs=digests, facts=facts), ran=False)
    return True
