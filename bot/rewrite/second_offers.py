"""Second offers beside a verified rewrite: the same program on a base that is smaller still.

Each is a Dockerfile of its own, to be built and verified like the rewrite. It never replaces the
rewrite, because something is different on such a base, which `difference` says.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace

from bot.advise.base_images import list_distribution_images
from bot.image.program_mentions import starts_programs
from bot.model.candidate import Candidate
from bot.rewrite.bare_stage import CERTIFICATES, SCRATCH, BareStage
from bot.rewrite.build_facts import BaseCandidate, BuildFacts
from bot.rewrite.dockerfile_writer import render_dockerfile, render_last_stage
from bot.rewrite.jlink_stage import find_jlink_stage
from bot.rewrite.nginx_stage import NGINX, SERVED, find_nginx_stage
from bot.rewrite.own_sources import read_own_sources
from bot.rewrite.plan import RetryHints, RewritePlan, build_plan
from bot.rewrite.smaller_bases import (
    ALPINE,
    BUSYBOX,
    COMPILED,
    NO_SHELL,
    choose_distroless,
    is_static,
)
from bot.rewrite.startup import Startup
from bot.rewrite.static_go import GoBuildSetting, choose_build_setting

BaseLookup = Callable[[str], BaseCandidate | None]
_JLINK = (
    "its Java runtime has all modules of a JRE, made by `jlink`, and no tools such as `jcmd`, and"
    " traces of exceptions have no lines in Java's own classes"
)


@dataclass(frozen=True, slots=True)
class Offer:
    """A Dockerfile with another last stage, whose text is `last_stage`, on `base_image`.

    `difference` says what a reader gives up, as the end of a sentence. One that `needs_start` is
    worth nothing where the old image cannot be started.
    """

    base_image: str
    difference: str
    last_stage: str
    candidate: Candidate
    needs_start: bool = False


@dataclass(frozen=True, slots=True)
class RewriteAttempt:
    """A candidate, its base image, and the hints that it was made with."""

    base: BaseCandidate
    hints: RetryHints
    candidate: Candidate


@dataclass(frozen=True, slots=True)
class VerifiedRewrite:
    """The attempt that was verified, its plan, and what it was made from."""

    facts: BuildFacts
    startup: Startup
    plan: RewritePlan
    attempt: RewriteAttempt


def list_offers(rewrite: VerifiedRewrite, find_base: BaseLookup) -> Iterator[Offer]:
    """Yield the offers for a verified rewrite, the smallest base first."""
    if rewrite.plan.ecosystem.name in COMPILED:
        yield from _list_bare_offers(rewrite, find_base)
    elif rewrite.plan.ecosystem.name == "java":
        yield from _list_jlink_offers(rewrite, find_base)
    elif rewrite.plan.ecosystem.name in SERVED:
        yield from _list_nginx_offers(rewrite, find_base)


def _list_bare_offers(rewrite: VerifiedRewrite, find_base: BaseLookup) -> Iterator[Offer]:
    """Yield scratch for a static program, distroless with its libraries, and Alpine."""
    facts, startup = rewrite.facts, rewrite.startup
    is_static_now = is_static(facts, startup)
    setting = choose_build_setting(facts, startup, is_static=is_static_now)
    if is_static_now or setting:
        yield from _make_bare_offer(rewrite, BaseCandidate(SCRATCH, unpacked_bytes=0), setting)
    distroless = choose_distroless(facts, startup, rewrite.plan)
    if distroless and (base := find_base(distroless[0])):
        yield from _make_bare_offer(rewrite, base)
    if (is_static_now or setting) and facts.built.os_release.id != "alpine":
        yield from _make_alpine_offer(rewrite, find_base, setting)


def _make_bare_offer(
    rewrite: VerifiedRewrite, base: BaseCandidate, setting: GoBuildSetting | None = None
) -> Iterator[Offer]:
    """Yield the offer on a base without a shell, built with a setting."""
    stage = _make_stage(rewrite, base)
    if bare := stage.plan_stage():
        yield _finish_offer(rewrite, bare, NO_SHELL + stage.describe_differences(), setting)


def _make_alpine_offer(
    rewrite: VerifiedRewrite, find_base: BaseLookup, setting: GoBuildSetting | None
) -> Iterator[Offer]:
    """Yield the offer on Alpine for a static program of which only a library may start others.

    BusyBox has other options than the programs of Debian, which no check of names shows.
    """
    sources = read_own_sources(rewrite.facts)
    if not sources or any(map(starts_programs, sources)):
        return
    if base := find_base(ALPINE):
        stage = replace(_make_stage(rewrite, base), has_shell=True)
        if plan := stage.plan_stage_with_shell():
            difference = BUSYBOX + stage.describe_differences()
            yield _finish_offer(rewrite, plan, difference, setting)


def _make_stage(rewrite: VerifiedRewrite, base: BaseCandidate) -> BareStage:
    """Return the stage with what the rewrite ships, on another base."""
    facts, startup, hints = rewrite.facts, rewrite.startup, rewrite.attempt.hints
    # SSL_CERT_FILE of the old base image names a file that such a stage has, too.
    certificate_names = {
        name for name, value in facts.base_config.env.items() if value == f"/{CERTIFICATES}"
    }
    hints = replace(hints, variables=hints.variables | certificate_names)
    plan = build_plan(facts, startup, rewrite.plan.ecosystem, base, hints)
    return BareStage(facts, startup, plan, rewrite.plan, rewrite.attempt.base.packages)


def _finish_offer(
    rewrite: VerifiedRewrite, plan: RewritePlan, difference: str, setting: GoBuildSetting | None
) -> Offer:
    """Return an offer; with a setting, its last stage says at its top how the build changes."""
    if setting is None:
        return make_offer(rewrite, plan, difference)
    difference = f"{setting.difference}, by {setting.description}; {difference}"
    offer = make_offer(rewrite, replace(plan, build_changes=setting.changes), difference)
    last_stage = f"# It needs {setting.description}.\n{offer.last_stage}"
    return replace(offer, last_stage=last_stage)


def _list_jlink_offers(rewrite: VerifiedRewrite, find_base: BaseLookup) -> Iterator[Offer]:
    """Yield a runtime made by jlink, on the first bare distribution that can be had."""
    hints = rewrite.attempt.hints
    stage = find_jlink_stage(rewrite.facts, rewrite.startup, rewrite.plan, hints)
    facts = rewrite.facts
    names = list_distribution_images(facts.built.os_release, facts.rule_input.base_image or "")
    bases = map(find_base, names)
    base = next(filter(None, bases), None) if stage else None
    if stage and base:
        yield replace(make_offer(rewrite, stage.plan_stage(base), _JLINK), needs_start=True)


def _list_nginx_offers(rewrite: VerifiedRewrite, find_base: BaseLookup) -> Iterator[Offer]:
    """Yield a front end that nginx serves, if its image can be had."""
    hints = rewrite.attempt.hints
    stage = find_nginx_stage(rewrite.facts, rewrite.startup, rewrite.plan, hints)
    base = find_base(NGINX) if stage else None
    if stage and base:
        offer = make_offer(rewrite, stage.plan_stage(base), stage.difference)
        yield replace(offer, needs_start=True)


def make_offer(rewrite: VerifiedRewrite, plan: RewritePlan, difference: str) -> Offer:
    """Return the offer of a plan; its candidate is compared with the old image, as all are."""
    candidate = replace(
        rewrite.attempt.candidate,
        dockerfile=render_dockerfile(rewrite.facts, plan),
        accepted_changes=plan.accepted_changes,
        dropped_paths=dict.fromkeys(plan.copy_plan.dropped_sizes, "only its build needs it"),
    )
    last_stage = render_last_stage(rewrite.facts, plan)
    return Offer(plan.base_image, difference, last_stage, candidate)
