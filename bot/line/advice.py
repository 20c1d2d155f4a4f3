"""Advice on one image: the findings of the rules and a multi-stage rewrite.

Its own module, because the two are joined here: a verified rewrite replaces the findings that it
makes obsolete, and a finding with a change that breaks the container is dropped.
"""

from dataclasses import dataclass, field, replace

from bot.advise.finding import FULL_BASE, SINGLE_STAGE_BUILD, Finding, FixSafety
from bot.advise.ignore_comments import is_ignored
from bot.advise.run_rules import (
    Advice,
    build_suggestion,
    run_rules,
    select_remaining,
    select_safe_findings,
)
from bot.advise.subject import RuleInput
from bot.dockerfile.build_context import BuildContext
from bot.dockerfile.edits import apply_changes
from bot.dockerfile.suggestion_diff import make_suggestion_diff
from bot.errors import ReviewError
from bot.image.layers.streams import Unreadable
from bot.line.combined_changes import combine_changes
from bot.line.image_opener import ImageOpener
from bot.line.ports import BuildContextReader, ImageInspector
from bot.line.production import Producer, Production
from bot.line.rewrite_attempts import choose_rewrite, judge_finding
from bot.line.rewriting import Rewriter
from bot.line.slim_bases import SlimBase, suggest_slim_base
from bot.line.verification import Verifier, VerifierTools
from bot.model.candidate import Candidate
from bot.model.suggestion import Confidence, Suggestion
from bot.rewrite.rewrite import ApplicableRewrite, NotApplicable

_NOT_IN_ENGINE = "the builder has no engine, in which the files of its image could be looked at"
_MIN_PROVED_BYTES = 1_000_000
_NOT_VERIFIED_NOTE = (
    "Suggestions were not verified: the builder has no engine, in which images could be started."
)
_SLIM_REASON = "its slim base image alone makes it as small"


@dataclass(frozen=True, slots=True)
class ImageAdvice:
    """The suggestions for one image, the largest saving first, and notes.

    `no_rewrite_reason` says why there is no multi-stage rewrite. `fixed_dockerfile` is the verified
    rewrite alone (`is_rewrite`), or has `applied_count` changes: those that need no check, and
    `verified_count` that were verified, all of them together.
    """

    suggestions: tuple[Suggestion, ...]
    notes: tuple[str, ...] = ()
    no_rewrite_reason: str = ""
    fixed_dockerfile: bytes = field(default=b"", repr=False)
    applied_count: int = 0
    verified_count: int = 0
    is_rewrite: bool = False


@dataclass(frozen=True, slots=True)
class _Rewriting:
    """A multi-stage rewrite, or a slim base image in its place, or the reason why there is none."""

    rewrite: Suggestion | None = None
    slim_base: SlimBase | None = None
    reason: str = ""
    notes: tuple[str, ...] = ()


