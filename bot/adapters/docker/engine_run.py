"""The names that one run has in an engine, and the sweep of those that dead runs left there.

Every name holds the run: the engine's time at which it began, and a random number. Runs of other
containers and machines may share the engine, so a process number says nothing. A run that takes
longer renews a lease instead, an image that is named after the time; a run without a sign of life
for half an hour is dead. On one machine the locks of `temporary_folders` say so at once.
"""

import re
import secrets
import threading
from collections.abc import Callable, Collection, Iterable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from typing import Any

import docker

from bot.adapters.docker.engine_errors import engine_errors
from bot.adapters.temporary_folders import LockedFolder, OtherProcesses, remove_swept_folder
from bot.errors import ReviewError

_REPOSITORIES = "image-size-review/*"
_LEASE_REPOSITORY = "image-size-review/lease"
_CONTAINER_PREFIX = "image-size-review-"
# image-size-review/build:1764170000-0123456789ab-0, a lease with its time at the end, and the names
# of containers, which have dashes only.
_OWN_NAME = re.compile(
    r"(?:image-size-review/(?:build|pin|(?P<lease>lease)):|image-size-review-)"
    r"(?P<run>(?P<start>\d{9,12})-[0-9a-f]{12})-(?P<suffix>[0-9a-f]+)"
)
_RENEWAL_S = 60
LEASE_S = 30 * 60  # longer than the measurement of any image, during which nothing is renewed
_THREAD_END_S = 5
# Two blocks of zeros end an archive; GNU tar fills them up to 20. It makes an image of no bytes.
_EMPTY_TAR = bytes(10240)


class EngineRun:
    """A run with names in an engine; `clock` gives the engine's time in seconds."""

    def __init__(
        self, client: docker.DockerClient, engine_id: str, clock: Callable[[], float]
    ) -> None:
        self._client, self._clock = client, clock
        self._last_sign_s = clock()
        self.id = f"{int(self._last_sign_s)}-{secrets.token_hex(6)}"
        self._folder = LockedFolder(_make_note(engine_id, self.id))
        self._lease = ""
        self._has_leftovers = False
        self._lock = threading.Lock()

    def name_build(self, number: int) -> str:
        """Return the name of a built image."""
        return f"image-size-review/build:{self.id}-{number}"

    def name_pin(self, image_id: str) -> str:
        """Return the name that keeps an image from being moved or deleted meanwhile."""
        return f"image-size-review/pin:{self.id}-{image_id.removeprefix('sha256:')[:24]}"

    def name_container(self) -> str:
        """Return a name for a new container."""
        return f"{_CONTAINER_PREFIX}{self.id}-{secrets.token_hex(4)}"

    def renew(self) -> None:
        """Renew the lease, if the last sign of life is a minute old; a failure is no error."""
        with self._lock:
            now_s = self._clock()
            if now_s - self._last_sign_s < _RENEWAL_S:
                return
            self._last_sign_s = now_s
        lease = f"{_LEASE_REPOSITORY}:{self.id}-{int(now_s)}"
        with suppress(ReviewError, OSError), engine_errors("renew a lease"):
            repository, _, tag = lease.rpartition(":")
            if self._lease:
                # The new name first: between the two there is always one.
                self._client.api.tag(self._lease, repository, tag)
            else:
                self._client.api.import_image_from_data(_EMPTY_TAR, repository, tag)
            before, self._lease = self._lease, lease
            if before:
                self._client.api.remove_image(before)

    @contextmanager
    def keep_alive(self) -> Iterator[None]:
        """Renew the lease as long as a build lasts, which may be longer than the lease."""
        self.renew()
        ended = threading.Event()
        thread = threading.Thread(target=self._renew_until, args=(ended,), daemon=True)
        thread.start()
        try:
            yield
        finally:
            ended.set()
            thread.join(_THREAD_END_S)

    def _renew_until(self, ended: threading.Event) -> None:
        while not ended.wait(_RENEWAL_S):
            self.renew()

    def add_leftover(self) -> None:
        """Remember that a name could not be removed: the next run takes this one for dead."""
        self._has_leftovers = True

    def close(self) -> None:
        """Give up the lease, after every other name was removed or is left over."""
        lease, self._lease = self._lease, ""
        if lease and not _try_to(self._client.api.remove_image, lease):
            self.add_leftover()
        if self._has_leftovers:
            self._folder.abandon()
        else:
            self._folder.remove()


@dataclass(frozen=True, slots=True)
class OwnName:
    """A name that a run of this program has in the engine, and the last sign of life in it."""

    text: str
    run_id: str
    sign_s: int


def sweep_engine(
    client: docker.DockerClient, engine_id: str, others: OtherProcesses, now_s: float
) -> None:
    """Remove what dead runs left in an engine; what cannot be removed stays, without an error."""
    ended = {
        note: folder for note, folder in others.dead.items() if note.startswith(f"{engine_id} ")
    }
    containers: list[OwnName] = []
    images: list[OwnName] = []
    with suppress(ReviewError, OSError), engine_errors("list what ended runs left"):
        containers = list(_list_containers(client))
        images = list(_list_images(client))
        for folder in ended.values():
            remove_swept_folder(folder)
    dead = find_dead_runs(
        (*containers, *images), _list_run_ids(ended), _list_run_ids(others.alive), now_s
    )
    for name in containers:
        if name.run_id in dead:
            _try_to(client.api.remove_container, name.text, v=True, force=True)
    for name in images:
        if name.run_id in dead:
            _try_to(client.api.remove_image, name.text)


def _try_to(remove: Callable[..., Any], name: str, **options: bool) -> bool:
    """Remove something and return True, or False if the engine does not."""
    try:
        with engine_errors(f"remove {name}"):
            remove(name, **options)
    except (ReviewError, OSError):
        return False
    return True


def find_dead_runs(
    names: Iterable[OwnName], ended: Collection[str], alive: Collection[str], now_s: float
) -> Collection[str]:
    """Return the runs that are dead: those that `ended` on this machine, else by their leases."""
    signs: dict[str, int] = {}
    for name in names:
        signs[name.run_id] = max(name.sign_s, signs.get(name.run_id, 0))
    expired = {run_id for run_id, sign_s in signs.items() if now_s - sign_s > LEASE_S}
    return expired.difference(alive) | signs.keys() & set(ended)


def _make_note(engine_id: str, run_id: str) -> str:
    """Return the note by which the next process finds what belongs to a run."""
    return f"{engine_id} {run_id}"


def _list_run_ids(notes: Iterable[str]) -> set[str]:
    return {note.rpartition(" ")[2] for note in notes}


def parse_own_name(text: str) -> OwnName | None:
    """Return a name of this program with its run; None for any other name."""
    match = _OWN_NAME.fullmatch(text)
    if match is None:
        return None
    is_lease = match["lease"] and match["suffix"].isdecimal()
    return OwnName(text, match["run"], int(match["suffix"] if is_lease else match["start"]))


def _list_containers(client: docker.DockerClient) -> Iterator[OwnName]:
    for container in client.api.containers(all=True, filters={"name": _CONTAINER_PREFIX}):
        # The filter of the engine finds parts of names, so that each is parsed again.
        for text in container.get("Names") or ():
            if name := parse_own_name(str(text).removeprefix("/")):
                yield name


def _list_images(client: docker.DockerClient) -> Iterator[OwnName]:
    for image in client.api.images(filters={"reference": [_REPOSITORIES]}):
        for text in image.get("RepoTags") or ():
            if name := parse_own_name(str(text)):
                yield name
