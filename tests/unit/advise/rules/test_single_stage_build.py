"""Images that are built in a single stage, judged without an image."""

from dataclasses import replace

import pytest

from bot.adapters.parsing.dockerfile_parser import DockerfileReader
from bot.advise.finding import Finding
from bot.dockerfile.build_context import BuildContext
from tests.support.rule_inputs import make_rule_input, run_rule

RULE = "single-stage-build"
BUILDING = '{"scripts": {"api": "npm run b && node x", "b": "babel src -d lib"}}'
START = 'CMD ["/app/server", "x"]'


@pytest.mark.parametrize(
    "text",
    [
        f"FROM golang AS b\nRUN go build .\nFROM debian\nCOPY --from=b /x /x\n{START}",
        f"FROM golang AS b\nRUN go build .\nFROM golang\nCOPY . .\nRUN go build .\n{START}",
        f"FROM debian:12-slim\nRUN apt-get update && apt-get install -y curl\n{START}",
        f"FROM python:3.12-slim\nRUN pip install -r requirements.txt\n{START}",
        f"FROM debian\nRUN apt-get install --no-install-recommends -y python3-pip && pip3 install x\n{START}",
        # Headers compile nothing.
        f"FROM python:3-slim\nCOPY . .\nRUN apt-get install -y libyaml-dev && python3 setup.py install\n{START}",
        # A wrapper gets what installs again.
        'FROM ruby:3\nCOPY . .\nRUN make build\nENTRYPOINT ["prehook", "bundle install -j4", "--", "x"]',
        f"FROM a/python\nRUN apt-get install -y libsm6 libxrender-dev && pip install -r x\n{START}",
        f"FROM python\nCOPY reqs/dev-requirements.txt a.sh /\nRUN pip install uwsgi -r dev-requirements.txt\n{START}",
        f"FROM python\nCOPY requirements /r\nRUN pip install uwsgi -r /r/devl.pip\n{START}",
        # Nobody knows the variant.
        f"FROM node@sha256:{'0' * 64}\nRUN npm install -g a-server\n{START}",
        f"FROM debian\nARG FLAGS=-qq\nRUN apt-get $FLAGS install gcc && make && apt-get $FLAGS purge gcc\n{START}",
        # make compiles nothing alone.
        f"FROM debian\nRUN apt-get install --no-install-recommends -y make python3-pip && pip install x\n{START}",
        # A slim base has all that it uses.
        f"FROM python:3.12\nCOPY . .\nRUN pip install flask\n{START}",
        f"FROM node:20\nCOPY . .\nRUN npm install\n{START}",
        f"FROM node:22-slim\nRUN npm ci --omit=dev\n{START}",
        f"FROM php:8.4-apache\nRUN docker-php-ext-install opcache\nCOPY . .\n{START}",
        f"FROM eclipse-temurin:17-jre\nCOPY app.jar /\n{START}",
        f"FROM alpine\nCOPY server /app/server\n{START}",
        f"FROM alpine\nRUN apk add gcc make && wget x && make && apk del gcc make\n{START}",
        "FROM golang\nCOPY . .\nRUN go build .\nCMD bash",
        'FROM golang\nCOPY . .\nRUN go build .\nENTRYPOINT ["go", "run", "."]',
        "FROM node\nCOPY . .\nRUN npm ci && npm run build\nCMD npm run dev",
        f"FROM ruby:3\nENV RAILS_ENV=development\nCOPY . .\nRUN bundle install\n{START}",
        f"FROM php:8-fpm\nENV APP_ENV dev\nCOPY . .\nRUN apt-get install -y gcc && make\n{START}",
        f"FROM alpine\nENV CC=gcc\nRUN apk add build-base && pip install x\n{START}",
        f"# docker build -t a . && docker run -it a bash\nFROM golang\nRUN go build .\n{START}",
        f"FROM node AS dev\nCOPY . .\nRUN npm ci && npm run build\n{START}",
        f"FROM golang\nCOPY . .\nRUN go build .\nONBUILD RUN x\n{START}",
        "FROM debian\nRUN apt-get install -y gcc make git",
        f"FROM debian\nCOPY . .\nRUN apt-get install -y g++ gdb valgrind && make\n{START}",
        'FROM rust\nCOPY . .\nRUN cargo build\nCMD ["bash", "-c", "cargo pgrx start && psql"]',
        "FROM golang\nRUN go install x.y/z@latest",
        f"FROM ubi7\nRUN yum install -y python-pip && pip install x\n{START}",
        f"FROM debian\nRUN apt-get install -y gcc && npm install -g npm@^6.14 yarn\n{START}",
        f"FROM debian\nRUN apt-get install -y gcc && yarn config set registry https://x\n{START}",
        # Nothing of a build is left: it ran elsewhere than where the files were copied to.
        f"FROM alpine\nCOPY rootfs /\nRUN apk add gcc && cd /tmp && ./configure && make && apk del gcc\n{START}",
        f"FROM alpine\nCOPY a.sql /y/\nRUN apk add gcc && cd /x && make && apk del gcc\n{START}",
        # A Makefile or a patch alone is no source, and an image without a command may be a stage.
        "FROM debian\nCOPY build.mk fix.patch /tmp/\nRUN cd /tmp && make -f build.mk deps",
        "FROM local-image/java-devel\nCOPY . /src\nRUN cd /src && ./gradlew jar",
        # Others build, test or debug in the image.
        "FROM debian\nRUN apt-get install -y gcc && pip install .[dev]\nCMD python3 -m unittest",
        "FROM debian\nRUN apt-get install -y gcc && pip install .\nCMD /venv/bin/python3 -m pytest tests",
        'FROM debian\nRUN apt-get install -y openjdk-8-jdk && bazel version\nENTRYPOINT ["bazel"]',
        'FROM golang\nCOPY a.go /b/\nRUN go build -o /b/a /b/a.go\nENTRYPOINT ["go.bash"]',
        f"FROM php:8-fpm\nRUN apt-get install -y git libzip-dev && pecl install xdebug-3.3.0 zip\n{START}",
        f"FROM php:8-fpm\nRUN apt-get install -y git libzip-dev && pie install xdebug/xdebug && pecl install zip\n{START}",
        f"FROM ubuntu\nRUN apt-get install -y php8.2-xdebug gcc && make\n{START}",
        "FROM php:8-fpm\nRUN apt-get install -y libzip-dev && pecl install zip pcov",
        f"FROM php:8-fpm\nRUN pecl install zip && useradd -m vscode\n{START}",
        f"FROM node:16-slim\nRUN apt-get install -y gcc && make && code-server --install-extension x\n{START}",
        "FROM node:18\nRUN git clone u && npm install && npm run build\nCMD npm run serve",
        "FROM python:3\nCOPY . .\nRUN pip install . && python setup.py bdist_wheel",
        f"FROM debian\nRUN apt-get install -y gcc && $PIP_INSTALL jupyterlab && make\n{START}",
        f"FROM pytorch/pytorch\nRUN git clone u x && cd x && python setup.py develop\n{START}",
        # A start that only waits, and a build for the sake of its caches.
        'FROM debian\nCOPY . /s\nRUN make install\nCMD ["sh", "-c", "while true; do sleep 60; done"]',
        f"FROM debian\nRUN git clone u x && cd x && ./mvnw install && cd .. && rm -rf x\n{START}",
        # Git is no compiler.
        f"FROM example/node\nRUN apk add openrc git && npm install -g hexo-cli\n{START}",
        # Nothing of a build is left, or others build in the image.
        f"FROM debian\nRUN apt-get install -y libx-dev && pip install -U setuptools wheel\n{START}",
        f"FROM debian\nRUN apt-get install -y git\nRUN git clone u && pip install -r x\n{START}",
        f"FROM python:3-slim\nCOPY . .\nRUN pip install -e .\n{START}",
        f"FROM python:3-slim\nCOPY . .\nRUN pip install .\n{START}",
        "FROM debian\nCOPY . .\nRUN make && pip install -e .",
        f"FROM ruby:3\nRUN gem update --system && gem install bundler -v 2.4.1\n{START}",
        "FROM python:3-slim\nCOPY --from=x/uv /uv /bin/\nRUN uv sync\nCMD uv run x",
        "FROM python:3-slim\nRUN pip install uv\nRUN uv sync\nCMD uv run uvicorn x:y",
        "FROM python:3\nRUN pip install pdm\nCOPY . .\nRUN pdm install\nCMD pdm run dev",
        f"FROM alpine\nRUN apk add python3\nCOPY . .\nRUN python3 setup.py install\n{START}",
        f"FROM php:8-fpm\nRUN apt-mark auto x && apt-get install -y libzip-dev && pecl install zip && apt-get purge -y --auto-remove\n{START}",
        f"FROM centos\nRUN yum install -y gcc && pip install x && yum history undo -y last\n{START}",
        f"FROM centos\nRUN yum $A install gcc && make && yum $A history undo last\n{START}",
        'FROM golang\nRUN go install x.y/dlv@latest\nENTRYPOINT ["dlv"]',
        "FROM rust\nCOPY . .\nCMD cargo run",
        f"FROM a\nCOPY start.sh /\nRUN apk add gcc && pip install /src && apk del gcc\n{START}",
        "FROM centos\nADD repos/* /etc/yum.repos.d/\nRUN ./configure && make install",
        "FROM x/golang-cross:1\nCOPY . .\nRUN go build .",
        'FROM node:22\nCOPY . /app\nRUN tsc\nCMD ["zip", "-r", "app.zip", "app"]',
        "FROM golang AS generator\nCOPY go.mod .\nRUN go install x.y/z",
        f"# image-size: ignore[single-stage-build] small enough\nFROM golang\nRUN go build .\n{START}",
    ],
)
def test_not_reported(text: str) -> None:
    assert run_rule(RULE, text) == []


