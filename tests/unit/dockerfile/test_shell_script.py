"""Removing single commands from a shell script."""

import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from bot.adapters.parsing.dockerfile_parser import DockerfileReader
from bot.dockerfile.edits import TextChange, apply_changes
from bot.dockerfile.shell_script import Script
from bot.dockerfile.source_text import SourceText


def script(text: str) -> tuple[Script, SourceText]:
    """Return the script of the last instruction of a Dockerfile."""
    dockerfile = DockerfileReader().parse(f"FROM a\n{text}".encode())
    script = dockerfile.stages[-1].instructions[-1].script
    assert script is not None
    return script, dockerfile.source


@pytest.mark.parametrize(
    ("instruction", "command", "remaining"),
    [
        ("RUN a && \\\n  # why\n  b && \\\n  c", "a", "RUN b && \\\n  c"),
        ("RUN a && \\\n  # why\n  b && \\\n  c", "b", "RUN a && \\\n  c"),
        ("RUN a && \\\n  # why\n  b && \\\n  c", "c", "RUN a && \\\n  # why\n  b"),
        ("RUN <<E\na\nb\nE", "a", "RUN <<E\nb\nE"),
        ("RUN <<E\na\nb\nE", "b", "RUN <<E\na\nE"),
        ("RUN a && (b; c)", "a", "RUN  (b; c)"),
        ("RUN a && (b; c)", "b", "RUN a && (c)"),
        ("RUN if a; then b; c; fi", "b", "RUN if a; then c; fi"),
        ("RUN a > x 2>&1 && b", "a", "RUN b"),
    ],
)
def test_removing_a_command(instruction: str, command: str, remaining: str) -> None:
    parsed, source = script(instruction)
    span = parsed.removal_span(next(parsed.find_commands(command)))
    assert span is not None
    assert apply_changes(source, [TextChange(span, "")]).decode() == f"FROM a\n{remaining}"


@pytest.mark.parametrize(
    ("instruction", "command"),
    [
        ("RUN a", "a"),
        ("RUN a || b", "a"),
        ("RUN a || b", "b"),
        ("RUN a | b", "b"),
        ("RUN a && b | c", "b"),
        ("RUN (a) && b", "a"),
        ("RUN if a; then b; fi", "a"),
        ("RUN if a; then b; fi", "b"),
        ("RUN ! a && b", "a"),
        ("RUN a <<E && b\nx\nE", "a"),
        ("RUN a && b (", "a"),
        ('RUN ["a", "b"]', "a"),
    ],
)
def test_commands_without_a_removal_span(instruction: str, command: str) -> None:
    parsed, _ = script(instruction)
    assert parsed.removal_span(next(parsed.find_commands(command))) is None


@pytest.mark.parametrize(
    ("instruction", "names", "remaining"),
    [
        ("RUN a && b && c", "a b", "RUN c"),
        ("RUN a && b && c && d", "a c", "RUN b && d"),
        ("RUN a && b && c", "b c", "RUN a"),
        ("RUN a; b \\\n && (c; d)", "a b", "RUN  (c; d)"),
        ("RUN a $(e) && b && c", "a b", "RUN c"),
    ],
)
def test_removing_several_commands(instruction: str, names: str, remaining: str) -> None:
    parsed, source = script(instruction)
    spans = parsed.removal_spans([x for x in parsed.commands if x.name in names.split()])
    assert spans is not None
    changes = [TextChange(span, "") for span in spans]
    assert apply_changes(source, changes).decode() == f"FROM a\n{remaining}"


@pytest.mark.parametrize("instruction", ["RUN a && b", "RUN a && b || c", "RUN (a) && b && c"])
def test_several_commands_that_cannot_be_removed(instruction: str) -> None:
    parsed, _ = script(instruction)
    assert parsed.removal_spans([x for x in parsed.commands if x.name in ("a", "b")]) is None


pieces = st.sampled_from(["a", "b 'c d'", "d $(e | f)", "(g; h)", "{ i; j; }", "k > l", "! m"])


separators = st.sampled_from([" && ", "; ", " || ", " | ", " \\\n  && ", " && \\\n # no\n\n  "])


@st.composite
def scripts(draw: st.DrawFn) -> str:
    text = draw(pieces)
    for piece in draw(st.lists(pieces, max_size=4)):
        text += draw(separators) + piece
    return text


@settings(deadline=None)
@given(scripts(), st.data())
def test_removing_any_command_keeps_the_others(text: str, data: st.DataObject) -> None:
    parsed, source = script(f"RUN {text}\nUSER x\nRUN {text}")
    command = data.draw(st.sampled_from(parsed.commands))
    span = parsed.removal_span(command)
    assume(span is not None)
    assert span is not None
    after = (
        DockerfileReader()
        .parse(apply_changes(source, [TextChange(span, "")]))
        .stages[0]
        .instructions
    )
    assert [x.keyword for x in after] == ["RUN", "USER", "RUN"]
    taken = range(command.span.start, command.span.end)
    expected = [x.argument_values for x in parsed.commands if x.span.start not in taken]
    assert after[2].script
    assert after[2].script.is_complete
    assert [x.argument_values for x in after[2].script.commands] == expected


@settings(deadline=None)
@given(scripts(), st.data())
def test_removing_any_commands_keeps_the_others(text: str, data: st.DataObject) -> None:
    parsed, source = script(f"RUN {text}")
    outer = [x for x in parsed.commands if not x.enclosing]
    commands = [x for x in outer if data.draw(st.booleans())]
    spans = parsed.removal_spans(commands)
    assume(spans)
    assert spans
    saved = apply_changes(source, [TextChange(span, "") for span in spans])
    (after,) = DockerfileReader().parse(saved).stages[0].instructions
    taken = {offset for x in commands for offset in range(x.span.start, x.span.end)}
    expected = [x.argument_values for x in parsed.commands if x.span.start not in taken]
    assert after.script
    assert after.script.is_complete
    assert [x.argument_values for x in after.script.commands] == expected
