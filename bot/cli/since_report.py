"""`audit --since`: the commits that changed the sizes of images."""

import shlex
import time
from collections.abc import Mapping
from dataclasses import replace
from functools import partial

from bot.adapters.cache.measurements import open_measurements
from bot.adapters.git.repository import GitRepository
from bot.adapters.progress import make_progress
from bot.adapters.record_stores import open_record_store
from bot.adapters.secret_reader import SecretReader
from bot.cli.options.commands import AuditOptions
from bot.cli.review_requests import (
    make_audit_request,
    make_command_options,
    make_config_sources,
)
from bot.line.commit_search import SinceRequest, SinceTools, audit_since
from bot.model.report import Report
from bot.wiring import open_review_tools


def make_since_report(
    options: AuditOptions,
    since: str,
    git: GitRepository,
    environment: Mapping[str, str],
    secrets: SecretReader,
) -> Report:
    """Search the commits of a revision, by default those of the last one."""
    # The working tree is no commit that could have changed a size: the search ends at the last one.
    audit = make_audit_request(
        replace(options, revision=options.revision or "HEAD"), git, environment
    )
    command = f"{audit.reproduce_command} {shlex.join(['--since', since])}"
    audit = replace(audit, reproduce_command=command + " --all" * options.covers_all)
    request = SinceRequest(audit, make_config_sources(options.images), since, options.covers_all)
    progress = make_progress(is_quiet=options.output.is_quiet)
    build_options = make_command_options(options, git, audit, secrets)
    with open_review_tools(git, environment, progress, build_options) as tools:
        return audit_since(
            SinceTools(
                tools,
                partial(open_record_store, git),
                open_measurements(environment),
                progress,
                time.monotonic,
            ),
            request,
        )
