"""The output of builds that fail: reason, instruction and kind.

Reasons around the build come in more kinds than those in the files, and must never be taken for them.
"""

import pytest

from bot.adapters.docker.build_errors import is_network_failure, parse_build_failure
from bot.adapters.process import ProcessResult
from bot.model.failures import FailureKind
from bot.model.image import BuildFailure


def exit_error(command: str, status: int) -> str:
    return f'process "/bin/sh -c {command}" did not complete successfully: exit code: {status}'


FAILED_STEP = """\
#5 [2/2] RUN echo words of the step; exit 7
#5 0.1 words of the step
#5 ERROR: process "/bin/sh -c echo words of the step; exit 7" did not complete successfully
------
 > [2/2] RUN echo words of the step; exit 7:
0.1 words of the step
------
Dockerfile:2
ERROR: failed to build: failed to solve: process "/bin/sh -c exit 7" did not complete
"""


def test_a_build_failure_has_the_error_and_the_output_of_its_step() -> None:
    result = ProcessResult(1, b"", tuple(FAILED_STEP.splitlines()))
    assert parse_build_failure(result) == BuildFailure(
        'process "/bin/sh -c exit 7" did not complete',
        (
            " > [2/2] RUN echo words of the step; exit 7:",
            "0.1 words of the step",
            "------",
            "Dockerfile:2",
            'ERROR: failed to build: failed to solve: process "/bin/sh -c exit 7" did not complete',
        ),
        FailureKind.UNKNOWN,
        "RUN echo words of the step; exit 7",
    )


def test_a_build_that_dies_without_an_error_has_its_exit_status_and_last_lines() -> None:
    lines = tuple(f"line {number}" for number in range(50))
    failure = parse_build_failure(ProcessResult(137, b"", lines))
    assert failure == BuildFailure("exit status 137", lines[-20:])


def test_a_long_instruction_leaves_place_for_the_words_of_the_program() -> None:
    output = [f"0.1 word {number}" for number in range(10)]
    excerpt = [f"{number:4} | >>> part {number}" for number in range(7, 37)]
    ruler, error = "-" * 20, "ERROR: failed to solve: it failed"
    header, before = " > [2/2] RUN part 7:", "   6 |     "
    log = fail(
        *("------", header, *output, "------"),
        *("Dockerfile:7", ruler, before, *excerpt, ruler, error),
    ).log
    assert log == (
        *(header, *output, "------"),
        *("Dockerfile:7", ruler, *excerpt[:3], "     | …", ruler, error),
    )


def test_output_that_looks_like_an_excerpt_is_kept() -> None:
    output = [f"0.1 {number:4} | int a{number};" for number in range(10)]
    ruler = "-" * 20
    log = fail("------", " > RUN make:", *output, "------", ruler, "  7 | >>> RUN make", ruler).log
    assert set(output) < set(log)


@pytest.mark.parametrize(
    ("line", "is_lost"),
    [
        ("#7 1.2 Temporary failure resolving 'deb.debian.org'", True),
        ("#7 9.1 curl: (6) Could not resolve host: example.com", True),
        ("#7 3.0 npm ERR! code ECONNRESET", True),
        ("#7 135.5   ╰─▶ operation timed out", True),
        ("ERROR: failed to do request: net/http: TLS handshake timeout", True),
        ("#7 0.2 main.go:5:2: no required module provides package x", False),
        ("#7 0.1 make: *** [all] Error 2", False),
    ],
)
def test_a_lost_connection_is_not_a_defect_of_the_build(line: str, is_lost: bool) -> None:
    assert is_network_failure(["#7 [2/3] RUN make", line]) is is_lost


def fail(*lines: str) -> BuildFailure:
    return parse_build_failure(ProcessResult(1, b"", lines))


def block(header: str, *excerpt: str, error: str) -> BuildFailure:
    """Return the failure of an output with the header of a step and an excerpt of the Dockerfile."""
    lines = [f"   {number} | >>> {text}" for number, text in enumerate(excerpt, 7)]
    ruler = "-" * 20
    top = ("------", f" > {header}:", "------") if header else ()
    return fail(*top, "Dockerfile:7", ruler, *lines, ruler, f"ERROR: failed to solve: {error}")


