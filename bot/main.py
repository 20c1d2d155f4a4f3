"""The composition root of the command line: arguments in, a report out, an exit status."""

import io
import os
import signal
import sys
import traceback
from argparse import Namespace
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import TextIO

from rich.console import Console

from bot.action import run_action
from bot.advising import advise_on
from bot.arguments import parse_arguments
from bot.core.event import Commit
from bot.core.mask import mask, masked
from bot.core.model import Outcome, Report
from bot.core.overrides import Overrides, reproducing
from bot.declare import Request
from bot.edge.builder import BuildOptions
from bot.edge.environment import read_environment
from bot.edge.git import WORKING_TREE, GitRepository
from bot.edge.images import ImageStore
from bot.edge.layer_cache import known_layers
from bot.edge.screen import TerminalScreen
from bot.edge.workflow import Workflow
from bot.errors import BadInput, ReviewError
from bot.existing import diff_references, measure_reference
from bot.job import Job, read_job
from bot.line import Question, audit, review
from bot.measurer import Measurer
from bot.publishing import publish
from bot.report.document import render_json, schema_text
from bot.report.html import render_html
from bot.report.markdown import render_markdown
from bot.report.text import render_text
from bot.wiring import wired

_STATUS = {Outcome.FAIL: 1, Outcome.ERROR: 2}
_MENDABLE, _DEFECT, _INTERRUPTED = 2, 3, 130
_AS_GIT_SEES_IT = (
    "The working tree is taken as git sees it: files that it ignores are not in the builds."
)
_RENDER: dict[str, Callable[[Report], str]] = {
    "text": render_text,
    "markdown": render_markdown,
    "json": render_json,
    "html": render_html,
}


def main(arguments: list[str] | None = None) -> int:
    """Runs one command; the exit status is the contract's."""
    asked = parse_arguments(arguments)
    signal.signal(signal.SIGTERM, signal.default_int_handler)  # a cancelled job cleans up, too
    _take_any_text(sys.stdout, sys.stderr)
    try:
        status = _run(asked, read_environment())
        sys.stdout.flush()
        return status
    except ReviewError as problem:
        # Indented, so that no foreign line in it begins as a command to a workflow's runner does.
        sys.stderr.write("error: " + mask(str(problem)).replace("\n", "\n  ") + "\n")
        return _MENDABLE
    except KeyboardInterrupt:
        return _INTERRUPTED
    except BrokenPipeError:  # whoever reads us, `head` for example, has seen enough
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return _INTERRUPTED
    except Exception:  # noqa: BLE001 - the last handler: whatever comes here is our defect
        traceback.print_exc()
        sys.stderr.write("This is a defect of image-size-review. Please report it.\n")
        return _DEFECT


def _take_any_text(*streams: TextIO) -> None:
    """A terminal that lacks an arrow gets a question mark, and the report all the same."""
    for stream in streams:
        if isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(errors="replace")


def _run(asked: Namespace, environment: Mapping[str, str]) -> int:
    if asked.command == "schema":
        sys.stdout.write(schema_text())
        return 0
    if asked.command == "action":
        return run_action(environment)
    report = masked(_report(asked, environment))
    if asked.format == "text" and asked.output is None:
        _show(report, Console())
    else:
        _write(_RENDER[asked.format](report), asked.output)
    return 0 if asked.command == "publish" else _STATUS.get(report.verdict, 0)


def _report(asked: Namespace, environment: Mapping[str, str]) -> Report:
    screen = TerminalScreen(Console(stderr=True))
    if asked.command in ("review", "audit"):
        git = GitRepository(asked.repo, environment)
        question = _question(asked, git, environment)
        options = BuildOptions(asked.build_timeout * 60, asked.build_network)
        with wired(git, environment, screen, options) as tools:
            return review(tools, question) if asked.command == "review" else audit(tools, question)
    if asked.command == "advise":
        return advise_on(asked, environment, screen)
    if asked.command == "publish":
        return publish(_publishing_job(asked, environment))
    measurer = Measurer(ImageStore(environment), screen, known_layers(environment))
    if asked.command == "measure":
        return measure_reference(measurer, asked.image, asked.platform)
    return diff_references(measurer, asked.old, asked.new, asked.platform)


def _publishing_job(asked: Namespace, environment: Mapping[str, str]) -> Job:
    """The job that we are started in, as if the action were asked to publish."""
    inputs = {
        "INPUT_MODE": "publish",
        "INPUT_REPORT": str(asked.report.absolute()),
        "INPUT_CONFIG": asked.config or "",
        "INPUT_GITHUB-TOKEN": environment.get("GITHUB_TOKEN", ""),
    }
    return read_job({**environment, **inputs}, Workflow(environment, sys.stderr.write))


def _question(asked: Namespace, git: GitRepository, environment: Mapping[str, str]) -> Question:
    """Which commits are asked about; the working tree where none is named."""
    is_review = asked.command == "review"
    name = asked.head if is_review else asked.rev
    head = git.resolve(name) if name else git.snapshot()
    base: Commit | None = None
    base_name = ""
    notes: tuple[str, ...] = ()
    if is_review:
        base = git.resolve(asked.base) if asked.base else git.default_base(head)
        base_name = asked.base or "fork point of the default branch"
        notes = _unrelated(git, base, head, base_name)
    revisions = {"--base": base.sha if base else None, "--head" if is_review else "--rev": head.sha}
    revisions["--config"] = str(asked.config) if asked.config else None
    request = _request(asked, environment)
    return Question(
        head=head,
        head_name=name or WORKING_TREE,
        base=base,
        base_name=base_name,
        request=request,
        command=reproducing(asked.command, revisions, request.overrides),
        notes=notes if name else (*notes, _AS_GIT_SEES_IT),
    )


def _unrelated(git: GitRepository, base: Commit, head: Commit, name: str) -> tuple[str, ...]:
    if git.is_ancestor(base, head):
        return ()
    return (
        f"{name} holds commits that head does not: what they did counts here with its sign turned. "
        f"To leave them out, compare with the fork point (git merge-base).",
    )


def _request(asked: Namespace, environment: Mapping[str, str]) -> Request:
    words = [word for word in asked.build_arg if "=" in word or word in environment]
    given = (word.partition("=") for word in words)
    overrides = Overrides(
        images=tuple(asked.image),
        dockerfile=asked.dockerfile,
        context=asked.context,
        target=asked.target,
        build_args={name: value if eq else environment[name] for name, eq, value in given},
        platforms=tuple(asked.platform),
        max_size=asked.max_size,
        max_growth=getattr(asked, "max_growth", None),
    )
    if asked.config is None:
        return Request(overrides)
    try:
        text = asked.config.read_text("utf-8", errors="replace")
    except OSError as problem:
        fix = "check the path given with --config"
        raise BadInput("The configuration file cannot be read.", str(problem), fix) from problem
    return Request(overrides, config_text=text, config_source=str(asked.config))


def _show(report: Report, console: Console) -> None:
    """The report on stdout: as wide as a terminal and in colour, or as plain text for a file."""
    if console.is_terminal:
        page = render_text(report, width=max(console.width, 80), colour=not console.no_color)
    else:
        page = render_text(report)
    sys.stdout.write(page)


def _write(page: str, output: Path | None) -> None:
    if output is None:
        sys.stdout.write(page)
        return
    try:
        output.write_text(page, "utf-8")
    except OSError as problem:
        raise BadInput("The report cannot be written.", str(problem), "check --output") from problem
