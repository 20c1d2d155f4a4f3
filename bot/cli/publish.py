"""`publish`: posts a report that another job of a workflow made."""

import sys
from collections.abc import Mapping

from bot.action.job import Job, read_job
from bot.action.publish import publish_report
from bot.adapters.escaped_output import get_raw_stream
from bot.adapters.github.workflow_commands import RunnerCommands
from bot.cli.options.commands import PublishOptions
from bot.cli.output import write_report


def run_publish(options: PublishOptions, environment: Mapping[str, str]) -> int:
    """Post a report and return 0: its verdict failed the job that made it already."""
    write_report(publish_report(_read_publish_job(options, environment)), options.output)
    return 0


def _read_publish_job(options: PublishOptions, environment: Mapping[str, str]) -> Job:
    """Return the job that this process runs in, as if the action had `mode: publish`."""
    inputs = {
        "INPUT_MODE": "publish",
        "INPUT_REPORT": "\n".join(str(path.absolute()) for path in options.reports),
        "INPUT_CONFIG": options.config or "",
        # GitHub itself writes inputs with their dashes (`INPUT_GITHUB-TOKEN`). The token is no
        # option, since the list of processes shows what is on a command line.
        "INPUT_GITHUB-TOKEN": environment.get("GITHUB_TOKEN", ""),
    }
    # Standard output is for the report; the job's log gets both streams.
    write = get_raw_stream(sys.stderr).write
    return read_job({**environment, **inputs}, RunnerCommands(environment, write))
