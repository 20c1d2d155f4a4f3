"""The parser of the command line, which returns the options of a command."""

import argparse
from collections.abc import Callable
from pathlib import Path
from typing import TypeAlias

from bot import __version__
from bot.cli.options.advise_arguments import add_advise_arguments, read_advise_options
from bot.cli.options.argument_types import make_argument_type, parse_name
from bot.cli.options.build_settings import read_build_settings
from bot.cli.options.commands import (
    SCHEMAS,
    ActionOptions,
    AuditOptions,
    CommandOptions,
    ImagesOptions,
    InitOptions,
    MergeOptions,
    PublishOptions,
    ReviewOptions,
    SchemaOptions,
)
from bot.cli.options.existing_arguments import (
    add_diff_arguments,
    add_measure_arguments,
    read_diff_options,
    read_measure_options,
)
from bot.cli.options.limit_arguments import add_growth_arguments, refuse_useless_warnings
from bot.cli.options.plan_arguments import add_images_arguments, add_init_arguments
from bot.cli.options.shared_arguments import (
    add_output_arguments,
    add_record_argument,
    add_selection_arguments,
    read_output,
    read_selection,
    refuse_format_of_several,
)
from bot.cli.options.since_arguments import add_since_arguments, refuse_useless_since

_Commands: TypeAlias = "argparse._SubParsersAction[argparse.ArgumentParser]"
_Reader = Callable[[argparse.Namespace], CommandOptions]


def parse_arguments(arguments: list[str] | None) -> CommandOptions:
    """Return the options of the command, or exit with status 2 and a usage line.

    None means the arguments of the process.
    """
    parser = _make_parser()
    namespace = parser.parse_args(arguments)
    refuse_useless_warnings(parser, namespace)
    refuse_format_of_several(parser, namespace)
    refuse_useless_since(parser, namespace)
    read_options: _Reader = namespace.read_options
    return read_options(namespace)


def _make_parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="image-size-review",
        description="Reviews what a change does to the size of its container images.",
        epilog="Exit status: 0 within budget, 1 over budget, 2 an error that you can fix, "
        "3 a defect of this program.",
    )
    parser.add_argument("--version", action="version", version=f"%(prog)s {__version__}")
    commands = parser.add_subparsers(dest="command", required=True, metavar="COMMAND")
    _add_review_command(commands)
    _add_audit_command(commands)
    _add_images_command(commands)
    _add_init_command(commands)
    _add_advise_command(commands)
    _add_measure_command(commands)
    _add_diff_command(commands)
    _add_merge_command(commands)
    _add_publish_command(commands)
    action = _add_command(commands, "action", "run as the entry point of the GitHub Action")
    action.set_defaults(read_options=lambda namespace: ActionOptions())
    _add_schema_command(commands)
    return parser


def _add_schema_command(commands: _Commands) -> None:
    parser = _add_command(commands, "schema", "print a JSON Schema")
    parser.add_argument(
        "document",
        nargs="?",
        choices=SCHEMAS,
        default="report",
        help="what it describes: the report (the default), the configuration file, or a record of "
        "the history",
    )
    parser.set_defaults(read_options=lambda namespace: SchemaOptions(namespace.document))


def _add_report_command(
    commands: _Commands, name: str, summary: str, read_options: _Reader
) -> argparse.ArgumentParser:
    """Add a command that makes a report."""
    parser = _add_command(commands, name, summary)
    parser.set_defaults(read_options=read_options)
    add_output_arguments(parser)
    return parser


def _add_command(commands: _Commands, name: str, summary: str) -> argparse.ArgumentParser:
    # Not `str.capitalize`, which would lower the rest: Dockerfile, JSON, GitHub.
    description = f"{summary[:1].upper()}{summary[1:]}."
    return commands.add_parser(name, help=summary, description=description)


def _add_review_command(commands: _Commands) -> None:
    parser = _add_report_command(
        commands, "review", "compare the images of two revisions", _read_review_options
    )
    _add_revision_arguments(parser)
    add_record_argument(parser)


