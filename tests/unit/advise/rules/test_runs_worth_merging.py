"""`RUN`s that are worth merging."""

import pytest

from tests.support.rule_inputs import after, found, subject

RULE = "runs-worth-merging"


@pytest.mark.parametrize(
    "text",
    [
        "FROM a\nRUN a\nRUN b",
        "FROM a\nRUN apt-get update\nRUN apt-get install x",
        "FROM a\nRUN make\nUSER x\nRUN strip /x",
        "FROM a\nRUN cd /src && make\nRUN strip /x",
        "FROM a\nRUN --mount=type=cache,target=/c make\nRUN strip /x",
        "FROM a AS b\nRUN make\nRUN strip /x\nFROM a\nCOPY --from=b /x /x",
    ],
)
def test_left_alone(text: str) -> None:
    assert found(RULE, text) == []


def test_only_where_the_second_writes_files_of_the_first() -> None:
    text = "FROM a\nRUN make\nRUN ./shrink\nRUN ls\n"
    world = "FROM a 10MB / RUN make 50MB / RUN shrink 20MB overwrites 40MB of 2 in /opt / RUN ls 0B"
    looked_at = subject(text, world, "usr/x 1MB @2")
    (finding,) = found(RULE, looked_at)
    assert (finding.saving_bytes, finding.instruction.line_start) == (40_000_000, 3)
    assert after(RULE, looked_at) == "FROM a\nRUN make \\\n    && ./shrink\nRUN ls\n"
    assert "layer cache" in finding.message


def test_owners_and_modes_have_a_rule_of_their_own() -> None:
    text = "FROM a\nRUN make\nRUN chown -R 1 /opt\n"
    world = "FROM a 10MB / RUN make 50MB / RUN c 40MB copies 40MB of 2 in /opt"
    assert found(RULE, subject(text, world, "usr/x 1MB @2")) == []