@pytest.mark.parametrize(
    ("base", "run", "words"),
    [
        ("golang:1.24", "go build -o /app ./cmd/x", "builds with `go build`"),
        ("rust", "cargo build --release", "builds with `cargo build`"),
        ("maven:3", "mvn -B clean package", "builds with `mvn clean`"),
        ("openjdk:17", "./gradlew installDist", "builds with `gradlew installDist`"),
        ("mcr.microsoft.com/dotnet/sdk:8.0", "dotnet publish -c Release", "`dotnet publish`"),
        ("elixir", "mix release", "builds with `mix release`"),
        ("swift", "swift build -c release", "builds with `swift build`"),
        ("debian", "./configure && make && make install", "builds with `configure`"),
        ("centos:7", "bash compile.sh", "builds with `bash compile.sh`"),
        ("node:20", "npm ci && npm run build", "builds with `npm run build`"),
        ("node:20-slim", "npm ci && npx tsc", "builds with `npx tsc`"),
        ("ruby:3-slim", "bundle exec rake assets:precompile", "`bundle exec rake`"),
        (
            "python:3.12-slim",
            "pip install poetry && poetry install",
            "installs with `pip install`, which stays",
        ),
        ("python:3.12-slim", "apt-get install -y gcc && pip install x", "beside compilers"),
        ("ubuntu:22.04", "apt-get install -y python3-pip && pip3 install x", "beside compilers"),
        ("node:20", "wget a.b/c && npm install", "installs with `npm install` beside compilers"),
        ("alpine", "apk add gcc && make && apk del gcc", "builds with `make`"),
        ("golang:1.9", "apk add g++ && go-wrapper install && apk del g++", "`go-wrapper install`"),
        ("gobuffalo/buffalo", "buffalo build -o /app", "builds with `buffalo build`"),
        ("centos:7", "./build", "builds with `build`"),
        (
            "python:3.9",
            "git clone a.b/c && cd c && python3 ./setup.py install",
            "`python3 ./setup.py`",
        ),
        ("ruby:3", "gem install puma", "installs with `gem install` beside compilers"),
        (
            "php:8.4-fpm",
            "apt-get install -y libzip-dev && apt-get purge -y --auto-remove -o A::B=false && pecl install zip",
            "builds with `pecl install`",
        ),
        ("maven:3-jdk-8-onbuild", "true", "builds with the instructions of its base image"),
    ],
)
def test_a_line_that_builds_is_named(base: str, run: str, words: str) -> None:
    (finding,) = run_rule(RULE, f"FROM {base}\nCOPY . .\nRUN {run}\n{START}\n")
    assert words in finding.message
    assert finding.message.endswith(
        "build it with `--verify`, which also makes a verified rewrite."
    )
    assert (finding.instruction.line_start, finding.changes) == (1, ())


