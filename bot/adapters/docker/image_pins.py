"""External images, resolved once a run, so that both sides of a comparison are built on the same.

Only builders of the driver `docker` see the engine's store; any other asks the registry.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from docker.models.images import Image

from bot.adapters.docker.engine import DockerEngine
from bot.adapters.docker.engine_errors import engine_errors
from bot.adapters.docker.engine_handle import EngineHandle
from bot.adapters.registry.client_logins import ClientLogins
from bot.adapters.registry.image import read_registry_config, resolve_registry_digest
from bot.adapters.registry.login_entries import to_engine_login
from bot.errors import ReviewError
from bot.image.archives.reference import (
    explain_invalid_reference,
    is_reference,
    parse_reference,
    split_reference,
)
from bot.image.layers.streams import Unreadable
from bot.line.pins import Pins
from bot.model.image import BaseImage


@dataclass(frozen=True, slots=True)
class _PinnedImage:
    """An external image as resolved; `stored` is None if the store does not have it.

    `digest` is the one of its registry, or the ID of an image that only the store knows.
    """

    reference: str = ""
    stored: BaseImage | None = None
    problem: str = ""
    digest: str = ""


class ImagePinner:
    """Pins external images for the builder."""

    def __init__(
        self,
        handle: EngineHandle,
        environment: Mapping[str, str],
        uses_store: Callable[[], bool],
        find_own_platform: Callable[[], str] | None = None,
    ) -> None:
        """`find_own_platform` returns that of a builder without an engine, which may be absent."""
        self._handle, self._environment = handle, environment
        self._logins = ClientLogins(environment)
        self._uses_store, self._find_own_platform = uses_store, find_own_platform
        self._pinned_images: dict[tuple[str, str | None], _PinnedImage] = {}
        self._tags: list[str] = []
        self._base_images: dict[tuple[str, str | None], BaseImage | None] = {}

    @property
    def _engine(self) -> DockerEngine:
        return self._handle.engine

    def _find_platform(self) -> str:
        own = self._find_own_platform() if self._find_own_platform else ""
        return own or self._engine.platform

    @property
    def tags(self) -> Sequence[str]:
        """The tags of this run, also those of a run that was interrupted."""
        return self._tags

    def pin_images(self, names: Sequence[str], platform: str | None) -> Pins:
        """Resolve each external image once in a run, for all images and both sides."""
        for name in names:
            if (name, platform) not in self._pinned_images:
                self._pinned_images[name, platform] = self._pin_image(
                    name, platform or self._find_platform()
                )
        pinned_images = {name: self._pinned_images[name, platform] for name in names}
        return Pins(
            resolved={name: pin.reference for name, pin in pinned_images.items() if pin.reference},
            diff_ids={
                name: pin.stored.diff_ids
                for name, pin in pinned_images.items()
                if pin.stored is not None
            },
            unresolved={name: pin.problem for name, pin in pinned_images.items() if pin.problem},
            digests={name: pin.digest for name, pin in pinned_images.items() if pin.digest},
        )

    def pin_digests(self, digests: Mapping[str, str], platform: str | None) -> Pins:
        """Pin images at the digests that they once had; what cannot be had any more is left out."""
        current = self.pin_images(tuple(digests), platform)
        pins = Pins()
        for name, digest in digests.items():
            if current.digests.get(name) == digest:
                pins = pins.merge(current.select(name))
            elif "@" not in name:
                pins = pins.merge(self._try_to_pin(name, digest, platform or self._find_platform()))
        return pins

    def _try_to_pin(self, name: str, digest: str, platform: str) -> Pins:
        """Return the pin of an image at a digest; none if neither store nor registry has it."""
        reference = f"{split_reference(name).repository}@{digest}"
        try:
            for stored_name in (reference, digest) if self._uses_store() else ():
                image = self._engine.find_image(stored_name)
                if image is not None and _is_for_platform(image.attrs, platform):
                    pinned = self._pin_stored_image(name, image)
                    base = describe_base_image(image.attrs)
                    pins = _make_pin(name, pinned.reference, digest, base)
                    return replace(pins, diff_ids={name: base.diff_ids})
            config = read_registry_config(reference, platform, self._environment)
        except (ReviewError, Unreadable, OSError):
            return Pins()
        return _make_pin(name, reference, digest, BaseImage(config.diff_ids, config.triggers))

    def find_base_image(self, name: str, platform: str | None) -> BaseImage | None:
        """Return an image of the store as it was pinned, or read the registry's of that digest."""
        key = (name, platform)
        if key not in self._base_images:
            self._base_images[key] = self._find_base_image(name, platform)
        return self._base_images[key]

    def _find_base_image(self, name: str, platform: str | None) -> BaseImage | None:
        pinned = self._pinned_images.get((name, platform), _PinnedImage())
        reference = pinned.reference or name
        # Only a digest names one config: that of a tag could be of a newer image than was built on.
        if pinned.stored or "@" not in reference:
            return pinned.stored
        try:
            config = read_registry_config(
                reference, platform or self._find_platform(), self._environment
            )
        except (ReviewError, Unreadable, OSError):
            return None  # the history has to do
        return BaseImage(config.diff_ids, config.triggers)

    def _pin_image(self, name: str, platform: str) -> _PinnedImage:
        """Return a tag of ours for an image in the store, or a registry's digest.

        Nobody is asked for what is no reference: BuildKit refuses to build it.
        """
        if not is_reference(name):
            return _PinnedImage(problem=explain_invalid_reference(name))
        uses_store = self._uses_store()
        try:
            image = self._engine.find_image(name) if uses_store else None
            if image is not None and _is_for_platform(image.attrs, platform):
                return self._pin_stored_image(name, image)
            if "@" in name:
                return _PinnedImage(digest=_get_digest(name))
            reference = self._resolve_digest(name)
            return _PinnedImage(reference, digest=_get_digest(reference))
        except (ReviewError, Unreadable, OSError) as problem:
            reason = str(getattr(problem, "what", problem))
            return _PinnedImage(problem=reason.strip().split("\n", 1)[0])

    def _pin_stored_image(self, name: str, image: Image) -> _PinnedImage:
        """Tag an image of the store with a name of this run, so that nothing moves or deletes it.

        A run removes its own tags at the end, while others may use the same engine.
        """
        base_image = describe_base_image(image.attrs)
        # A digest needs no tag of ours: it names the same image whatever happens.
        if "@" in name:
            return _PinnedImage("", base_image, digest=_get_digest(name))
        tag = self._engine.run.name_pin(str(image.id))
        self._tags.append(tag)
        self._engine.tag(image, tag)
        return _PinnedImage(tag, base_image, digest=_identify(name, image))

    def _resolve_digest(self, name: str) -> str:
        """Ask the registry, through the engine if there is one, for the digest of a name now.

        With our own login, and not with that of the SDK, which knows fewer and fails for a helper
        that is not installed.
        """
        if self._find_own_platform and self._find_own_platform():
            digest = resolve_registry_digest(name, self._environment)
            return f"{split_reference(name).repository}@{digest}"
        reference = parse_reference(name)
        login = self._logins.try_find(reference.domain, reference.path)
        access = to_engine_login(login.credentials, reference.domain)
        with engine_errors(f"resolve {name}"):
            images = self._engine.client.images
            digest = str(images.get_registry_data(name, auth_config=access).id)
        return f"{split_reference(name).repository}@{digest}"


