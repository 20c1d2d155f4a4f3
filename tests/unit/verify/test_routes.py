"""Paths that a server is asked for: routes of sources, frameworks, OpenAPI files, static files."""

import json

import pytest

from bot.verify.app_files import AppFiles
from bot.verify.routes import list_routes, may_listen, speaks_http
from tests.support.image_pair_world import SHELL, make_image


def routes(*texts: str, **files: str) -> tuple[str, ...]:
    sources = {f"app/{number}.js": text for number, text in enumerate(texts)}
    data = {f"app/{name.replace('__', '/').replace('_', '.')}": x for name, x in files.items()}
    return list_routes(AppFiles(make_image(SHELL, copy={**sources, **data}, workdir="/app")))


@pytest.mark.parametrize(
    "text",
    [
        "app.get('/items', list)",
        'router.get("/items", list)',
        'r.GET("/items", list)',
        'http.HandleFunc("/items", list)',
        'mux.HandleFunc("GET /items", list)',
        '@app.route("/items")',
        '@app.get("/items")',
        '    path("items", views.items),',
        '  get "/items", to: "items#index"',
        "Route::get('/items', [Items::class, 'index']);",
        "$app->get('/items', Items::class);",
        '@GetMapping("/items")',
        '@GetMapping(value = "/items")',
        "@Get('items')",
        '[HttpGet("items")]',
        '#[get("/items")]',
        '.route("/items", get(list))',
        'app.MapGet("/items", List);',
        "if (req.url === '/items') {",
        "if path == '/items':",
        "if ($_SERVER['REQUEST_URI'] === '/items') {",
        'server.createContext("/items", handler);',
        'exchange.getRequestURI().getPath().equals("/items")',
        "    case '/items':",
        'if (strcmp(path, "/items") == 0) {',
        'if (!strncmp(request->line, "GET /items ", 11)) {',
    ],
)
def test_routes_of_sources(text: str) -> None:
    assert routes(text) == ("/items",)


@pytest.mark.parametrize(
    "text",
    [
        "app.use('/items', router)\nrouter.get('/all', list)",
        'g := r.Group("/items")\ng.GET("/all", list)',
        's := r.PathPrefix("/items").Subrouter()\ns.HandleFunc("/all", list)',
        'APIRouter(prefix="/items")\n@router.get("/all")',
        'Blueprint("items", __name__, url_prefix="/items")\n@items.route("/all")',
        '@RequestMapping("/items")\n@GetMapping("/all")',
        "@Controller('items')\n@Get('all')",
        '.nest("/items", Router::new().route("/all", get(list)))',
    ],
)
def test_routes_below_a_prefix(text: str) -> None:
    assert routes(text) == ("/all", "/items", "/items/all")
    assert routes(*text.split("\n")) == ("/all", "/items", "/items/all")


def test_routes_come_before_prefixes_and_what_changes_something_is_not_asked_for() -> None:
    text = "app.use('/admin', a)\na.get('/', x)\na.get('/reset', y)\na.get('/users/:id', z)"
    assert routes(text) == ("/admin",)


@pytest.mark.parametrize(
    "text",
    [
        "app.post('/items', create)",
        "app.get('/items/:id', show)",
        '@app.route("/items/<int:id>")',
        'r.GET("/items/{id}", show)',
        "app.get('/', home)",
        "app.get('/shutdown', stop)",
        "app.get('/session/logout', stop)",
        "app.get(`/items/${id}`)",
        'axios.get("https://example.com/x")',
        "app.get('/it$(id)', x)",
        "app.get('/a b', x)",
        "map.get('key.with \\'quote')",
    ],
)
def test_paths_that_are_not_requested(text: str) -> None:
    assert routes(text) == ()


def test_each_of_many_routers_is_asked() -> None:
    """Routers in folders of their own, whose prefixes are in another file of the folder."""
    sources = {}
    for name in ("books", "loans", "people"):
        sources[f"app/{name}/__init__.py"] = f'x = Blueprint("x", __name__, url_prefix="/{name}")'
        for route in ("add", "all", "find", "late"):
            sources[f"app/{name}/{route}.py"] = f'@x.route("/{route}_{name}")'
    paths = list_routes(AppFiles(make_image(SHELL, copy=sources, workdir="/app")))
    assert {"/books/add_books", "/books/all_books", "/books/find_books"} <= set(paths)
    assert len(paths) == 12