def test_a_build_of_copied_sources_without_a_command() -> None:
    (finding,) = run_rule(RULE, "FROM golang\nCOPY . .\nRUN go build -o /app .\n")
    assert "give it the `ENTRYPOINT` or `CMD` that it lacks, and build it" in finding.message


def test_a_copy_of_uv_is_named() -> None:
    text = f"FROM python:3-slim\nCOPY --from=ghcr.io/astral-sh/uv:latest /uv /bin/\nRUN uv sync\n{START}"
    (finding,) = run_rule(RULE, text)
    assert "Line 2 copies `uv`, which stays" in finding.message


@pytest.mark.parametrize(
    ("script", "count"), [("exec pipenv run python x.py\n", 0), ("python x.py\n", 1)]
)
def test_a_copied_script_may_start_with_the_tool(script: str, count: int) -> None:
    context = BuildContext({"work.sh": 1}, read_text=lambda path: script)
    text = f"FROM python:3-slim\nRUN pip install pipenv\nCOPY work.sh .\n{START}"
    assert len(run_rule(RULE, make_rule_input(text, context=context))) == count


def test_an_image_with_triggers_has_a_command() -> None:
    (finding,) = run_rule(RULE, "FROM golang:onbuild\n")
    assert "give it" not in finding.message


def test_sources_below_usr_src_stay_where_the_tools_are_removed() -> None:
    run = "yum install -y gcc && make -C /usr/src/x && yum remove -y gcc"
    assert len(run_rule(RULE, f"FROM centos\nADD . /usr/src/x\nRUN {run}\n{START}")) == 1
    assert run_rule(RULE, f"FROM centos\nADD x /usr/share/x\nRUN {run}\n{START}") == []


