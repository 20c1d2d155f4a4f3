"""Parsers of what a build needs from outside: secrets, SSH keys, hosts and further contexts.

The forms are those of buildx's options and of the inputs of docker/build-push-action. What a file
of the repository says is held to more: it may name no file outside of the repository, and no
token of the machine that runs the review.
"""

import ipaddress
import re
from pathlib import PurePosixPath

from bot.model.named_contexts import ContextKind, classify_context
from bot.model.spec import SecretKind, SecretSource
from bot.project.option_values import validate_argument, validate_path, validate_text
from bot.project.runner_variables import is_own_variable

# BuildKit takes any ID; these are safe as the name of a file and as a field of an option.
_SECRET_ID = re.compile(r"[A-Za-z0-9_][\w.-]{0,127}")
_VARIABLE = re.compile(r"[A-Za-z_]\w*")
# The keys of buildx (util/buildflags/secrets.go), where `source` is another name of `src`.
_SECRET_FIELDS = {"id": "id", "type": "type", "env": "env", "src": "src", "source": "src"}
_CONTEXT_NAME = re.compile(r"[A-Za-z0-9_][\w./:@-]*")
_MAX_CONTEXT_NAME_LENGTH = 255
# Without the comma and the equals sign, which separate hosts in BuildKit's own option.
_HOST = re.compile(r"[A-Za-z0-9_](?:[\w.-]{0,251}[A-Za-z0-9_])?")
HOST_GATEWAY = "host-gateway"  # is replaced by the address of the machine
_SECONDS_PER_MINUTE = 60
_DURATION = re.compile(r"(?:(\d{1,4})h)?(?:(\d{1,6})m)?(?:(\d{1,6})s)?", re.ASCII)


def parse_secret(text: str) -> SecretSource:
    """Parse a secret as `docker build --secret` takes it: `id=npm,env=NPM`, `id=npm,src=FILE`.

    With an ID alone, the variable has the same name. ValueError for anything else; the message does
    not show the text, which may hold a value.
    """
    fields: dict[str, str] = {}
    for part in validate_text(text).split(","):
        key, equals, value = part.strip().partition("=")
        name = _SECRET_FIELDS.get(key)
        if not equals or name is None or name in fields or not value:
            raise ValueError("a secret is written as id=NAME,env=VARIABLE or id=NAME,src=FILE")
        fields[name] = value
    return _make_secret(fields)


def _make_secret(fields: dict[str, str]) -> SecretSource:
    if "id" not in fields:
        raise ValueError("a secret needs an ID: id=NAME,env=VARIABLE or id=NAME,src=FILE")
    # As in buildx, `type=env,src=NAME` means the variable NAME.
    kind = fields.get("type", "file" if "src" in fields else "env")
    if kind not in {"env", "file"} or {"env", "src"} <= fields.keys():
        raise ValueError("a secret is from a file (src) or a variable (env), and from one of them")
    if kind == "file" and "src" not in fields:
        raise ValueError("a secret of the type file needs src=FILE")
    identifier = validate_secret_id(fields["id"])
    if kind == "file":
        return SecretSource(identifier, SecretKind.FILE, fields["src"])
    variable = fields.get("env") or fields.get("src") or identifier
    return SecretSource(identifier, SecretKind.ENVIRONMENT, validate_variable(variable))


def parse_secret_file(text: str) -> SecretSource:
    """Parse `ID=PATH`; ValueError for anything else."""
    identifier, path = _split_pair(text, "ID=PATH")
    return SecretSource(validate_secret_id(identifier), SecretKind.FILE, validate_text(path))


def parse_secret_variable(text: str) -> SecretSource:
    """Parse `ID=VARIABLE`; ValueError for anything else."""
    identifier, variable = _split_pair(text, "ID=VARIABLE")
    identifier = validate_secret_id(identifier)
    return SecretSource(identifier, SecretKind.ENVIRONMENT, validate_variable(variable))


def check_repository_secret(secret: SecretSource) -> SecretSource:
    """Return a secret that a file of the repository may name; ValueError for others.

    A file below `.git` may hold the token that the repository was fetched with.
    """
    if secret.kind is SecretKind.ENVIRONMENT:
        check_secret_variable(secret.source)
        return secret
    return SecretSource(secret.id, secret.kind, validate_secret_path(secret.source))


def check_secret_variable(name: str) -> None:
    """Raise ValueError for a variable that no build may have: a token of the runner or an input."""
    if is_own_variable(name):
        raise ValueError(
            f"{name} is a variable of the runner or of this program, which no build gets; "
            "pass the value in a variable with another name"
        )


