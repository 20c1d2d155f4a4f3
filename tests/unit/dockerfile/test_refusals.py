"""Files that BuildKit refuses, and others that it takes although they look wrong.

Each case was given to the parser and to `instructions.Parse` of BuildKit 0.34.2.
"""

import pytest

from bot.adapters.parsing.dockerfile_parser import DockerfileReader
from bot.dockerfile.refusals import find_refusal


def refusal(text: str) -> str:
    return find_refusal(DockerfileReader().parse(text.encode("utf-8", "surrogateescape")))


@pytest.mark.parametrize(
    ("line", "reason"),
    [
        ("FOO bar", "'FOO' is not an instruction"),
        ("INCLUDE base.dockerfile", "'INCLUDE' is not an instruction"),
        ("ENV", "ENV needs 1 argument"),
        ("ENV X", "ENV X has no value"),
        ("ENV a=1 b", "'b' has no `=`: ENV takes name=value"),
        ("ENV =1", "ENV has a value without name"),
        ("ENV --a b=c", "ENV has no flag --a"),
        ("LABEL maintainer", "LABEL maintainer has no value"),
        ("ARG", "ARG needs 1 argument"),
        ("ARG =1", "ARG has a value without name"),
        ("RUN <<EOF\necho", "the heredoc 'EOF' has no end"),
        ("RUN <<-EOF\n  EOF", "the heredoc 'EOF' has no end"),
        ("COPY <<A <<B /x\nA\nB2", "the heredoc 'B' has no end"),
        ("ONBUILD RUN <<EOF\n", "the heredoc 'EOF' has no end"),
        ('CMD ["a", 1]', "the JSON list of CMD may hold only strings"),
        ("RUN [null]", "the JSON list of RUN may hold only strings"),
        ('HEALTHCHECK CMD ["a", {}]', "the JSON list of HEALTHCHECK may hold only strings"),
        ('ONBUILD CMD ["a", true]', "the JSON list of CMD may hold only strings"),
        ("SHELL bash -c", "SHELL takes a JSON list of strings"),
        ("SHELL []", "SHELL needs 1 argument"),
        ("COPY a", "COPY needs 2 arguments"),
        ("COPY a <<EOF\nEOF", "the destination of COPY cannot be a heredoc"),
        ("COPY --from a b", "--from has no value"),
        ("COPY --link=yes a b", "--link takes true or false, not 'yes'"),
        ("COPY --link= a b", "--link takes true or false, not ''"),
        ("COPY --chown=a --chown=b c d", "--chown is given twice"),
        ("COPY --checksum=x a b", "COPY has no flag --checksum"),
        ("ADD --from=x a b", "ADD has no flag --from"),
        ("RUN --mount=from=$X,target=/y a", "`from` of a mount takes no variables"),
        ('RUN --mount=a\\"b c', "the quotes of "),
        ("RUN --mount= a", "is empty"),
        ("RUN --network=bridge a", "--network takes default or none or host, not 'bridge'"),
        ("RUN --security=off a", "--security takes insecure or sandbox, not 'off'"),
        ("RUN --device=a,b c", "'b' is a second name of a device"),
        ("RUN --device=a,required=maybe c", "is neither true nor false"),
        ("FROM a AS 1b", "'1b' cannot name a stage"),
        ("FROM --arch=x a", "FROM has no flag --arch"),
        ("ONBUILD", "ONBUILD needs an instruction after it"),
        ("ONBUILD ONBUILD RUN a", "ONBUILD may not follow ONBUILD"),
        ("ONBUILD from a", "FROM may not follow ONBUILD"),
        ("ONBUILD ENV a", "ENV a has no value"),
        ("WORKDIR", "WORKDIR needs 1 argument"),
        ("USER", "USER needs 1 argument"),
        ("STOPSIGNAL", "STOPSIGNAL needs 1 argument"),
        ("EXPOSE", "EXPOSE needs 1 argument"),
        ('VOLUME ["a", " "]', "the path of a VOLUME is empty"),
        ("VOLUME []", "VOLUME needs 1 argument"),
        ("HEALTHCHECK NONE x", "HEALTHCHECK NONE takes no arguments"),
        ("HEALTHCHECK curl", "HEALTHCHECK takes CMD or NONE, not 'curl'"),
        ("HEALTHCHECK CMD []", "no command comes after HEALTHCHECK CMD"),
        ("HEALTHCHECK --interval=5 CMD a", "--interval=5 is not a duration"),
        ("HEALTHCHECK --timeout=1us CMD a", "--timeout=1us is not a duration of a millisecond"),
        ("HEALTHCHECK --retries=-1 CMD a", "--retries=-1 is not a number of tries"),
        ("HEALTHCHECK --start=5s CMD a", "HEALTHCHECK has no flag --start"),
        ("RUN " + "a" * 70_000, "it has more than 65,535 bytes"),
    ],
)
def test_a_refused_instruction_is_named_by_line_and_reason(line: str, reason: str) -> None:
    message = refusal(f"FROM a\n{line}")
    assert message.startswith("line 2: ")
    assert reason in message