def test_the_rewriter_speaks_where_an_image_is_at_hand() -> None:
    text = f"FROM golang\nCOPY . .\nRUN go build .\n{START}\n"
    world = make_rule_input(text, "FROM golang 90MB / COPY x 1MB / RUN go 20MB", "app 9MB @3")
    assert run_rule(RULE, world) == []


@pytest.mark.parametrize(
    ("path", "count"),
    [
        ("docker/php-dev/8.3-alpine/Dockerfile", 0),
        ("docker/php-dev/v8/Dockerfile", 0),
        ("docker/php/8.3/Dockerfile", 1),
        ("dev/tools/php/Dockerfile", 1),
        ("docker/devenv/Dockerfile", 0),
        ("docker/developement/Dockerfile", 0),
        ("dev-env/app/Dockerfile", 0),
        ("compose/local/django/Dockerfile", 0),
        ("compose/production/django/Dockerfile", 1),
    ],
)
def test_folders_of_releases(path: str, count: int) -> None:
    text = f"FROM php:8.3-apache\nCOPY . .\nRUN apt-get install -y libzip-dev && docker-php-ext-install zip\n{START}\n"
    assert len(run_rule(RULE, replace(make_rule_input(text), path=path))) == count


@pytest.mark.parametrize(
    ("path", "count"),
    [
        ("Dockerfile.build", 0),
        ("src/genproto/Dockerfile", 0),
        ("dockerfiles/rust-1.85.Dockerfile", 0),
        ("build/Dockerfile", 1),
        ("rust/Dockerfile", 1),
        ("rust-1.85/Dockerfile", 1),
    ],
)
def test_a_file_named_after_what_it_builds_with_starts_nothing(path: str, count: int) -> None:
    text = "FROM golang\nCOPY . .\nRUN go build .\n"
    assert len(run_rule(RULE, replace(make_rule_input(text), path=path))) == count
    started = replace(make_rule_input(f"{text}{START}\n"), path=path)
    assert len(run_rule(RULE, started)) == 1


@pytest.mark.parametrize(
    ("files", "count"),
    [
        ({"build.sh": "apt-get install -y openjdk-8-jre && make-ready"}, 0),
        ({"build.sh": "cd /src && make install"}, 1),
        ({"build.sh": "apt-get install -y curl \\\n make \\\n git\n"}, 0),
        ({"build.sh": "python3 -m venv /x\npip install flask\n"}, 0),
        ({"build.sh": "if true; then ./configure; fi\n"}, 1),
        ({"a/build.sh": "x", "b/build.sh": "x"}, 1),
        ({"files/build.sh": "psql x", "b/build.sh": "make"}, 0),
        ({"files/build.sh": "make", "b/build.sh": "psql x"}, 1),
        ({}, 1),
    ],
)
def test_the_text_of_a_script_says_whether_it_builds(files: dict[str, str], count: int) -> None:
    context = BuildContext(dict.fromkeys(files, 1), read_text=files.__getitem__)
    text = f"FROM debian\nCOPY files /\nRUN /build.sh && rm /build.sh\n{START}\n"
    assert len(run_rule(RULE, make_rule_input(text, context=context))) == count


