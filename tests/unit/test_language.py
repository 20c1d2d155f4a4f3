"""The language of the code: names that say something, docstrings that begin with a verb.

Ruff holds the form of docstrings (D205, D400, D401); these are the rules that it does not know.
"""

import ast
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
MODULES = sorted((ROOT / "bot").rglob("*.py"))
APPS = ROOT / "tests/collection/apps"  # other people's applications
OTHER_MODULES = sorted(
    path
    for folder in ("tests", "bench", "demo")
    for path in (ROOT / folder).rglob("*.py")
    if APPS not in path.parents
)

VAGUE_NAMES = {
    *("found", "told", "said", "asked", "given", "known", "made", "seen", "left", "held", "kept"),
    *("wanted", "each", "one", "place", "here", "there", "more", "about", "way", "gone", "it"),
    *("meant", "mine", "theirs", "temp", "tmp", "res", "ret", "val", "obj", "thing", "stuff"),
    *"abcdefghijklmnopqrstuvwxyz",
}
QUESTION_WORDS = {"What", "Whether", "Where", "Whose", "Who", "Which", "How", "Why", "When"}
QUESTION_DOCSTRINGS = 0  # may only fall
# Twins on purpose: a port and its adapter, a command and the step behind it, a language in two rooms.
SHARED_STEMS = {
    *("__init__", "build_context", "schema", "review", "existing", "publish", "advise", "errors"),
    *("node", "python", "go", "rust", "client", "image", "comment", "approval", "changes", "trend"),
}

_Function = ast.FunctionDef | ast.AsyncFunctionDef
_Documented = ast.Module | ast.ClassDef | _Function


def trees(modules: list[Path] = MODULES) -> Iterator[tuple[str, ast.Module]]:
    for path in modules:
        yield path.relative_to(ROOT).as_posix(), ast.parse(path.read_text("utf-8"))


def one_line_comprehension_targets(tree: ast.Module) -> set[ast.AST]:
    """Return the names bound inside of a comprehension that fits on one line."""
    return {
        name
        for node in ast.walk(tree)
        if isinstance(node, ast.ListComp | ast.SetComp | ast.DictComp | ast.GeneratorExp)
        if node.lineno == node.end_lineno
        for generator in node.generators
        for name in ast.walk(generator.target)
    }


def bound_names(tree: ast.Module) -> Iterator[tuple[int, str]]:
    """Yield variables, parameters, attributes, functions and types where they get their names."""
    exempt = one_line_comprehension_targets(tree)
    for node in ast.walk(tree):
        match node:
            case ast.arg(arg=name) | ast.MatchAs(name=str(name)) | ast.MatchStar(name=str(name)):
                yield node.lineno, name
            case ast.Name(id=name, ctx=ast.Store()) if node not in exempt:
                yield node.lineno, name
            case ast.Attribute(attr=name, ctx=ast.Store()) | ast.alias(asname=str(name)):
                yield node.lineno, name
            case (
                ast.ClassDef(name=name)
                | ast.FunctionDef(name=name)
                | ast.MatchMapping(rest=str(name))
            ):
                yield node.lineno, name
            case ast.ExceptHandler(name=str(name)):
                yield node.lineno, name


def vague_bindings(tree: ast.Module) -> Iterator[tuple[int, str]]:
    return ((line, name) for line, name in bound_names(tree) if name.strip("_") in VAGUE_NAMES)


def docstrings() -> Iterator[tuple[str, int, str]]:
    for path, tree in trees():
        for node in ast.walk(tree):
            if isinstance(node, _Documented) and (text := ast.get_docstring(node)):
                yield path, getattr(node, "lineno", 1), text


@pytest.mark.parametrize("modules", [MODULES, OTHER_MODULES], ids=["program", "tests"])
def test_no_name_is_vague(modules: list[Path]) -> None:
    assert len(modules) > 200
    offences = [
        f"{path}:{line}: {name}"
        for path, tree in trees(modules)
        for line, name in vague_bindings(tree)
    ]
    assert offences == []


def test_a_vague_name_is_noticed() -> None:
    tree = ast.parse(
        "def read(told):\n  found = [x for x in told]\n  self._given = [\n    x for x in told\n  ]\n"
    )
    assert sorted(vague_bindings(tree)) == [(1, "told"), (2, "found"), (3, "_given"), (4, "x")]


def test_docstrings_do_not_begin_with_a_question_word() -> None:
    questions = [
        f"{path}:{line}: {text.splitlines()[0]}"
        for path, line, text in docstrings()
        if text.split()[0].strip(",.:") in QUESTION_WORDS
    ]
    assert len(questions) <= QUESTION_DOCSTRINGS, "\n".join(questions)


def test_no_two_types_share_a_name() -> None:
    types = Counter(
        node.name
        for _, tree in trees()
        for node in ast.walk(tree)
        if isinstance(node, ast.ClassDef)
    )
    assert [name for name, count in types.items() if count > 1] == []


def test_modules_share_no_stem_but_on_purpose() -> None:
    stems = Counter(path.stem for path in MODULES)
    assert {stem for stem, count in stems.items() if count > 1} <= SHARED_STEMS
