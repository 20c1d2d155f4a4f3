"""All that is advised for one image: what the rules find, and a multi-stage rewrite; proved if asked."""

from collections.abc import Iterator
from dataclasses import dataclass, field, replace

from bot.advise.finding import SINGLE_STAGE_BUILD, FixSafety
from bot.advise.ignore_comments import is_ignored
from bot.advise.run_rules import (
    RuleFinding,
    apply_findings,
    build_suggestion,
    run_rules,
    select_remaining,
    select_safe_findings,
)
from bot.advise.subject import RuleInput
from bot.dockerfile.build_context import BuildContext
from bot.dockerfile.edits import apply_changes
from bot.line.ports import BuildContextReader
from bot.line.production import Production
from bot.line.rewriting import Rewriter
from bot.line.verification import Verifier, VerifierTools
from bot.model.candidate import Candidate
from bot.model.proof import Proof
from bot.model.suggestion import Confidence, StartResult, Suggestion, Verification
from bot.rewrite.build_facts import BaseCandidate
from bot.rewrite.plan import RetryHints
from bot.rewrite.retry_hints import hints_from
from bot.rewrite.rewrite import ApplicableRewrite, NotApplicable

_MAX_ATTEMPTS = 3  # of one rewrite on one base image, each with what the last has taught
_MAX_BASE_CANDIDATES = 2
_MAX_REGRESSIONS_SHOWN = 3  # of what speaks against a rewrite


@dataclass(frozen=True, slots=True)
class ImageAdvice:
    """The suggestions, the largest saving first, and notes; `left_alone` says why there is no
    multi-stage rewrite; `dockerfile` has every change that may be saved unasked, as `made` of the
    suggestions have it: the rewrite alone if `is_whole`."""

    suggestions: tuple[Suggestion, ...]
    notes: tuple[str, ...] = ()
    no_rewrite_reason: str = ""
    fixed_dockerfile: bytes = field(default=b"", repr=False)
    applied_count: int = 0
    is_rewrite: bool = False


@dataclass(frozen=True)
class Advisor:
    """With a `workshop` suggestions are proved, for `minutes` an image at most; without, nothing is
    built for them."""

    context_reader: BuildContextReader
    rewriter: Rewriter
    verifier_tools: VerifierTools | None = None
    verification_minutes: float = 15

    def advise(self, production: Production) -> ImageAdvice:
        """What would make the image smaller, and how that is known."""
        source = production.source
        assert source.plan, "a Dockerfile that cannot be parsed is not advised on"  # noqa: S101
        context = self.context_reader.read(
            source.checkout / source.spec.dockerfile, source.checkout / source.spec.context
        )
        subject = RuleInput(source.plan, production.image, context)
        advice, prover = run_rules(subject), self._make_verifier(production, context)
        staged, why = self._suggest_rewrite(production, subject, prover)
        proved = [
            x.dockerfile for x in staged if x.confidence is Confidence.VERIFIED and x.dockerfile
        ]
        if proved:
            text = proved[0].encode("utf-8", "surrogateescape")
            left = select_remaining(
                advice.findings, self.rewriter.producer.parser.parse_dockerfile(text)
            )
            told = tuple(build_suggestion(subject, each) for each in left)
            return ImageAdvice(
                (*staged, *told), advice.notes, why, text, applied_count=1, is_rewrite=True
            )
        given = [_suggest_finding(subject, found, prover) for found in advice.findings]
        found = sorted([*staged, *(x for x in given if x)], key=lambda x: -(x.saving_bytes or 0))
        made = select_safe_findings(subject, advice)
        text = apply_findings(subject, made)
        return ImageAdvice(tuple(found), advice.notes, why, text, applied_count=len(made))

    def _make_verifier(self, production: Production, context: BuildContext) -> Verifier | None:
        """Who tries candidates; None if nobody should, or there is no image to hold them against."""
        if self.verifier_tools is None or production.measured is None:
            return None
        return Verifier(
            self.verifier_tools,
            production,
            production.measured,
            context,
            self.verification_minutes,
        )

    def _suggest_rewrite(
        self, production: Production, rule_input: RuleInput, verifier: Verifier | None
    ) -> tuple[list[Suggestion], str]:
        """The multi-stage rewrite that the image calls for, or why there is none."""
        if production.measured is None:
            return [], "its image was not built or named"
        if not production.base_reference:
            return [], "it has no base image"
        comments = rule_input.dockerfile.find_comments(rule_input.final_stages[-1].from_instruction)
        if is_ignored(SINGLE_STAGE_BUILD, comments):
            return [], "a comment in its file says to ignore it"
        with self.rewriter.prepare_rewrite(
            rule_input, production.measured, production.base_reference
        ) as offered:
            if isinstance(offered, NotApplicable):
                return [], offered.reason
            return _choose_rewrite(offered, verifier)


