"""Multi-stage rewrites by the facts of an image, or the reason why there is none."""

from collections.abc import Iterator
from dataclasses import dataclass, replace

from bot.advise.finding import SINGLE_STAGE_BUILD
from bot.model.candidate import Candidate
from bot.rewrite.build_facts import BaseCandidate, BuildFacts
from bot.rewrite.dockerfile_writer import render_dockerfile
from bot.rewrite.ecosystem import Ecosystem
from bot.rewrite.ecosystems import ECOSYSTEMS
from bot.rewrite.eligibility import ineligible_reason, ships_toolchain
from bot.rewrite.left_packages import describe_left_packages, find_called_build_tools
from bot.rewrite.left_scripts import describe_left_scripts
from bot.rewrite.package_install import list_requested_packages
from bot.rewrite.plan import RetryHints, RewritePlan, build_plan
from bot.rewrite.second_offers import (
    BaseLookup,
    Offer,
    RewriteAttempt,
    VerifiedRewrite,
    list_offers,
)
from bot.rewrite.smaller_bases import describe_smaller_base
from bot.rewrite.startup import Startup, resolve_startup

NO_HINTS = RetryHints()
ALMOST_NOTHING = "almost nothing in it is needed only by the build"
_MIN_SAVING_BYTES = 1_000_000  # bytes below which another stage is not worth its lines
_MIN_SAVING_SHARE = 0.05


def _find_no_base(name: str) -> BaseCandidate | None:
    return None


@dataclass(frozen=True, slots=True)
class NotApplicable:
    """A Dockerfile for which no rewrite is offered, and the reason."""

    reason: str


@dataclass(frozen=True, slots=True)
class ApplicableRewrite:
    """An image that can be rewritten, and the base images for its last stage.

    `called_tools` are packages that look as if only builds needed them, and that something calls.
    `find_base` looks up the base images of second offers.
    """

    facts: BuildFacts
    startup: Startup
    ecosystem: Ecosystem
    base_candidates: tuple[BaseCandidate, ...]
    called_tools: frozenset[str] = frozenset()
    find_base: BaseLookup = _find_no_base

    def build_candidate(
        self, base: BaseCandidate, hints: RetryHints = NO_HINTS, *, is_measured: bool = False
    ) -> Candidate | NotApplicable:
        """Build the rewrite on one base image; NotApplicable if it would save almost nothing.

        What it saves by pruning is known once it `is_measured`.
        """
        plan = self._build_plan(base, hints)
        # `npm prune` decides in the build which modules go: only a measurement shows their bytes.
        is_unknown = is_measured and bool(plan.pruning_instructions)
        # Asked again with the hints of each attempt: one that keeps all that was missed may save
        # nothing.
        if not is_unknown and not self.is_worth_a_stage(base, self._sum_dropped(plan)):
            return NotApplicable(ALMOST_NOTHING)
        offer = describe_smaller_base(self.facts, self.startup, plan, base.unpacked_bytes)
        return _build_candidate(self.facts, self.startup, plan, offer)

    def list_second_offers(self, attempt: RewriteAttempt) -> Iterator[Offer]:
        """Yield further Dockerfiles on smaller bases, once an attempt was verified."""
        attempt = replace(attempt, hints=self._add_called_tools(attempt.hints))
        plan = self._build_plan(attempt.base, attempt.hints)
        verified = VerifiedRewrite(self.facts, self.startup, plan, attempt)
        yield from list_offers(verified, self.find_base)

    def is_worth_a_stage(self, base: BaseCandidate, saved_bytes: int) -> bool:
        """Return True if a saving is worth the lines; on another base image any is."""
        image_bytes = self.facts.built.image.unpacked_bytes
        is_same_base = base.name == self.facts.rule_input.base_image
        return not is_same_base or saved_bytes >= max(
            _MIN_SAVING_BYTES, _MIN_SAVING_SHARE * image_bytes
        )

    @property
    def prunes(self) -> bool:
        """True if the build stage removes installed packages; the bytes are not known before."""
        return any(True for _ in self.ecosystem.pruning_instructions(self.facts, self.startup))

    def estimate_saving(self, base: BaseCandidate) -> int:
        """Return the bytes that a rewrite saves at least.

        A base of unknown size counts as large as the old one.
        """
        plan = self._build_plan(base, NO_HINTS)
        if base.unpacked_bytes is None:
            return self._sum_dropped(plan)
        copied = plan.copy_plan.copied_bytes
        # The bytes of packages are those of the old image, where they are installed in the same
        # release. apk's database is read without sizes, so that its packages count nothing.
        graph = self.facts.package_graph
        names = graph.resolve_closure(plan.package_install.names) - base.packages
        installed = sum(graph.packages[name].installed_bytes for name in names)
        return self.facts.built.image.unpacked_bytes - base.unpacked_bytes - copied - installed

    def _sum_dropped(self, plan: RewritePlan) -> int:
        """Return the bytes that are not copied, those that a later layer hides included."""
        hidden = sum(self.facts.hidden_sizes.values())
        return sum(plan.copy_plan.dropped_sizes.values()) + hidden

    def _build_plan(self, base: BaseCandidate, hints: RetryHints) -> RewritePlan:
        hints = self._add_called_tools(hints)
        return build_plan(self.facts, self.startup, self.ecosystem, base, hints)

    def _add_called_tools(self, hints: RetryHints) -> RetryHints:
        # The callers of tools were searched for once, in all files: they hold for every attempt.
        return replace(hints, packages=hints.packages | self.called_tools)


