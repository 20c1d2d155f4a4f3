"""The external images of a Dockerfile, resolved to references that cannot move."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field, fields, replace

from bot.model.image import BaseImage


@dataclass(frozen=True, slots=True)
class Pins:
    """The external images of a Dockerfile, each resolved once for all builds of a run.

    `resolved` maps a name as written to a reference that cannot move; `diff_ids` has the layers of
    those that the engine has; `unresolved` has the others, each with the reason. `digests` has what
    tells an image from others of its name, where that is known. `base_images` describes those that
    are pinned at another digest than their names have now.
    """

    resolved: Mapping[str, str] = field(default_factory=dict)
    diff_ids: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    unresolved: Mapping[str, str] = field(default_factory=dict)
    digests: Mapping[str, str] = field(default_factory=dict)
    base_images: Mapping[str, BaseImage] = field(default_factory=dict)

    def merge(self, other: "Pins") -> "Pins":
        """Return the pins of both; where both have an image, those of `other`."""
        return Pins(
            {**self.resolved, **other.resolved},
            {**self.diff_ids, **other.diff_ids},
            {**self.unresolved, **other.unresolved},
            {**self.digests, **other.digests},
            {**self.base_images, **other.base_images},
        )

    def override(self, other: "Pins") -> "Pins":
        """Return the pins with all that is known of some names in place of what was."""
        names = {*other.resolved, *other.digests}
        parts = (getattr(self, part.name) for part in fields(self))
        others = ({name: x for name, x in part.items() if name not in names} for part in parts)
        return Pins(*others).merge(other)

    def select(self, name: str) -> "Pins":
        """Return the pin of one name."""
        parts = (getattr(self, part.name) for part in fields(self))
        return Pins(*({name: part[name]} if name in part else {} for part in parts))

    def without(self, names: Collection[str]) -> "Pins":
        """Return the pins that a build gets if some names must stay as they are written."""
        resolved = {name: pin for name, pin in self.resolved.items() if name not in names}
        return replace(self, resolved=resolved)
