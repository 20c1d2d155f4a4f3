"""An image as a revision declares it, with what its build needs, and its budget."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from enum import StrEnum

from bot.model.build_cache import BuildCache
from bot.model.copied_path import MissingSource
from bot.model.metric import Metric


@dataclass(frozen=True, slots=True)
class GrowthLimit:
    """The growth, or the waste, that a budget allows; of two parts the larger one counts."""

    bytes: int | None = None
    percent: float | None = None


DEFAULT_RATCHET_RUNS = 20


@dataclass(frozen=True, slots=True)
class Budget:
    """The limits on the size and the growth of an image, in bytes.

    What exceeds `warn_size` or `warn_growth` warns. A growth of at most `ignore_below` bytes does
    not count. A limit that `follows_size` is set from the last `ratchet_runs` recorded sizes; until
    then `max_size` is None. `max_waste` limits what the Dockerfile's own layers waste, as a
    percentage of what they add, and `max_layers` the number of all layers. `common` has the names
    of the limits that the file sets for all images, at its top level.
    """

    max_size: int | None = None
    max_growth: GrowthLimit | None = None
    ignore_below: int = 2_000
    metric: Metric = Metric.UNPACKED
    warn_size: int | None = None
    warn_growth: GrowthLimit | None = None
    follows_size: bool = False
    ratchet_runs: int = DEFAULT_RATCHET_RUNS
    max_waste: GrowthLimit | None = None
    max_layers: int | None = None
    common: frozenset[str] = field(default=frozenset(), compare=False)

    @property
    def limits_size(self) -> bool:
        """True if there is a limit on the size."""
        return self.follows_size or self.max_size is not None or self.warn_size is not None

    @property
    def limits_growth(self) -> bool:
        """True if there is a limit on the growth."""
        return self.max_growth is not None or self.warn_growth is not None

    @property
    def limits_anything(self) -> bool:
        """True if there is any limit."""
        limits_layers = self.max_waste is not None or self.max_layers is not None
        return self.limits_size or self.limits_growth or limits_layers


@dataclass(frozen=True, slots=True)
class Limits:
    """The limits that options or inputs set in place of those of a budget; None for no such one.

    `follows_size` is that of `Budget`.
    """

    max_size: int | None = None
    max_growth: GrowthLimit | None = None
    warn_size: int | None = None
    warn_growth: GrowthLimit | None = None
    follows_size: bool = False
    max_waste: GrowthLimit | None = None
    max_layers: int | None = None

    @property
    def names(self) -> tuple[str, ...]:
        """The names of the limits that are set."""
        limits = {
            "max-size": True if self.follows_size else self.max_size,
            "max-growth": self.max_growth,
            "warn-size": self.warn_size,
            "warn-growth": self.warn_growth,
            "max-waste": self.max_waste,
            "max-layers": self.max_layers,
        }
        return tuple(name for name, limit in limits.items() if limit is not None)

    def apply_to(self, budget: Budget) -> Budget:
        """Return the budget with these limits in place of its own."""
        if not self.names:
            return budget
        return replace(
            budget,
            max_size=self.max_size if "max-size" in self.names else budget.max_size,
            max_growth=self.max_growth or budget.max_growth,
            warn_size=budget.warn_size if self.warn_size is None else self.warn_size,
            warn_growth=self.warn_growth or budget.warn_growth,
            follows_size=self.follows_size if "max-size" in self.names else budget.follows_size,
            max_waste=self.max_waste or budget.max_waste,
            max_layers=budget.max_layers if self.max_layers is None else self.max_layers,
        )


class ContextSource(StrEnum):
    """The source of an image's build context; the text is that of the JSON report."""

    CONFIGURED = "configured"
    COMPOSE = "compose"
    BAKE = "bake"
    INFERRED = "inferred"
    DEFAULT = "default"


class SecretKind(StrEnum):
    """The place of a build secret's value."""

    VALUE = "value"
    FILE = "file"
    ENVIRONMENT = "environment"


@dataclass(frozen=True, slots=True)
class SecretSource:
    """A build secret by its ID; `source` is its value, file or variable.

    It is out of the representation, which may get into a log.
    """

    id: str
    kind: SecretKind
    source: str = field(repr=False)


@dataclass(frozen=True, slots=True)
class Preparation:
    """Commands that run in a container of an image, on a side's checkout, before its build."""

    image: str
    commands: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class BuildNeeds:
    """The needs of a build from outside, such as secrets; a pull request cannot set them.

    `ssh` has agent sockets or keys as `docker build --ssh` takes them, `add_hosts` entries of
    `HOST=IP`. `network` is that of `RUN` (None: the default), `timeout_s` the limit of one build
    in seconds (None: that of all builds).
    """

    secrets: tuple[SecretSource, ...] = ()
    ssh: tuple[str, ...] = ()
    network: str | None = None
    add_hosts: tuple[str, ...] = ()
    preparation: Preparation | None = None
    timeout_s: float | None = None
    cache_from: tuple[BuildCache, ...] = ()
    cache_to: tuple[BuildCache, ...] = ()


@dataclass(frozen=True, slots=True)
class ImageSpec:
    """An image as one revision declares it; paths are POSIX, relative to the repository.

    `smoke_test` is a command line that must succeed in the image. `provides` are the names under
    which other Dockerfiles take it as a base image; it has no others if the configuration
    `states_names`. `build_contexts` maps names to folders of the
    repository, `docker-image://` references or URLs. `baseline` is a published image to compare
    with, in place of a build of base. `context_reason` says why `context` is what it is, unless
    somebody wrote it down; `missing_sources` are not in such a context, though the Dockerfile
    copies them, and other folders would do as well if it `is_context_open`. `declared_in` is the
    compose or bake file that declares the build, if one does; the platform is of such a file, and
    of nobody else, if it `is_platform_of_file`. `title` is what people
    see in place of `name`, once the other images of the report are known; it declares nothing.
    """

    name: str
    dockerfile: str
    context: str
    target: str | None = None
    build_args: Mapping[str, str] = field(default_factory=dict)
    platform: str | None = None
    is_platform_of_file: bool = field(default=False, compare=False)
    budget: Budget = Budget()
    smoke_test: tuple[str, ...] = ()
    provides: tuple[str, ...] = ()
    states_names: bool = field(default=False, compare=False)
    build_contexts: Mapping[str, str] = field(default_factory=dict)
    needs: BuildNeeds = BuildNeeds()
    baseline: str | None = None
    context_source: ContextSource = ContextSource.DEFAULT
    context_reason: str = ""
    declared_in: str = field(default="", compare=False)
    missing_sources: tuple[MissingSource, ...] = ()
    is_context_open: bool = False
    title: str = field(default="", compare=False)

    @property
    def shown_name(self) -> str:
        """The name that people see; the identity where it has no title."""
        return self.title or self.name

    @property
    def key(self) -> tuple[str, str | None]:
        """The key that pairs the two sides: name and platform, since a Dockerfile may move."""
        return self.name, self.platform
