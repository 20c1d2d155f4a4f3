"""The parser of the command line, which returns the options of a command."""

import argparse
import sys
from collections.abc import Callable
from pathlib import Path
from typing import TypeAlias

from bot import __version__
from bot.cli.options.advise_arguments import add_advise_arguments, read_advise_options
from bot.cli.options.build_settings import read_build_settings
from bot.cli.options.command_parser import EXIT_USER_ERROR, CommandParser, HelpGroup
from bot.cli.options.commands import (
    SCHEMAS,
    SHELLS,
    ActionOptions,
    CommandOptions,
    CompletionOptions,
    ImagesOptions,
    InitOptions,
    MergeOptions,
    PublishOptions,
    SchemaOptions,
)
from bot.cli.options.examples import format_examples
from bot.cli.options.existing_arguments import (
    add_diff_arguments,
    add_measure_arguments,
    read_diff_options,
    read_measure_options,
)
from bot.cli.options.limit_arguments import refuse_useless_warnings
from bot.cli.options.plan_arguments import add_images_arguments, add_init_arguments
from bot.cli.options.revision_arguments import (
    add_audit_arguments,
    add_revision_arguments,
    read_audit_options,
    read_review_options,
)
from bot.cli.options.shared_arguments import (
    add_output_arguments,
    add_quiet_argument,
    add_record_argument,
    add_selection_arguments,
    read_output,
    read_selection,
    refuse_format_of_several,
    refuse_unknown_suffixes,
)
from bot.cli.options.since_arguments import refuse_useless_since

_Commands: TypeAlias = "argparse._SubParsersAction[CommandParser]"
_Reader = Callable[[argparse.Namespace], CommandOptions]
_PROGRAM = "image-size-review"
_EPILOG = """\
Exit status: 0 within budget, 1 over budget, 2 an error that you can fix, 3 a
bug in this program. The help of one command has its options and examples:
image-size-review help COMMAND"""
_ACTION = "action"  # for the container of the action, not for people


def parse_arguments(arguments: list[str] | None) -> CommandOptions:
    """Return the options of the command, or exit with status 2 and a usage line.

    None means the arguments of the process. Without any, the help is printed as for a mistake:
    a script that lost its arguments must not be green.
    """
    arguments = sys.argv[1:] if arguments is None else arguments
    parser = make_parser()
    if not arguments:
        parser.print_help(sys.stderr)
        parser.exit(EXIT_USER_ERROR)
    if arguments[0] == "help":  # as git, docker and uv have it
        arguments = [*arguments[1:2], "--help"]
    namespace = parser.parse_args(arguments)
    # What argparse cannot say: options that contradict each other. The command's own parser shows
    # its usage.
    parser = namespace.parser
    refuse_useless_warnings(parser, namespace)
    refuse_format_of_several(parser, namespace)
    refuse_unknown_suffixes(parser, namespace)
    refuse_useless_since(parser, namespace)
    read_options: _Reader = namespace.read_options
    return read_options(namespace)


def make_parser() -> CommandParser:
    """Return the parser of the program, with those of its commands."""
    parser = CommandParser(
        prog=_PROGRAM,
        usage="%(prog)s COMMAND [options]",
        description="Reviews what a change does to the size of its container images.",
        epilog=_EPILOG,
    )
    parser.hidden_choices = frozenset({_ACTION})
    parser.group(HelpGroup.GENERAL).add_argument(
        "-V",
        "--version",
        action="version",
        version=f"%(prog)s {__version__}",
        help="print the version and exit",
    )
    commands = parser.add_subparsers(
        dest="command", required=True, metavar="COMMAND", title="Commands", prog=_PROGRAM
    )
    # In the order of the help: the daily ones first, those of CI and of the program itself last.
    _add_review_command(commands)
    _add_audit_command(commands)
    _add_images_command(commands)
    _add_init_command(commands)
    _add_advise_command(commands)
    _add_measure_command(commands)
    _add_diff_command(commands)
    _add_merge_command(commands)
    _add_publish_command(commands)
    # Without `help` it is not listed.
    action = commands.add_parser(_ACTION, description="Runs as the entry point of the action.")
    action.set_defaults(parser=action, read_options=lambda namespace: ActionOptions())
    _add_schema_command(commands)
    _add_completion_command(commands)
    return parser


