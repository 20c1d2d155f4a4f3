"""All that is advised for one image: what the rules find, and a multi-stage rewrite; proved if asked."""

from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from pathlib import Path

from bot.advise.finding import SINGLE_STAGE_BUILD, Tier
from bot.advise.ignore_comments import is_ignored
from bot.advise.run_rules import Found, advise, rewritten, still_standing, suggestion_of, unasked
from bot.advise.subject import Subject
from bot.dockerfile.build_context import Context
from bot.dockerfile.edits import apply
from bot.dockerfile.stages import Dockerfile
from bot.line.ports import Contexts, Pins
from bot.line.rewriting import Rewriter
from bot.line.verification import Prover, Trial, Workshop
from bot.model.candidate import Candidate
from bot.model.image import Built, Image
from bot.model.proof import Proof
from bot.model.spec import ImageSpec
from bot.model.suggestion import Suggestion, Verification
from bot.rewrite.build_facts import Ground
from bot.rewrite.plan import Lessons
from bot.rewrite.retry_hints import learn
from bot.rewrite.rewrite import LeftAlone, Rewriting

_ATTEMPTS = 3  # of one rewrite on one base image, each with what the last has taught
_GROUNDS = 2
_TOLD = 3  # of what speaks against a rewrite


@dataclass(frozen=True, slots=True)
class Case:
    """One image to advise on: as it is declared, where, and what was built and measured of it."""

    spec: ImageSpec
    root: Path
    dockerfile: Dockerfile
    image: Image | None = None
    built: Built | None = None
    pins: Pins = Pins()
    label: str = ""

    @property
    def base(self) -> str:
        """The image that it stands on, by a name that cannot move; empty for `scratch`."""
        name = self.dockerfile.base_of(self.spec.target, self.spec.build_args) or ""
        return self.pins.resolved.get(name, name)


@dataclass(frozen=True, slots=True)
class Advised:
    """The suggestions, the largest saving first, and notes; `left_alone` says why there is no
    multi-stage rewrite; `dockerfile` has every change that may be saved unasked, as `made` of the
    suggestions have it: the rewrite alone if `is_whole`."""

    suggestions: tuple[Suggestion, ...]
    notes: tuple[str, ...] = ()
    left_alone: str = ""
    dockerfile: bytes = field(default=b"", repr=False)
    made: int = 0
    is_whole: bool = False


@dataclass(frozen=True)
class Advisor:
    """With a `workshop` suggestions are proved, for `minutes` an image at most; without, nothing is
    built for them."""

    contexts: Contexts
    rewriter: Rewriter
    workshop: Workshop | None = None
    minutes: float = 15

    def advise(self, case: Case) -> Advised:
        """What would make the image smaller, and how that is known."""
        spec = case.spec
        context = self.contexts.read(case.root / spec.dockerfile, case.root / spec.context)
        subject = Subject(case.dockerfile, spec.target, spec.build_args, case.image, context)
        advice, prover = advise(subject), self._prover(case, context)
        staged, why = self._staged(case, subject, prover)
        proved = [x.dockerfile for x in staged if x.confidence == "verified" and x.dockerfile]
        if proved:
            text = proved[0].encode("utf-8", "surrogateescape")
            left = still_standing(advice.found, self.rewriter.parser.parse(text))
            told = tuple(suggestion_of(subject, each) for each in left)
            return Advised((*staged, *told), advice.notes, why, text, made=1, is_whole=True)
        given = [_told(subject, found, prover) for found in advice.found]
        found = sorted([*staged, *(x for x in given if x)], key=lambda x: -(x.saving_bytes or 0))
        made = unasked(subject, advice)
        text = rewritten(subject, made)
        return Advised(tuple(found), advice.notes, why, text, made=len(made))

    def _prover(self, case: Case, context: Context) -> Prover | None:
        """Who tries candidates; None if nobody should, or there is no image to hold them against."""
        if self.workshop is None or case.image is None or case.built is None:
            return None
        trial = Trial(
            image=case.image,
            reference=case.built.reference,
            spec=case.spec,
            root=case.root,
            pins=case.pins,
            label=case.label,
            deadline=self.workshop.clock() + 60 * self.minutes,
            base=case.base or None,
            smoke_test=case.spec.smoke_test,
            context=context,
        )
        return Prover(self.workshop, trial)

    def _staged(
        self, case: Case, subject: Subject, prover: Prover | None
    ) -> tuple[list[Suggestion], str]:
        """The multi-stage rewrite that the image calls for, or why there is none."""
        if case.image is None or case.built is None:
            return [], "its image is not at hand"
        if not case.base:
            return [], "it stands on no other image"
        comments = subject.dockerfile.comments_of(subject.stages[-1].origin)
        if is_ignored(SINGLE_STAGE_BUILD, comments):
            return [], "a comment in its file says to ignore it"
        with self.rewriter.look(subject, case.image, case.built.reference, case.base) as offered:
            if isinstance(offered, LeftAlone):
                return [], offered.reason
            return _best_of(offered, prover)


