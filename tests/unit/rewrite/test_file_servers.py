"""Command lines of file servers, and those that nginx does not replace."""

import pytest

from bot.rewrite.file_servers import Service, find_service
from bot.rewrite.startup import resolve_startup
from tests.support.rewrite_world import make_facts

FILES = """
    base 900MB
    usr/local/bin/npm -> ../lib/node_modules/npm/bin/npm-cli.js base
    usr/local/lib/node_modules/npm/bin/npm-cli.js 1kB base 755
    app/dist/index.html 1kB @3
    app/web/index.html 1kB @3
    app/empty/page.html 1kB @3
    app/package.json 1kB @3 = {"scripts": {"pages": "serve -s dist", "preview": "vite preview"}}
"""
ABOVE = "FROM node:20\nWORKDIR /app\nCOPY . .\nRUN npm run build\n"


def read(command: str, files: str = "", above: str = ABOVE) -> Service | None:
    facts = make_facts(f"{above}CMD {command}\n", FILES + files)
    return find_service(facts, resolve_startup(facts))


def describe(service: Service | None) -> tuple[str, str, int, bool] | None:
    if service is None:
        return None
    return service.name, service.folder, service.port, service.has_fallback


@pytest.mark.parametrize(
    ("command", "expected"),
    [
        ("serve dist", ("serve", "app/dist", 3000, False)),
        ("serve -s dist -l 8000", ("serve", "app/dist", 8000, True)),
        ("serve --single --listen=tcp://0.0.0.0:8000 dist", ("serve", "app/dist", 8000, True)),
        ("serve -n /app/dist", ("serve", "app/dist", 3000, False)),
        ("http-server dist -p 80", ("http-server", "app/dist", 80, False)),
        ("http-server -s dist", ("http-server", "app/dist", 8080, False)),
        ("vite preview", ("vite", "app/dist", 4173, False)),
        ("vite preview --host --port 80", ("vite", "app/dist", 80, False)),
        ("vite preview --host 0.0.0.0 --strictPort", ("vite", "app/dist", 4173, False)),
    ],
)
def test_options_are_read(command: str, expected: tuple[str, str, int, bool]) -> None:
    assert describe(read(command)) == expected


@pytest.mark.parametrize(
    "command",
    [
        "serve",
        "serve dist web",
        "serve empty",
        "serve -s dist -l $PORT",
        "serve -s dist -l 127.0.0.1:3000",
        "serve -s dist --cors",
        "http-server dist -c-1",
        "vite",
        "vite dev --host",
        "vite preview --open",
        "node server.js",
        "node prepare.js && serve dist",
    ],
)
def test_other_commands_and_options_are_not(command: str) -> None:
    assert read(command) is None


@pytest.mark.parametrize(
    ("command", "port"),
    [
        ("npm run pages", 3000),
        ("npm run pages -- -l 90", 90),
        ("yarn preview --port 90 --host", 90),
        ("pnpm run preview --port 90", 90),
        ("npm run preview -- --host 0.0.0.0 --port 90", 90),
    ],
)
def test_words_behind_a_script_are_added_to_it(command: str, port: int) -> None:
    service = read(command)
    assert service
    assert service.port == port


def test_the_variable_port_is_the_default_but_of_vite() -> None:
    above = ABOVE + "ENV PORT=5000\n"
    ports = [
        service and service.port
        for service in (read("serve dist", "", above), read("vite preview", "", above))
    ]
    assert ports == [5000, 4173]


@pytest.mark.parametrize("path", ["app/dist/serve.json", "app/serve.json"])
def test_settings_of_serve_are_not_followed(path: str) -> None:
    assert read("serve dist", f"{path} 1kB @3\n") is None


@pytest.mark.parametrize(
    ("settings", "expected"),
    [
        ("// https://vite.dev/config/", ("vite", "app/dist", 4173, False)),
        ("build: { outDir: 'web' }", ("vite", "app/web", 4173, False)),
        ("preview: { host: true, port: 8080 }", ("vite", "app/dist", 8080, False)),
        ("server: { port: 8080 }", ("vite", "app/dist", 4173, False)),
        ("server: { proxy: { '/api': 'http://api' } }", None),
        ("base: '/shop/'", None),
        ("appType: 'mpa'", None),
    ],
)
def test_settings_of_vite(settings: str, expected: tuple[str, str, int, bool] | None) -> None:
    files = f"app/vite.config.ts 1kB @3 = {settings}\n"
    assert describe(read("vite preview", files)) == expected


def test_with_a_fallback_serve_looks_for_no_other_file() -> None:
    single, plain = read("serve -s dist"), read("serve dist")
    assert single
    assert plain
    assert single.tried == "$uri /index.html"
    assert plain.tried == "$uri $uri.html $uri/index.html =404"