def _add_schema_command(commands: _Commands) -> None:
    parser = _add_command(commands, "schema", "print a JSON Schema", "[DOCUMENT]")
    parser.add_argument(
        "document",
        metavar="DOCUMENT",
        nargs="?",
        choices=SCHEMAS,
        default="report",
        help="what it describes: report (the default), config (the configuration file) or record "
        "(of the history)",
    )
    parser.set_defaults(read_options=lambda namespace: SchemaOptions(namespace.document))


def _add_completion_command(commands: _Commands) -> None:
    summary = "print a script that completes commands and options in a shell"
    parser = _add_command(commands, "completion", summary, "SHELL")
    parser.add_argument("shell", metavar="SHELL", choices=SHELLS, help=", ".join(SHELLS))
    parser.set_defaults(read_options=lambda namespace: CompletionOptions(namespace.shell))


def _add_report_command(
    commands: _Commands, name: str, summary: str, read_options: _Reader, arguments: str = ""
) -> CommandParser:
    """Add a command that makes a report."""
    parser = _add_command(commands, name, summary, arguments)
    parser.set_defaults(read_options=read_options)
    add_output_arguments(parser)
    return parser


def _add_command(
    commands: _Commands, name: str, summary: str, arguments: str = ""
) -> CommandParser:
    """Add a command; `arguments` are those that its usage shows."""
    # Not `str.capitalize`, which would lower the rest: Dockerfile, JSON, GitHub.
    description = f"{summary[:1].upper()}{summary[1:]}."
    parser = commands.add_parser(
        name,
        help=summary,
        description=description,
        usage=" ".join(part for part in ("%(prog)s", arguments, "[options]") if part),
        epilog=format_examples(_PROGRAM, name),
    )
    parser.set_defaults(parser=parser)
    return parser


def _add_review_command(commands: _Commands) -> None:
    parser = _add_report_command(
        commands, "review", "compare the images of two revisions", read_review_options
    )
    add_revision_arguments(parser)
    add_record_argument(parser)
    add_quiet_argument(parser)


def _add_audit_command(commands: _Commands) -> None:
    parser = _add_report_command(
        commands,
        "audit",
        "list every image of a revision, the largest first",
        read_audit_options,
    )
    add_audit_arguments(parser)
    add_quiet_argument(parser)


def _add_images_command(commands: _Commands) -> None:
    summary = "list the images that a review would cover; nothing is built"
    parser = _add_command(commands, "images", summary)
    parser.set_defaults(
        read_options=lambda arguments: ImagesOptions(
            read_review_options(arguments), arguments.affected, arguments.shards
        )
    )
    add_revision_arguments(parser, builds=False)
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
            is_quiet=arguments.quiet,
        )
    )
    add_selection_arguments(parser)
    add_init_arguments(parser)
    add_quiet_argument(parser)


def _add_advise_command(commands: _Commands) -> None:
    parser = _add_report_command(
        commands,
        "advise",
        "suggest changes to one Dockerfile",
        read_advise_options,
        "DOCKERFILE",
    )
    add_advise_arguments(parser)
    add_quiet_argument(parser)


def _add_measure_command(commands: _Commands) -> None:
    summary = "measure one image, and say what its layers contain"
    parser = _add_report_command(commands, "measure", summary, read_measure_options, "IMAGE")
    add_measure_arguments(parser)
    add_quiet_argument(parser)


def _add_diff_command(commands: _Commands) -> None:
    summary = "compare two existing images; nothing is built"
    parser = _add_report_command(commands, "diff", summary, read_diff_options, "OLD NEW")
    add_diff_arguments(parser)
    add_quiet_argument(parser)


def _add_merge_command(commands: _Commands) -> None:
    parser = _add_report_command(
        commands,
        "merge",
        "merge reports of several jobs, each on a part of the images, into one",
        lambda arguments: MergeOptions(
            read_output(arguments), tuple(arguments.report), arguments.expect
        ),
        "REPORT.json… --expect PLAN",
    )
    help_text = "a part in JSON; a pattern such as 'parts/*.json' stands for the files that match"
    parser.add_argument("report", type=Path, nargs="*", metavar="REPORT.json", help=help_text)
    parser.group(HelpGroup.IMAGES).add_argument(
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
        "REPORT.json…",
    )
    help_text = "the report to post; several files are its parts"
    parser.add_argument("report", type=Path, nargs="+", metavar="REPORT.json", help=help_text)
    parser.group(HelpGroup.IMAGES).add_argument(
        "--config",
        metavar="FILE",
        help="the configuration file that the report was made with; it identifies the comment",
    )
