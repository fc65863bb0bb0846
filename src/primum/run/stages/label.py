"""Keeps people's labels of these very answers; `primum gate --labels` adds them."""

from primum.evaluation.people import labels_of
from primum.run.layout import ANSWERS, LABELS
from primum.run.stage import Given, Stage, StageFacts
from primum.store.files import read_table
from primum.store.schemas import LABELS as SCHEMA


def keep_labels(given: Given) -> StageFacts:
    """Labels that are there and belong to the answers; none in a run that is new.

    The stage depends on the answers alone. Labels that are added take the place of its output, so
    that the gate after it runs again, and nothing before it does.
    """
    file = given.path(LABELS)
    known = read_table(file, SCHEMA.names) if file.exists() else SCHEMA.empty_table()
    kept = labels_of(known, given.table(ANSWERS))
    given.put_table(LABELS, kept)
    return {"labels": kept.num_rows}


STAGE = Stage(name="label", body=keep_labels, reads=(ANSWERS,), writes=(LABELS,))