def parse_ssh(text: str) -> str:
    """Return `default`, another ID, or `ID=PATH` with a key in the repository; else ValueError."""
    identifier, equals, path = validate_text(text).partition("=")
    validate_secret_id(identifier)
    return f"{identifier}={validate_secret_path(path)}" if equals else identifier


def parse_host(text: str) -> str:
    """Return `HOST=IP` for `HOST:IP` or `HOST=IP`; ValueError for anything else."""
    # Only the first separator: an IPv6 address has colons of its own.
    host, _, address = re.sub("[:=]", "\0", text, count=1).partition("\0")
    return f"{validate_host(host)}={validate_address(address)}"


def validate_host(text: str) -> str:
    """Return the name of a host; ValueError for anything else."""
    if not _HOST.fullmatch(text):
        raise ValueError(f"{text!r} is not the name of a host; write HOST:IP")
    return text


def validate_address(text: str) -> str:
    """Return an IP address without brackets, or `host-gateway`; ValueError for anything else."""
    # As in Docker's manual, an IPv6 address may be in brackets, which buildx takes off.
    address = text.removeprefix("[").removesuffix("]")
    if address == HOST_GATEWAY:
        return address
    try:
        return str(ipaddress.ip_address(address))
    except ValueError as problem:
        raise ValueError(f"{text!r} is not an IP address; write HOST:IP") from problem


def parse_build_context(text: str) -> tuple[str, str]:
    """Return the name of a context, and its folder, reference or URL; ValueError for others."""
    name, context = _split_pair(text, "NAME=CONTEXT")
    return validate_context_name(name), validate_context(context)


def validate_context_name(text: str) -> str:
    """Return the name of a context, which may be a reference of an image; else ValueError."""
    if not _CONTEXT_NAME.fullmatch(text) or len(text) > _MAX_CONTEXT_NAME_LENGTH:
        raise ValueError(f"{text[:100]!r} is not the name of a build context")
    return text


def validate_context(text: str) -> str:
    """Return a folder of the repository, a `docker-image://` reference or URL; else ValueError."""
    # Addresses go to BuildKit, which fetches them; only a path could read the machine.
    if classify_context(validate_argument(text)) is not ContextKind.FOLDER:
        return text
    return check_context_folder(validate_path(text))


def check_context_folder(path: str) -> str:
    """Return the path of a folder, in its shortest form, that no program takes for an address."""
    if classify_context(path) is not ContextKind.FOLDER:
        raise ValueError(f"{path!r} is not the name of a folder that can be a build context")
    return path


def parse_build_minutes(value: object) -> float:
    """Return minutes (`45`) or a duration (`45m`, `1h30m`) in seconds; ValueError for others."""
    duration = _DURATION.fullmatch(str(value).strip())
    if duration and any(duration.groups()):
        hours, minutes, seconds = (int(part or 0) for part in duration.groups())
        total = float(hours * 60 * _SECONDS_PER_MINUTE + minutes * _SECONDS_PER_MINUTE + seconds)
    else:
        total = _read_number(value) * _SECONDS_PER_MINUTE
    # A comparison with NaN is false, so that `nan` is refused as well.
    if not 0 < total < float("inf"):
        raise ValueError(f"{value!r} is not a positive number of minutes, or a time as in 1h30m")
    return total


def _read_number(value: object) -> float:
    try:
        return float(str(value))
    except ValueError:
        return 0


def validate_secret_id(text: str) -> str:
    """Return the ID of a secret or an SSH key; ValueError for others."""
    if not _SECRET_ID.fullmatch(text):
        raise ValueError("the ID has other characters than letters, digits, '_', '.' and '-'")
    return text


def validate_variable(text: str) -> str:
    """Return the name of an environment variable; ValueError for anything else."""
    if not _VARIABLE.fullmatch(text):
        raise ValueError("it names no environment variable: letters, digits and '_'")
    return text


def validate_secret_path(text: str) -> str:
    """Return the path of a file in the repository, but none of git's own; else ValueError."""
    path = validate_path(text)
    # In lower case, since file systems of macOS and Windows do not tell `.GIT` apart.
    if any(part.lower() == ".git" for part in PurePosixPath(path).parts):
        raise ValueError(f"{text!r} is a file of git, which may hold a token; no build gets it")
    return path


def _split_pair(text: str, form: str) -> tuple[str, str]:
    name, equals, value = validate_text(text).partition("=")
    if not equals or not name.strip() or not value.strip():
        raise ValueError(f"it is not {form}")
    return name.strip(), value.strip()
