"""An audit says where the prompts of a data set by name come from, and their licence."""

from primum.audit.entry import _choose_prompts
from primum.prompts import NamedPrompts
from primum.recipe import load_recipe
from tests.prompts.named.copies import GATHERED, ROWS, write_copy
from tests.run.test_earlier import Listener


def test_the_licence_is_said(tmp_path):
    file = write_copy(tmp_path / GATHERED["xstest"], ROWS["xstest"])
    listener = Listener()
    source = NamedPrompts("xstest", tmp_path)
    [prompt] = _choose_prompts(source, load_recipe(None), 32, listener)
    assert prompt.split == "train"
    [note] = listener.notes
    assert note.startswith(f"xstest: 2 rows from {file}; licence: CC BY 4.0")
