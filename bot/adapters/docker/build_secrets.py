"""Arguments of buildx for secrets, SSH, network and hosts: the needs of a build.

The value of a secret is in a file that only this user can read, as long as the build runs: an
argument or a variable would be in the list of processes.
"""

import csv
import io
import os
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path

from bot.adapters.secret_reader import SecretReader
from bot.adapters.temporary_folders import temporary_folder
from bot.model.failures import FailureKind
from bot.model.image import BuildFailure
from bot.model.spec import BuildNeeds, SecretKind, SecretSource

_KINDS_OF_MISSING = (FailureKind.SECRET, FailureKind.SSH)
_AGENT_VARIABLE = "SSH_AUTH_SOCK"


@dataclass(frozen=True, slots=True)
class ProvidedNeeds:
    """The arguments of a build, and a clause for each secret or key that it does not get."""

    arguments: tuple[str, ...] = ()
    missing: tuple[str, ...] = ()


@contextmanager
def provide_needs(needs: BuildNeeds, reader: SecretReader) -> Iterator[ProvidedNeeds]:
    """Yield what a build gets; InputError for a source that no build may have."""
    if not needs.secrets and not needs.ssh:
        yield ProvidedNeeds(list_network_arguments(needs))
        return
    with temporary_folder() as folder:
        arguments, missing = list(list_network_arguments(needs)), list[str]()
        for source in needs.secrets:
            value = reader.read(source)
            if value is None:
                missing.append(f"the secret {source.id} has no value: {_explain_missing(source)}")
                continue
            path = _write_private_file(folder, value)
            arguments += ["--secret", join_fields(f"id={source.id}", f"src={path}")]
        for entry in needs.ssh:
            argument = _provide_ssh(entry, reader, folder)
            if argument:
                arguments += ["--ssh", argument]
            else:
                missing.append(f"the SSH key {entry.partition('=')[0]} is not there")
        yield ProvidedNeeds(tuple(arguments), tuple(missing))


def list_provided(needs: BuildNeeds) -> set[str]:
    """Return the IDs of the secrets and SSH keys that a build asks for."""
    keys = (entry.partition("=")[0] for entry in needs.ssh)
    return {*(secret.id for secret in needs.secrets), *keys}


def add_missing(failure: BuildFailure, provided: ProvidedNeeds) -> BuildFailure:
    """Return a failure of a missing secret with what was asked for and is not there."""
    if failure.kind not in _KINDS_OF_MISSING or not provided.missing:
        return failure
    return replace(failure, reason=f"{failure.reason} ({'; '.join(provided.missing)})")


def list_network_arguments(needs: BuildNeeds) -> tuple[str, ...]:
    """Return the arguments for the network of `RUN`; `HOST:IP` works with every buildx."""
    network = ("--network", needs.network) if needs.network else ()
    hosts = (entry.replace("=", ":", 1) for entry in needs.add_hosts)
    return (*network, *(argument for host in hosts for argument in ("--add-host", host)))


def _explain_missing(source: SecretSource) -> str:
    match source.kind:
        case SecretKind.VALUE:
            return "what it is set to is empty"
        case SecretKind.ENVIRONMENT:
            return f"the variable {source.source} is not set"
        case SecretKind.FILE:
            return f"there is no file {source.source}, or it is empty"


def _provide_ssh(entry: str, reader: SecretReader, folder: Path) -> str:
    """Return the value of `--ssh`; empty if there is no such agent or key.

    A socket is handed on; a key is copied, so that buildx follows no link of a checkout.
    """
    name, equals, path = entry.partition("=")
    if not equals:
        return entry if reader.environment.get(_AGENT_VARIABLE) else ""
    if Path(path).is_absolute() and Path(path).is_socket():
        return entry
    key = reader.read(SecretSource(name, SecretKind.FILE, path))
    return f"{name}={_write_private_file(folder, key)}" if key else ""


def _write_private_file(folder: Path, content: bytes) -> Path:
    # A number, since a secret and an SSH key may have the same ID.
    path = folder / str(len(list(folder.iterdir())))
    with open(path, "xb", opener=_open_private) as file:
        file.write(content)
    return path


def _open_private(path: str, flags: int) -> int:
    return os.open(path, flags, 0o600)


def join_fields(*fields: str) -> str:
    """Return fields as buildx reads them, separated by commas."""
    text = io.StringIO()
    # Buildx parses the value of --secret and --output as a line of CSV: a path may have a comma.
    csv.writer(text, lineterminator="").writerow(fields)
    return text.getvalue()
