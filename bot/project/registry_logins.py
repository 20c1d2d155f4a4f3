"""Logins for registries as the input `registry-auth` has them, in the form of docker/login-action.

    - registry: ghcr.io
      username: ${{ github.actor }}
      password: ${{ secrets.GITHUB_TOKEN }}

A password comes from a template, so that its characters may be syntax of YAML. What would become
another password without notice is a mistake. No message shows a text, which may be half of one.
"""

import re
from collections.abc import Iterator, Mapping
from typing import Any

from bot.model.registry_login import RegistryLogin

_KEYS = frozenset({"registry", "username", "password", "scope", "ecr"})
_DEFAULT_REGISTRY = "docker.io"
_MAX_LOGINS = 100
# An anchor, or a comment behind a text without quotes: either leaves less than what was written.
_CUT_PASSWORD = re.compile(r"^[ \t]*(?:- +)?password:[ \t]+(?:&|[^'\"|>\s].*\s#)", re.MULTILINE)
_QUOTE = "put the password into single quotes"
# A host with a port, perhaps as a URL (the key of Docker Hub in config.json is one), or an IPv6
# address in brackets.
_SERVER = re.compile(
    r"(?:https?://)?[\w.-]+(?::\d{1,5})?(?:/[\w./-]*)?|(?:https?://)?\[[\w:]+\](?::\d+)?"
)
# As docker/login-action has it: `octo/app`, `octo/app@push`, or `@push` for all repositories.
_SCOPE = re.compile(r"(?P<repository>[\w./-]*)(?:@(?P<actions>[\w,*]+))?")
# As docker/login-action knows the registries of Amazon (src/aws.ts), IPv6 endpoints as well.
_ECR = re.compile(r"\d{12}\.dkr[.-]ecr\..*|public\.ecr\.aws")
_ECR_MISTAKE = (
    "Amazon ECR takes the username AWS and the password that `aws ecr get-login-password` prints; "
    "keys of AWS are not exchanged for one here"
)


def parse_registry_auth(text: str) -> tuple[RegistryLogin, ...]:
    """Parse a YAML list of logins; ValueError, without a value, for anything else.

    A login for actions without `pull` is left out: nothing is pushed.
    """
    # Only here: most commands need no YAML, and its reader takes long to import.
    from bot.project.yaml_nodes import YamlMistake  # noqa: PLC0415
    from bot.project.yaml_reader import read_yaml  # noqa: PLC0415

    if cut := _CUT_PASSWORD.search(text):
        line = text.count("\n", 0, cut.start()) + 1
        raise ValueError(f"line {line}: a part of the password would be left out; {_QUOTE}")
    try:
        data = read_yaml(text, _KEYS)
    except YamlMistake as mistake:
        raise ValueError(f"line {mistake.line}: it is not valid YAML; {_QUOTE}") from None
    items = [data] if isinstance(data, Mapping) else data
    if not isinstance(items, list) or not items or len(items) > _MAX_LOGINS:
        raise ValueError("it is not a list of logins, each with registry, username and password")
    return tuple(login for number, item in enumerate(items, 1) for login in _parse(item, number))


def _parse(item: Any, number: int) -> Iterator[RegistryLogin]:
    try:
        yield from _parse_login(item)
    except ValueError as problem:
        raise ValueError(f"login {number}: {problem}") from None


def _parse_login(item: Any) -> Iterator[RegistryLogin]:
    """Yield a login, or nothing for one that only allows to push."""
    fields = _read_fields(item)
    registry = fields["registry"] or _DEFAULT_REGISTRY
    if not _SERVER.fullmatch(registry):
        raise ValueError("`registry` is not the name of a server, such as ghcr.io or host:5000")
    scope = _SCOPE.fullmatch(fields["scope"])
    if scope is None:
        raise ValueError("`scope` is not a repository, such as octo/app or octo/app@pull")
    _check_ecr(registry, fields)
    actions = (scope["actions"] or "pull").split(",")
    if "pull" in actions or "*" in actions:
        repository = scope["repository"].strip("/")
        yield RegistryLogin(registry, fields["username"], fields["password"], repository)


def _read_fields(item: Any) -> dict[str, str]:
    if not isinstance(item, Mapping):
        raise ValueError("it is not a mapping of registry, username and password")
    if "auths" in item:
        raise ValueError("this is the form of the variable DOCKER_AUTH_CONFIG; set that")
    if unknown := [name for name in item if name not in _KEYS]:
        raise ValueError(
            f"it has {len(unknown)} unknown keys; it has registry, username, password and scope"
        )
    fields = {name: item.get(name) or "" for name in _KEYS}
    if not all(isinstance(value, str) for value in fields.values()):
        raise ValueError("a value is not a text")
    # RFC 7617: a colon ends the user ID of basic authentication.
    if ":" in fields["username"] or re.search(r"[\r\n]", fields["username"]):
        raise ValueError("`username` has a colon or several lines, which no registry takes")
    return fields


def _check_ecr(registry: str, fields: Mapping[str, str]) -> None:
    """Raise ValueError for keys of AWS in place of a login."""
    # Without the key `ecr`, docker/login-action decides by the registry's name ("auto").
    is_ecr = fields["ecr"].lower() == "true" or (
        fields["ecr"].lower() != "false" and _ECR.fullmatch(registry)
    )
    if is_ecr and fields["username"] not in ("", "AWS"):
        raise ValueError(_ECR_MISTAKE)