def _add_revision_arguments(parser: argparse.ArgumentParser, *, builds: bool = True) -> None:
    """Add the arguments that say what a review is about."""
    add_selection_arguments(parser, builds=builds)
    parser.add_argument(
        "--base",
        type=make_argument_type(parse_name),
        metavar="REV",
        help=(
            "the revision to compare with; a remote's branch such as origin/main stands for the "
            "fork point; default: the fork point of the default branch"
        ),
    )
    parser.add_argument(
        "--head",
        type=make_argument_type(parse_name),
        metavar="REV",
        help="the revision to review; default: the working tree",
    )
    add_growth_arguments(parser)


def _read_review_options(arguments: argparse.Namespace) -> ReviewOptions:
    return ReviewOptions(
        read_output(arguments),
        read_selection(arguments),
        read_build_settings(arguments),
        verify=arguments.verify,
        base=arguments.base,
        head=arguments.head,
        records=getattr(arguments, "record", False),
    )


def _add_audit_command(commands: _Commands) -> None:
    parser = _add_report_command(
        commands,
        "audit",
        "list every image of a revision, the largest first",
        _read_audit_options,
    )
    add_selection_arguments(parser)
    parser.add_argument(
        "--rev",
        type=make_argument_type(parse_name),
        metavar="REV",
        help="the revision to list; default: the working tree, with --since the last commit",
    )
    add_record_argument(parser)
    add_since_arguments(parser)


def _read_audit_options(arguments: argparse.Namespace) -> AuditOptions:
    return AuditOptions(
        read_output(arguments),
        read_selection(arguments),
        read_build_settings(arguments),
        verify=arguments.verify,
        revision=arguments.rev,
        records=arguments.record,
        since=arguments.since,
        covers_all=arguments.all,
    )


def _add_images_command(commands: _Commands) -> None:
    summary = "list the images that a review would cover; nothing is built"
    parser = _add_command(commands, "images", summary)
    parser.set_defaults(
        read_options=lambda arguments: ImagesOptions(
            _read_review_options(arguments), arguments.affected, arguments.shards
        )
    )
    _add_revision_arguments(parser, builds=False)
    add_images_arguments(parser)


def _add_init_command(commands: _Commands) -> None:
    summary = "write a configuration file with limits from the sizes that images have today"
    parser = _add_command(commands, "init", summary)
    parser.set_defaults(
        read_options=lambda arguments: InitOptions(
            read_selection(arguments),
            read_build_settings(arguments),
            arguments.output,
            arguments.margin,
        )
    )
    add_selection_arguments(parser)
    add_init_arguments(parser)


def _add_advise_command(commands: _Commands) -> None:
    parser = _add_report_command(
        commands, "advise", "suggest changes to one Dockerfile", read_advise_options
    )
    add_advise_arguments(parser)


def _add_measure_command(commands: _Commands) -> None:
    parser = _add_report_command(commands, "measure", "measure one image", read_measure_options)
    add_measure_arguments(parser)


def _add_diff_command(commands: _Commands) -> None:
    summary = "compare two existing images; nothing is built"
    parser = _add_report_command(commands, "diff", summary, read_diff_options)
    add_diff_arguments(parser)


def _add_merge_command(commands: _Commands) -> None:
    parser = _add_report_command(
        commands,
        "merge",
        "make one report of several, each on a part of the same two revisions",
        lambda arguments: MergeOptions(
            read_output(arguments), tuple(arguments.report), arguments.expect
        ),
    )
    help_text = "a part in JSON; a pattern such as 'parts/*.json' stands for the files that match"
    parser.add_argument("report", type=Path, nargs="*", metavar="REPORT.json", help=help_text)
    parser.add_argument(
        "--expect",
        type=Path,
        required=True,
        metavar="PLAN",
        help="the file that `images --format json` wrote; an image of it that no part has is an "
        "error (exit status 2)",
    )


def _add_publish_command(commands: _Commands) -> None:
    parser = _add_report_command(
        commands,
        "publish",
        "post a report that another job of a workflow made",
        lambda arguments: PublishOptions(
            read_output(arguments), tuple(arguments.report), arguments.config
        ),
    )
    help_text = "the report to post; several files are its parts"
    parser.add_argument("report", type=Path, nargs="+", metavar="REPORT.json", help=help_text)
    parser.add_argument(
        "--config",
        metavar="FILE",
        help="the configuration file that the report was made with; it identifies the comment",
    )