def _make_pin(name: str, reference: str, digest: str, base: BaseImage) -> Pins:
    return Pins({name: reference}, digests={name: digest}, base_images={name: base})


def describe_base_image(attributes: Mapping[str, Any]) -> BaseImage:
    """Return layers and triggers of an image, as `docker inspect` prints it."""
    layers = (attributes.get("RootFS") or {}).get("Layers") or ()
    triggers = (attributes.get("Config") or {}).get("OnBuild") or ()
    return BaseImage(tuple(map(str, layers)), tuple(map(str, triggers)))


def _get_digest(reference: str) -> str:
    return reference.partition("@")[2]


def _identify(name: str, image: Image) -> str:
    """Return the digest of an image of the store in the registry of its name, or its ID."""
    own = parse_reference(name)
    for text in image.attrs.get("RepoDigests") or ():
        other = parse_reference(text) if is_reference(text) else None
        if other and (other.domain, other.path) == (own.domain, own.path):
            return other.digest
    return str(image.id)


def _is_for_platform(attributes: Mapping[str, Any], platform: str) -> bool:
    """Return True if an image of the store is for the platform.

    Variants (`arm/v7`) are left to BuildKit.
    """
    return platform.split("/")[:2] == [attributes.get("Os"), attributes.get("Architecture")]
