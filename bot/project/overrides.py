"""Options of the command line and inputs of the action, which win over the configuration."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from pathlib import PurePosixPath

from bot.model.sizes import format_limit_percent
from bot.model.spec import Budget, BuildNeeds, ContextSource, GrowthLimit, ImageSpec, Limits
from bot.project.history_place import HistoryPlace
from bot.project.image_entries import complete_needs
from bot.project.image_plan import expand_platforms
from bot.project.need_arguments import list_need_arguments
from bot.project.option_values import AUTO


@dataclass(frozen=True, slots=True)
class Overrides:
    """The options for images and budgets; None or empty if they are not set."""

    images: tuple[str, ...] = ()
    dockerfile: str | None = None
    context: str | None = None
    target: str | None = None
    build_args: Mapping[str, str] = field(default_factory=dict)
    platforms: tuple[str, ...] = ()
    limits: Limits = Limits()
    needs: BuildNeeds = BuildNeeds()
    build_contexts: Mapping[str, str] = field(default_factory=dict)
    history: HistoryPlace | None = None

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
        # Names of images only select; nothing is to be replaced then.
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

    def to_arguments(self) -> tuple[str, ...]:
        """Return the options as arguments of a command line.

        Values of build arguments are left out, since they may be secrets; `--build-arg NAME` takes
        the value from the environment, and so does `--secret id=ID`.
        """
        limits = self.limits
        single = {
            "--dockerfile": self.dockerfile,
            "--context": self.context,
            "--target": self.target,
            "--history": self.history,
            "--max-size": AUTO if limits.follows_size else limits.max_size,
            "--max-growth": limits.max_growth and format_growth_limit(limits.max_growth),
            "--warn-size": limits.warn_size,
            "--warn-growth": limits.warn_growth and format_growth_limit(limits.warn_growth),
            "--max-waste": limits.max_waste and format_growth_limit(limits.max_waste),
            "--max-layers": limits.max_layers,
        }
        repeated = {
            "--image": self.images,
            "--build-arg": tuple(self.build_args),
            "--platform": self.platforms,
        }
        arguments: list[str] = []
        for option, value in single.items():
            arguments += [] if value is None else [option, str(value)]
        for option, values in repeated.items():
            for item in values:
                arguments += [option, item]
        return (*arguments, *list_need_arguments(self.needs, self.build_contexts))

    def _apply_to_spec(self, spec: ImageSpec) -> ImageSpec:
        return replace(
            spec,
            target=self.target or spec.target,
            build_args={**spec.build_args, **self.build_args},
            budget=self.limits.apply_to(spec.budget),
            needs=complete_needs(self.needs, spec.needs),
            build_contexts={**spec.build_contexts, **self.build_contexts},
        )


def format_growth_limit(growth: GrowthLimit) -> str:
    """Format a growth limit for the command line, which takes one part: bytes, if both are set."""
    if growth.percent is None or growth.bytes is not None:
        return str(growth.bytes)
    return f"{format_limit_percent(growth.percent)}%"
