"""`publish`: posts a report made elsewhere, in a workflow's job."""

import sys
from argparse import Namespace
from collections.abc import Mapping

from bot.action.job import Job, read_job
from bot.action.publish import publish
from bot.adapters.github.workflow_commands import Workflow
from bot.cli.output import deliver


def run(asked: Namespace, environment: Mapping[str, str]) -> int:
    """Posts it; its verdict was the other half's to enforce."""
    deliver(publish(_job(asked, environment)), asked)
    return 0


def _job(asked: Namespace, environment: Mapping[str, str]) -> Job:
    """The job that we are started in, as if the action were asked to publish."""
    inputs = {
        "INPUT_MODE": "publish",
        "INPUT_REPORT": str(asked.report.absolute()),
        "INPUT_CONFIG": asked.config or "",
        "INPUT_GITHUB-TOKEN": environment.get("GITHUB_TOKEN", ""),
    }
    return read_job({**environment, **inputs}, Workflow(environment, sys.stderr.write))
