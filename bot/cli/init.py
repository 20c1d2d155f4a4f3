"""`init`: a configuration file with limits from the sizes that images have today."""

import sys
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path

from bot.adapters.git.repository import GitRepository
from bot.adapters.registry.login_variable import add_logins
from bot.adapters.secret_reader import SecretReader
from bot.cli.options.commands import AuditOptions, InitOptions, ReportOutput
from bot.cli.output import write_file
from bot.cli.review import make_report
from bot.errors import InputError, describe_cause
from bot.model.report import ImageReport, Report
from bot.model.sizes import format_count, format_names
from bot.model.spec import ContextSource
from bot.project.config_file import CONFIG_PATHS, parse_config
from bot.project.new_config import AuditedImage, ConfigOrigin, write_config
from bot.redaction import redact_report
from bot.report.escape import terminal
from bot.report.page.failure_fixes import suggest_fix
from bot.report.page.page import to_plain_text

_MAX_NAMES = 5


def run_init(options: InitOptions, environment: Mapping[str, str]) -> int:
    """Audit the working tree and write its sizes as limits; the status is 0 once there is a file.

    InputError if there is a file already: it is not read, so nothing of it would be kept.
    """
    environment = add_logins(environment, options.build.logins)
    secrets = SecretReader(environment, options.images.repository.absolute())
    with GitRepository(options.images.repository, environment) as git:
        target = options.output or git.root / CONFIG_PATHS[0]
        # Before the builds, which take minutes.
        _refuse_existing(target, git.root)
        audit = AuditOptions(ReportOutput(is_quiet=options.is_quiet), options.images, options.build)
        report = make_report(audit, git, environment, secrets)
    report = redact_report(report, secrets.texts)
    _refuse_nothing(report)
    text = _write(report, options)
    # What a review would refuse is a defect of ours, and must not become a file.
    parse_config(text, str(target))
    _create(target, text)
    sys.stdout.write(f"{_summarize(report, target)}\n")
    return 0


def _refuse_existing(target: Path, root: Path) -> None:
    own = [root / path for path in CONFIG_PATHS]
    # A review refuses two files, as nobody knows which one is meant.
    existing = [path for path in (own if target in own else [target]) if path.exists()]
    if existing:
        raise InputError(
            f"The file {str(existing[0])!r} already exists.",
            "init writes a new file, and does not merge it with an existing one",
            "remove it, or write another file with --output",
        )


def _refuse_nothing(report: Report) -> None:
    if not report.images:
        paths = [item.path for item in report.not_reviewed]
        why = f"left out: {format_names(paths, _MAX_NAMES)}" if paths else ""
        fix = "name one with --dockerfile; `image-size-review images` lists what is left out"
        raise InputError("There is no Dockerfile to set a limit for.", why, fix)


def _create(target: Path, text: str) -> None:
    try:
        target.parent.mkdir(exist_ok=True)
    except OSError as problem:
        why = describe_cause(problem)
        raise InputError("The file cannot be written.", why, "check --output") from problem
    write_file(target, text)


def _write(report: Report, options: InitOptions) -> str:
    images = sorted(report.images, key=lambda image: image.spec.name)
    revision = f"{report.head.ref} ({report.head.sha[:12]})" if report.head else "today"
    origin = ConfigOrigin("image-size-review init", revision, options.margin_percent)
    # Their values may be tokens: the file names the arguments alone.
    hidden = {argument.partition("=")[0] for argument in options.images.build_args}
    is_stated = bool(options.images.dockerfile or options.images.context)
    audited = [_to_audited(image, is_stated=is_stated) for image in images]
    return write_config(audited, origin, hidden)


def _to_audited(image: ImageReport, *, is_stated: bool) -> AuditedImage:
    """Return an image with its size; the context of one that options state is written down."""
    source = ContextSource.CONFIGURED if is_stated else image.spec.context_source
    spec = replace(image.spec, context_source=source)
    head = image.comparison.head
    if head is not None:
        return AuditedImage(spec, head.unpacked_bytes)
    return AuditedImage(spec, None, image.reason or "", to_plain_text(suggest_fix(image, "")))


def _summarize(report: Report, target: Path) -> str:
    failed = sum(image.comparison.head is None for image in report.images)
    count = len(report.images) - failed
    problem = f"; {failed} without a size: see the comments there" if failed else ""
    return f"Wrote {terminal(str(target))} with {format_count(count, 'limit')}{problem}."
