"""A folder of configuration for the docker command, which nobody else has.

It has the user's own configuration, with the logins of all sources, and the builders of buildx.
The docker command writes into its folders (builders in use, refs of builds, seeds of tokens), as
root and without asking: so the user's own are only read. Those logins are there for buildx alone,
in a file of mode 0600; a run that is killed leaves them to the next one, which removes the folder.
"""

import json
import os
import shutil
from collections.abc import Callable, Iterable, Mapping
from contextlib import ExitStack, suppress
from dataclasses import replace
from functools import cached_property
from pathlib import Path
from typing import Any

from bot.adapters.certificates import trusted_certificates
from bot.adapters.docker.client_config import (
    PLUGIN_FOLDERS_KEY,
    find_buildx_folder,
    find_config_path,
    list_plugin_folders,
    parse_config_document,
)
from bot.adapters.environment import make_child_environment
from bot.adapters.registry.client_logins import ClientLogins, Login, list_texts
from bot.adapters.registry.credential_helpers import has_helper
from bot.adapters.registry.login_entries import make_entry, to_server
from bot.adapters.temporary_folders import LockedFolder
from bot.image.archives.reference import parse_reference
from bot.line.pins import Pins

_FILE_NAME = "config.json"
_CONTEXTS = "contexts"
# What buildx needs to find a builder; the rest is its own record of builds.
_BUILDER_FOLDERS, _BUILDER_FILES = ("instances", "defaults"), ("current", "buildkitd.default.toml")
_MAX_FILE_BYTES = 1 << 20
_CERTIFICATES = "SSL_CERT_FILE"
_ADVICE = "pass the login with registry-auth or DOCKER_AUTH_CONFIG"
_DIFFERENT_LOGINS = (
    "{name} needs another login for {host} than an earlier image, and a build takes only one"
)


class ClientFolder:
    """The folder of one run, made when it is first used.

    `announce` gets the secrets of a login before a program can print them, `write_line` a warning
    once for each thing that is wrong.
    """

    def __init__(
        self,
        environment: Mapping[str, str],
        announce: Callable[[Iterable[str]], object],
        write_line: Callable[[str], object],
    ) -> None:
        self._caller_environment, self._announce, self._write_line = (
            environment,
            announce,
            write_line,
        )
        self._problems = set[str]()
        self._logins = ClientLogins(environment)
        self._stack = ExitStack()
        self._chosen: dict[str, Login] = {}

    @cached_property
    def environment(self) -> Mapping[str, str]:
        """Return the environment of the docker command; create the folder."""
        self._folder = folder = LockedFolder()  # it goes when nothing refers to it
        self._stack.callback(folder.remove)
        self._announce(self._logins.list_secrets())
        _copy_builders(find_buildx_folder(self._caller_environment), folder.path / "buildx")
        own = find_config_path(self._caller_environment).parent.absolute()
        with suppress(OSError):
            # A link, since the contexts are only read, and have the keys of engines in them.
            (folder.path / _CONTEXTS).symlink_to(own / _CONTEXTS)
        self._write()
        variables = {
            "DOCKER_CONFIG": str(folder.path),
            "BUILDX_CONFIG": str(folder.path / "buildx"),
        }
        if self._caller_environment.get("DOCKER_TLS_VERIFY") or self._caller_environment.get(
            "DOCKER_TLS"
        ):
            # Otherwise docker would look for the certificates in the folder that DOCKER_CONFIG
            # names now.
            variables["DOCKER_CERT_PATH"] = self._caller_environment.get("DOCKER_CERT_PATH") or str(
                own
            )
        child = make_child_environment(self._caller_environment)
        return {**child, **variables, **self._find_certificates()}

    def log_in(self, pins: Pins) -> tuple[str, ...]:
        """Write the logins for images that the engine lacks; return what is wrong, as clauses.

        A builder knows one login for a registry. It is that of the first image, if two images of
        one build have different ones.
        """
        chosen, problems = self._choose_logins(pins)
        for problem in problems:
            if problem not in self._problems:
                self._problems.add(problem)
                self._write_line(f"warning: {problem}")
        if self.has_other_logins(pins):
            self._chosen = chosen
            secrets = (list_texts(x.credentials) for x in chosen.values() if x.credentials)
            self._announce(text for texts in secrets for text in texts)
            if "environment" in self.__dict__:
                self._write()
        return tuple(problems)

    def has_other_logins(self, pins: Pins) -> bool:
        """Return True if the images need other logins than those that were written last."""
        chosen, _ = self._choose_logins(pins)
        return any(self._chosen.get(host) != login for host, login in chosen.items())

    def find_login(self, host: str) -> Login:
        """Return the login that a build had for a registry, or what is known of its absence."""
        login = self._chosen.get(host) or self._logins.try_find(host)
        if login.credentials or login.problem:
            return login
        return replace(login, problem=self._logins.describe_absence())

    def close(self) -> None:
        """Remove the folder."""
        self._stack.close()
        self.__dict__.pop("environment", None)

    def _choose_logins(self, pins: Pins) -> tuple[dict[str, Login], dict[str, None]]:
        names = sorted({*pins.resolved, *pins.unresolved} - {*pins.diff_ids})
        return _choose_logins(self._logins, names)

    def _write(self) -> None:
        document = _read_document(find_config_path(self._caller_environment))
        document[PLUGIN_FOLDERS_KEY] = list_plugin_folders(self._caller_environment)
        document |= _list_logins(self._logins, self._chosen, self._caller_environment)
        temporary = self._folder.path / f".{_FILE_NAME}"
        with open(temporary, "wb", opener=_open_private) as file:
            file.write(json.dumps(document).encode())
        # At once, since a build of this run may be reading the file.
        temporary.replace(self._folder.path / _FILE_NAME)

    def _find_certificates(self) -> Mapping[str, str]:
        """Return the variable of Go's programs for the authority that the others name."""
        if self._caller_environment.get(_CERTIFICATES):
            return {}
        bundle = self._stack.enter_context(trusted_certificates(self._caller_environment))
        if not isinstance(bundle, str):
            return {}
        # Go's crypto/x509 has a variable for each; requests takes a file or a folder in one.
        return {"SSL_CERT_DIR" if Path(bundle).is_dir() else _CERTIFICATES: bundle}