@dataclass(frozen=True)
class Advisor:
    """Advises on productions; without `verifier_tools` nothing is built or started for it."""

    producer: Producer
    inspector: ImageInspector
    context_reader: BuildContextReader
    verifier_tools: VerifierTools | None = None

    def advise(self, production: Production) -> ImageAdvice:
        """Return the suggestions for an image with a Dockerfile that could be parsed."""
        rule_input, context = self._make_rule_input(production)
        advice = self._advise(production, rule_input, context)
        text = rule_input.dockerfile.source.data.decode("utf-8", "surrogateescape")
        return replace(
            advice,
            suggestions=tuple(
                replace(suggestion, diff=make_suggestion_diff(text, suggestion))
                for suggestion in advice.suggestions
            ),
        )

    def _advise(
        self, production: Production, rule_input: RuleInput, context: BuildContext
    ) -> ImageAdvice:
        advice = run_rules(rule_input)
        opener = ImageOpener(self.inspector, self.producer.parser.parse_script)
        verifier = self._make_verifier(production, opener, context)
        # First: a rewrite that is verified makes most findings obsolete, and none of those has to
        # be built.
        rewriting = self._try_rewrite(production, (rule_input, advice), opener, verifier)
        if rewriting.rewrite and _is_verified(rewriting.rewrite):
            return self._add_remaining(rule_input, advice, rewriting.rewrite)
        return self._try_findings(production, (rule_input, advice), rewriting, verifier)

    def _try_findings(
        self,
        production: Production,
        advised: tuple[RuleInput, Advice],
        rewriting: _Rewriting,
        verifier: Verifier | None,
    ) -> ImageAdvice:
        """Return the suggestions without a verified rewrite; changes are tried where worth it."""
        rule_input, advice = advised
        slim_base = rewriting.slim_base
        # A slim base image that was offered in place of a rewrite is the finding of a rule as well.
        tried = [
            (finding, _suggest_finding(rule_input, finding, verifier))
            for finding in advice.findings
            if not (slim_base and finding.rule == FULL_BASE)
        ]
        if slim_base:
            tried.insert(0, (slim_base.finding, slim_base.suggestion))
        suggestions = [
            suggestion
            for suggestion in (rewriting.rewrite, *(result for _, result in tried))
            if suggestion
        ]
        # Stable: where nobody knows a saving, the order of the rules stays.
        suggestions.sort(key=lambda suggestion: -(suggestion.saving_bytes or 0))
        changes = combine_changes(
            rule_input,
            [finding for finding, suggestion in tried if _is_verified(suggestion)],
            select_safe_findings(advice),
            verifier,
        )
        notes = (
            *advice.notes,
            *rewriting.notes,
            *changes.notes,
            *self._note_unverified(production),
        )
        return ImageAdvice(
            *(tuple(suggestions), notes, rewriting.reason, changes.dockerfile),
            applied_count=changes.count,
            verified_count=changes.verified_count,
        )

    def _try_rewrite(
        self,
        production: Production,
        advised: tuple[RuleInput, Advice],
        opener: ImageOpener,
        verifier: Verifier | None,
    ) -> _Rewriting:
        """Return the rewrite, or the reason why there is none, and a note where it was left out.

        The sizes are measured by now: an engine that fails here costs the advice, and no more.
        """
        try:
            return self._suggest_rewrite(production, advised, opener, verifier)
        except (ReviewError, OSError, Unreadable) as problem:
            reason = str(getattr(problem, "what", problem))
            note = f"No multi-stage rewrite was considered: {reason}"
            return _Rewriting(reason=reason, notes=(note,))

    def _make_rule_input(self, production: Production) -> tuple[RuleInput, BuildContext]:
        source = production.source
        if source.plan is None:
            raise ValueError("a Dockerfile that cannot be parsed")
        checkout = source.checkout
        context = self.context_reader.read(
            checkout / source.spec.dockerfile, checkout / source.spec.context, checkout
        )
        return RuleInput(source.plan, production.image, context, source.spec.dockerfile), context

    def _make_verifier(
        self, production: Production, opener: ImageOpener, context: BuildContext
    ) -> Verifier | None:
        """Return the verifier; None if verification is off or no image is there to compare."""
        if self.verifier_tools is None or production.measured is None:
            return None
        return Verifier(self.verifier_tools, opener, production, production.measured, context)

    def _note_unverified(self, production: Production) -> tuple[str, ...]:
        is_elsewhere = production.image is not None and production.measured is None
        return (_NOT_VERIFIED_NOTE,) if self.verifier_tools and is_elsewhere else ()

    def _suggest_rewrite(
        self,
        production: Production,
        advised: tuple[RuleInput, Advice],
        opener: ImageOpener,
        verifier: Verifier | None,
    ) -> _Rewriting:
        """Return the multi-stage rewrite of an image, or the reason why there is none.

        Where a slim base image gives as much, that is the suggestion.
        """
        rule_input, advice = advised
        if production.measured is None:
            is_elsewhere = production.image is not None
            reason = _NOT_IN_ENGINE if is_elsewhere else "its image was not built or named"
            return _Rewriting(reason=reason)
        if not production.base_reference:
            return _Rewriting(reason="it has no base image")
        # Beside the `FROM` that a rewrite would replace, like the comments for other rules.
        comments = rule_input.dockerfile.find_comments(rule_input.final_stages[-1].from_instruction)
        if is_ignored(SINGLE_STAGE_BUILD, comments):
            return _Rewriting(reason="a comment in its file says to ignore it")
        with Rewriter(self.producer, opener).prepare_rewrite(
            rule_input, production.measured, production.base_reference
        ) as rewrite:
            if isinstance(rewrite, NotApplicable):
                return _Rewriting(reason=rewrite.reason)
            return _choose_suggestion(rewrite, advice, verifier)

    def _add_remaining(
        self, rule_input: RuleInput, advice: Advice, rewrite: Suggestion
    ) -> ImageAdvice:
        """Return a verified rewrite, and the findings that hold for its Dockerfile, too."""
        text = (rewrite.dockerfile or "").encode("utf-8", "surrogateescape")
        dockerfile = self.producer.parser.parse(text)
        remaining = select_remaining(advice.findings, dockerfile)
        suggestions = tuple(build_suggestion(rule_input, finding) for finding in remaining)
        return ImageAdvice(
            *((rewrite, *suggestions), advice.notes, "", text),
            applied_count=1,
            verified_count=1,
            is_rewrite=True,
        )


def _choose_suggestion(
    rewrite: ApplicableRewrite, advice: Advice, verifier: Verifier | None
) -> _Rewriting:
    """Return the slim base image alone if that is enough, else the rewrite or a reason."""
    if slim := suggest_slim_base(rewrite, advice.findings, verifier):
        return _Rewriting(slim_base=slim, reason=_SLIM_REASON)
    rewrites, reason = choose_rewrite(rewrite, verifier)
    # Once the rewrite is built, its real size says if the slim image is as small after all.
    size = _get_measured_size(rewrites)
    if size and (slim := suggest_slim_base(rewrite, advice.findings, verifier, size)):
        return _Rewriting(slim_base=slim, reason=_SLIM_REASON)
    return _Rewriting(next(iter(rewrites), None), reason=reason)


def _get_measured_size(rewrites: list[Suggestion]) -> int | None:
    """Return the bytes of the first rewrite's image; None if it was not built."""
    verification = rewrites[0].verification if rewrites else None
    return verification.unpacked_bytes if verification else None


def _is_verified(suggestion: Suggestion | None) -> bool:
    return suggestion is not None and suggestion.confidence is Confidence.VERIFIED


def is_worth_build(finding: Finding) -> bool:
    """Return True for a change that a build can prove, and that is worth the minutes of one.

    It proves nothing of a change that nobody can notice, and a person has to make the others.
    """
    is_provable = finding.safety is FixSafety.NEEDS_CHECK and bool(finding.changes)
    saving_bytes = finding.saving_bytes if finding.must_shrink else None
    return is_provable and (saving_bytes is None or saving_bytes >= _MIN_PROVED_BYTES)


def _suggest_finding(
    rule_input: RuleInput, finding: Finding, verifier: Verifier | None
) -> Suggestion | None:
    """Return a finding as a suggestion; None if its change was tried and broke something."""
    suggestion = build_suggestion(rule_input, finding)
    if verifier is None or not is_worth_build(finding):
        return suggestion
    text = apply_changes(rule_input.dockerfile.source, finding.changes)
    candidate = Candidate(
        finding.rule, finding.title, finding.message, text, must_shrink=finding.must_shrink
    )
    return judge_finding(verifier.verify(candidate), suggestion)
