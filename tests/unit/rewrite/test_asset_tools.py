"""Node in images of servers in another language."""

import pytest

from bot.rewrite.asset_tools import list_asset_tools
from tests.support.rewrite_world import (
    cut_build_stage,
    cut_last_stage,
    make_candidate,
    make_facts,
    read_image_startup,
    rewrite_text,
)

TEXT = """FROM ruby:3.3
RUN apt-get update && apt-get install -y nodejs npm
WORKDIR /app
COPY . .
RUN bundle install && npm ci && rake assets:precompile
CMD ["puma"]
"""
LISTING = """
    base 900MB
    usr/local/bin/puma 1kB base 755
    deb gcc 90MB base brings usr/bin/gcc
    deb nodejs 90MB @2 brings usr/bin/node
    deb npm 9MB @2 brings usr/bin/npm
    app/app.rb 1kB @4 = run App
    app/package.json 1kB @4 = {"scripts": {"dev": "node build.mjs --watch"}}
    app/build.mjs 1kB @4 = import { spawn } from "child_process"; spawn("node")
    app/public/assets/app.js 1kB @5
    app/node_modules/esbuild/bin/esbuild 9MB @5 755
    usr/local/bundle/gems/rack-3/lib/rack.rb 3MB @5
"""


def list_tools(*lines: str, text: str = TEXT) -> list[str]:
    facts = make_facts(text, "\n".join([LISTING, *lines]))
    return list(list_asset_tools(facts, read_image_startup(facts)))


def test_node_and_its_modules_stay_in_the_build_stage() -> None:
    assert list_tools() == ["/app/node_modules"]
    text = rewrite_text(TEXT, LISTING)
    assert not any("node" in line for line in cut_last_stage(text))
    assert "RUN rm -rf node_modules" in cut_build_stage(text)
    assert "nodejs, npm (no source" in make_candidate(TEXT, LISTING).message


def test_node_that_was_copied_from_its_image_stays_there_too() -> None:
    text = TEXT.replace("RUN apt-get", "COPY --from=node:20 /usr/local /usr/local\nRUN apt-get")
    lines = """
        usr/local/bin/node 90MB @2 755
        usr/local/bin/npx 1kB @2 755
        usr/local/lib/node_modules/npm/index.js 9MB @2
    """
    listing = LISTING.replace("@5", "@6").replace("@4", "@5").replace("@2", "@3")
    facts = make_facts(text, listing + lines)
    assert list(list_asset_tools(facts, read_image_startup(facts))) == [
        "/app/node_modules",
        "/usr/local/lib/node_modules",
        "/usr/local/bin/node",
        "/usr/local/bin/npx",
    ]


@pytest.mark.parametrize(
    "line",
    [
        "app/views/page.erb 1kB @4 = <script src=/node_modules/vue/dist/vue.js>",
        "app/config/initializers/assets.rb 1kB @4 = paths << root.join('node_modules')",
    ],
)
def test_modules_that_a_page_or_a_source_names_are_served(line: str) -> None:
    assert list_tools(line) == []


@pytest.mark.parametrize(
    "line",
    [
        "app/vite.config.js 1kB @4 = alias('node_modules/vue')",
        "app/vendor/x/y.rb 1kB @4 = 'node_modules'",
        "app/.gitignore 1kB @4 = node_modules",
    ],
)
def test_what_bundlers_and_tools_read_names_no_served_modules(line: str) -> None:
    assert list_tools(line) == ["/app/node_modules"]


def test_modules_of_the_context_and_of_a_command_of_node_are_shipped() -> None:
    assert list_tools("app/lib/node_modules/x/a.js 1kB @4") == ["/app/node_modules"]
    assert list_tools(text=TEXT.replace('["puma"]', '["npm", "start"]')) == []
    assert list_tools(text=TEXT.replace("WORKDIR /app\n", "WORKDIR /\n")) == []


def test_a_gem_that_starts_node_keeps_it() -> None:
    gem = """
    usr/local/bundle/gems/execjs-2/lib/execjs/runtimes.rb 1kB @5 = IO.popen(["node", "-"])
    """
    install = next(x for x in cut_last_stage(rewrite_text(TEXT, LISTING + gem)) if "apt-get" in x)
    assert "nodejs" in install