OWN_FAILURES = [
    (
        block("[2/3] RUN make", "RUN make", error=exit_error("make", 2)),
        FailureKind.INSTRUCTION,
        "RUN make",
    ),
    (
        block("[build 2/3] RUN make", "RUN make", error=exit_error("make", 2)),
        FailureKind.INSTRUCTION,
        "build: RUN make",
    ),
    (
        block(
            "[stage-1 4/4] COPY nope /",
            "COPY nope /",
            error="failed to compute cache key: failed to calculate checksum of ref "
            '1e8a630a-1d6d::1puno3l0v: "/nope": not found',
        ),
        FailureKind.MISSING_FILE,
        "COPY nope /",
    ),
    (
        block("", "FRO x", error="dockerfile parse error on line 7: unknown instruction: FRO"),
        FailureKind.SYNTAX,
        "FRO x",
    ),
    (
        block(
            "",
            "FROM ../containers",
            error='failed to parse stage name "../containers": invalid reference format',
        ),
        FailureKind.REFERENCE,
        "FROM ../containers",
    ),
    (
        block("", "FROM $X", error="base name ($X) should not be blank"),
        FailureKind.REFERENCE,
        "FROM $X",
    ),
]


@pytest.mark.parametrize(("failure", "kind", "instruction"), OWN_FAILURES)
def test_a_reason_in_the_own_files_has_its_instruction(
    failure: BuildFailure, kind: FailureKind, instruction: str
) -> None:
    assert (failure.kind, failure.instruction) == (kind, instruction)
    assert failure.kind.lies_in_own_files


MISSING_SOURCE = (
    "failed to compute cache key: failed to calculate checksum of ref 1e8a630a-1d6d::4e7zf3m: "
    '"/nothere": not found'
)


@pytest.mark.parametrize(
    ("instruction", "reason"),
    [
        ("COPY nothere /x", "COPY nothere: it is not in the build context"),
        ("COPY --chmod=755 a nothere/ /x/", "COPY nothere: it is not in the build context"),
        ("add nothere /x", "ADD nothere: it is not in the build context"),
        ("COPY --from=one /nothere /x", "COPY --from=one /nothere: it is not in one"),
        (
            "RUN --mount=type=bind,source=nothere,target=/x true",
            'failed to compute cache key: failed to calculate checksum: "/nothere": not found',
        ),
    ],
)
def test_a_missing_source_is_named_as_the_instruction_names_it(
    instruction: str, reason: str
) -> None:
    """The name of a snapshot, which differs in each build, is no part of the reason."""
    failure = block(f"[build 2/3] {instruction}", instruction, error=MISSING_SOURCE)
    assert (failure.reason, failure.kind) == (reason, FailureKind.MISSING_FILE)


def test_a_missing_folder_of_a_source_is_named() -> None:
    error = (
        "failed to compute cache key: failed to calculate checksum of ref 1e8a630a-1d6d::4e7zf3m: "
        "failed to walk /data/tmp/buildkit-mount15/a/target: lstat /data/tmp/buildkit-mount15/a/target: "
        "no such file or directory"
    )
    instruction = "COPY a/target/app.jar /app.jar"
    failure = block(f"[2/3] {instruction}", instruction, error=error)
    assert (failure.kind, failure.subject) == (FailureKind.MISSING_FILE, "a/target")
    assert failure.reason == "COPY a/target: it is not in the build context"


START = "runc run failed: unable to start container process"


@pytest.mark.parametrize(
    ("output", "kind"),
    [
        (
            f'{START}: exec: "/bin/sh": stat /bin/sh: no such file or directory',
            FailureKind.INSTRUCTION,
        ),
        (f'{START}: exec: "nope": executable file not found in $PATH', FailureKind.INSTRUCTION),
        (f'{START}: exec: "/etc/passwd": permission denied', FailureKind.INSTRUCTION),
        (
            f'{START}: error during container init: exec: "/nope": stat /nope: no such file or '
            "directory",
            FailureKind.INSTRUCTION,
        ),
        (
            f"{START}: unable to apply cgroup configuration: failed to write 1: no such file or "
            "directory",
            FailureKind.ENGINE,
        ),
        (
            f"{START}: error during container init: error mounting proc: permission denied",
            FailureKind.ENGINE,
        ),
    ],
)
def test_a_missing_program_is_the_files_and_a_container_that_cannot_start_the_engines(
    output: str, kind: FailureKind
) -> None:
    error = 'process "/bin/sh -c echo hi" did not complete successfully: exit code: 1'
    lines = ("#3 [1/1] RUN echo hi", f"#3 0.195 {output}", f"#3 ERROR: {error}")
    block_lines = ("------", " > [1/1] RUN echo hi:", f"0.195 {output}", "------")
    assert fail(*lines, *block_lines, f"ERROR: failed to solve: {error}").kind is kind