def test_paths_of_frameworks() -> None:
    assert routes("const app = FastAPI()") == ("/docs", "/openapi.json")
    assert routes("x = '/healthz'") == ("/health", "/healthz")
    # A server that has nothing else answers no request for `/`.
    assert routes("new Server(createServer()) // socket.io") == (
        *("/socket.io/", "/socket.io/socket.io.js"),
    )
    assert routes("socketio = SocketIO(app)") == ("/socket.io/",)


def test_paths_of_an_openapi_file() -> None:
    paths: dict[str, dict[str, object]] = {
        "/items": {"get": {}},
        "/items/{id}": {"get": {}},
        "/orders": {"post": {}},
    }
    assert routes(openapi_json=json.dumps({"paths": paths})) == ("/items",)
    text = "openapi: 3.0.0\npaths:\n  /items:\n    get: {}\n  /items/{id}:\n    get: {}\n"
    assert routes(swagger_yaml=text) == ("/items",)
    assert routes(other_yaml=text) == ()


def test_static_files_of_each_kind() -> None:
    assert routes(public__main_css="x", public__other_css="x", public__a_js="x") == (
        *("/main.css", "/public/main.css", "/a.js", "/public/a.js"),
    )
    modules = {"app/node_modules/x/dist/a.css": "x"}
    assert list_routes(AppFiles(make_image(SHELL, copy=modules, workdir="/app"))) == ()


def test_there_is_an_end_of_paths() -> None:
    assert len(routes(*(f"app.get('/items{number}', x)" for number in range(50)))) == 12


@pytest.mark.parametrize(
    "text",
    [
        "const express = require('express')",
        "from flask import Flask",
        'import "net/http"',
        "use axum::Router;",
        "import org.springframework.boot.SpringApplication;",
        "import { createServer } from 'node:http'",
        "from http.server import HTTPServer",
    ],
)
def test_applications_that_speak_http(text: str) -> None:
    image = make_image(SHELL, copy={"app/main.py": text}, workdir="/app")
    assert speaks_http(AppFiles(image))


def test_an_application_that_speaks_something_else() -> None:
    image = make_image(SHELL, copy={"app/main.c": "listen(socket, 5);"}, workdir="/app")
    assert not speaks_http(AppFiles(image))


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ('std::cout << "Roll: "; std::cin >> roll;', False),
        ("listen(connection, 5);", True),
        ("const app = require('express')()", True),
        ("", True),
    ],
)
def test_sources_that_may_open_a_port(text: str, expected: bool) -> None:
    image = make_image(SHELL, copy={"app/main.cpp": text}, workdir="/app")
    assert may_listen(AppFiles(image)) is expected


@pytest.mark.parametrize(
    "command", ["gunicorn app:app", "npx serve -s dist", "sh -c '/usr/bin/uvicorn x'", "npm start"]
)
def test_a_program_that_serves_http_by_its_name(command: str) -> None:
    manifest = json.dumps({"scripts": {"start": "react-scripts start"}})
    files = {"app/package.json": manifest}
    image = make_image(SHELL, copy=files, workdir="/app", command=tuple(command.split()))
    assert speaks_http(AppFiles(image))


@pytest.mark.parametrize("command", ["./server", "npm run chat", "observe -s", "python next.py"])
def test_a_program_that_may_serve_anything(command: str) -> None:
    manifest = json.dumps({"scripts": {"chat": "node chat.js"}})
    files = {"app/package.json": manifest}
    image = make_image(SHELL, copy=files, workdir="/app", command=tuple(command.split()))
    assert not speaks_http(AppFiles(image))


@pytest.mark.parametrize("manifest", ["", "[]", '{"scripts": []}', '{"scripts": {"a": 1}}'])
def test_a_package_without_scripts(manifest: str) -> None:
    image = make_image(
        SHELL, copy={"app/package.json": manifest}, workdir="/app", command=("npm", "start")
    )
    assert not speaks_http(AppFiles(image))


def test_routes_of_modules_that_django_includes() -> None:
    files = {
        "app/shop/urls.py": "urlpatterns = [\n    path('goods/', include('goods.urls')),\n]",
        "app/goods/urls.py": "urlpatterns = [\n    path('all/', views.all),\n    path('<int:pk>/', x),\n]",
    }
    paths = list_routes(AppFiles(make_image(SHELL, copy=files, workdir="/app")))
    assert paths[0] == "/goods/all/"
    assert not any("<" in path for path in paths)
