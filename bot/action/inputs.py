"""The inputs of the action, read once, with every mistake reported at once.

Their names are those of action.yml; tests/unit/test_contract.py compares the two.
"""

import json
import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from bot.action.compare_inputs import find_compare_mistakes, pair_images, split_list
from bot.doc_links import doc_url
from bot.errors import InputError
from bot.line.comparison_subjects import ComparedImage
from bot.model.registry_login import RegistryLogin
from bot.model.sizes import parse_size
from bot.model.spec import BuildNeeds, Limits
from bot.project.build_needs import parse_build_minutes
from bot.project.history_place import parse_history
from bot.project.need_inputs import (
    parse_add_hosts,
    parse_build_contexts,
    parse_cache_sources,
    parse_cache_targets,
    parse_preparation,
    parse_secret_envs,
    parse_secret_files,
    parse_secrets,
    parse_ssh_keys,
)
from bot.project.option_values import (
    make_limits,
    parse_builder,
    parse_growth_limit,
    parse_jobs,
    parse_shards,
    validate_max_size,
    validate_path,
    validate_platform,
    validate_text,
)
from bot.project.overrides import Overrides
from bot.project.registry_logins import parse_registry_auth
from bot.project.useless_warnings import find_useless_warnings
from bot.report.formats.file_formats import FILE_SUFFIXES

INPUT_NAMES = (
    "github-token",
    "path",
    "config",
    "dockerfile",
    "context",
    "target",
    "build-args",
    "platforms",
    "secrets",
    "secret-files",
    "secret-envs",
    "ssh",
    "build-contexts",
    "network",
    "add-hosts",
    "build-timeout",
    "builder",
    "jobs",
    "cache-from",
    "cache-to",
    "prepare",
    "registry-auth",
    "images",
    "image",
    "base-image",
    "base-ref",
    "revision",
    "since",
    "max-size",
    "max-growth",
    "warn-size",
    "warn-growth",
    "comment",
    "comment-threshold",
    "tracking-issue",
    "review-comments",
    "verify-suggestions",
    "fail-on",
    "unbuildable-from-forks",
    "mode",
    "report",
    "format",
    "shards",
    "history",
)
# The variable of the form that runs on the host, where the runner sets none of the others.
VALUES_VARIABLE = "INPUT_JSON"
_MODES = ("auto", "review", "compare", "images", "audit", "publish")


@dataclass(frozen=True, slots=True)
class ActionInputs:
    """The inputs of one step.

    `comment` and `comment_threshold` (bytes) are None where the configuration file decides,
    `fail_on` where the event does.
    """

    token: str
    config: str | None
    overrides: Overrides
    base_ref: str | None
    comment: str | None
    comment_threshold: int | None
    fail_on: str | None
    mode: str
    path: str | None = None
    reports: tuple[str, ...] = ()
    review_comments: bool = False
    tracking_issue: bool = False
    verify_suggestions: bool = False
    excuses_forks: bool = False
    compared_images: tuple[ComparedImage, ...] = ()
    revision: str | None = None
    since: str | None = None
    formats: tuple[str, ...] = ()
    shards: int | None = None
    jobs: int | None = None
    builder: str | None = None
    logins: tuple[RegistryLogin, ...] = ()


def read_inputs(environment: Mapping[str, str]) -> ActionInputs:
    """Read the inputs as a step of either form has them; InputError lists every mistake."""
    values = _read_values(environment)
    reader = _InputReader(values)
    inputs = ActionInputs(
        token=values["github-token"],
        path=reader.parse_input("path", _parse_folder),
        config=reader.parse_input("config", validate_path),
        overrides=_read_overrides(reader, values),
        base_ref=values["base-ref"] or None,
        comment=reader.parse_choice("comment", ("always", "changes", "never")) or None,
        comment_threshold=reader.parse_input("comment-threshold", parse_size),
        fail_on=reader.parse_choice("fail-on", ("fail", "warn", "never")) or None,
        mode=reader.parse_choice("mode", _MODES) or "auto",
        reports=split_list(values["report"]),
        revision=values["revision"] or None,
        since=values["since"] or None,
        formats=reader.parse_input("format", _parse_formats) or (),
        shards=reader.parse_input("shards", parse_shards),
        jobs=reader.parse_input("jobs", parse_jobs),
        builder=reader.parse_input("builder", parse_builder),
        review_comments=reader.parse_choice("review-comments", ("true", "false")) == "true",
        tracking_issue=reader.parse_choice("tracking-issue", ("true", "false")) == "true",
        excuses_forks=reader.parse_choice("unbuildable-from-forks", ("fail", "warn")) == "warn",
        verify_suggestions=reader.parse_choice("verify-suggestions", ("true", "false")) == "true",
        compared_images=pair_images(values),
        logins=reader.parse_input("registry-auth", parse_registry_auth) or (),
    )
    # What two inputs mean together is only known once each of them can be read.
    if not reader.mistakes:
        reader.mistakes += _find_limit_mistakes(inputs.overrides.limits)
        reader.mistakes += find_compare_mistakes(values, verifies=inputs.verify_suggestions)
    _refuse(reader.mistakes)
    return inputs


def _refuse(mistakes: Sequence[str]) -> None:
    if mistakes:
        lines = "\n".join(f"  {mistake}" for mistake in mistakes)
        fix = f"every input is shown at {doc_url('inputs')}"
        raise InputError(f"Invalid inputs:\n{lines}", fix=fix)


