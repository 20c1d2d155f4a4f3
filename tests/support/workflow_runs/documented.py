"""The workflows that we run or offer, in files and on pages."""

import re
from pathlib import Path
from typing import Any

from ruamel.yaml import YAML

ROOT = Path(__file__).parents[3]


def load_workflow(text: str) -> dict[str, Any]:
    """Return a workflow; `on` is a text, as it is for GitHub."""
    document: dict[str, Any] = YAML(typ="safe").load(text)
    return document


def find_workflows() -> dict[str, dict[str, Any]]:
    """Return all workflows by the path of their file, or by page and number of their block."""
    files = [*ROOT.glob(".github/workflows/*.yml"), *ROOT.glob("docs/workflows/*.yml")]
    texts = {str(path.relative_to(ROOT)): path.read_text("utf-8") for path in files}
    for page in (ROOT / "README.md", *sorted(ROOT.glob("docs/*.md"))):
        blocks = re.findall(r"```yaml\n(.*?)```", page.read_text("utf-8"), re.DOTALL)
        texts |= {f"{page.name} {number}": block for number, block in enumerate(blocks)}
    return {
        name: load_workflow(text)
        for name, text in texts.items()
        if re.search("^jobs:", text, re.MULTILINE)
    }
