"""One job of GitHub Actions: its environment, inputs and event, and its access to GitHub.

Every step of the action takes the job, so that none of them reads variables by itself.
"""

import json
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from bot.action.clone_folder import find_clone
from bot.action.inputs import ActionInputs, read_inputs
from bot.action.report_files import names_parts
from bot.action.step import digest_build_args, digest_review, digest_step, drop_changing_values
from bot.adapters.certificates import trusted_certificates
from bot.adapters.git.repository import GitRepository
from bot.adapters.github.client import GitHubClient
from bot.adapters.github.workflow_commands import RunnerCommands
from bot.adapters.registry.client_logins import ClientLogins
from bot.adapters.registry.helper_answers import add_answers
from bot.adapters.registry.login_variable import add_logins
from bot.adapters.secret_reader import SecretReader
from bot.errors import InputError, PublishError, describe_cause
from bot.project.overrides import Overrides
from bot.pull_request.event import Activity, Event, PullRequest, apply_mode, read_event

_API_URL, _SERVER_URL = "https://api.github.com", "https://github.com"


@dataclass(frozen=True, slots=True)
class Job:
    """The job that the process runs in."""

    environment: Mapping[str, str]
    workflow: RunnerCommands
    inputs: ActionInputs
    event: Event

    @property
    def repository(self) -> str:
        """The full name of the repository, as in `octo/app`."""
        return self.environment.get("GITHUB_REPOSITORY", "")

    @property
    def repository_name(self) -> str:
        """The repository's name without its owner."""
        return self.repository.rpartition("/")[2]

    @property
    def server_url(self) -> str:
        """The address of GitHub's pages: github.com, or an Enterprise Server."""
        return self.environment.get("GITHUB_SERVER_URL", _SERVER_URL)

    @property
    def comment_key(self) -> str:
        """The key of the comment: two uses of the action on a pull request have two comments."""
        overrides = self._lasting_overrides
        parts = (self.inputs.config, overrides.dockerfile, overrides.context, overrides.target)
        # The key is in every comment that was posted: only what is set may add to it, or updates
        # would not find the comments of earlier releases.
        names = [*(part or "" for part in parts), *overrides.images, *overrides.platforms]
        for image in self.inputs.compared_images:
            # Without tags, which differ from run to run.
            names += [f"compare={name}" for name in image.lasting_names]
        if self.inputs.path:
            names.append(f"path={self.inputs.path}")
        digest = digest_build_args(overrides)
        return "|".join([*names, f"build-args={digest}"] if digest else names)

    def digest_step(self, pull: PullRequest) -> str:
        """Return a digest of this use of the action on a pull request, the same in every run."""
        base, is_audit = self.inputs.base_ref, self.event.activity is Activity.AUDIT
        return digest_step(
            self.inputs, self._lasting_overrides, base or pull.base_ref, is_audit=is_audit
        )

    def digest_review(self, pull: PullRequest) -> str:
        """Return a digest of everything but the commits that decides what a review says."""
        return digest_review(self.digest_step(pull), self.inputs, self.repository)

    @property
    def _lasting_overrides(self) -> Overrides:
        pull = self.event.pull_request
        commits = (self.environment.get("GITHUB_SHA", ""), pull.head_sha if pull else "")
        return drop_changing_values(self.inputs.overrides, commits)

    @property
    def merges_reports(self) -> bool:
        """True if the review is made of the reports of other jobs of this run."""
        return _merges(self.inputs, self.event)

    @property
    def fail_on(self) -> str:
        """The verdict that makes the check red: nobody waits for an audit on a schedule."""
        is_scheduled_audit = self.event.name == "schedule" and self.event.activity is Activity.AUDIT
        return self.inputs.fail_on or ("never" if is_scheduled_audit else "fail")

    @property
    def excuses_failures(self) -> bool:
        """True if builds only warn that fail because a secret or the like is missing."""
        sources = (self.event.pull_request, self.event.workflow_run)
        sources_lack = any(source.lacks_secrets for source in sources if source)
        return self.inputs.excuses_forks and (sources_lack or self.event.lacks_secrets)

    @property
    def judges_growth_in_queue(self) -> bool:
        """True in a merge queue behind pull requests that may not have been judged."""
        return self.inputs.excuses_forks and self.event.name == "merge_group"

    @property
    def run_url(self) -> str:
        """The address of this run's page; empty where the runner names no run."""
        return self._make_run_url(self.environment.get("GITHUB_RUN_ID", ""))

    @property
    def report_run_url(self) -> str:
        """The address of the run that made the report: of another one, if this one posts it."""
        run = self.event.workflow_run
        return self._make_run_url(str(run.run_id or "")) if run else self.run_url

    def _make_run_url(self, run: str) -> str:
        return f"{self.server_url}/{self.repository}/actions/runs/{run}" if run else ""

    def open_repository(self) -> GitRepository:
        """Open the checked-out repository."""
        folder = find_clone(self.workflow.workspace, self.inputs.path)
        return GitRepository(folder, self.environment, self.server_url, self.inputs.token)

    def make_secret_reader(self) -> SecretReader:
        """Return a reader of secrets that has masked the logins for registries already."""
        secrets = SecretReader(
            self.environment, self.workflow.workspace, self.inputs.token, self.workflow.mask_values
        )
        secrets.remember(ClientLogins(self.environment).list_secrets())
        return secrets

    def log_notice(self, problem: PublishError) -> None:
        """Write a notice to the log: a failed request to GitHub never fails the job."""
        self.workflow.notice(str(problem))

    @contextmanager
    def open_github(self) -> Iterator[GitHubClient]:
        """Open a client for the job's repository, with the job's token."""
        api = self.environment.get("GITHUB_API_URL", _API_URL)
        # An Enterprise Server may have a certificate of its own authority: docs/enterprise.md.
        with trusted_certificates(self.environment) as certificates:
            github = GitHubClient(api, self.inputs.token, self.repository, verify=certificates)
            try:
                yield github
            finally:
                github.close()


def read_job(environment: Mapping[str, str], workflow: RunnerCommands) -> Job:
    """Read the job from the environment, with the logins for registries of its inputs.

    InputError if there is no job, its event cannot be read, or an input is wrong.
    """
    inputs = read_inputs(environment)
    event = _read_event(environment)
    event = apply_mode(event, "review" if _merges(inputs, event) else inputs.mode)
    # The logins of the input win, then the variable's own, then those of helpers.
    environment = add_logins(add_answers(environment), inputs.logins)
    return Job(environment, workflow, inputs, event)


def _merges(inputs: ActionInputs, event: Event) -> bool:
    """Return True if a step makes one review of the reports of other jobs of its own run."""
    is_own_run = event.workflow_run is None
    return inputs.mode == "publish" and is_own_run and names_parts(inputs.reports)


def _read_event(environment: Mapping[str, str]) -> Event:
    """Read the event from the runner's variables and its event file."""
    name, path = environment.get("GITHUB_EVENT_NAME"), environment.get("GITHUB_EVENT_PATH")
    if not name or not path:
        fix = (
            "`action` and `publish` run inside a workflow; on your machine use "
            "`image-size-review review`"
        )
        raise InputError("This is not a GitHub Actions job: GITHUB_EVENT_NAME is not set.", fix=fix)
    try:
        payload: Any = json.loads(Path(path).read_text("utf-8"))
        return read_event(name, payload, environment.get("GITHUB_SHA", ""))
    except (OSError, ValueError, RecursionError) as problem:
        what = "The event of this job cannot be read."
        raise InputError(what, describe_cause(problem)) from problem