def parse_build_args(text: str) -> dict[str, str]:
    """Return the `KEY=VALUE` lines of a text; ValueError for the first line that is none.

    The message has the number of the line and not its text, which may be half of a secret.
    """
    pairs = {}
    for number, line in enumerate(text.splitlines(), 1):
        if line.strip():
            name, equals, value = line.strip().partition("=")
            if not equals or not re.fullmatch(r"[A-Za-z_]\w*", name):
                raise ValueError(f"line {number} is not KEY=VALUE")
            pairs[name] = value
    return pairs


def _read_values(environment: Mapping[str, str]) -> dict[str, str]:
    """Return the values that the runner hands to a container, or else those of the one variable.

    It is read only where there are no others: an earlier step of a job can set a variable.
    """
    # The runner's form: upper case, and blanks to underscores, but hyphens stay.
    variables = {name: f"INPUT_{name.upper()}" for name in INPUT_NAMES}
    if any(variable in environment for variable in variables.values()):
        return {name: environment.get(key, "").strip() for name, key in variables.items()}
    document = _parse_values(environment.get(VALUES_VARIABLE) or "{}")
    return {name: str(document.get(name) or "").strip() for name in INPUT_NAMES}


def _parse_values(text: str) -> dict[str, Any]:
    try:
        document = json.loads(text)
    except (ValueError, RecursionError):
        document = None
    if isinstance(document, dict):
        return document
    what = f"The variable {VALUES_VARIABLE} cannot be read."
    raise InputError(what, "it is not an object of JSON", "set it to ${{ toJSON(inputs) }}")


def _find_limit_mistakes(limits: Limits) -> list[str]:
    return [f"{name}: {reason}" for name, reason in find_useless_warnings(limits)]


def _read_overrides(reader: "_InputReader", values: Mapping[str, str]) -> Overrides:
    return Overrides(
        images=split_list(values["images"]),
        dockerfile=reader.parse_input("dockerfile", validate_path),
        context=reader.parse_input("context", validate_path),
        target=values["target"] or None,
        build_args=reader.parse_input("build-args", parse_build_args) or {},
        platforms=reader.parse_input("platforms", _parse_platforms) or (),
        limits=_read_limits(reader),
        needs=_read_needs(reader, values["network"]),
        build_contexts=reader.parse_input("build-contexts", parse_build_contexts) or {},
        history=reader.parse_input("history", parse_history),
    )


def _read_limits(reader: "_InputReader") -> Limits:
    return make_limits(
        reader.parse_input("max-size", validate_max_size),
        max_growth=reader.parse_input("max-growth", parse_growth_limit),
        warn_size=reader.parse_input("warn-size", parse_size),
        warn_growth=reader.parse_input("warn-growth", parse_growth_limit),
    )


def _read_needs(reader: "_InputReader", network: str) -> BuildNeeds:
    return BuildNeeds(
        secrets=(
            *(reader.parse_input("secrets", parse_secrets) or ()),
            *(reader.parse_input("secret-files", parse_secret_files) or ()),
            *(reader.parse_input("secret-envs", parse_secret_envs) or ()),
        ),
        ssh=reader.parse_input("ssh", parse_ssh_keys) or (),
        network=network or None,
        add_hosts=reader.parse_input("add-hosts", parse_add_hosts) or (),
        preparation=reader.parse_input("prepare", parse_preparation),
        timeout_s=reader.parse_input("build-timeout", parse_build_minutes),
        cache_from=reader.parse_input("cache-from", parse_cache_sources) or (),
        cache_to=reader.parse_input("cache-to", parse_cache_targets) or (),
    )


class _InputReader:
    """A reader of inputs by name, which collects their mistakes."""

    def __init__(self, values: Mapping[str, str]) -> None:
        self._values = values
        self.mistakes: list[str] = []
        # All of them first, since an input that is not parsed ends in an argument or a header as
        # well.
        for name in values:
            self.parse_input(name, validate_text)

    def parse_input(self, name: str, parse: Callable[[str], Any]) -> Any:
        """Parse an input; return None where it is empty or wrong."""
        if not self._values[name]:
            return None
        try:
            return parse(self._values[name])
        except ValueError as problem:
            self.mistakes.append(f"{name}: {problem}")
            return None

    def parse_choice(self, name: str, choices: tuple[str, ...]) -> str:
        """Read an input that is one of a few words, in any case; empty where it is not set."""
        value = self._values[name].lower()
        if value and value not in choices:
            self.mistakes.append(
                f"{name}: {self._values[name]!r} is not one of {', '.join(choices)}"
            )
        return value


def _parse_folder(text: str) -> str | None:
    """Return a folder of the workspace; None for the workspace itself."""
    path = validate_path(text)
    return None if path == "." else path


def _parse_formats(text: str) -> tuple[str, ...]:
    names = tuple(dict.fromkeys(name.lower() for name in split_list(text)))
    for name in names:
        if name not in FILE_SUFFIXES:
            raise ValueError(f"{name!r} is not one of {', '.join(FILE_SUFFIXES)}")
    return names


def _parse_platforms(text: str) -> tuple[str, ...]:
    return tuple(validate_platform(item) for item in split_list(text))
