"""The multi-stage rewrites that an image's evidence calls for, the best first, or why there is none."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass

from bot.advise.finding import SINGLE_STAGE_BUILD
from bot.model.candidate import Candidate
from bot.rewrite.build_facts import Ground, World
from bot.rewrite.ecosystem import Ecosystem
from bot.rewrite.ecosystems import ECOSYSTEMS
from bot.rewrite.eligibility import ships_toolchain, why_not
from bot.rewrite.plan import Lessons, Plan, plan_of
from bot.rewrite.startup import Launch, launch_of
from bot.rewrite.writer import write

NO_LESSONS = Lessons()
_LEAST = 1_000_000  # bytes below which another stage is not worth its lines
_LEAST_SHARE = 0.05

Grounds = Callable[[str], Ground | None]


@dataclass(frozen=True, slots=True)
class LeftAlone:
    """A Dockerfile that no rewrite is offered for, and the reason."""

    reason: str


@dataclass(frozen=True, slots=True)
class Rewriting:
    """An image that may be rewritten: what it is, and on what the last stage may stand."""

    world: World
    launch: Launch
    ecosystem: Ecosystem
    grounds: tuple[Ground, ...]

    def candidate(self, ground: Ground, lessons: Lessons = NO_LESSONS) -> Candidate | LeftAlone:
        """The rewrite on one base image; LeftAlone if it would gain next to nothing."""
        plan = plan_of(self.world, self.launch, self.ecosystem, ground, lessons)
        saved = sum(plan.payload.dropped.values())
        same = ground.name == self.world.subject.base
        if same and saved < max(_LEAST, _LEAST_SHARE * self.world.image.unpacked_bytes):
            return LeftAlone("it holds next to nothing that only its build needs")
        return _candidate(self.world, self.launch, plan)

    def saving(self, ground: Ground) -> int:
        """At least the bytes that a rewrite would save; what the new base weighs may be unknown."""
        plan = plan_of(self.world, self.launch, self.ecosystem, ground, NO_LESSONS)
        dropped = sum(plan.payload.dropped.values())
        if ground.unpacked_bytes is None:
            return dropped
        copied = sum(piece.size for piece in plan.payload.pieces)
        return self.world.image.unpacked_bytes - ground.unpacked_bytes - copied


def rewriting_of(world: World, grounds: Grounds) -> Rewriting | LeftAlone:
    """How an image may be rewritten; `grounds` gives base images that can be had."""
    launch = launch_of(world)
    reason = why_not(world, launch)
    if reason:
        return LeftAlone(reason)
    fitting = [x for x in ECOSYSTEMS if x.applies(world, launch)]
    if not fitting:
        return LeftAlone("what it starts was not built here, as far as can be seen")
    ecosystem = next((x for x in fitting if ships_toolchain(world, x)), None)
    if ecosystem is None:
        return LeftAlone(f"no toolchain of {fitting[0].title} is in it")
    found = tuple(_grounds(world, launch, ecosystem, grounds))
    if not found:
        names = ", ".join(ecosystem.bases(world, launch)) or "none is known"
        return LeftAlone(f"no base image for its last stage can be had ({names})")
    return Rewriting(world, launch, ecosystem, found)


def _grounds(
    world: World, launch: Launch, ecosystem: Ecosystem, grounds: Grounds
) -> Iterator[Ground]:
    """Those that can be had; one that is another's image under another name is tried once."""
    known: list[tuple[int | None, frozenset[str]]] = []
    for name in dict.fromkeys(ecosystem.bases(world, launch)):
        found = grounds(name)
        if found and (found.unpacked_bytes, found.packages) not in known:
            yield found
            if found.unpacked_bytes is not None:
                known.append((found.unpacked_bytes, found.packages))


def _candidate(world: World, launch: Launch, plan: Plan) -> Candidate:
    statement = world.subject.stages[-1].origin
    title = plan.ecosystem.title
    return Candidate(
        rule=SINGLE_STAGE_BUILD,
        title="Ship only what runs, from a stage of its own",
        message=f"What {title} builds with, and what the build left behind, is shipped. In this file "
        f"the build stays as it is, and a last stage on {plan.base} copies what runs.",
        dockerfile=write(world, plan),
        line_start=statement.line_start,
        line_end=statement.line_end,
        explained=plan.explained,
        left_behind=dict.fromkeys(plan.payload.dropped, "only its build needs it"),
        probes=tuple(plan.ecosystem.probes(world, launch)),
    )
