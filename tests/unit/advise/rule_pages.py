"""The pages of the rules, read as their first tests."""

import re
from dataclasses import dataclass
from pathlib import Path

from bot.adapters.parsing.shell_parser import parse_script
from bot.advise.subject import RuleInput
from bot.dockerfile.build_context import BuildContext
from bot.dockerfile.source_text import SourceText, Span
from bot.model.sizes import parse_size
from tests.support.rule_inputs import subject

ROOT = Path(__file__).parents[3]
RULES = ROOT / "bot/advise/rules"
INDEX = ROOT / "docs/rules.md"
_BLOCK = re.compile(r"^```(\w+)\n(.*?)^```$", re.MULTILINE | re.DOTALL)


@dataclass(frozen=True)
class Page:
    """A page: its title, the Dockerfiles before and after, and the context, if it shows one."""

    title: str
    first: str
    before: str
    after: str
    files: dict[str, int] | None
    builder: str
    script: str

    def subject(self, text: str) -> RuleInput:
        """One of its Dockerfiles, in its context: the files, a second Dockerfile and a script."""
        neighbours = {"Dockerfile.build": subject(self.builder).dockerfile} if self.builder else {}
        data = self.script.encode()
        script = parse_script(SourceText(data).text_at(Span(0, len(data))))
        context = BuildContext(
            self.files or {}, other_dockerfiles=neighbours, shell_scripts={"build.sh": script}
        )
        return subject(text, context=context)


def read_page(stem: str) -> Page:
    """The page of a rule."""
    text = (RULES / f"{stem}.md").read_text("utf-8")
    heading, _, rest = text.partition("\n\n")
    blocks = _BLOCK.findall(text)
    before, after = (body for kind, body in blocks if kind == "dockerfile")
    return Page(
        title=heading.removeprefix("# "),
        first=rest.partition("\n\n")[0].strip().replace("\n", " "),
        before=before,
        after=after,
        files=_files([body for kind, body in blocks if kind == "text"]),
        builder=next((body for kind, body in blocks if kind == "docker"), ""),
        script=next((body for kind, body in blocks if kind == "sh"), ""),
    )


def row(name: str) -> str:
    """A rule's row in the index."""
    stem = name.replace("-", "_")
    return f"| [{name}](../bot/advise/rules/{stem}.md) | {read_page(stem).first} |"


def _files(listings: list[str]) -> dict[str, int] | None:
    """`path size`, a file a line."""
    if not listings:
        return None
    pairs = (line.rsplit(" ", 1) for line in listings[0].splitlines())
    return {path.strip(): parse_size(size) for path, size in pairs}
