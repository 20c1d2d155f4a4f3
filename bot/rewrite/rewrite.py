"""The multi-stage rewrites that an image's evidence calls for, the best first, or why there is none."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass

from bot.advise.finding import SINGLE_STAGE_BUILD
from bot.model.candidate import Candidate
from bot.rewrite.build_facts import BaseCandidate, BuildFacts
from bot.rewrite.dockerfile_writer import render_dockerfile
from bot.rewrite.ecosystem import Ecosystem
from bot.rewrite.ecosystems import ECOSYSTEMS
from bot.rewrite.eligibility import ineligible_reason, ships_toolchain
from bot.rewrite.plan import RetryHints, RewritePlan, build_plan
from bot.rewrite.startup import Startup, resolve_startup

NO_HINTS = RetryHints()
_MIN_SAVING_BYTES = 1_000_000  # bytes below which another stage is not worth its lines
_MIN_SAVING_SHARE = 0.05

BaseLookup = Callable[[str], BaseCandidate | None]


@dataclass(frozen=True, slots=True)
class NotApplicable:
    """A Dockerfile that no rewrite is offered for, and the reason."""

    reason: str


@dataclass(frozen=True, slots=True)
class ApplicableRewrite:
    """An image that may be rewritten: what it is, and on what the last stage may stand."""

    facts: BuildFacts
    startup: Startup
    ecosystem: Ecosystem
    base_candidates: tuple[BaseCandidate, ...]

    def build_candidate(
        self, base: BaseCandidate, hints: RetryHints = NO_HINTS
    ) -> Candidate | NotApplicable:
        """The rewrite on one base image; NotApplicable if it would gain next to nothing."""
        plan = build_plan(self.facts, self.startup, self.ecosystem, base, hints)
        saved = sum(plan.copy_plan.dropped_sizes.values())
        same = base.name == self.facts.rule_input.base_image
        if same and saved < max(
            _MIN_SAVING_BYTES, _MIN_SAVING_SHARE * self.facts.built.image.unpacked_bytes
        ):
            return NotApplicable("it holds next to nothing that only its build needs")
        return _build_candidate(self.facts, self.startup, plan)

    def estimate_saving(self, base: BaseCandidate) -> int:
        """At least the bytes that a rewrite would save; what the new base weighs may be unknown."""
        plan = build_plan(self.facts, self.startup, self.ecosystem, base, NO_HINTS)
        dropped = sum(plan.copy_plan.dropped_sizes.values())
        if base.unpacked_bytes is None:
            return dropped
        copied = sum(piece.size for piece in plan.copy_plan.items)
        return self.facts.built.image.unpacked_bytes - base.unpacked_bytes - copied


def assess_rewrite(facts: BuildFacts, find_base: BaseLookup) -> ApplicableRewrite | NotApplicable:
    """How an image may be rewritten; `grounds` gives base images that can be had."""
    launch = resolve_startup(facts)
    reason = ineligible_reason(facts, launch)
    if reason:
        return NotApplicable(reason)
    fitting = [x for x in ECOSYSTEMS if x.applies(facts, launch)]
    if not fitting:
        return NotApplicable("what it starts was not built here, as far as can be seen")
    ecosystem = next((x for x in fitting if ships_toolchain(facts, x)), None)
    if ecosystem is None:
        return NotApplicable(f"no toolchain of {fitting[0].title} is in it")
    found = tuple(_find_base_candidates(facts, launch, ecosystem, find_base))
    if not found:
        names = ", ".join(ecosystem.base_images(facts, launch)) or "none is known"
        return NotApplicable(f"no base image for its last stage can be had ({names})")
    return ApplicableRewrite(facts, launch, ecosystem, found)


def _find_base_candidates(
    facts: BuildFacts, startup: Startup, ecosystem: Ecosystem, find_base: BaseLookup
) -> Iterator[BaseCandidate]:
    """Those that can be had; one that is another's image under another name is tried once."""
    known: list[tuple[int | None, frozenset[str]]] = []
    for name in dict.fromkeys(ecosystem.base_images(facts, startup)):
        found = find_base(name)
        if found and (found.unpacked_bytes, found.packages) not in known:
            yield found
            if found.unpacked_bytes is not None:
                known.append((found.unpacked_bytes, found.packages))


def _build_candidate(facts: BuildFacts, startup: Startup, plan: RewritePlan) -> Candidate:
    statement = facts.rule_input.final_stages[-1].from_instruction
    title = plan.ecosystem.title
    return Candidate(
        rule=SINGLE_STAGE_BUILD,
        title="Use a multi-stage build and copy only what runs",
        message=f"The image contains the {title} build tools, and files that only the build "
        "needs. In this Dockerfile the build is unchanged, and a final stage on "
        f"{plan.base_image} copies what runs.",
        dockerfile=render_dockerfile(facts, plan),
        line_start=statement.line_start,
        line_end=statement.line_end,
        accepted_changes=plan.accepted_changes,
        dropped_paths=dict.fromkeys(plan.copy_plan.dropped_sizes, "only its build needs it"),
        probes=tuple(plan.ecosystem.probes(facts, startup)),
    )