@pytest.mark.parametrize(
    ("path", "other"),
    [
        ("Dockerfile.base", "ARG I=x/shop-base\nFROM ${I} AS b\nFROM node:slim\nCOPY --from=b / /"),
        ("base.Dockerfile", "FROM node:slim\nCOPY --from=x/shop-base:1 /app /app"),
        ("docker/base/Dockerfile", "FROM node:slim\nCOPY --from=x/shop-base /app /app"),
    ],
)
def test_the_build_stage_of_another_file_is_not_reported(path: str, other: str) -> None:
    text = "FROM node\nCOPY . .\nRUN npm ci && npm run build\n"
    assert find_beside(path, text, other) == []
    assert len(find_beside(path, f"{text}{START}", other)) == 1


@pytest.mark.parametrize(
    ("path", "other"),
    [
        ("Dockerfile.base", "FROM x/shop-base\nCMD x"),
        ("Dockerfile.base", "FROM node:slim\nCOPY --from=x/database /app /app"),
        ("node/Dockerfile", "FROM debian\nCOPY --from=node:22 /usr/local /usr/local"),
    ],
)
def test_a_file_that_is_no_build_stage_elsewhere_is_reported(path: str, other: str) -> None:
    text = "FROM node\nCOPY . .\nRUN npm ci && npm run build\n"
    assert len(find_beside(path, text, other)) == 1


def find_beside(path: str, text: str, other: str) -> list[Finding]:
    """Return the findings of a file of a repository with another Dockerfile."""
    parsed = DockerfileReader().parse(f"{other}\n".encode())
    context = BuildContext(other_dockerfiles={"Dockerfile.other": parsed})
    return run_rule(RULE, replace(make_rule_input(text, context=context), path=path))


@pytest.mark.parametrize("runner", ["cargo run", "make run"])
def test_a_start_that_builds_again_is_named(runner: str) -> None:
    program = runner.partition(" ")[0]
    text = f"FROM rust\nCOPY . .\nRUN {program} build\nCMD {runner} --release\n"
    (finding,) = run_rule(RULE, text)
    assert f"start the program itself instead of `{runner}`" in finding.message


@pytest.mark.parametrize(
    "lines",
    [
        # A build argument decides whether it has the debugger.
        "FROM php:8-fpm\nRUN apt-get install -y libzip-dev && pecl install zip && if $D; then pecl install xdebug; fi",
        "FROM php:8-fpm\nCOPY . .\nRUN apt-get install -y libzip-dev && pecl install zip pcov && composer install --no-dev",
        # The sources are where the build runs, or below it.
        "FROM alpine\nWORKDIR /x\nCOPY . .\nRUN apk add gcc && make && apk del gcc",
        "FROM alpine\nCOPY src /x\nRUN apk add gcc && cd /x/y && make && apk del gcc",
        "FROM alpine\nCOPY . .\nRUN apk add gcc && make && apk del gcc",
        # Two tools of a terminal are no sign of people who work in it.
        "FROM debian\nRUN apt-get install -y vim nano gcc && make",
        "FROM debian\nRUN apt-get install -y g++ gdb && make",
        "FROM a/python\nRUN apt-get install -y libsm-dev libpq-dev && pip install -r x",
        # It has the sources, or what the program needs in any case.
        "FROM python\nCOPY . .\nRUN pip install uwsgi -r requirements/dev.txt",
        "FROM python\nCOPY reqs/*requirements.txt /\nRUN pip install uwsgi -r requirements.txt -r dev-requirements.txt",
    ],
)
def test_reported_of_images_that_are_shipped(lines: str) -> None:
    assert len(run_rule(RULE, f"{lines}\n{START}")) == 1


@pytest.mark.parametrize(
    ("base", "count"), [("ubuntu", 1), ("mirror.example/node", 1), ("example/node-devel", 0)]
)
def test_a_base_that_may_have_a_command(base: str, count: int) -> None:
    assert len(run_rule(RULE, f"FROM {base}\nWORKDIR /x\nCOPY . .\nRUN make\n")) == count


