"""Posts a report that an untrusted job made, for example of a pull request from a fork.

Nothing is built here. The pull request is the one that GitHub names for the run, never one that the
report names. The report is checked against its schema, judged again by its numbers, and rendered
again.
"""

from collections.abc import Sequence
from dataclasses import replace
from functools import partial
from pathlib import Path

from bot.action.approval import apply_current_approval
from bot.action.clone_folder import list_clones
from bot.action.job import Job
from bot.action.post import post_comment
from bot.action.report_files import find_report_files, read_reports
from bot.adapters.github.client import GitHubClient
from bot.adapters.github.pulls import GitHubPulls
from bot.adapters.github.workflow_commands import SUMMARY_MAX_BYTES
from bot.adapters.record_stores import open_record_store
from bot.budget.excused_failures import drop_excuses, excuse_failures
from bot.budget.untrusted_report import hold_to_rules, rejudge
from bot.errors import InputError
from bot.line.declared_images import ConfigSources, read_configs
from bot.line.merged_reports import merge_reports
from bot.line.ratchets import follow_records
from bot.line.recorded_images import RecordedImages
from bot.line.trends import add_trends
from bot.model.report import Report
from bot.model.spec import Budget, ImageSpec
from bot.project.config_file import ProjectConfig
from bot.project.history_place import choose_history
from bot.project.image_titles import title_specs
from bot.project.overrides import Overrides
from bot.pull_request.event import Event, PullRequest
from bot.redaction import redact_report
from bot.report.formats.action_outputs import make_outputs
from bot.report.formats.markdown import render_markdown

# A page of more says nothing to anybody, and its author is not trusted.
_MAX_IMAGES = 1_000


def publish_report(job: Job) -> Report:
    """Post the report of the input `report` and return it; PublishError if GitHub refuses."""
    if not job.inputs.reports:
        fix = "set `report` to the file that the other run's `report` output names"
        raise InputError("There is no report to publish.", fix=fix)
    if not job.inputs.token:
        raise InputError("There is no github-token to publish with.", fix="leave it to its default")
    report = read_untrusted_report(job.workflow.workspace, job.inputs.reports)
    with job.open_github() as github:
        pull = _find_pull_request(job.event, github)
        if pull is None:
            job.workflow.log("No open pull request ends in the commit of that run: nothing to do.")
            return report
        # From here on the job is one on that pull request, as in a review.
        job = replace(job, event=replace(job.event, pull_request=pull))
        config = _read_config(job)
        report = _add_titles(report, job.repository_name)
        # In this order: excuses that the report claims go first, then its limits are replaced by
        # the trusted ones, and only then this job's own excuse and approval count.
        report = drop_excuses(report, partial(_has_platforms, config, job.inputs.overrides))
        report = hold_to_rules(report, partial(_find_budget, config, job.inputs.overrides))
        report = _follow_records(job, report, config)
        if job.excuses_failures:
            report = excuse_failures(report)
        approved = apply_current_approval(job, report, config.approve_label)
        report = approved.report
        outputs = {
            **make_outputs(report),
            "comment-url": post_comment(job, github, approved, pull, config),
        }
    job.workflow.add_summary(render_markdown(report, limit=SUMMARY_MAX_BYTES))
    job.workflow.set_outputs(outputs)
    return report


def read_untrusted_report(workspace: Path, names: Sequence[str]) -> Report:
    """Read a report, judged by its numbers alone; InputError if it cannot be posted.

    Several files are parts of it. Nobody here knows which images there must be: those of the parts.
    """
    parts = read_reports(find_report_files(workspace, names))
    report = merge_reports(parts, ()) if len(parts) > 1 else parts[0] if parts else None
    if report is None:
        raise InputError("No file has the name of the report.", fix="check `report`")
    try:
        if len(report.images) > _MAX_IMAGES:
            raise ValueError(f"it has more than {_MAX_IMAGES:,} images")
        # The other job may have had no secrets to hide, and the text may still look like one.
        return redact_report(rejudge(drop_excuses(report)))
    except (ValueError, ArithmeticError, RecursionError) as problem:
        raise InputError("The report cannot be posted.", str(problem)) from problem


def _add_titles(report: Report, repository_name: str) -> Report:
    """Return the report with our own titles: one that shows another image's name is a lie."""
    specs = title_specs([image.spec for image in report.images], repository_name)
    images = (replace(image, spec=spec) for image, spec in zip(report.images, specs, strict=True))
    return replace(report, images=tuple(images))


def _find_pull_request(event: Event, github: GitHubClient) -> PullRequest | None:
    """Return the pull request of the run; None if there is none any more.

    InputError if several have its commit: none is better than the wrong one.
    """
    if event.pull_request or event.workflow_run is None:
        return event.pull_request
    # `workflow_run.pull_requests` is empty for a fork: the pull request is found by the commit.
    pulls = GitHubPulls(github).find_by_run(event.workflow_run)
    if len(pulls) > 1:
        numbers = ", ".join(f"#{pull.number}" for pull in pulls)
        raise InputError(
            f"{numbers} end in the same commit: GitHub does not say which one the run was for."
        )
    return pulls[0] if pulls else None


def _find_budget(config: ProjectConfig, overrides: Overrides, spec: ImageSpec) -> Budget:
    """Return the budget that the trusted configuration and the inputs of this job give an image."""
    own = next(
        (image.budget for image in config.images or () if _is_entry_of(image, spec)),
        config.defaults.spec.budget,
    )
    return overrides.limits.apply_to(own)


def _has_platforms(config: ProjectConfig, overrides: Overrides, spec: ImageSpec) -> bool:
    """Return True if the trusted configuration or the inputs say for which platforms it is."""
    listed = (image.platform for image in config.images or () if _is_entry_of(image, spec))
    return bool(overrides.platforms or config.defaults.platforms or any(listed))


def _is_entry_of(image: ImageSpec, spec: ImageSpec) -> bool:
    return image.name == spec.name or image.dockerfile == spec.dockerfile


def _follow_records(job: Job, report: Report, config: ProjectConfig) -> Report:
    """Return the report beside the recorded sizes, as this job reads them."""
    history = choose_history(job.inputs.overrides.history, config.history)
    if history is None or not _has_checkout(job):
        return follow_records(report, None)
    with job.open_repository() as git:
        store = open_record_store(git, history)
        recorded = RecordedImages(git, store, git.resolve_head())
        return add_trends(follow_records(report, recorded), recorded)


def _has_checkout(job: Job) -> bool:
    return bool(job.inputs.path or list_clones(job.workflow.workspace))


def _read_config(job: Job) -> ProjectConfig:
    """Read the configuration of the checked-out revision, on `workflow_run` the default branch."""
    if not _has_checkout(job):
        return ProjectConfig()  # the job has no checkout, and needs none
    with job.open_repository() as git:
        head = git.resolve_head().sha
        return read_configs(git, ConfigSources(job.inputs.config), head).head
