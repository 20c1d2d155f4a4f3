"""Paths that sources open or list, and the files below them."""

import pytest

from bot.verify.read_paths import find_read_paths, make_read_path_matcher


@pytest.mark.parametrize(
    ("source", "path"),
    [
        ('RESOURCES = Path.of("src", "main", "resources");', "src/main/resources"),
        ("const root = path.join(__dirname, 'content')", "content"),
        ("fs.readdirSync('./pages')", "pages"),
        ('BASE = Path(__file__).parent / "templates"', "templates"),
        ('head = root / ".git" / "HEAD"', ".git/HEAD"),
        ('os.path.join(os.path.dirname(__file__), "data")', "data"),
        ('filepath.Glob(filepath.Join("examples", name, "*"))', "examples"),
        ('template.ParseGlob("pages/*.html")', "pages"),
        ('open(f"data/{name}.csv")', "data"),
        ("File.join(__dir__, 'docs')", "docs"),
    ],
)
def test_calls_that_read(source: str, path: str) -> None:
    assert find_read_paths([source]) == {path}


@pytest.mark.parametrize(
    "source",
    [
        '", ".join(names)',
        "names.join('/')",
        'open(name + ".csv")',
        "path.join(__dirname, 'src')",
        "app.use('/content', router)",
        'x = ["templates"]',
        "fs.readFile(`${root}/page.md`)",
    ],
)
def test_strings_that_are_no_paths_of_data(source: str) -> None:
    assert find_read_paths([source]) == frozenset()


def test_files_below_a_read_folder() -> None:
    is_read = make_read_path_matcher({"app/web.py": 'T = BASE / "templates"'})
    assert is_read("app/templates/flask/README.md")
    assert not is_read("app/README.md")
    assert not is_read("app/my-templates/README.md")
    assert not is_read("app/templates/.gitkeep")


def test_what_go_compiles_is_not_read() -> None:
    source = (
        'import "example.org/shop/pages"\nvar p = os.DirFS("pages")\nvar e = os.DirFS("examples")'
    )
    is_read = make_read_path_matcher({"src/main.go": source})
    assert not is_read("src/pages/page.go")
    assert is_read("src/pages/page.html")
    assert is_read("src/examples/hello.go")
