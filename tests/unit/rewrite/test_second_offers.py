"""The bases that a verified rewrite is offered on besides its own."""

from bot.rewrite.rewrite import NO_HINTS, ApplicableRewrite
from bot.rewrite.second_offers import Offer, RewriteAttempt
from tests.support.rewrite_world import GO, GO_FILES, make_candidate, plan_rewrite

RUN = 'CMD ["/app"]\n'
LIBC = "deb libc6 13MB base basic brings usr/lib/libc.so.6 lib/ld.so\n"


def list_offers(files: str = GO_FILES, text: str = GO + RUN) -> list[Offer]:
    rewrite = plan_rewrite(text, files)
    assert isinstance(rewrite, ApplicableRewrite), rewrite
    candidate = make_candidate(text, files)
    attempt = RewriteAttempt(rewrite.base_candidates[0], NO_HINTS, candidate)
    return list(rewrite.list_second_offers(attempt))


def test_a_static_program_is_offered_on_scratch_first() -> None:
    names = [offer.base_image for offer in list_offers()]
    assert names == ["scratch", "gcr.io/distroless/static-debian12", "alpine:3"]


def test_a_program_that_loads_glibc_is_offered_on_distroless() -> None:
    files = GO_FILES.replace("= ELF go", "= ELF go libc.so.6") + LIBC
    assert [offer.base_image for offer in list_offers(files)] == ["gcr.io/distroless/base-debian12"]


def test_an_image_that_cannot_be_had_is_not_offered() -> None:
    files = GO_FILES + "ground debian:bookworm-slim 75MB\n"
    assert [offer.base_image for offer in list_offers(files)] == ["scratch"]


def test_only_the_last_stage_differs_from_the_rewrite() -> None:
    rewrite = make_candidate(GO + RUN, GO_FILES)
    offer, *_ = list_offers()
    above, _, _ = rewrite.dockerfile.decode().partition("# What runs: ")
    assert offer.candidate.dockerfile.decode() == above + offer.last_stage
    assert "\n\n# What runs: " in offer.last_stage
    assert offer.candidate.rule == rewrite.rule
    assert "no shell" in offer.difference


DYNAMIC = GO_FILES.replace("= ELF go", "= ELF go libc.so.6 net._C2func_getaddrinfo") + LIBC


def test_a_go_program_that_needs_no_c_is_offered_without_cgo() -> None:
    offer, *others = list_offers(DYNAMIC)
    text = offer.candidate.dockerfile.decode()
    assert (offer.base_image, len(others)) == ("scratch", 2)
    assert "COPY . .\nENV CGO_ENABLED=0\nRUN --mount=type=cache," in text
    location = "above the `RUN` of `go build -o /app .` in the build stage"
    assert f"without cgo, by `ENV CGO_ENABLED=0`, {location}; it has no shell" in offer.difference
    note, _, last_stage = offer.last_stage.partition("\n")
    assert note == f"# It needs `ENV CGO_ENABLED=0`, {location}."
    assert text.endswith(last_stage)


def test_a_go_program_that_needs_c_is_not_offered_without_cgo() -> None:
    files = DYNAMIC.replace("net._C2func_", "github.com/mattn/go-sqlite3._Cfunc_")
    assert [offer.base_image for offer in list_offers(files)] == ["gcr.io/distroless/base-debian12"]
    for text in (
        GO.replace("RUN", "ENV CGO_ENABLED=1\nRUN"),
        GO.replace("go build", "go build -race"),
        GO.replace("go build", "go build -ldflags '-linkmode external'"),
    ):
        offers = list_offers(DYNAMIC.replace("@4", "@5") if "ENV" in text else DYNAMIC, text + RUN)
        assert "scratch" not in [offer.base_image for offer in offers], text


def test_a_long_command_is_cut_where_it_is_quoted() -> None:
    text = GO.replace(
        "go build", "go build -ldflags '-s -w -X main.version=1.2.3 -X main.commit=none'"
    )
    offer, *_ = list_offers(DYNAMIC, text + RUN)
    assert "…` in the build stage" in offer.difference
