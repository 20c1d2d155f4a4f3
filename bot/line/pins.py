"""The external images of a Dockerfile, resolved to references that cannot move."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field, replace


@dataclass(frozen=True, slots=True)
class Pins:
    """The external images of a Dockerfile, each resolved once for all builds of a run.

    `resolved` maps a name as written to a reference that cannot move; `diff_ids` has the layers of
    those that the engine has; `unresolved` has the others, each with the reason.
    """

    resolved: Mapping[str, str] = field(default_factory=dict)
    diff_ids: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    unresolved: Mapping[str, str] = field(default_factory=dict)

    def merge(self, other: "Pins") -> "Pins":
        """Return the pins of both; where both have an image, those of `other`."""
        return Pins(
            {**self.resolved, **other.resolved},
            {**self.diff_ids, **other.diff_ids},
            {**self.unresolved, **other.unresolved},
        )

    def without(self, names: Collection[str]) -> "Pins":
        """Return the pins that a build gets if some names must stay as they are written."""
        resolved = {name: pin for name, pin in self.resolved.items() if name not in names}
        return replace(self, resolved=resolved)
