"""Folders of vendored Go modules."""

import pytest

from bot.verify.vendored_modules import make_vendored_module_matcher


@pytest.mark.parametrize(
    "mark",
    [
        *("app/vendor/modules.txt", "app/vendor/vendor.json", "app/vendor/manifest"),
        *("app/Gopkg.lock", "app/glide.lock", "app/Godeps/Godeps.json", "app/vendor.conf"),
    ],
)
def test_a_folder_that_a_tool_filled(mark: str) -> None:
    is_vendored = make_vendored_module_matcher({mark}, {"app/main.go": "package main\n"})
    assert is_vendored("app/vendor/github.com/x/y/mkall.sh")
    assert is_vendored("app/vendor/github.com/x/y/vendor/z.txt")
    assert not is_vendored("app/web/vendor/jquery.js")
    assert not is_vendored("app/static/logo.svg")


def test_a_folder_of_another_language() -> None:
    is_vendored = make_vendored_module_matcher({"app/vendor/autoload.php"}, {})
    assert not is_vendored("app/vendor/slim/app.php")


@pytest.mark.parametrize(
    "text",
    [
        'http.Dir("vendor")',
        'os.ReadFile("./vendor/x/page.html")',
        "glob(`assets/vendor/*.css`)",
    ],
)
def test_a_folder_that_a_source_may_read(text: str) -> None:
    is_vendored = make_vendored_module_matcher({"app/vendor/modules.txt"}, {"app/main.go": text})
    assert not is_vendored("app/vendor/x/page.html")