def _choose_logins(
    logins: ClientLogins, names: Iterable[str]
) -> tuple[dict[str, Login], dict[str, None]]:
    """Return a login for each registry that the images are in, and what is wrong."""
    chosen: dict[str, Login] = {}
    problems: dict[str, None] = {}
    for name in names:
        with suppress(ValueError):
            reference = parse_reference(name)
            login = logins.try_find(reference.domain, reference.path)
            first = chosen.setdefault(reference.domain, login)
            if login.credentials and not first.credentials:
                chosen[reference.domain] = login
            elif login.credentials not in (None, first.credentials):
                problems[_DIFFERENT_LOGINS.format(name=name, host=reference.domain)] = None
            if login.problem:
                problems[f"{login.problem} ({_ADVICE})"] = None
    return chosen, problems


def _list_logins(
    logins: ClientLogins, chosen: Mapping[str, Login], environment: Mapping[str, str]
) -> dict[str, Any]:
    """Return the keys of the docker command's file: logins, and the helpers that are installed.

    A helper that is named and missing would end a build, also that of a public image.
    """
    auths: dict[str, dict[str, str]] = {}
    helpers: dict[str, str] = {}
    store = ""
    # The first source wins, so that it is written last.
    for source in reversed(logins.sources):
        store = source.store if _is_installed(source.store, environment) else store
        helpers |= {x: y for x, y in source.helpers.items() if _is_installed(y, environment)}
        for entry in source.entries:
            if entry.credentials and not entry.path:
                auths[to_server(entry.host)] = make_entry(entry.credentials)
                if not source.find_helper(entry.host):
                    helpers[to_server(entry.host)] = ""  # no helper, not even the common one
    for host, login in chosen.items():
        if login.credentials:
            auths[to_server(host)] = make_entry(login.credentials)
            helpers[to_server(host)] = ""
    return {"auths": auths, "credHelpers": helpers, "credsStore": store}


def _is_installed(helper: str, environment: Mapping[str, str]) -> bool:
    return bool(helper) and has_helper(helper, environment)


def _read_document(path: Path) -> dict[str, Any]:
    """Return the user's own file; empty if there is none, or none that can be read."""
    try:
        return dict(parse_config_document(path.read_bytes()))
    except (OSError, ValueError):
        return {}


def _copy_builders(source: Path, target: Path) -> None:
    """Copy the files by which buildx knows its builders; one that cannot be read is left out."""
    target.mkdir()
    for name in _BUILDER_FOLDERS:
        (target / name).mkdir()
        with suppress(OSError):
            for file in sorted((source / name).iterdir()):
                _copy_file(file, target / name / file.name)
    for name in _BUILDER_FILES:
        _copy_file(source / name, target / name)


def _copy_file(source: Path, target: Path) -> None:
    with suppress(OSError):
        if source.is_file() and source.stat().st_size <= _MAX_FILE_BYTES:
            shutil.copyfile(source, target)


def _open_private(path: str, flags: int) -> int:
    return os.open(path, flags, 0o600)
