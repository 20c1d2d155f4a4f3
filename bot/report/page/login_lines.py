"""The lines of a workflow with the login for a private registry, by the kind of registry."""

import re
from typing import NamedTuple

from bot.doc_links import doc_url
from bot.model.failures import FailureKind
from bot.model.report import ImageReport
from bot.report.page.page_model import KeepPriority, Line, Listing, Section

_HOST = re.compile(r"[\w.-]{1,255}(?::\d{1,5})?", re.ASCII)


class _Access(NamedTuple):
    """A login for a kind of registry, and the sentence on what it needs besides."""

    username: str
    password: str
    needs: str


_GENERAL = _Access(
    "${{ vars.REGISTRY_USERNAME }}",
    "${{ secrets.REGISTRY_PASSWORD }}",
    "Both are settings of the repository or the organisation, by the names that you gave them.",
)
_KINDS = (
    (
        r"ghcr\.io",
        _Access(
            "${{ github.actor }}",
            "${{ secrets.GITHUB_TOKEN }}",
            "The job needs `packages: read` in its permissions, and the package must let this "
            "repository read it.",
        ),
    ),
    (
        r"docker\.io",
        _Access(
            "${{ vars.DOCKERHUB_USERNAME }}",
            "${{ secrets.DOCKERHUB_TOKEN }}",
            "Both are settings of the repository or the organisation; the token may be read-only.",
        ),
    ),
    (
        r"\d+\.dkr[.-]ecr\..*|public\.ecr\.aws",
        _Access(
            "AWS",
            "${{ steps.ecr.outputs.password }}",
            "An earlier step with the ID ecr sets that output to what `aws ecr get-login-password` "
            "prints.",
        ),
    ),
    (
        r".*-docker\.pkg\.dev|(?:.*\.)?gcr\.io",
        _Access(
            "oauth2accesstoken",
            "${{ steps.auth.outputs.access_token }}",
            "An earlier step with the ID auth is google-github-actions/auth with "
            "`token_format: access_token`.",
        ),
    ),
    (
        r".*\.azurecr\.io",
        _Access(
            "${{ vars.AZURE_CLIENT_ID }}",
            "${{ secrets.AZURE_CLIENT_SECRET }}",
            "Both are those of a service principal that may pull.",
        ),
    ),
)


def make_login_section(image: ImageReport) -> list[Section]:
    """Build the section for an image with a base image that needs a login."""
    failure = image.failure
    is_login = failure is not None and failure.kind is FailureKind.LOGIN
    if failure is None or not is_login or not _HOST.fullmatch(failure.subject):
        return []
    access = _find_access(failure.subject)
    blocks = (
        Line(("Add below `with:` of the step of this action in the workflow:",)),
        Listing(list_login_lines(failure.subject)),
        Line((f"{access.needs} Other ways: ", doc_url("private-registries"))),
    )
    title = "Lines of the workflow for the login"
    return [Section(title, KeepPriority.SUGGESTIONS, blocks)]


def list_login_lines(registry: str) -> tuple[str, ...]:
    """Return the lines of an input of the action with a login for a registry."""
    access = _find_access(registry)
    return (
        "registry-auth: |",
        f"  - registry: {registry}",
        f"    username: {access.username}",
        f"    password: {access.password}",
    )


def _find_access(registry: str) -> _Access:
    return next((access for kind, access in _KINDS if re.fullmatch(kind, registry)), _GENERAL)
