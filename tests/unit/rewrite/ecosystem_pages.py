"""The pages of the ecosystems, read as test inputs.

`python -m tests.unit.rewrite` updates the results on them.
"""

import re
from dataclasses import dataclass
from pathlib import Path

from tests.support.rewrite_world import rewrite_text

ROOT = Path(__file__).parents[3]
FOLDER = ROOT / "bot/rewrite/ecosystems"
INDEX = ROOT / "docs/rewrites.md"
TABLE = "| --- | --- |\n"
_BLOCK = re.compile(r"^```(dockerfile|text)\n(.*?)^```$", re.MULTILINE | re.DOTALL)


@dataclass(frozen=True)
class Page:
    """A page: its title, its first sentence, the Dockerfiles before and after, the files of the image."""

    title: str
    first: str
    before: str
    listing: str
    after: str


def read_page(stem: str) -> Page:
    """Return the page of an ecosystem."""
    text = (FOLDER / f"{stem}.md").read_text("utf-8")
    heading, _, rest = text.partition("\n\n")
    (_, before), (_, listing), (_, after) = _BLOCK.findall(text)
    first = rest.partition("\n\n")[0].strip().replace("\n", " ")
    return Page(heading.removeprefix("# "), first, before, listing, after)


def row(stem: str) -> str:
    """Return an ecosystem's row in the index."""
    return f"| [{stem}](../bot/rewrite/ecosystems/{stem}.md) | {read_page(stem).first} |"


def write_after(stem: str) -> None:
    """Return the page with the rewrite of its first Dockerfile."""
    path, page = FOLDER / f"{stem}.md", read_page(stem)
    dockerfile = rewrite_text(page.before, page.listing)
    head, mark, rest = path.read_text("utf-8").partition("## After\n\n```dockerfile\n")
    tail = rest.removeprefix(page.after)
    path.write_text(f"{head}{mark}{dockerfile}{tail}", "utf-8")