def test_an_engine_without_runc_is_not_the_files() -> None:
    error = (
        'process "/bin/sh -c echo hi" did not complete successfully: exec: "runc": executable '
        "file not found in $PATH"
    )
    assert not block("[1/1] RUN echo hi", error=error).kind.lies_in_own_files


@pytest.mark.parametrize(
    ("error", "kind"),
    [
        (
            "rpc error: code = Unknown desc = invalid excludepatterns: [b [a-]: syntax error in "
            "pattern",
            FailureKind.IGNORE_FILE,
        ),
        (
            "rpc error: code = Unknown desc = invalid excludepatterns: [!]: illegal exclusion "
            'pattern: "!"',
            FailureKind.IGNORE_FILE,
        ),
        (
            "Internal: rpc error: code = Internal desc = rpc error: code = Internal desc = header "
            'key "exclude-patterns" contains value with non-printable ASCII characters',
            FailureKind.IGNORE_FILE,
        ),
        ("rpc error: code = Unknown desc = transport closed", FailureKind.ENGINE),
        ("Canceled: context canceled", FailureKind.UNKNOWN),
        ('target stage "nosuch" could not be found', FailureKind.TARGET),
    ],
)
def test_an_ignore_file_and_a_target_differ_from_errors_of_calls(
    error: str, kind: FailureKind
) -> None:
    assert block("[internal] load build context", error=error).kind is kind


@pytest.mark.parametrize(
    ("error", "kind"),
    [
        ("secret npm_token: not found", FailureKind.SECRET),
        ("unset ssh forward key default", FailureKind.SSH),
        (
            "x/y: failed to resolve source metadata for docker.io/x/y:1: pull access denied, "
            "repository does not exist or may require authorization",
            FailureKind.LOGIN,
        ),
        ("failed to authorize: unexpected status: 401 Unauthorized", FailureKind.LOGIN),
        ("failed to fetch oauth token: unauthorized", FailureKind.LOGIN),
        (
            'failed to fetch anonymous token: Get "https://auth.docker.io/token": i/o timeout',
            FailureKind.NETWORK,
        ),
        (
            "x: failed to resolve source metadata for r/x:1: r/x:1: not found",
            FailureKind.BASE_IMAGE,
        ),
        ('failed to do request: Head "https://r/v2/": EOF', FailureKind.NETWORK),
        ("dial tcp: lookup registry-1.docker.io: no such host", FailureKind.NETWORK),
        ("failed to copy: write /x: no space left on device", FailureKind.DISK),
        (exit_error("make", 137), FailureKind.MEMORY),
        (exit_error("timeout 5 make", 124), FailureKind.TIME),
        (exit_error("curl -sf https://x/y -o /y", 22), FailureKind.NETWORK),
        ("exec /bin/sh: exec format error", FailureKind.PLATFORM),
        ("failed to load LLB: network.host is not allowed", FailureKind.ENGINE),
        ("rpc error: code = Unavailable desc = transport is closing", FailureKind.ENGINE),
        ("something that nobody has seen before", FailureKind.UNKNOWN),
    ],
)
def test_a_reason_around_the_build_is_never_one_of_the_files(error: str, kind: FailureKind) -> None:
    failure = block("[2/3] RUN make", "RUN make", error=error)
    assert failure.kind is kind
    assert not failure.kind.lies_in_own_files


@pytest.mark.parametrize(
    ("output", "kind"),
    [
        ("0.9 E: Unable to locate package curl", FailureKind.INSTRUCTION),
        ("0.9 Err:1 Temporary failure resolving 'deb.debian.org'", FailureKind.NETWORK),
        ("0.9 wget: unable to resolve host address 'x'", FailureKind.NETWORK),
        ("0.9 npm error code E401", FailureKind.LOGIN),
        ("0.9 tar: x: Cannot write: No space left on device", FailureKind.DISK),
        ("0.9 cat: /run/secrets/token: No such file or directory", FailureKind.SECRET),
    ],
)
def test_the_words_of_the_failing_program_count(output: str, kind: FailureKind) -> None:
    error = exit_error("make", 1)
    lines = ("#7 [2/2] RUN make", f"#7 {output}", f"#7 ERROR: {error}", f"ERROR: {error}")
    assert fail(*lines).kind is kind


