"""`publish`: posts a report made elsewhere, in a workflow's job."""

import sys
from argparse import Namespace
from collections.abc import Mapping

from bot.action.job import Job, read_job
from bot.action.publish import publish_report
from bot.adapters.github.workflow_commands import RunnerCommands
from bot.cli.output import write_report


def run(arguments: Namespace, environment: Mapping[str, str]) -> int:
    """Posts it; its verdict was the other half's to enforce."""
    write_report(publish_report(_read_publish_job(arguments, environment)), arguments)
    return 0


def _read_publish_job(arguments: Namespace, environment: Mapping[str, str]) -> Job:
    """The job that we are started in, as if the action were asked to publish."""
    inputs = {
        "INPUT_MODE": "publish",
        "INPUT_REPORT": str(arguments.report.absolute()),
        "INPUT_CONFIG": arguments.config or "",
        "INPUT_GITHUB-TOKEN": environment.get("GITHUB_TOKEN", ""),
    }
    return read_job({**environment, **inputs}, RunnerCommands(environment, sys.stderr.write))
