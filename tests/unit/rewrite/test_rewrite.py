"""Rewrites as a whole: text, base image and reasons."""

from bot.advise.finding import SINGLE_STAGE_BUILD
from bot.model.candidate import Candidate
from bot.rewrite.plan import RetryHints
from bot.rewrite.rewrite import NO_HINTS, ApplicableRewrite, NotApplicable
from tests.support.rewrite_world import GO, GO_FILES, plan_rewrite, rewrite_text

RUN = 'CMD ["/app"]\n'


def rewriting(files: str = "", text: str = GO + RUN) -> ApplicableRewrite:
    rewrite = plan_rewrite(text, GO_FILES + files)
    assert isinstance(rewrite, ApplicableRewrite), rewrite
    return rewrite


def candidate(rewrite: ApplicableRewrite, lessons: RetryHints = NO_HINTS) -> Candidate:
    built = rewrite.build_candidate(rewrite.base_candidates[0], lessons)
    assert isinstance(built, Candidate)
    return built


def test_dropped_paths_have_a_reason() -> None:
    built = candidate(rewriting())
    assert built.rule == SINGLE_STAGE_BUILD
    assert set(built.dropped_paths) == {"src/main.go", "root/.cache/go-build/00/a"}
    assert (built.line_start, built.line_end) == (1, 1)
    assert "the Go build tools" in built.message
    assert built.must_shrink


def test_available_base_images_keep_their_order() -> None:
    rewrite = rewriting("ground debian:12-slim 74MB\nground debian:bookworm-slim 75MB\n")
    assert [x.name for x in rewrite.base_candidates] == ["debian:bookworm-slim", "debian:12-slim"]
    twice = rewriting("ground debian:12-slim 75MB\nground debian:bookworm-slim 75MB\n")
    assert [x.name for x in twice.base_candidates] == ["debian:bookworm-slim"]


def test_the_saving_is_what_the_base_and_the_copies_leave() -> None:
    rewrite = rewriting("ground debian:bookworm-slim 75MB\n")
    total, copied = 800 + 13 + 2 + 2 + 60 + 9, 9
    assert rewrite.estimate_saving(rewrite.base_candidates[0]) == (total - 75 - copied) * 1_000_000


def test_two_runs_give_the_same_text() -> None:
    assert rewrite_text(GO + RUN, GO_FILES) == rewrite_text(GO + RUN, GO_FILES)
    assert candidate(rewriting()).dockerfile == candidate(rewriting()).dockerfile


def test_a_rewritten_file_is_not_rewritten_again() -> None:
    after = rewrite_text(GO + RUN, GO_FILES)
    rewrite = plan_rewrite(after, "base 75MB\napp 9MB @9 755 = ELF go")
    assert rewrite == NotApplicable("it is multi-stage already")


def test_hints_change_the_file() -> None:
    lessons = RetryHints(paths=frozenset({"src/main.go"}), folders=frozenset({"var/data"}))
    text = candidate(rewriting(), lessons).dockerfile.decode()
    assert "COPY --from=build /src ./\n" in text
    assert "RUN mkdir -p /var/data\n" in text
