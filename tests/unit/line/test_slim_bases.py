"""A slim base image by itself, in place of a rewrite that gives hardly more."""

from dataclasses import dataclass, field

from bot.advise.run_rules import run_rules
from bot.advise.subject import RuleInput
from bot.line.slim_bases import suggest_slim_base
from bot.model.candidate import Candidate
from bot.model.proof import Proof, Regression, RegressionKind
from bot.model.suggestion import Confidence, StartResult, Suggestion
from bot.rewrite.rewrite import ApplicableRewrite
from tests.support.image_world import image
from tests.support.rewrite_world import plan_rewrite

TEXT = 'FROM node:20\nWORKDIR /app\nCOPY . .\nRUN npm ci --omit=dev\nCMD ["node", "server.js"]\n'
FILES = """
    ground node:20-slim 250MB
    base 900MB
    usr/local/bin/node 90MB base 755
    usr/local/bin/npm 1kB base 755
    deb gcc 9MB base brings usr/bin/gcc
    deb ca-certificates 1MB base brings etc/ssl/certs/ca-certificates.crt
    app/server.js 20kB @3
    app/node_modules/express/index.js 9MB @4
"""
CERTIFICATES = Regression(
    RegressionKind.FILE,
    "etc/ssl/certs/ca-certificates.crt",
    "The new image has no CA certificates.",
    path="etc/ssl/certs/ca-certificates.crt",
)


@dataclass
class Proofs:
    """Hands out proofs in turn, and keeps the candidates that they are for."""

    regressions: list[tuple[Regression, ...]]
    started: StartResult = StartResult.SAME
    candidates: list[Candidate] = field(default_factory=list)

    def verify(self, candidate: Candidate) -> Proof:
        self.candidates.append(candidate)
        smaller = image("FROM node:20-slim 250MB / RUN npm ci 9MB")
        regressions = self.regressions[len(self.candidates) - 1]
        return Proof(
            candidate,
            True,
            self.started,
            smaller,
            saving_bytes=650_000_000,
            regressions=regressions,
        )


def suggest(proofs: Proofs | None, files: str = FILES, text: str = TEXT) -> Suggestion | None:
    rewrite = plan_rewrite(text, files)
    assert isinstance(rewrite, ApplicableRewrite), rewrite
    findings = run_rules(RuleInput(rewrite.facts.rule_input.plan)).findings
    slim_base = suggest_slim_base(rewrite, findings, proofs)
    return slim_base.suggestion if slim_base else None


def test_one_word_in_place_of_a_stage() -> None:
    proofs = Proofs([()])
    suggestion = suggest(proofs)
    assert suggestion
    assert (suggestion.rule, suggestion.confidence) == (
        "full-base-where-slim-serves",
        Confidence.VERIFIED,
    )
    assert [x.replacement for x in suggestion.edits] == ["FROM node:20-slim\n"]
    assert proofs.candidates[0].dockerfile.decode() == TEXT.replace("node:20", "node:20-slim")
    assert "Check that" not in suggestion.message, "the proof has checked it"


def test_what_the_slim_image_lacks_is_installed() -> None:
    proofs = Proofs([(CERTIFICATES,), ()])
    suggestion = suggest(proofs)
    assert suggestion
    assert suggestion.confidence is Confidence.VERIFIED
    assert proofs.candidates[1].dockerfile.decode().splitlines()[:4] == [
        "FROM node:20-slim",
        "RUN apt-get update && apt-get install -y --no-install-recommends ca-certificates \\",
        "    && rm -rf /var/lib/apt/lists/*",
        "WORKDIR /app",
    ]


def test_without_a_verifier_the_bytes_are_estimated() -> None:
    suggestion = suggest(None)
    assert suggestion
    assert suggestion.confidence is not Confidence.VERIFIED
    assert "Check that the build neither compiles" in suggestion.message
    assert 740e6 < (suggestion.saving_bytes or 0) < 770e6


def test_a_rewrite_that_gives_more_comes_first() -> None:
    assert suggest(None, FILES + "root/.npm/_cacache/x 90MB @4\n") is None


def test_a_rewrite_that_prunes_is_measured_first() -> None:
    files = FILES + 'app/package.json 1kB @3 = {"devDependencies": {"jest": "29"}}\n'
    files += "app/node_modules/jest/index.js 9kB @4\n"
    assert suggest(None, files) is None
    rewrite = plan_rewrite(TEXT, files)
    assert isinstance(rewrite, ApplicableRewrite)
    findings = run_rules(RuleInput(rewrite.facts.rule_input.plan)).findings
    for rewrite_bytes, is_offered in ((258_000_000, True), (230_000_000, False)):
        suggestion = suggest_slim_base(rewrite, findings, None, rewrite_bytes)
        assert (suggestion is not None) is is_offered


def test_a_slim_image_that_behaves_differently_is_not_offered() -> None:
    assert suggest(Proofs([()], StartResult.DIFFERS)) is None
    lost = Regression(RegressionKind.BEHAVIOUR, "its own command", "It now says: x")
    assert suggest(Proofs([(lost,), (lost,)])) is None
    assert suggest(Proofs([(CERTIFICATES,), (CERTIFICATES,)])) is None


def test_a_build_that_compiles_needs_the_full_image() -> None:
    assert suggest(None, text=TEXT.replace("npm ci", "make && npm ci")) is None


def test_dependencies_that_may_need_the_full_image_are_tried_once_a_rewrite_was_built() -> None:
    text = TEXT.replace("RUN npm ci --omit=dev", "RUN npm install node-pty")
    rewrite = plan_rewrite(text, FILES)
    assert isinstance(rewrite, ApplicableRewrite)
    findings = run_rules(RuleInput(rewrite.facts.rule_input.plan)).findings
    assert suggest_slim_base(rewrite, findings, Proofs([()])) is None
    assert suggest_slim_base(rewrite, findings, None, 258_000_000) is None
    slim_base = suggest_slim_base(rewrite, findings, Proofs([()]), 258_000_000)
    assert slim_base
    suggestion = slim_base.suggestion
    assert suggestion.rule == "full-base-where-slim-serves"
    assert suggestion.confidence is Confidence.VERIFIED
    lost = Regression(RegressionKind.BEHAVIOUR, "its own command", "It now says: x")
    assert suggest_slim_base(rewrite, findings, Proofs([(lost,)]), 258_000_000) is None


def test_a_comment_keeps_the_full_image() -> None:
    comment = "# image-size: ignore[full-base-where-slim-serves] We work in it."
    files = FILES.replace("@4", "@5").replace("@3", "@4")
    rewrite = plan_rewrite(f"{comment}\n{TEXT}", files)
    assert isinstance(rewrite, ApplicableRewrite)
    assert suggest_slim_base(rewrite, (), Proofs([()]), 258_000_000) is None
