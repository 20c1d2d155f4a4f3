"""Changes of several findings that are verified together before they are saved as one file."""

from dataclasses import dataclass, field

from bot.adapters.parsing.dockerfile_parser import DockerfileReader
from bot.advise.finding import Finding, FixSafety
from bot.advise.subject import RuleInput
from bot.dockerfile.build_plan import BuildPlan
from bot.dockerfile.edits import TextChange
from bot.dockerfile.source_text import Span
from bot.line.combined_changes import CombinedChanges, combine_changes
from bot.model.candidate import Candidate
from bot.model.proof import Proof, Regression, RegressionKind
from bot.model.suggestion import StartResult
from tests.support.image_world import image

TEXT = "FROM node:20\nRUN npm ci\nCMD node a.js\n"
DOCKERFILE = DockerfileReader().parse(TEXT.encode())
RULE_INPUT = RuleInput(BuildPlan(DOCKERFILE))


def make_finding(old: str, new: str, safety: FixSafety = FixSafety.NEEDS_CHECK) -> Finding:
    start = TEXT.index(old)
    change = TextChange(Span(start, start + len(old)), new)
    instruction = DOCKERFILE.stages[0].instructions[0]
    return Finding(instruction, "title", "message", None, (change,), safety)


SLIM = make_finding("node:20", "node:20-slim")
PRODUCTION = make_finding("npm ci", "npm ci --omit=dev")
CLEANED = make_finding("npm ci", "npm ci && npm cache clean --force", FixSafety.SAFE)
EXEC_FORM = make_finding("node a.js", '["node", "a.js"]', FixSafety.SAFE)


@dataclass
class Proofs:
    """A verifier with the same result for each candidate."""

    regressions: tuple[Regression, ...] = ()
    started: StartResult = StartResult.SAME
    candidates: list[str] = field(default_factory=list)

    def verify(self, candidate: Candidate) -> Proof:
        self.candidates.append(candidate.dockerfile.decode())
        return Proof(
            candidate,
            built=True,
            started=self.started,
            image=image("FROM node:20-slim 250MB"),
            saving_bytes=650_000_000,
            regressions=self.regressions,
            log=("start: not run, the time limit was reached",),
            skipped_steps=() if self.started is StartResult.SAME else ("start",),
        )


def combine(
    verified: tuple[Finding, ...], safe: tuple[Finding, ...], proofs: Proofs | None
) -> tuple[CombinedChanges, str]:
    changes = combine_changes(RULE_INPUT, verified, safe, proofs)
    return changes, changes.dockerfile.decode()


def test_what_was_verified_one_by_one_is_verified_together() -> None:
    proofs = Proofs()
    changes, text = combine((SLIM, PRODUCTION), (EXEC_FORM,), proofs)
    assert text == 'FROM node:20-slim\nRUN npm ci --omit=dev\nCMD ["node", "a.js"]\n'
    assert proofs.candidates == [text]
    assert (changes.count, changes.verified_count) == (3, 2)
    assert changes.notes == (
        "3 changes of the suggestions were built and verified together in one Dockerfile:"
        " 900 MB → 250 MB.",
    )


def test_of_two_changes_of_the_same_words_the_verified_one_is_made() -> None:
    proofs = Proofs()
    changes, text = combine((PRODUCTION,), (CLEANED,), proofs)
    assert text == "FROM node:20\nRUN npm ci --omit=dev\nCMD node a.js\n"
    assert (changes.count, changes.verified_count, changes.notes) == (1, 1, ())
    assert proofs.candidates == [], "it was built before"


def test_without_a_verified_change_nothing_is_built() -> None:
    proofs = Proofs()
    changes, text = combine((), (EXEC_FORM, CLEANED), proofs)
    assert "cache clean" in text
    assert (changes.count, changes.verified_count, changes.notes) == (2, 0, ())
    assert proofs.candidates == []


def test_changes_that_do_not_go_together_are_not_saved() -> None:
    lost = Regression(RegressionKind.PROGRAM, "git", "The new image has no git.")
    for proofs, reason in (
        (Proofs((lost,)), "The new image has no git."),
        (
            Proofs(started=StartResult.NOT_RUN),
            "start: not run, the time limit was reached.",
        ),
    ):
        changes, text = combine((SLIM, PRODUCTION), (EXEC_FORM,), proofs)
        assert text == TEXT.replace("node a.js", '["node", "a.js"]')
        assert (changes.count, changes.verified_count) == (1, 0)
        assert changes.notes == (
            f"3 changes of the suggestions do not go together in one Dockerfile: {reason}",
        )
