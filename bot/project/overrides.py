"""What a caller asks for in place of the configuration file: inputs win over it."""

import shlex
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from pathlib import PurePosixPath

from bot.model.spec import Budget, GrowthLimit, ImageSpec
from bot.project.image_plan import expand_platforms


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
    max_growth: GrowthLimit | None = None

    def declare_image(self, budget: Budget) -> tuple[ImageSpec, ...]:
        """The one image that the inputs themselves declare; none if they declare none."""
        if not self.dockerfile and not self.context:
            return ()
        dockerfile = self.dockerfile or str(PurePosixPath(self.context or ".", "Dockerfile"))
        context = self.context or str(PurePosixPath(dockerfile).parent)
        return (ImageSpec(name=dockerfile, dockerfile=dockerfile, context=context, budget=budget),)

    def apply_to_specs(self, specs: tuple[ImageSpec, ...]) -> tuple[ImageSpec, ...]:
        """The images with what the caller asks for in place of what they say themselves."""
        changed = [self._apply_to_spec(spec) for spec in specs]
        if not self.platforms:
            return tuple(changed)
        bare = dict.fromkeys(spec.name for spec in changed)
        first = {name: next(spec for spec in changed if spec.name == name) for name in bare}
        return tuple(x for spec in first.values() for x in expand_platforms(spec, self.platforms))

    def to_arguments(self) -> tuple[str, ...]:
        """The same as words of a command line. Values of build arguments may be secrets, and stay out:
        a bare name takes its value from the environment.
        """
        named = {
            "--dockerfile": self.dockerfile,
            "--context": self.context,
            "--target": self.target,
            "--max-size": self.max_size,
            "--max-growth": format_growth_limit(self.max_growth) if self.max_growth else None,
        }
        several = {
            "--image": self.images,
            "--build-arg": tuple(self.build_args),
            "--platform": self.platforms,
        }
        words = [word for name, value in named.items() if value for word in (name, str(value))]
        return (
            *words,
            *(word for name, values in several.items() for x in values for word in (name, x)),
        )

    def _apply_to_spec(self, spec: ImageSpec) -> ImageSpec:
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


def format_growth_limit(growth: GrowthLimit) -> str:
    """A growth as the command line takes it; one with both parts, which it does not, by its bytes."""
    return f"{growth.percent:g}%" if growth.bytes is None else str(growth.bytes)


def build_reproduce_command(
    command: str, revisions: Mapping[str, str | None], overrides: Overrides
) -> str:
    """The command that gives a report again, in a clone that has its commits."""
    words = ["image-size-review", command]
    for option, sha in revisions.items():
        words += [option, sha] if sha else []
    return shlex.join([*words, *overrides.to_arguments()])
