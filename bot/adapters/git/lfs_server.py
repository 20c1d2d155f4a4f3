"""Git LFS objects from a server, by its batch API (the specification of git-lfs)."""

import hashlib
import time
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from itertools import islice
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import requests
from urllib3.exceptions import HTTPError

from bot.adapters.certificates import LenientAdapter, find_ca_bundle, trusted_certificates
from bot.adapters.git.git_command import GitCommand
from bot.adapters.git.lfs_pointers import LfsPointer
from bot.adapters.registry.bounded_answer import AnswerLimits, AnswerTooLarge, read_json_answer

_MEDIA_TYPE = "application/vnd.git-lfs+json"
_BATCH_SIZE = 100  # objects; what git-lfs asks for at once
_ANSWER_LIMITS = AnswerLimits(max_bytes=4_000_000, time_s=60)
_PIECE_BYTES = 1 << 20
_TIMEOUT_S = (30, 60)  # to connect, between two pieces
_MAX_DOWNLOAD_S = 1800  # for all objects of one revision


class LfsUnavailable(Exception):
    """A server that does not hand out an object; what it says is in the message."""


@dataclass(frozen=True, slots=True)
class LfsServer:
    """The LFS server of a clone's remote.

    `git` knows the credentials of the remote, `url` is its address.
    """

    git: GitCommand
    url: str
    environment: Mapping[str, str]

    def download(self, pointers: Iterable[LfsPointer], folder: Path) -> None:
        """Download objects into a folder, each under its digest.

        LfsUnavailable if some cannot be had; the others are there.
        """
        address = self.git.attempt("ls-remote", "--get-url", self.url).text
        endpoint = make_endpoint(address)
        if endpoint is None:
            raise LfsUnavailable("the remote has no HTTP address")
        deadline = time.monotonic() + _MAX_DOWNLOAD_S
        remaining, problems = iter(dict.fromkeys(pointers)), list[str]()
        try:
            with self._open_session() as session:
                while batch := list(islice(remaining, _BATCH_SIZE)):
                    answer = self._request_batch(session, endpoint, batch)
                    for pointer in batch:
                        problems += _try_download(session, pointer, answer, folder, deadline)
        except requests.RequestException as problem:
            raise LfsUnavailable(str(problem)) from problem
        if problems:
            raise LfsUnavailable(problems[0])

    @contextmanager
    def _open_session(self) -> Iterator[requests.Session]:
        with trusted_certificates(self.environment) as certificates, requests.Session() as session:
            session.verify = certificates
            # Or ~/.netrc would replace the credentials of the remote.
            session.auth = lambda request: request
            if find_ca_bundle(self.environment):
                session.mount("https://", LenientAdapter())
            yield session

    def _request_batch(
        self, session: requests.Session, endpoint: str, pointers: list[LfsPointer]
    ) -> Mapping[str, Mapping[str, Any]]:
        """Return the answer for each object by its digest."""
        objects = [{"oid": pointer.oid, "size": pointer.size} for pointer in pointers]
        body = {"operation": "download", "transfers": ["basic"], "objects": objects}
        headers = {
            "Accept": _MEDIA_TYPE,
            "Content-Type": _MEDIA_TYPE,
            **self._credentials(endpoint),
        }
        response = session.post(
            f"{endpoint}/objects/batch", json=body, headers=headers, timeout=_TIMEOUT_S, stream=True
        )
        with response:
            _check_status(response)
            return _read_answer(response)

    def _credentials(self, endpoint: str) -> dict[str, str]:
        # Where actions/checkout leaves the token of the job.
        header = self.git.attempt("config", "--get-urlmatch", "http.extraheader", endpoint).text
        name, colon, value = header.partition(":")
        return {name.strip(): value.strip()} if colon else {}


def make_endpoint(url: str) -> str | None:
    """Return the address of the LFS server of a remote; None if it has no HTTP address."""
    if urlsplit(url).scheme not in ("http", "https"):
        return None
    base = url.rstrip("/")
    return f"{base if base.endswith('.git') else f'{base}.git'}/info/lfs"


def _read_answer(response: requests.Response) -> Mapping[str, Mapping[str, Any]]:
    try:
        objects = read_json_answer(response, _ANSWER_LIMITS)["objects"]
        return {item["oid"]: item for item in objects}
    except (AnswerTooLarge, TimeoutError) as problem:
        raise LfsUnavailable(str(problem)) from problem
    except (ValueError, LookupError, TypeError, HTTPError) as problem:
        raise LfsUnavailable("its answer cannot be read") from problem


def _try_download(
    session: requests.Session,
    pointer: LfsPointer,
    answer: Mapping[str, Mapping[str, Any]],
    folder: Path,
    deadline: float,
) -> tuple[str, ...]:
    """Download one object, and return the reason if it cannot be had."""
    try:
        _download(session, pointer, answer, folder, deadline)
    except LfsUnavailable as problem:
        return (str(problem),)
    return ()


def _download(
    session: requests.Session,
    pointer: LfsPointer,
    answer: Mapping[str, Mapping[str, Any]],
    folder: Path,
    deadline: float,
) -> None:
    """Download one object, and keep it if its digest is the pointer's."""
    # The answer has its own headers: the credentials of the remote are not sent to a store of
    # blobs.
    url, headers = _read_action(answer, pointer)
    digest, size, part = hashlib.sha256(), 0, folder / f"{pointer.oid}.part"
    with (
        session.get(url, headers=headers, timeout=_TIMEOUT_S, stream=True) as response,
        part.open("wb") as file,
    ):
        _check_status(response)
        for piece in response.iter_content(_PIECE_BYTES):
            size += len(piece)
            if size > pointer.size or time.monotonic() > deadline:
                raise LfsUnavailable("an object is larger than its pointer says, or too slow")
            digest.update(piece)
            file.write(piece)
    if digest.hexdigest() != pointer.oid:
        raise LfsUnavailable(f"the object {pointer.oid[:12]} has another digest")
    part.rename(folder / pointer.oid)


def _read_action(
    answer: Mapping[str, Mapping[str, Any]], pointer: LfsPointer
) -> tuple[str, dict[str, str]]:
    """Return the address and the headers with which an object is downloaded."""
    try:
        action = answer[pointer.oid]["actions"]["download"]
        headers = dict(action.get("header") or {})
        return str(action["href"]), {str(k): str(v) for k, v in headers.items()}
    except (AttributeError, KeyError, TypeError, ValueError) as problem:
        raise LfsUnavailable(f"the server has no object {pointer.oid[:12]}") from problem


def _check_status(response: requests.Response) -> None:
    if response.status_code != requests.codes.ok:
        raise LfsUnavailable(f"the server answers {response.status_code}")