def _choose_rewrite(
    rewrite: ApplicableRewrite, verifier: Verifier | None
) -> tuple[list[Suggestion], str]:
    """The first rewrite that is proved; else one that nothing speaks against."""
    doubtful: list[Suggestion] = []
    reasons: list[str] = []
    for ground in rewrite.base_candidates[:_MAX_BASE_CANDIDATES]:
        against: list[str] = []
        for suggestion in _attempt_rewrites(rewrite, ground, verifier, against):
            if suggestion.confidence is Confidence.VERIFIED or verifier is None:
                return [suggestion], ""
            doubtful.append(suggestion)
        reasons += against[-1:]  # the last attempt knew most
    return doubtful[:1], "" if doubtful else reasons[0]


def _attempt_rewrites(
    rewrite: ApplicableRewrite,
    base_candidate: BaseCandidate,
    verifier: Verifier | None,
    reasons: list[str],
) -> Iterator[Suggestion]:
    """Rewrites on one base image, each with what the last has taught; those that failed are dropped."""
    lessons, tried = RetryHints(), set[bytes]()
    for _ in range(_MAX_ATTEMPTS):
        candidate = rewrite.build_candidate(base_candidate, lessons)
        if isinstance(candidate, NotApplicable):
            reasons.append(candidate.reason)
            return
        if candidate.dockerfile in tried:
            return
        tried.add(candidate.dockerfile)
        estimate = _make_estimated_suggestion(candidate, rewrite.estimate_saving(base_candidate))
        if verifier is None:
            yield estimate
            return
        proof = verifier.verify(candidate)
        if not proof.regressions:
            yield _add_proof(proof, estimate)
            return
        against = " ".join(
            objection.message for objection in proof.regressions[:_MAX_REGRESSIONS_SHOWN]
        )
        reasons.append(f"a rewrite was tried and failed: {against.removesuffix('.')}")
        lessons = hints_from(rewrite.facts, lessons, proof.regressions)


def _suggest_finding(
    rule_input: RuleInput, rule_finding: RuleFinding, verifier: Verifier | None
) -> Suggestion | None:
    """A finding as a suggestion: tried if its change needs a check; None if it broke something."""
    suggestion, finding = build_suggestion(rule_input, rule_finding), rule_finding.finding
    if verifier is None or finding.safety is not FixSafety.NEEDS_CHECK or not finding.changes:
        return suggestion
    text = apply_changes(rule_input.dockerfile.source, finding.changes)
    shrinks = finding.saving_bytes is not None
    candidate = Candidate(
        rule_finding.rule, finding.title, finding.message, text, must_shrink=shrinks
    )
    proof = verifier.verify(candidate)
    if not proof.built or proof.started is StartResult.DIFFERS:
        return None
    return _add_proof(proof, suggestion)


def _make_estimated_suggestion(candidate: Candidate, saving_bytes: int) -> Suggestion:
    """A rewrite that nobody has built."""
    return Suggestion(
        rule=candidate.rule,
        title=candidate.title,
        message=candidate.message,
        confidence=Confidence.ESTIMATED,
        line_start=candidate.line_start,
        line_end=candidate.line_end,
        saving_bytes=max(saving_bytes, 0),
        dockerfile=candidate.dockerfile.decode("utf-8", "surrogateescape"),
    )


def _add_proof(proof: Proof, suggestion: Suggestion) -> Suggestion:
    """A suggestion with what was found out about it."""
    log = "\n".join([*proof.log, *(x.message for x in proof.regressions)])
    return replace(
        suggestion,
        confidence=Confidence.VERIFIED if proof.verified else suggestion.confidence,
        saving_bytes=proof.saving_bytes if _has_measured_saving(proof) else suggestion.saving_bytes,
        verification=Verification(proof.built, proof.started, proof.unpacked_bytes, log),
    )


def _has_measured_saving(proof: Proof) -> bool:
    """Whether two sizes were compared of which one was meant to be smaller."""
    return proof.saving_bytes is not None and proof.candidate.must_shrink
