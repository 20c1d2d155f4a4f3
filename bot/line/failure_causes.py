"""The causes of failed builds that the files of the revision show, and the builder cannot know.

BuildKit says that a file is not there. The commit says where it is, or that git ignores it.
"""

import re
from dataclasses import replace
from pathlib import PurePosixPath

from bot.dockerfile.build_plan import BuildPlan
from bot.dockerfile.copied_paths import list_copied_paths
from bot.line.context_warnings import describe_missing
from bot.line.ports import Git
from bot.line.production import Production
from bot.model.failures import FailureKind
from bot.model.image import BuildFailure
from bot.project.context_inference import find_missing
from bot.project.path_search import PathSearch

_FROM = re.compile(r"(?:^|: )FROM\b", re.IGNORECASE)
_ONE_WORD = re.compile(r"[A-Za-z0-9_][A-Za-z0-9_.-]*")
_KINDS_OF_A_NAME = (
    FailureKind.REFERENCE,
    FailureKind.BASE_IMAGE,
    FailureKind.LOGIN,
    FailureKind.LOGIN_REFUSED,
)


def find_cause(git: Git, sha: str, production: Production) -> Production:
    """Return a production with the cause of its failure, as far as the commit shows it."""
    failure, plan = production.result, production.source.plan
    if not isinstance(failure, BuildFailure) or plan is None:
        return production
    if failure.kind is FailureKind.MISSING_FILE and failure.subject:
        return replace(production, result=_explain_missing(git, sha, production, failure))
    if failure.kind in _KINDS_OF_A_NAME:
        failure = _explain_name(plan, failure)
    return replace(production, result=_explain_context_name(plan, failure))


def _explain_missing(
    git: Git, sha: str, production: Production, failure: BuildFailure
) -> BuildFailure:
    """Return a failure of a missing file with the folder that has it, or why git lacks it."""
    spec, plan = production.source.spec, production.source.plan
    copied = list_copied_paths(plan) if plan else ()
    search = PathSearch(git.list_files(sha))
    missing = find_missing(spec.context, copied, search)
    inside = f"{failure.subject}/"  # BuildKit may name the folder that is not there
    source = next(
        (x for x in missing if x.path == failure.subject or x.path.startswith(inside)), None
    )
    if source is None:
        return failure
    path = str(PurePosixPath(spec.context, source.path))
    source = replace(source, ignore_rule=git.find_ignore_rule(sha, path))
    kind = FailureKind.CONTEXT if source.folder else FailureKind.MISSING_FILE
    if source.ignore_rule:
        kind = FailureKind.IGNORED_FILE
    return replace(
        failure,
        kind=kind,
        reason=describe_missing(source, spec.context),
        subject=path if source.ignore_rule else source.path,
        folder=source.folder if kind is FailureKind.CONTEXT else "",
    )


def _explain_name(plan: BuildPlan, failure: BuildFailure) -> BuildFailure:
    """Return the failure of a base image with the arguments of its name that have no value."""
    if failure.instruction and not _FROM.search(failure.instruction):
        return failure
    for stage in plan.dockerfile.stages:
        names = plan.list_unset_arguments(stage)
        text = stage.from_instruction.text
        if names and (not failure.instruction or text in failure.instruction):
            noun = "build argument" if len(names) == 1 else "build arguments"
            verb = "has" if len(names) == 1 else "have"
            reason = f"{text}: the {noun} {' and '.join(names)} {verb} no value"
            subject = ", ".join(names)
            return replace(failure, kind=FailureKind.ARGUMENT, reason=reason, subject=subject)
    return failure


def _explain_context_name(plan: BuildPlan, failure: BuildFailure) -> BuildFailure:
    """Return a failure with what to write for a name that is no stage, and likely no image.

    BuildKit takes `--from=shared` for the image docker.io/library/shared if nobody declares a
    named context of that name. It may be one all the same: the kind stays.
    """
    for stage in plan.dockerfile.stages:
        for reference in plan.dockerfile.stage_references(stage):
            name = reference.name
            is_one = reference.stage is None and _ONE_WORD.fullmatch(name) is not None
            if is_one and f"/library/{name}:" in failure.reason:
                hint = (
                    f"--from={name} is no stage of the Dockerfile, and no build context of that "
                    f"name is declared. If it is a folder of the repository, write "
                    f"`build-contexts: {{{name}: FOLDER}}` for this image in "
                    f".github/image-size.yml, or --build-context {name}=FOLDER"
                )
                return replace(failure, reason=f"{failure.reason} ({hint})")
    return failure
