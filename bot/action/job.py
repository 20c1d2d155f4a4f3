"""One job of GitHub Actions: its environment, its inputs, its event, and the way to GitHub."""

import json
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from bot.action.inputs import Inputs, read_inputs
from bot.adapters.certificates import trusted
from bot.adapters.git import GitRepository
from bot.adapters.github.client import GitHub
from bot.adapters.github.workflow_commands import Workflow
from bot.errors import BadInput, CannotPublish
from bot.pull_request.event import Event, in_mode, read_event
from bot.redaction import mask
from bot.report.escape import command_message

_API, _SERVER = "https://api.github.com", "https://github.com"


@dataclass(frozen=True, slots=True)
class Job:
    """What this job was asked to do."""

    environment: Mapping[str, str]
    workflow: Workflow
    inputs: Inputs
    event: Event

    @property
    def repository(self) -> str:
        """Its repository's full name."""
        return self.environment.get("GITHUB_REPOSITORY", "")

    @property
    def server(self) -> str:
        """Where people find GitHub: github.com, or an Enterprise Server of their own."""
        return self.environment.get("GITHUB_SERVER_URL", _SERVER)

    @property
    def key(self) -> str:
        """What tells two uses of the action on one pull request apart."""
        chosen = self.inputs.overrides
        parts = (self.inputs.config, chosen.dockerfile, chosen.context, chosen.target)
        return "|".join([*(part or "" for part in parts), *chosen.images, *chosen.platforms])

    @property
    def page(self) -> str:
        """The address of this run, for people."""
        run = self.environment.get("GITHUB_RUN_ID", "")
        return f"{self.server}/{self.repository}/actions/runs/{run}" if run else ""

    def git(self) -> GitRepository:
        """The checked-out repository."""
        return GitRepository(
            self.workflow.workspace, self.environment, self.server, self.inputs.token
        )

    def notice(self, problem: CannotPublish) -> None:
        """What could not be posted or asked, for whoever reads the log."""
        self.workflow.say(f"::notice::{command_message(mask(str(problem)))}")

    @contextmanager
    def github(self) -> Iterator[GitHub]:
        """This job's repository on GitHub, with this job's token."""
        api = self.environment.get("GITHUB_API_URL", _API)
        with trusted(self.environment) as certificates:
            github = GitHub(api, self.inputs.token, self.repository, verify=certificates)
            try:
                yield github
            finally:
                github.close()


def read_job(environment: Mapping[str, str], workflow: Workflow) -> Job:
    """The job that this environment describes; BadInput for one that is none, or asks wrongly."""
    inputs = read_inputs(environment)
    return Job(environment, workflow, inputs, in_mode(_event(environment), inputs.mode))


def _event(environment: Mapping[str, str]) -> Event:
    """What happened, from the runner's variables and its event file."""
    name, path = environment.get("GITHUB_EVENT_NAME"), environment.get("GITHUB_EVENT_PATH")
    if not name or not path:
        fix = "`action` runs inside a workflow; on your machine use `image-size-review review`"
        raise BadInput("This is no GitHub Actions job: GITHUB_EVENT_NAME is not set.", fix=fix)
    try:
        payload: Any = json.loads(Path(path).read_text("utf-8"))
        return read_event(name, payload, environment.get("GITHUB_SHA", ""))
    except (OSError, ValueError) as problem:
        raise BadInput("The event of this job cannot be read.", str(problem)) from problem
