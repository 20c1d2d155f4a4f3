"""`review` and `audit`: the images of revisions, built and measured."""

from collections.abc import Mapping
from functools import partial

from bot.adapters.git.repository import GitRepository
from bot.adapters.progress import make_progress
from bot.adapters.record_stores import open_record_store
from bot.adapters.registry.login_variable import add_logins
from bot.adapters.secret_reader import SecretReader
from bot.cli.options.commands import AuditOptions, ReviewOptions
from bot.cli.output import write_report
from bot.cli.record_option import check_recordable, record_report
from bot.cli.review_requests import (
    make_audit_request,
    make_command_options,
    make_review_request,
)
from bot.cli.since_report import make_since_report
from bot.cli.trusted_events import refuse_start
from bot.line.report_history import add_history
from bot.line.review import audit_revision, review_revisions
from bot.model.report import Report
from bot.redaction import redact_report
from bot.wiring import open_review_tools


def run_review(options: ReviewOptions | AuditOptions, environment: Mapping[str, str]) -> int:
    """Compare the images of two revisions, or list those of one, and write the report."""
    if options.verify:
        refuse_start(environment)
    environment = add_logins(environment, options.build.logins)
    with GitRepository(options.images.repository, environment) as git:
        secrets = SecretReader(environment, git.root)
        report = make_report(options, git, environment, secrets)
    return write_report(report, options.output, secrets.texts)


def make_report(
    options: ReviewOptions | AuditOptions,
    git: GitRepository,
    environment: Mapping[str, str],
    secrets: SecretReader,
) -> Report:
    """Make the report of a review or an audit."""
    if isinstance(options, AuditOptions) and options.since is not None:
        return make_since_report(options, options.since, git, environment, secrets)
    if isinstance(options, ReviewOptions):
        request, run = make_review_request(options, git, environment), review_revisions
    else:
        request, run = make_audit_request(options, git, environment), audit_revision
    history = check_recordable(git, request) if options.records else None
    # The tools need the request: it knows the configuration that may name a builder and caches.
    build_options = make_command_options(options, git, request, secrets)
    progress = make_progress(is_quiet=options.output.is_quiet)
    with open_review_tools(
        git, environment, progress, build_options, verify=options.verify
    ) as tools:
        report = run(tools, request)
    if history is not None:
        record_report(git, redact_report(report, secrets.texts), request, history)
    return add_history(git, report, request, partial(open_record_store, git))