def _best_of(offered: Rewriting, prover: Prover | None) -> tuple[list[Suggestion], str]:
    """The first rewrite that is proved; else one that nothing speaks against."""
    doubtful: list[Suggestion] = []
    reasons: list[str] = []
    for ground in offered.grounds[:_GROUNDS]:
        against: list[str] = []
        for suggestion in _attempts(offered, ground, prover, against):
            if suggestion.confidence == "verified" or prover is None:
                return [suggestion], ""
            doubtful.append(suggestion)
        reasons += against[-1:]  # the last attempt knew most
    return doubtful[:1], "" if doubtful else reasons[0]


def _attempts(
    offered: Rewriting, ground: Ground, prover: Prover | None, reasons: list[str]
) -> Iterator[Suggestion]:
    """Rewrites on one base image, each with what the last has taught; those that failed are dropped."""
    lessons, tried = Lessons(), set[bytes]()
    for _ in range(_ATTEMPTS):
        candidate = offered.candidate(ground, lessons)
        if isinstance(candidate, LeftAlone):
            reasons.append(candidate.reason)
            return
        if candidate.dockerfile in tried:
            return
        tried.add(candidate.dockerfile)
        estimate = _estimated(candidate, offered.saving(ground))
        if prover is None:
            yield estimate
            return
        proof = prover.prove(candidate)
        if not proof.objections:
            yield _with(proof, estimate)
            return
        against = " ".join(objection.message for objection in proof.objections[:_TOLD])
        reasons.append(f"a rewrite was tried and failed: {against.removesuffix('.')}")
        lessons = learn(offered.world, lessons, proof.objections)


def _told(subject: Subject, found: Found, prover: Prover | None) -> Suggestion | None:
    """A finding as a suggestion: tried if its change needs a check; None if it broke something."""
    suggestion, finding = suggestion_of(subject, found), found.finding
    if prover is None or finding.tier is not Tier.CHECK or not finding.changes:
        return suggestion
    text = apply(subject.dockerfile.source, finding.changes)
    shrinks = finding.saving is not None
    candidate = Candidate(found.rule, finding.title, finding.message, text, shrinks=shrinks)
    proof = prover.prove(candidate)
    if not proof.built or proof.started == "differs":
        return None
    return _with(proof, suggestion)


def _estimated(candidate: Candidate, saving: int) -> Suggestion:
    """A rewrite that nobody has built."""
    return Suggestion(
        rule=candidate.rule,
        title=candidate.title,
        message=candidate.message,
        confidence="estimated",
        line_start=candidate.line_start,
        line_end=candidate.line_end,
        saving_bytes=max(saving, 0),
        dockerfile=candidate.dockerfile.decode("utf-8", "surrogateescape"),
    )


def _with(proof: Proof, suggestion: Suggestion) -> Suggestion:
    """A suggestion with what was found out about it."""
    log = "\n".join([*proof.log, *(x.message for x in proof.objections)])
    return replace(
        suggestion,
        confidence="verified" if proof.verified else suggestion.confidence,
        saving_bytes=proof.saving if _tells_saving(proof) else suggestion.saving_bytes,
        verification=Verification(proof.built, proof.started, proof.unpacked_bytes, log),
    )


def _tells_saving(proof: Proof) -> bool:
    """Whether two sizes were compared of which one was meant to be smaller."""
    return proof.saving is not None and proof.candidate.shrinks
