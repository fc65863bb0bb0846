"""The example on the page about constitutions is a constitution."""

import re
from pathlib import Path

from primum.constitution import load_constitution

PAGE = Path(__file__).resolve().parents[2] / "docs" / "constitution.md"


def test_example(tmp_path):
    page = PAGE.read_text(encoding="utf-8")
    file = tmp_path / "pharmacy.yaml"
    file.write_text(re.search(r"```yaml\n(.*?)```", page, re.S)[1], encoding="utf-8")
    line = re.search(r"```json\n(.*?)```", page, re.S)[1].replace('"better": "…"', '"better": "!"')
    (tmp_path / "exemplars").mkdir()
    for name in ("cautious", "useful"):
        (tmp_path / "exemplars" / f"{name}.jsonl").write_text(line, encoding="utf-8")
    constitution = load_constitution(file)
    assert [(o.name, len(o.exemplars)) for o in constitution.objectives] == [
        ("cautious", 2),
        ("useful", 1),
    ]
