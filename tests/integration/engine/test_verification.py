"""Proving from end to end on a small application: what is verified, and what honestly is not."""

from collections.abc import Callable, Iterator
from dataclasses import replace

import pytest

from bot.model.proof import RegressionKind
from bot.model.suggestion import StartResult
from tests.support.engine import PrivateEngine
from tests.support.verifier_bench import App, Bench, format_proof

SCRIPT = '#!/bin/sh\ncase "$1" in --help) echo "usage: tool FILE";; "") echo "usage: tool FILE"; exit 2;; *) cat "$1";; esac\n'
TOOL = App(
    base="busybox",
    files={"tool": SCRIPT, "data.txt": "data\n"},
    modes={"tool": 0o755},
    old='FROM busybox\nRUN head -c 3000000 /dev/zero > /tmp/x\nCOPY tool data.txt /\nENTRYPOINT ["/tool"]\nCMD ["/data.txt"]\n',
    new='FROM busybox\nCOPY tool data.txt /\nENTRYPOINT ["/tool"]\nCMD ["/data.txt"]\n',
)
Benches = Callable[[App], Bench]


@pytest.fixture
def bench(
    overlay2_engine: PrivateEngine, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Benches]:
    overlay2_engine.ensure("busybox")
    benches: list[Bench] = []

    def of(app: App) -> Bench:
        benches.append(Bench(overlay2_engine, app, tmp_path_factory.mktemp("app")))
        return benches[-1]

    yield of
    for opened_bench in benches:
        opened_bench.close()


def without_command(app: App) -> App:
    """Return a bench whose tool fails without arguments and prints its usage."""
    cut = 'CMD ["/data.txt"]\n'
    return replace(app, old=app.old.replace(cut, ""), new=app.new.replace(cut, ""))


def test_every_step_is_in_the_log(overlay2_engine: PrivateEngine, bench: Benches) -> None:
    proof = bench(TOOL).prove()
    assert proof.verified, format_proof(proof)
    assert proof.saving_bytes == 3_000_000
    assert proof.log[0] == "build: done"
    checks = "0 new warnings" if overlay2_engine.has_build_checks else "not offered by this buildx"
    assert proof.log[1] == f"BuildKit's checks: {checks}"
    assert proof.log[-2:] == (
        "`--help`: same, exit status 0",
        "its own command: same, exit status 0",
    )


def test_a_rewrite_that_buildkit_warns_of_is_refused(
    overlay2_engine: PrivateEngine, bench: Benches
) -> None:
    """Only where buildx has checks; elsewhere the log says that there are none."""
    proof = bench(TOOL).prove(("FROM busybox", "FROM busybox AS Final"))
    warning = "StageNameCasing: Stage name 'Final' should be lowercase"
    assert proof.verified != overlay2_engine.has_build_checks
    assert [x.message for x in proof.regressions] == [warning] * overlay2_engine.has_build_checks


def test_a_failed_build_has_a_reason(bench: Benches) -> None:
    proof = bench(TOOL).prove(("COPY tool", "RUN exit 7\nCOPY tool"))
    assert (proof.built, proof.verified, proof.started) == (False, False, StartResult.NOT_RUN)
    assert [x.kind for x in proof.regressions] == [RegressionKind.BUILD]
    assert "exit code: 7" in proof.regressions[0].message


def test_a_rewrite_that_is_not_smaller_is_refused(bench: Benches) -> None:
    larger = "RUN head -c 4000000 /dev/zero > /tmp/y\nCOPY tool"
    proof = bench(TOOL).prove(("COPY tool", larger))
    assert [x.kind for x in proof.regressions] == [RegressionKind.SIZE]
    assert proof.saving_bytes == -1_000_000
    assert not proof.verified


def test_a_fix_of_equal_size_may_not_be_much_larger(bench: Benches) -> None:
    same = bench(TOOL)
    larger = "RUN head -c {} /dev/zero > /tmp/x\nCOPY tool"
    proof = same.prove(("COPY tool", larger.format(3_020_000)), shrinks=False)
    assert (proof.verified, proof.saving_bytes) == (True, -20_000), format_proof(proof)
    proof = same.prove(("COPY tool", larger.format(4_000_000)), shrinks=False)
    assert [x.message for x in proof.regressions] == ["It is larger."]


def test_a_tool_that_requires_arguments_is_verified_by_its_help(bench: Benches) -> None:
    proof = bench(without_command(TOOL)).prove()
    assert (proof.started, proof.verified) == (StartResult.SAME, True), format_proof(proof)


def test_an_image_that_does_not_start_alone_is_inconclusive(bench: Benches) -> None:
    """As a server that finds no database: it is right in all that can be seen, and not verified."""
    script = "#!/bin/sh\necho no database >&2\nexit 1\n"
    app = replace(TOOL, files={**TOOL.files, "tool": script})
    proof = bench(app).prove()
    assert proof.regressions == (), format_proof(proof)
    assert (proof.built, proof.started, proof.verified) == (True, StartResult.NOT_RUN, False)
    assert "start: not run, the old image does not run by itself here (exit status 1)" in proof.log


