"""Files of `priv` in a release."""

import pytest

from bot.model.files import Entry, EntryKind
from bot.verify.released_files import make_released_file_matcher

RELEASED = "srv/shop/lib/web-0.1.0/priv/static/app.css"


def make_entry(path: str, content_hash: str) -> Entry:
    return Entry(path, EntryKind.FILE, 1, content_hash=content_hash)


@pytest.mark.parametrize(
    ("text", "is_released"),
    [
        ('Application.app_dir(:web, "priv/static/app.css")', True),
        ('Path.join(:code.priv_dir(:web), "static")', True),
        ('filename:join(code:priv_dir(web), "static")', True),
        ('File.read!("priv/static/app.css")', False),
        ('File.stream!( "apps/web/priv/static/app.css")', False),
        ('"priv/static/app.css" |> File.read!()', False),
        ('@page "priv/static/app.css"', False),
        ('file:consult("priv/static/app.css")', False),
    ],
)
def test_a_file_is_in_the_release_unless_it_is_read_elsewhere(text: str, is_released: bool) -> None:
    tree = {RELEASED: make_entry(RELEASED, "1")}
    matches = make_released_file_matcher(tree, {"app/lib/web.ex": text})
    path = "app/apps/web/priv/static/app.css"
    assert matches(path, make_entry(path, "1")) is is_released
    assert not matches(path, make_entry(path, "2"))
    other = "app/static/app.css"
    assert not matches(other, make_entry(other, "1"))


def test_settings_of_a_release() -> None:
    release = "app/_build/prod/rel/web/releases/0.1.0"
    tree = {
        f"{release}/{name}": make_entry(f"{release}/{name}", "1")
        for name in ("sys.config", "env.sh")
    }
    matches = make_released_file_matcher(tree, {})
    for path in ("app/config/sys.config", "app/config/sys.config.src", "app/rel/env.sh.eex"):
        assert matches(path, make_entry(path, "2"))
        assert not make_released_file_matcher({}, {})(path, make_entry(path, "2"))
    source = "app/config/sys.config.src"
    released = f"{release}/sys.config.src"
    assert make_released_file_matcher({released: make_entry(released, "1")}, {})(
        source, make_entry(source, "1")
    )
    for path in ("app/config/vm.args", "app/rel/page.eex", "app/config/other.config"):
        assert not matches(path, make_entry(path, "2"))


def test_the_description_of_an_application() -> None:
    released = "srv/lib/shop-0.1.0/ebin/shop.app"
    matches = make_released_file_matcher({released: make_entry(released, "1")}, {})
    for name, is_released in (("shop", True), ("other", False)):
        path = f"app/src/{name}.app.src"
        assert matches(path, make_entry(path, "2")) is is_released
