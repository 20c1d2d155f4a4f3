"""What a caller asks for in place of the configuration file: inputs win over it."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from pathlib import PurePosixPath

from bot.core.model import Budget, Growth, ImageSpec
from bot.core.plan import per_platform


@dataclass(frozen=True, slots=True)
class Overrides:
    """The inputs that shape images and budgets; None or empty where the caller is silent."""

    images: tuple[str, ...] = ()
    dockerfile: str | None = None
    context: str | None = None
    target: str | None = None
    build_args: Mapping[str, str] = field(default_factory=dict)
    platforms: tuple[str, ...] = ()
    max_size: int | None = None
    max_growth: Growth | None = None

    def single(self, budget: Budget) -> tuple[ImageSpec, ...]:
        """The one image that the inputs themselves declare; none if they declare none."""
        if not self.dockerfile and not self.context:
            return ()
        dockerfile = self.dockerfile or str(PurePosixPath(self.context or ".", "Dockerfile"))
        context = self.context or str(PurePosixPath(dockerfile).parent)
        return (ImageSpec(name=dockerfile, dockerfile=dockerfile, context=context, budget=budget),)

    def apply(self, specs: tuple[ImageSpec, ...]) -> tuple[ImageSpec, ...]:
        """The images with what the caller asks for in place of what they say themselves."""
        changed = [self._apply(spec) for spec in specs]
        if not self.platforms:
            return tuple(changed)
        bare = dict.fromkeys(spec.name for spec in changed)
        first = {name: next(spec for spec in changed if spec.name == name) for name in bare}
        return tuple(x for spec in first.values() for x in per_platform(spec, self.platforms))

    def _apply(self, spec: ImageSpec) -> ImageSpec:
        budget = replace(
            spec.budget,
            max_size=spec.budget.max_size if self.max_size is None else self.max_size,
            max_growth=self.max_growth or spec.budget.max_growth,
        )
        return replace(
            spec,
            target=self.target or spec.target,
            build_args={**spec.build_args, **self.build_args},
            budget=budget,
        )