@pytest.mark.parametrize(
    "reason",
    [
        "failed to fetch oauth token: unauthorized",
        "failed to fetch anonymous token: unexpected status from GET request to "
        "http://tokens.example:45615/token?scope=repository%3Ax&service=y: 401 Unauthorized",
    ],
)
def test_the_registry_that_refuses_is_not_its_server_of_tokens(reason: str) -> None:
    """The error of Docker Engine 28.5 no longer has the name of the image."""
    lines = (
        f"#2 ERROR: failed to authorize: {reason}",
        "------",
        " > [internal] load metadata for registry.example:5000/team/base:1:",
        "------",
        "Dockerfile:1",
        "--------------------",
        "   1 | >>> FROM registry.example:5000/team/base:1",
        "--------------------",
        f"ERROR: failed to build: failed to solve: {reason}",
    )
    failure = parse_build_failure(ProcessResult(1, b"", lines))
    assert (failure.kind, failure.subject) == (FailureKind.LOGIN, "registry.example:5000")


def test_the_words_of_another_step_do_not_count() -> None:
    error = exit_error("make", 1)
    retried = "#6 0.3 Connection reset by peer, trying again"
    assert fail(retried, f"#7 ERROR: {error}", "------", f"ERROR: {error}").kind is (
        FailureKind.INSTRUCTION
    )


@pytest.mark.parametrize(
    ("instruction", "kind", "subject"),
    [
        ("RUN --mount=type=secret,id=token make", FailureKind.SECRET, "token"),
        ("RUN --network=none --mount=id=token,type=secret make", FailureKind.SECRET, "token"),
        ("RUN --mount=type=secret,target=/run/npmrc make", FailureKind.SECRET, "npmrc"),
        ("RUN --mount=type=ssh make", FailureKind.SSH, "default"),
        ("RUN --mount=type=ssh,id=github make", FailureKind.SSH, "github"),
    ],
)
def test_an_instruction_that_takes_a_secret_may_lack_it(
    instruction: str, kind: FailureKind, subject: str
) -> None:
    """A program that is handed no secret fails in words of its own."""
    failure = block(f"[2/3] {instruction}", instruction, error=exit_error("make", 1))
    assert (failure.kind, failure.subject) == (kind, subject)


@pytest.mark.parametrize(
    ("error", "kind"),
    [
        ("exit code: 1", FailureKind.UNKNOWN),
        ("exit code: 137", FailureKind.MEMORY),
    ],
)
def test_an_instruction_that_has_its_secret_fails_for_another_reason(
    error: str, kind: FailureKind
) -> None:
    """A secret may be out of date, so that the files alone are no reason either."""
    reason = f'process "/bin/sh -c make" did not complete successfully: {error}'
    header = " > [2/3] RUN --mount=type=secret,id=token make:"
    lines = ("------", header, "------", f"ERROR: failed to solve: {reason}")
    failure = parse_build_failure(ProcessResult(1, b"", lines), {"token"})
    assert (failure.kind, failure.subject) == (kind, "")


@pytest.mark.parametrize(
    ("header", "reason", "subject"),
    [
        ("", "secret npm_token: not found", "npm_token"),
        (
            "[internal] load metadata for ghcr.io/o/base:1",
            "ghcr.io/o/base:1: failed to resolve source metadata for ghcr.io/o/base:1: "
            "unexpected status from HEAD request to https://ghcr.io/v2/o/base: 403 Forbidden",
            "ghcr.io",
        ),
        ("[2/2] RUN npm ci", "npm error code E401 https://npm.example/x", ""),
        (
            "[2/2] COPY libs /libs",
            'failed to compute cache key: failed to calculate checksum of ref a::b: "/libs": '
            "not found",
            "libs",
        ),
        (
            "[2/2] COPY --from=build /libs /libs",
            'failed to compute cache key: failed to calculate checksum of ref a::b: "/libs": '
            "not found",
            "",
        ),
    ],
)
def test_a_failure_names_what_it_is_about(header: str, reason: str, subject: str) -> None:
    assert block(header, error=reason).subject == subject


def test_a_secret_mount_on_a_line_of_its_own_is_seen() -> None:
    excerpt = ("RUN \\", "  --mount=type=secret,id=token \\", "  make")
    assert block("", *excerpt, error=exit_error("make", 1)).kind is FailureKind.SECRET


def test_a_line_without_end_takes_no_time() -> None:
    endless = "curl " * 2_000_000
    failure = fail(f"#7 {endless}", f"#7 ERROR: {exit_error('make', 1)}", "ERROR: x")
    assert failure.kind is FailureKind.UNKNOWN