def test_the_smoke_test_verifies_an_image_that_does_not_start_alone(bench: Benches) -> None:
    app = replace(without_command(TOOL), smoke_test=("/tool", "/data.txt"))
    right = bench(app)
    proof = right.prove()
    assert (proof.started, proof.verified) == (StartResult.SAME, True), format_proof(proof)
    assert proof.log[-1] == "smoke test: same, exit status 0"
    failing = bench(replace(app, smoke_test=("/tool", "/nothing"))).prove()
    assert not failing.verified
    assert "smoke test: not run, the old image ends with status 1" in failing.log


def test_after_the_deadline_nothing_is_started(bench: Benches) -> None:
    proof = bench(replace(TOOL, seconds=1)).prove()
    assert (proof.built, proof.started, proof.verified) == (False, StartResult.NOT_RUN, False)
    assert proof.log == ("build: not run, the time limit was reached",)


def test_the_old_image_is_run_once(bench: Benches) -> None:
    twice = bench(TOOL)
    assert twice.prove().verified
    before = len(twice.started)
    assert twice.prove().verified
    assert {name for name, _ in twice.started[before:]} == {twice.started[-1][0]}


# Servers that need settings, each of another kind: what their script does before it serves.
SERVE = """echo hello > /tmp/index.html
exec httpd -f -p "$PORT" -h /tmp
"""
NEEDS_PORT = '#!/bin/sh\n[ -n "$PORT" ] || exit 1\n' + SERVE
NEEDS_VARIABLE = '#!/bin/sh\nPORT=8080\n[ "$MODE" = plain ] || exit 1\n' + SERVE
NEEDS_FILE = "#!/bin/sh\n. ./.env || exit 1\n" + SERVE
SERVER = replace(
    TOOL,
    old="FROM busybox\nRUN head -c 3000000 /dev/zero > /x\nWORKDIR /app\nCOPY serve.sh ./\n"
    'EXPOSE 8080\nCMD ["./serve.sh"]\n',
    new='FROM busybox\nWORKDIR /app\nCOPY serve.sh ./\nEXPOSE 8080\nCMD ["./serve.sh"]\n',
    left_behind={"x": "only a build needs it"},
)
COMPOSE = "services: {web: {build: ., environment: {MODE: plain, PORT: 8080}}}\n"
EXAMPLE = "PORT=8080\nMODE=plain\n"
KINDS = {
    "a port that the script reads": (NEEDS_PORT, {}, "PORT=8080, which serve.sh reads"),
    "a variable of a compose file": (
        *(NEEDS_VARIABLE, {"compose.yaml": COMPOSE}),
        "PORT, MODE of compose.yaml, service web",
    ),
    "a variable of an example": (
        *(NEEDS_VARIABLE, {".env.example": EXAMPLE}),
        "PORT, MODE of .env.example",
    ),
    "a file": (
        *(NEEDS_FILE, {".env.sample": EXAMPLE}),
        "PORT, MODE of .env.sample; as a file .env, too",
    ),
}


# The others differ from it in where the settings are read alone.
SHORT_KIND = "a file"


@pytest.mark.parametrize(
    "kind",
    [pytest.param(kind, marks=() if kind == SHORT_KIND else pytest.mark.long) for kind in KINDS],
)
def test_an_image_that_needs_settings_is_started_with_those_of_its_project(
    bench: Benches, kind: str
) -> None:
    script, files, description = KINDS[kind]
    app = replace(SERVER, files={"serve.sh": script, **files}, modes={"serve.sh": 0o755})
    right = bench(app)
    proof = right.prove()
    assert (proof.started, proof.verified) == (StartResult.SAME, True), format_proof(proof)
    assert f"settings of both images: {description}" in proof.log, format_proof(proof)
    assert any(x.startswith("its own command with settings: same, it runs") for x in proof.log)
    # Only a start shows what is wrong with this one: the server denies everyone.
    broken = right.prove(("EXPOSE", "RUN echo D:\\* > /etc/httpd.conf\nEXPOSE"))
    assert {x.kind for x in broken.regressions} == {RegressionKind.BEHAVIOUR}, format_proof(broken)


def test_without_its_settings_such_an_image_is_not_verified(bench: Benches) -> None:
    app = replace(SERVER, files={"serve.sh": NEEDS_VARIABLE}, modes={"serve.sh": 0o755})
    proof = bench(app).prove()
    assert (proof.started, proof.regressions) == (StartResult.NOT_RUN, ()), format_proof(proof)


def test_settings_do_not_come_from_the_machine(
    bench: Benches, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("MODE", "plain")
    app = replace(
        SERVER, files={"serve.sh": NEEDS_VARIABLE, ".env": EXAMPLE}, modes={"serve.sh": 0o755}
    )
    assert bench(app).prove().started is StartResult.NOT_RUN


def test_a_service_that_cannot_be_reached_is_named(bench: Benches) -> None:
    message = "connect ECONNREFUSED 127.0.0.1:5432"
    files = {"serve.sh": f"#!/bin/sh\necho {message}\nexit 1\n"}
    waiting = bench(replace(SERVER, files=files, modes={"serve.sh": 0o755}))
    proof = waiting.prove()
    assert (proof.started, proof.regressions) == (StartResult.NOT_RUN, ()), format_proof(proof)
    assert any("it needs PostgreSQL at 127.0.0.1:5432" in line for line in proof.log)
    other = waiting.prove(("EXPOSE", "RUN sed -i s/connect/disconnect/ serve.sh\nEXPOSE"))
    assert other.regressions, format_proof(other)
