"""The pages of the rules: their examples are the first tests of each rule."""

import re
from dataclasses import dataclass
from pathlib import Path

from bot.adapters.parsing.shell_parser import parse_script
from bot.advise.subject import RuleInput
from bot.dockerfile.build_context import BuildContext
from bot.dockerfile.source_text import SourceText, Span
from bot.model.sizes import parse_size
from tests.support.rule_inputs import make_rule_input

ROOT = Path(__file__).parents[3]
RULES = ROOT / "bot/advise/rules"
INDEX = ROOT / "docs/rules.md"
_BLOCK = re.compile(r"^```(\w+)\n(.*?)^```$", re.MULTILINE | re.DOTALL)


@dataclass(frozen=True)
class Page:
    """A page: title, first sentence, the Dockerfiles before and after, the context if any.

    `layer` lists files of the last line's layer, for rules that need an image.
    """

    title: str
    first: str
    before: str
    after: str
    files: dict[str, int] | None
    builder: str
    script: str
    layer: str

    def make_input(self, text: str) -> RuleInput:
        """Return one of its Dockerfiles in its context: files, a second Dockerfile, a script."""
        other_dockerfiles = (
            {"Dockerfile.build": make_rule_input(self.builder).dockerfile} if self.builder else {}
        )
        data = self.script.encode()
        script = parse_script(SourceText(data).text_at(Span(0, len(data))))
        context = BuildContext(
            self.files or {},
            other_dockerfiles=other_dockerfiles,
            shell_scripts={"build.sh": script},
        )
        layers, tree = self._describe_image(text)
        return make_rule_input(text, layers, tree, context)

    def _describe_image(self, text: str) -> tuple[str, str]:
        """Return the layers, one for each line, and the tree of an image; empty without files."""
        if not self.layer:
            return "", ""
        lines = text.splitlines()
        files = ", ".join(f"{line} @{len(lines)}" for line in self.layer.splitlines())
        return " / ".join(f"{line} 60MB" for line in lines), files


def read_page(stem: str) -> Page:
    """Read the page of a rule."""
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
        layer=next((body for kind, body in blocks if kind == "layer"), ""),
    )


def row(name: str) -> str:
    """Return a rule's row in the index."""
    stem = name.replace("-", "_")
    return f"| [{name}](../bot/advise/rules/{stem}.md) | {read_page(stem).first} |"


def _files(listings: list[str]) -> dict[str, int] | None:
    """Parse lines of `path size`."""
    if not listings:
        return None
    pairs = (line.rsplit(" ", 1) for line in listings[0].splitlines())
    return {path.strip(): parse_size(size) for path, size in pairs}
