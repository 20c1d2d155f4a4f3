"""The command line."""

import argparse
import shlex
from collections.abc import Callable
from pathlib import Path

from bot import __version__
from bot.model.sizes import parse_size
from bot.project.option_values import parse_growth_limit, validate_path, validate_platform

FORMATS = ("text", "markdown", "json", "html")


def parse_arguments(arguments: list[str] | None) -> argparse.Namespace:
    """What was asked for; exits with status 2 and a usage line where it cannot be understood."""
    return _make_parser().parse_args(arguments)


def _make_parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="image-size-review",
        description="Reviews what a change does to the size of its container images.",
        epilog="Exit status: 0 within budget, 1 over budget, 2 something you can mend, 3 our defect.",
    )
    parser.add_argument("--version", action="version", version=f"%(prog)s {__version__}")
    commands = parser.add_subparsers(dest="command", required=True, metavar="COMMAND")
    _add_review_command(commands)
    _add_audit_command(commands)
    _add_advise_command(commands)
    measure = _add_report_command(commands, "measure", "measure one image")
    measure.add_argument("image", metavar="IMAGE")
    diff = _add_report_command(commands, "diff", "compare two existing images; nothing is built")
    diff.add_argument("old", metavar="OLD")
    diff.add_argument("new", metavar="NEW")
    for existing in (measure, diff):
        existing.add_argument(
            "--platform",
            type=_make_argument_type(validate_platform),
            metavar="OS/ARCH",
            help="which of an image's platforms; default: this machine's",
        )
        existing.add_argument(
            "--compressed",
            action="store_true",
            help="read all contents to estimate compressed sizes within 2 %%; slower",
        )
    publish = _add_report_command(
        commands, "publish", "post a report made elsewhere, in a workflow's job"
    )
    publish.add_argument("report", type=Path, metavar="REPORT.json")
    publish.add_argument(
        "--config",
        metavar="FILE",
        help="the same as where the report was made; tells reports apart",
    )
    commands.add_parser("action", help="the entry inside a GitHub Actions container")
    commands.add_parser("schema", help="print the JSON Schema of the report")
    return parser


def _add_review_command(commands: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    review = _add_report_command(commands, "review", "compare the images of two revisions")
    _add_selection_options(review)
    review.add_argument("--base", metavar="REV", help="default: where head left the default branch")
    review.add_argument("--head", metavar="REV", help="default: the working tree as it stands")
    review.add_argument(
        "--max-growth", type=_make_argument_type(parse_growth_limit), metavar="SIZE|PERCENT"
    )


def _add_audit_command(commands: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    audit = _add_report_command(commands, "audit", "every image of a revision, the largest first")
    _add_selection_options(audit)
    audit.add_argument("--rev", metavar="REV", help="default: the working tree as it stands")


def _add_advise_command(commands: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    advise = _add_report_command(commands, "advise", "suggestions for one Dockerfile")
    advise.add_argument("dockerfile", type=Path, metavar="DOCKERFILE")
    advise.add_argument("--context", type=Path, metavar="DIR", help="default: the file's folder")
    advise.add_argument("--image", metavar="IMAGE", help="what was built of it, to measure in")
    _add_verify_option(advise)
    advise.add_argument(
        "--smoke-test",
        type=_make_argument_type(shlex.split),
        metavar="COMMAND",
        help="a command that must work in the image, before and after",
    )
    advise.add_argument(
        "--write",
        type=_make_argument_type(_parse_output_path),
        metavar="FILE",
        help="save the verified rewrite, or the Dockerfile with the changes that need no check",
    )
    _add_target_options(advise)
    _add_build_limits(advise)


def _add_selection_options(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--repo", type=Path, default=Path(), metavar="DIR", help="default: here")
    parser.add_argument(
        "--image",
        action="append",
        default=[],
        metavar="NAME",
        help="only this image: its name, Dockerfile or folder; may be repeated",
    )
    parser.add_argument(
        "--config", type=Path, metavar="FILE", help="default: .github/image-size.yml"
    )
    parser.add_argument("--max-size", type=_make_argument_type(parse_size), metavar="SIZE")
    _add_verify_option(parser)
    _add_build_options(parser)


def _add_build_options(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "--dockerfile",
        type=_make_argument_type(validate_path),
        metavar="FILE",
        help="the one to build",
    )
    parser.add_argument(
        "--context", type=_make_argument_type(validate_path), metavar="DIR", help="its context"
    )
    _add_target_options(parser)
    parser.add_argument(
        "--platform",
        action="append",
        default=[],
        type=_make_argument_type(validate_platform),
        metavar="OS/ARCH",
        help="may be repeated",
    )
    _add_build_limits(parser)


def _add_verify_option(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "--verify",
        action="store_true",
        help="build, start and measure what is suggested; takes minutes",
    )


def _add_build_limits(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "--build-timeout",
        type=_make_argument_type(_parse_minutes),
        default=30,
        metavar="MINUTES",
        help="default: 30",
    )
    parser.add_argument(
        "--build-network", metavar="MODE", help="the network of RUN, for example host"
    )


def _add_target_options(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--target", metavar="STAGE", help="default: the last stage")
    parser.add_argument(
        "--build-arg",
        action="append",
        default=[],
        metavar="NAME[=VALUE]",
        help="without a value, that of the environment; may be repeated",
    )


def _add_report_command(
    commands: "argparse._SubParsersAction[argparse.ArgumentParser]", name: str, summary: str
) -> argparse.ArgumentParser:
    """A command that makes a report."""
    parser = commands.add_parser(name, help=summary, description=f"{summary.capitalize()}.")
    parser.add_argument("--format", choices=FORMATS, default="text")
    parser.add_argument(
        "--output",
        type=_make_argument_type(_parse_output_path),
        metavar="FILE",
        help="default: stdout",
    )
    return parser


def _parse_minutes(text: str) -> float:
    minutes = float(text)
    if not minutes > 0:
        raise ValueError(f"{text!r} is no time to wait")
    return minutes


def _parse_output_path(text: str) -> Path:
    """A file that can be written, found out before the work and not after it."""
    path = Path(text)
    if path.is_dir() or not path.absolute().parent.is_dir():
        raise ValueError(f"{text!r} is not a file in a folder that exists")
    return path


def _make_argument_type(parse: Callable[[str], object]) -> Callable[[str], object]:
    """A parser whose complaint reaches the user word for word."""

    def parsed(text: str) -> object:
        try:
            return parse(text)
        except ValueError as problem:
            raise argparse.ArgumentTypeError(str(problem)) from problem

    return parsed