@pytest.mark.parametrize(
    ("script", "count"),
    [
        ("nest start", 0),
        ("ts-node src/x.ts", 0),
        ("react-scripts start", 0),
        ("vite --host", 0),
        ("npm run build && node dist/main", 0),
        ("node -r ts-node/register src/main.ts", 0),
        ("node dist/main", 1),
        ("vite preview", 1),
        ("next start", 1),
    ],
)
def test_a_start_that_compiles_needs_the_tools(script: str, count: int) -> None:
    texts = {"package.json": f'{{"scripts": {{"start": "{script}"}}}}'}
    context = BuildContext(dict.fromkeys(texts, 9), read_text=texts.__getitem__)
    text = "FROM node:22\nCOPY . .\nRUN npm ci && npm run build\nCMD npm start\n"
    assert len(run_rule(RULE, make_rule_input(text, context=context))) == count


@pytest.mark.parametrize(
    ("script", "count"), [("vue-cli-service serve", 0), ("ng serve", 0), ("serve -s dist", 1)]
)
def test_what_serves_may_compile(script: str, count: int) -> None:
    texts = {"package.json": f'{{"scripts": {{"serve": "{script}"}}}}'}
    context = BuildContext(dict.fromkeys(texts, 9), read_text=texts.__getitem__)
    text = "FROM node:22\nCOPY . .\nRUN npm ci && npm run build\nCMD npm run serve\n"
    assert len(run_rule(RULE, make_rule_input(text, context=context))) == count


@pytest.mark.parametrize(
    ("start", "files", "count"),
    [
        ("npm run api", {"package.json": '{"scripts": {"start": "x"}}'}, 0),
        ("npm start -w api", {"package.json": '{"scripts": {"start": "x"}}'}, 0),
        ("npm run api", {"package.json": '{"scripts": {"api": "turbo run start"}}'}, 0),
        # package.json may come from elsewhere.
        ("npm run api", {"README.md": ""}, 1),
        ("npm run serve", {"README.md": ""}, 0),
        ("node x.js", {"x.js": 'require("webpack-dev-server")'}, 0),
        ("node x.js", {"x.js": 'require("express")'}, 1),
        ("bun x.ts", {"x.ts": 'import a from "./b"', "b.ts": 'import "vite"'}, 0),
        ("ng serve --poll 2000", {"x": ""}, 0),
        ('["npm start"]', {"package.json": '{"scripts": {"start": "docusaurus start"}}'}, 0),
        ('["npm start"]', {"package.json": '{"scripts": {"start": "docusaurus serve"}}'}, 1),
        ("/run.sh", {"run.sh": "if [ -f a ]; then yarn build; fi\nyarn start"}, 0),
        ("/run.sh", {"run.sh": 'env A="b" node_modules/.bin/webpack -c x\nnode y'}, 0),
        ("/run.sh", {"run.sh": "echo yarn build\nexec node dist/x.js"}, 1),
        ("/run.sh", {"x": ""}, 0),
        # A script that another one starts.
        ("/run.sh", {"run.sh": "bash ./b.sh\nexec node x", "b.sh": "npx webpack build"}, 0),
        ("/run.sh", {"run.sh": "if a; then . b.sh; fi\nnode x", "b.sh": "./run.sh\nnpm ci"}, 0),
        ("/run.sh", {"run.sh": "echo b.sh\nexec node x", "b.sh": "npx webpack build"}, 1),
        ('if [ "$D" = 1 ]; then npm run api; fi', {"package.json": BUILDING}, 0),
        ("/run.sh npm run api", {"run.sh": 'exec "$@"', "package.json": BUILDING}, 0),
        ("/run.sh npm run api", {"run.sh": "exec node x", "package.json": BUILDING}, 1),
    ],
)
def test_a_start_that_builds_again(start: str, files: dict[str, str], count: int) -> None:
    context = BuildContext(dict.fromkeys(files, 9), read_text=files.__getitem__)
    text = f"FROM node:22\nCOPY . /\nRUN npm ci && npm run build\nCMD {start}\n"
    assert len(run_rule(RULE, make_rule_input(text, context=context))) == count