def assess_rewrite(facts: BuildFacts, find_base: BaseLookup) -> ApplicableRewrite | NotApplicable:
    """Return how an image can be rewritten; `find_base` looks up available base images."""
    startup = resolve_startup(facts)
    reason = ineligible_reason(facts, startup)
    if reason:
        return NotApplicable(reason)
    ecosystems = [x for x in ECOSYSTEMS if x.applies(facts, startup)]
    if not ecosystems:
        return NotApplicable(_explain_unknown_program(facts))
    # Several may apply: a shell script that starts Node beside a Java program. The first with a
    # toolchain has something to leave behind.
    ecosystem = next((x for x in ecosystems if ships_toolchain(facts, startup, x)), None)
    if ecosystem is None:
        return NotApplicable(f"no toolchain of {ecosystems[0].title} is in it")
    base_candidates = tuple(_find_base_candidates(facts, startup, ecosystem, find_base))
    if not base_candidates:
        names = ", ".join(ecosystem.base_images(facts, startup)) or "none is known"
        return NotApplicable(f"no base image for its last stage is available ({names})")
    called_tools = find_called_build_tools(facts, ecosystem, list_requested_packages(facts))
    return ApplicableRewrite(facts, startup, ecosystem, base_candidates, called_tools, find_base)


def _explain_unknown_program(facts: BuildFacts) -> str:
    """Return why a program is of no ecosystem: it is missing, or comes from elsewhere."""
    name = next(iter(facts.built.config.command_line), "")
    # fastapi-cli no longer installs `fastapi`: such an image is broken before any rewrite. A name
    # with a variable is another one when the shell has expanded it.
    if "$" not in name and facts.built.find_program(name) is None:
        return f"its command is not in it: it has no program {name}"
    return "what it starts was not built here, as far as can be seen"


def _find_base_candidates(
    facts: BuildFacts, startup: Startup, ecosystem: Ecosystem, find_base: BaseLookup
) -> Iterator[BaseCandidate]:
    """Yield the available base images; two names of one image are tried once."""
    identities: list[tuple[int | None, frozenset[str]]] = []
    for name in dict.fromkeys(ecosystem.base_images(facts, startup)):
        candidate = find_base(name)
        if candidate and (candidate.unpacked_bytes, candidate.packages) not in identities:
            yield candidate
            # Of images that the engine does not have nothing is known: two of them are not equal.
            if candidate.unpacked_bytes is not None:
                identities.append((candidate.unpacked_bytes, candidate.packages))


def _build_candidate(
    facts: BuildFacts, startup: Startup, plan: RewritePlan, offer: str
) -> Candidate:
    from_instruction = facts.rule_input.final_stages[-1].from_instruction
    title = plan.ecosystem.title
    return Candidate(
        rule=SINGLE_STAGE_BUILD,
        title="Use a multi-stage build and copy only what runs",
        message=f"The image contains the {title} build tools, and files that only the build "
        f"needs. In this Dockerfile {_describe_build(plan)}, and a final stage on "
        f"{plan.base_image} copies what runs."
        + describe_left_packages(plan.package_install.left_packages)
        + (describe_left_scripts(facts) if plan.pruning_instructions else "")
        + offer,
        dockerfile=render_dockerfile(facts, plan),
        line_start=from_instruction.line_start,
        line_end=from_instruction.line_end,
        accepted_changes=plan.accepted_changes,
        dropped_paths=dict.fromkeys(plan.copy_plan.dropped_sizes, "only its build needs it"),
    )


def _describe_build(plan: RewritePlan) -> str:
    if plan.deferred_copy is None:
        return "the build is unchanged"
    return "the build copies the sources after the installs that do not need them"