@pytest.mark.parametrize(
    "line",
    [
        "ENV a b c",
        'ENV a="x=y" b=',
        "ARG --x=1 y",
        "ARG a b=",
        "STOPSIGNAL --x a",
        "RUN",
        "RUN []",
        "RUN ['a']",
        'RUN ["a", 1e999]',
        'RUN ["a", 1] && b',
        "RUN [ -f a ] && b",
        "RUN <<EOF\nEOF",
        "RUN cat <<<EOF",
        "RUN --mount=type=foo,target=/x a",
        "RUN --mount=from=x$ a",
        "RUN --mount='\"a,b\"' c",
        "RUN --mount=type=cache,target=/a --mount=type=cache,target=/b c",
        "RUN --device=vendor.com/gpu=all,required c",
        "COPY --exclude=a --exclude=b --parents c d",
        "COPY --link=TRUE a b",
        "COPY -- --a b",
        "COPY <<EOF /x\nEOF",
        "ADD --keep-git-dir=false --unpack --checksum=x a b",
        "FROM a AS B.c-d_e",
        "FROM --platform=$BUILDPLATFORM a",
        "ONBUILD FOO a",
        "ONBUILD RUN --foo a",
        "WORKDIR a b",
        "WOR\u212aDIR /x",
        "MAINTAINER a b <c@d>",
        "ENTRYPOINT []",
        "HEALTHCHECK NONE []",
        "HEALTHCHECK --foo NONE",
        "HEALTHCHECK --interval=1h1m1.5s --timeout=0 --retries=+3 CMD a",
        "HEALTHCHECK --interval= CMD a",
        "volume a b",
    ],
)
def test_an_instruction_that_is_taken_is_not_refused(line: str) -> None:
    assert refusal(f"FROM a\n{line}") == ""


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("# escape=x\nFROM a", "line 1: the escape character is 'x'"),
        ("# escape=\\\n# escape=`\nFROM a", "line 2: the directive 'escape' appears twice"),
        ("# syntax=docker/dockerfile:1\n# Syntax=b\nFROM a", "line 2: the directive 'syntax'"),
        ("RUN a\nFROM a", "line 1: a FROM has to come before it"),
        ("# a comment\n# escape=x\nFROM a", ""),
        ("ARG a\nFROM a", ""),
    ],
)
def test_the_whole_file_is_looked_at(text: str, reason: str) -> None:
    assert refusal(text).startswith(reason)
    assert bool(refusal(text)) == bool(reason)


@pytest.mark.parametrize(
    "first",
    [
        "# syntax=devthefuture/dockerfile-x",
        "# syntax = example.com/frontend:2 --option",
        "#!/usr/bin/env buildctl\n# syntax=example.com/frontend",
        "# check=skip=all\n# syntax=example.com/frontend",
    ],
)
def test_another_frontend_may_take_more(first: str) -> None:
    assert refusal(f"{first}\nFROM a\nINCLUDE b") == ""


@pytest.mark.parametrize(
    "first", ["# syntax=docker/dockerfile:1-labs", "# syntax=docker.io/docker/dockerfile", "#"]
)
def test_dockers_frontend_takes_no_more(first: str) -> None:
    assert refusal(f"{first}\nFROM a\nINCLUDE b").endswith("'INCLUDE' is not an instruction")
