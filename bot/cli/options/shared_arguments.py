"""Arguments that several commands have: how each is declared, and how its value is read."""

import argparse
from dataclasses import replace
from pathlib import Path

from bot.cli.options.argument_types import make_argument_type, parse_output_path
from bot.cli.options.build_settings import (
    add_context_argument,
    add_need_arguments,
    add_prepare_argument,
    refuse_build_arguments,
)
from bot.cli.options.command_parser import CommandParser, HelpGroup
from bot.cli.options.commands import FORMATS, FORMATS_BY_SUFFIX, ImageSelection, ReportOutput
from bot.cli.options.limit_arguments import add_size_arguments, read_limits
from bot.project.history_place import parse_history
from bot.project.option_values import validate_path, validate_platform, validate_text


def add_output_arguments(parser: CommandParser) -> None:
    """Add the arguments that `read_output` reads."""
    group = parser.group(HelpGroup.OUTPUT)
    group.add_argument(
        "--format",
        choices=FORMATS,
        metavar="FORMAT",
        help=f"{', '.join(FORMATS[:-1])} or {FORMATS[-1]}; default: by the suffix of --output, "
        "else text",
    )
    group.add_argument(
        "--output",
        action="append",
        type=make_argument_type(parse_output_path),
        metavar="FILE",
        help="write the report to a file; may be repeated for several formats; default: stdout",
    )
    group.add_argument(
        "--details",
        action="store_true",
        help="print the whole text report: sizes, layers, files, edits",
    )


def add_quiet_argument(parser: CommandParser) -> None:
    """Add `--quiet`."""
    parser.group(HelpGroup.OUTPUT).add_argument(
        "-q",
        "--quiet",
        action="store_true",
        help="show no progress, only the report, warnings and errors",
    )


def add_output_file(parser: CommandParser, description: str) -> None:
    """Add `--output`."""
    parser.group(HelpGroup.OUTPUT).add_argument(
        "--output",
        type=make_argument_type(parse_output_path),
        metavar="FILE",
        help=description,
    )


def read_output(arguments: argparse.Namespace) -> ReportOutput:
    """Return the formats and the files of the report."""
    option: list[Path] | Path | None = arguments.output
    # `images` writes one file, and has the option without `append`.
    paths = option if isinstance(option, list) else [option]
    first, *others = (_make_output(path, arguments) for path in paths)
    is_quiet = getattr(arguments, "quiet", False)  # not of a command without progress
    return replace(first, others=tuple(others), is_quiet=is_quiet)


def _make_output(path: Path | None, arguments: argparse.Namespace) -> ReportOutput:
    suffix = path.suffix.lower() if path else ""
    name = arguments.format or FORMATS_BY_SUFFIX.get(suffix, "text")
    return ReportOutput(name, path, has_details=getattr(arguments, "details", False))


def refuse_format_of_several(
    parser: argparse.ArgumentParser, arguments: argparse.Namespace
) -> None:
    """End with a usage line if one format is given for several files."""
    output = getattr(arguments, "output", None)
    # Two files of one format would be the same text twice: it is surely a mistake.
    if isinstance(output, list) and len(output) > 1 and arguments.format:
        parser.error("argument --format: with several --output, the suffix of each file decides")


def refuse_unknown_suffixes(parser: argparse.ArgumentParser, arguments: argparse.Namespace) -> None:
    """End with a usage line for a file whose suffix is that of no format.

    A text in `report.png` would be noticed only where the file is opened.
    """
    option = getattr(arguments, "output", None)
    # `init` and `images` write one file, whose name decides nothing.
    if not isinstance(option, list) or arguments.format:
        return
    for path in option:
        if path.suffix and path.suffix.lower() not in FORMATS_BY_SUFFIX:
            parser.error(
                f"argument --output: {path.suffix!r} is the suffix of no format "
                f"(choose from {', '.join(FORMATS_BY_SUFFIX)}, or add --format)"
            )


def add_selection_arguments(parser: CommandParser, *, builds: bool = True) -> None:
    """Add the arguments that `read_selection` reads.

    For a command that builds nothing they are those that say which images there are.
    """
    _add_repository_arguments(parser)
    add_size_arguments(parser)
    if builds:
        add_verify_argument(parser)
    _add_dockerfile_arguments(parser)
    if builds:
        add_need_arguments(parser)
    else:
        add_context_argument(parser)
        refuse_build_arguments(parser)
    add_prepare_argument(parser)


def _add_repository_arguments(parser: CommandParser) -> None:
    group = parser.group(HelpGroup.IMAGES)
    group.add_argument(
        "--repo",
        type=Path,
        default=Path(),
        metavar="DIR",
        help="a folder of the repository; default: the current folder",
    )
    group.add_argument(
        "--image",
        action="append",
        default=[],
        metavar="NAME",
        help="only this image: its name, its Dockerfile, its folder, or a glob; may be repeated",
    )
    group.add_argument(
        "--config",
        type=Path,
        metavar="FILE",
        help="the configuration file; default: .github/image-size.yml or .yaml",
    )
    parser.group(HelpGroup.HISTORY).add_argument(
        "--history",
        type=make_argument_type(parse_history),
        metavar="PLACE",
        help="where sizes of the default branch are recorded, branch:NAME or dir:PATH; an image "
        "with a valid record is not built again; none: build everything",
    )


def _add_dockerfile_arguments(parser: CommandParser) -> None:
    group = parser.group(HelpGroup.IMAGES)
    group.add_argument(
        "--dockerfile",
        type=make_argument_type(validate_path),
        metavar="FILE",
        help="build this Dockerfile instead of the configured or discovered ones",
    )
    group.add_argument(
        "--context",
        type=make_argument_type(validate_path),
        metavar="DIR",
        help="the build context; default: the nearest folder that has what the Dockerfile copies",
    )
    add_target_arguments(parser)
    group.add_argument(
        "--platform",
        action="append",
        default=[],
        type=make_argument_type(validate_platform),
        metavar="OS/ARCH",
        help="a platform to build; default: the engine's own; may be repeated",
    )


def read_selection(arguments: argparse.Namespace) -> ImageSelection:
    """Return the images to build and the overrides of their configuration."""
    return ImageSelection(
        repository=arguments.repo,
        names=tuple(arguments.image),
        config=arguments.config,
        dockerfile=arguments.dockerfile,
        context=arguments.context,
        target=arguments.target,
        build_args=tuple(arguments.build_arg),
        platforms=tuple(arguments.platform),
        limits=read_limits(arguments),
        history=arguments.history,
    )


def add_record_argument(parser: CommandParser) -> None:
    """Add `--record`."""
    parser.group(HelpGroup.HISTORY).add_argument(
        "--record",
        action="store_true",
        help="add the measured sizes to the history, in a job of the default branch; without it, "
        "the history is only read",
    )


def add_verify_argument(parser: CommandParser) -> None:
    """Add `--verify`."""
    parser.group(HelpGroup.SUGGESTIONS).add_argument(
        "--verify",
        action="store_true",
        help="build, start and measure the suggested changes; takes minutes",
    )


def add_target_arguments(parser: CommandParser) -> None:
    """Add `--target` and `--build-arg`."""
    group = parser.group(HelpGroup.IMAGES)
    group.add_argument(
        "--target",
        type=make_argument_type(validate_text),
        metavar="STAGE",
        help="the stage to build; default: the last one",
    )
    group.add_argument(
        "--build-arg",
        action="append",
        default=[],
        type=make_argument_type(validate_text),
        metavar="NAME[=VALUE]",
        help="a build argument; without a value, the one in the environment; may be repeated",
    )
