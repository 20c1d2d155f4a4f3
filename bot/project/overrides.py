"""Options of the command line and inputs of the action, which win over the configuration."""

import shlex
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from pathlib import PurePosixPath

from bot.model.sizes import format_limit_percent
from bot.model.spec import Budget, BuildNeeds, ContextSource, GrowthLimit, ImageSpec
from bot.project.image_entries import complete_needs
from bot.project.image_plan import expand_platforms
from bot.project.need_arguments import list_need_arguments


@dataclass(frozen=True, slots=True)
class Overrides:
    """The options for images and budgets; None or empty if they are not set."""

    images: tuple[str, ...] = ()
    dockerfile: str | None = None
    context: str | None = None
    target: str | None = None
    build_args: Mapping[str, str] = field(default_factory=dict)
    platforms: tuple[str, ...] = ()
    max_size: int | None = None
    max_growth: GrowthLimit | None = None
    warn_size: int | None = None
    warn_growth: GrowthLimit | None = None
    needs: BuildNeeds = BuildNeeds()
    build_contexts: Mapping[str, str] = field(default_factory=dict)

    @property
    def declares_image(self) -> bool:
        """True if the options name a Dockerfile or a context: that is the only image then."""
        return bool(self.dockerfile or self.context)

    def declare_image(self, budget: Budget) -> tuple[ImageSpec, ...]:
        """Return the image that the options declare; empty without a Dockerfile or context."""
        if not self.declares_image:
            return ()
        dockerfile = self.dockerfile or str(PurePosixPath(self.context or ".", "Dockerfile"))
        context = self.context or str(PurePosixPath(dockerfile).parent)
        source = ContextSource.CONFIGURED if self.context else ContextSource.DEFAULT
        spec = ImageSpec(name=dockerfile, dockerfile=dockerfile, context=context, budget=budget)
        return (replace(spec, context_source=source),)

    def apply_to_specs(self, specs: tuple[ImageSpec, ...]) -> tuple[ImageSpec, ...]:
        """Return the images with the options in place of their own settings."""
        if self == Overrides(images=self.images):
            return specs
        changed = [self._apply_to_spec(spec) for spec in specs]
        if not self.platforms:
            return tuple(changed)
        # One image of each name: the configuration may have expanded it to several platforms.
        first_of_name: dict[str, ImageSpec] = {}
        for spec in changed:
            first_of_name.setdefault(spec.name, spec)
        return tuple(
            expanded
            for spec in first_of_name.values()
            for expanded in expand_platforms(
                replace(spec, is_platform_of_file=False), self.platforms
            )
        )

    @property
    def limit_names(self) -> tuple[str, ...]:
        """The limits that the options set."""
        limits = {
            "max-size": self.max_size,
            "max-growth": self.max_growth,
            "warn-size": self.warn_size,
            "warn-growth": self.warn_growth,
        }
        return tuple(name for name, limit in limits.items() if limit is not None)

    def to_arguments(self) -> tuple[str, ...]:
        """Return the options as arguments of a command line.

        Values of build arguments are left out, since they may be secrets; `--build-arg NAME` takes
        the value from the environment, and so does `--secret id=ID`.
        """
        single = {
            "--dockerfile": self.dockerfile,
            "--context": self.context,
            "--target": self.target,
            "--max-size": self.max_size,
            "--max-growth": format_growth_limit(self.max_growth) if self.max_growth else None,
            "--warn-size": self.warn_size,
            "--warn-growth": format_growth_limit(self.warn_growth) if self.warn_growth else None,
        }
        repeated = {
            "--image": self.images,
            "--build-arg": tuple(self.build_args),
            "--platform": self.platforms,
        }
        arguments: list[str] = []
        for option, value in single.items():
            arguments += [option, str(value)] if value else []
        for option, values in repeated.items():
            for item in values:
                arguments += [option, item]
        return (*arguments, *list_need_arguments(self.needs, self.build_contexts))

    def apply_to_budget(self, budget: Budget) -> Budget:
        """Return the budget with the options in place of its own limits."""
        if not self.limit_names:
            return budget
        return replace(
            budget,
            max_size=budget.max_size if self.max_size is None else self.max_size,
            max_growth=self.max_growth or budget.max_growth,
            warn_size=budget.warn_size if self.warn_size is None else self.warn_size,
            warn_growth=self.warn_growth or budget.warn_growth,
        )

    def _apply_to_spec(self, spec: ImageSpec) -> ImageSpec:
        return replace(
            spec,
            target=self.target or spec.target,
            build_args={**spec.build_args, **self.build_args},
            budget=self.apply_to_budget(spec.budget),
            needs=complete_needs(self.needs, spec.needs),
            build_contexts={**spec.build_contexts, **self.build_contexts},
        )


def format_growth_limit(growth: GrowthLimit) -> str:
    """Format a growth limit for the command line, which takes one part: bytes, if both are set."""
    if growth.percent is None or growth.bytes is not None:
        return str(growth.bytes)
    return f"{format_limit_percent(growth.percent)}%"


def build_reproduce_command(
    command: str, revisions: Mapping[str, str | None], overrides: Overrides
) -> str:
    """Return the command that makes the same report, in a clone that has its commits."""
    arguments = ["image-size-review", command]
    for option, sha in revisions.items():
        arguments += [option, sha] if sha else []
    return shlex.join([*arguments, *overrides.to_arguments()])
