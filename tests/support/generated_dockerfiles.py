"""Dockerfiles that hypothesis puts together out of all that is hard to read about them."""

from dataclasses import dataclass

from hypothesis import strategies as st

BLANKS = st.sampled_from([" ", "  ", "\t", " \t "])
NAMES = st.sampled_from(["a", "b_1", "PATH", "é"])
HEREDOC_WORDS = st.sampled_from(["EOF", "A.txt", "E-O_F", "1"])
BODY_LINES = st.sampled_from(
    ["FROM x", "RUN y \\", "# no comment", "", " EOF", "\tEOF ", "\\", "`", "COPY <<X /", "é $x"]
)
SHELL_WORDS = st.sampled_from(
    [
        "apt-get",
        "install",
        "&&",
        "||",
        ";",
        "|",
        "'single quoted'",
        '"double \\" quoted"',
        '"no <<EOF"',
        "$((1<<2))",
        "<<<word",
        "> /dev/null",
        "2>&1",
        "${x:-d}",
        "$(ls -l)",
        "\\$x",
        "a#b",
        "C:\\dir",
        "\\\\",
        "`",
        "[",
        "{}",
        "--flag=1",
        "--",
        "日本",
    ]
)
VALUES = st.sampled_from(
    ["x", "", '"a b"', "'a b'", "a\\ b", "$x", "${x:+y}", "a=b", '"open', "\\", "C:\\", '"\\""']
)
FLAGS = st.sampled_from(
    [
        "--from=build",
        "--chown=1:1",
        "--link",
        "--mount=type=cache,target=/x",
        '--mount=type=bind,"target=/a b"',
        "--platform=$BUILDPLATFORM",
        "--x='a b'",
        "--ü=é",
    ]
)
LISTS = st.sampled_from(
    ['["a", "b c"]', "[]", '[ "\\u00e9\\n" ]', '["a",]', '["a" "b"]', "['a']", '["a", ["b"]']
)
LOOSE_LINES = st.sampled_from(
    ["", "   ", "# comment", "  # indented \\", "\t#", "FOO bar", "{{ template }}", "-- x", "é"]
)
TOPS = st.sampled_from(
    [
        "",
        "# escape=`\n",
        "#Escape = \\\n",
        "# syntax=docker/dockerfile:1\n# escape=`\n",
        "# no directive\n# escape=`\n",
        "\n# escape=`\n",
        "\ufeff",
        "\ufeff# escape=`\n",
    ]
)


@dataclass(frozen=True)
class Heredoc:
    """A heredoc: its redirection, and its body with the terminator."""

    marker: str
    body: str


@st.composite
def dockerfiles(draw: st.DrawFn) -> str:
    """Generate a Dockerfile with uniform line endings; the last one may be missing."""
    top = draw(TOPS)
    escape = "`" if top.lstrip("\ufeff").startswith(("# escape=`", "# syntax")) else "\\"
    pieces = draw(st.lists(st.one_of(LOOSE_LINES, instructions(escape)), max_size=8))
    text = f"{top}FROM busybox\n" + "\n".join(pieces)
    end = draw(st.sampled_from(["\n", "", escape, f"\nRUN x {escape}", "\n\n"]))
    return (text + end).replace("\n", draw(st.sampled_from(["\n", "\n", "\r\n"])))


@st.composite
def instructions(draw: st.DrawFn, escape: str) -> str:
    """Generate an instruction, with `ONBUILD` and heredocs at times."""
    keyword, arguments = draw(st.one_of(shell_like(), lists(), pairs(), words()))
    announced: list[Heredoc] = []
    if keyword in ("RUN", "COPY", "ADD") and not arguments[0].startswith("["):
        announced = draw(st.lists(heredocs(), max_size=2))
    escaped = ["--y=a\\ b"] if escape == "\\" else []  # the oracle knows this escape only
    flags = draw(st.lists(st.one_of(FLAGS, st.sampled_from(escaped or ["--z"])), max_size=2))
    parts = [*flags, *arguments, *(heredoc.marker for heredoc in announced)]
    keyword = draw(st.sampled_from([keyword, keyword.lower(), f"ONBUILD {keyword}"]))
    line = draw(laid_out([keyword, *parts], escape))
    return "\n".join([line, *(heredoc.body for heredoc in announced)])


@st.composite
def laid_out(draw: st.DrawFn, parts: list[str], escape: str) -> str:
    """Spread an instruction over several lines, with comments and empty lines between."""
    text = draw(st.sampled_from(["", "  ", "\t"])) + parts[0]
    for part in parts[1:]:
        text += draw(BLANKS)
        if draw(st.integers(0, 3)) == 0:
            text += escape + draw(st.sampled_from(["", " ", "\t "])) + "\n"
            text += draw(st.sampled_from(["", "\n", "# comment\n", "  \n\t# comment \\\n", "  "]))
        text += part
    return text


@st.composite
def heredocs(draw: st.DrawFn) -> Heredoc:
    """Generate heredocs of any kind; some lack their terminator."""
    word, dash = draw(HEREDOC_WORDS), draw(st.sampled_from(["", "-"]))
    quote, number = draw(st.sampled_from(["", "'", '"'])), draw(st.sampled_from(["", "3"]))
    end = draw(st.sampled_from([word] * 9 + [f"{word} "]))
    tabs = "\t\t" if dash else ""
    body = [*draw(st.lists(BODY_LINES, max_size=3)), tabs + end]
    return Heredoc(f"{number}<<{dash}{quote}{word}{quote}", "\n".join(body))


def shell_like() -> st.SearchStrategy[tuple[str, list[str]]]:
    keywords = st.sampled_from(["RUN", "RUN", "RUN", "CMD", "ENTRYPOINT", "HEALTHCHECK CMD"])
    return st.tuples(keywords, st.lists(SHELL_WORDS, min_size=1, max_size=6))


def lists() -> st.SearchStrategy[tuple[str, list[str]]]:
    keywords = ["RUN", "CMD", "ENTRYPOINT", "SHELL", "VOLUME", "COPY", "ADD", "HEALTHCHECK CMD"]
    return st.tuples(st.sampled_from(keywords), st.lists(LISTS, min_size=1, max_size=1))


def pairs() -> st.SearchStrategy[tuple[str, list[str]]]:
    pair = st.builds("{}={}".format, NAMES, VALUES)
    pair_lists = st.lists(pair, min_size=1, max_size=3)
    older = st.builds(lambda name, value: [f"{name} {value}x"], NAMES, VALUES)
    return st.tuples(st.sampled_from(["ENV", "LABEL", "ARG"]), st.one_of(pair_lists, older))


def words() -> st.SearchStrategy[tuple[str, list[str]]]:
    keywords = ["COPY", "ADD", "EXPOSE", "FROM", "MAINTAINER", "STOPSIGNAL", "USER", "WORKDIR"]
    word = st.sampled_from(["a", "/b/", "a:b", "$x", "é", "'c d'", "AS", "80/tcp", "\\"])
    return st.tuples(st.sampled_from(keywords), st.lists(word, min_size=1, max_size=4))
