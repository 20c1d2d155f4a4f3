"""The inputs of the action, read once, every mistake reported at once.

Their names are those of action.yml; a test holds the two against each other.
"""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from bot.doc_links import page
from bot.errors import BadInput
from bot.model.sizes import parse_size
from bot.project.option_values import check_path, check_platform, parse_growth
from bot.project.overrides import Overrides

NAMES = (
    "github-token",
    "config",
    "dockerfile",
    "context",
    "target",
    "build-args",
    "platforms",
    "images",
    "base-ref",
    "max-size",
    "max-growth",
    "comment",
    "review-comments",
    "verify-suggestions",
    "fail-on",
    "mode",
    "report",
)


@dataclass(frozen=True, slots=True)
class Inputs:
    """What the workflow asks for; `comment` is None where it leaves that to the configuration."""

    token: str
    config: str | None
    overrides: Overrides
    base_ref: str | None
    comment: str | None
    fail_on: str
    mode: str
    report: str | None = None
    review_comments: bool = False
    verify_suggestions: bool = False


def read_inputs(environment: Mapping[str, str]) -> Inputs:
    """The inputs as the runner hands them to a container; BadInput lists every mistake."""
    given = {name: environment.get(f"INPUT_{name.upper()}", "").strip() for name in NAMES}
    reader = _Reader(given)
    inputs = Inputs(
        token=given["github-token"],
        config=reader.take("config", check_path),
        overrides=Overrides(
            images=_items(given["images"]),
            dockerfile=reader.take("dockerfile", check_path),
            context=reader.take("context", check_path),
            target=given["target"] or None,
            build_args=reader.take("build-args", parse_build_args) or {},
            platforms=reader.take("platforms", _platforms) or (),
            max_size=reader.take("max-size", parse_size),
            max_growth=reader.take("max-growth", parse_growth),
        ),
        base_ref=given["base-ref"] or None,
        comment=reader.choose("comment", ("always", "changes", "never")) or None,
        fail_on=reader.choose("fail-on", ("fail", "warn", "never")) or "fail",
        mode=reader.choose("mode", ("auto", "review", "audit", "publish")) or "auto",
        report=given["report"] or None,
        review_comments=reader.choose("review-comments", ("true", "false")) == "true",
        verify_suggestions=reader.choose("verify-suggestions", ("true", "false")) == "true",
    )
    if reader.mistakes:
        lines = "\n".join(f"  {mistake}" for mistake in reader.mistakes)
        fix = f"every input is shown at {page('inputs')}"
        raise BadInput(f"These inputs are wrong:\n{lines}", fix=fix)
    return inputs


def parse_build_args(text: str) -> dict[str, str]:
    """`KEY=VALUE` lines; ValueError counts to the first that is none, which may be half a secret."""
    pairs = {}
    for number, line in enumerate(text.splitlines(), 1):
        if line.strip():
            name, equals, value = line.strip().partition("=")
            if not equals or not re.fullmatch(r"[A-Za-z_]\w*", name):
                raise ValueError(f"line {number} is not KEY=VALUE")
            pairs[name] = value
    return pairs


class _Reader:
    """Reads inputs by name and gathers what is wrong with them."""

    def __init__(self, given: Mapping[str, str]) -> None:
        self._given = given
        self.mistakes: list[str] = []

    def take(self, name: str, parse: Callable[[str], Any]) -> Any:
        """An input through its parser; None where it is empty or wrong."""
        if not self._given[name]:
            return None
        try:
            return parse(self._given[name])
        except ValueError as problem:
            self.mistakes.append(f"{name}: {problem}")
            return None

    def choose(self, name: str, choices: tuple[str, ...]) -> str:
        """An input that is one of a few words, of any case."""
        value = self._given[name].lower()
        if value and value not in choices:
            self.mistakes.append(f"{name}: {self._given[name]!r} is none of {', '.join(choices)}")
        return value


def _items(text: str) -> tuple[str, ...]:
    return tuple(item.strip() for item in re.split(r"[,\n]", text) if item.strip())


def _platforms(text: str) -> tuple[str, ...]:
    return tuple(check_platform(item) for item in _items(text))
