"""Compilers."""

from dataclasses import replace

import pytest

from bot.dockerfile.build_context import BuildContext
from tests.support.rule_inputs import make_rule_input, run_rule

RULE = "compilers-in-the-shipped-stage"


@pytest.mark.parametrize(
    "text",
    [
        "FROM alpine\nRUN apk add --no-cache --virtual .build-deps gcc musl-dev && pip install x && apk del .build-deps",
        "FROM a\nRUN apt-get install -y gcc && pip install x && apt-get purge -y --auto-remove gcc",
        "FROM a\nRUN apt-get install -y curl git",
        "FROM a\nRUN apt-get install -y libpq5",
        "FROM a AS b\nRUN apt-get install -y gcc\nFROM a\nCOPY --from=b /x /x",
        "FROM a AS dev\nRUN apt-get install -y gcc",
        'FROM a AS b\nRUN make\nFROM a\nRUN apt-get install -y gcc libx-dev\nCOPY --from=b /x /x\nCMD ["/x", "y"]',
        "FROM a AS builder\nRUN apt-get install -y gcc",
        "FROM a\nRUN apt-get install -y gcc\nONBUILD COPY . /src",
        "FROM a\nRUN apt-get install -y make\nCMD make",
        'FROM a\nRUN apt-get install -y golang\nENTRYPOINT ["go", "run", "."]',
        'FROM a\nRUN apt-get install -y gcc\nCMD ["bash"]',
        'FROM a\nRUN apt-get install -y gcc\nCMD ["/bin/bash", "--rcfile", "/etc/profile", "-l"]',
        "FROM a\nRUN apt-get install -y gcc\nCMD ipython notebook --ip=*",
        "FROM a\nRUN apt-get install -y gcc",
        "FROM a\nRUN apt-get install -y clang valgrind\nCMD valgrind --version",
        "FROM a\nRUN yum install -y java-1.8.0-openjdk-devel\nCMD true",
        'FROM a\nRUN apt-get install -y gcc\nCMD ["python3"]',
        'FROM a\nRUN apt-get install -y gcc\nENTRYPOINT ["tini", "--"]\nCMD ["/usr/bin/node"]',
        'FROM a\nRUN apt-get install -y gcc\nENTRYPOINT ["gcc"]',
        'FROM a\nRUN apt-get install -y gcc\nCMD ["/usr/sbin/sshd", "-D"]',
        'FROM a\nRUN apt-get install -y gcc\nCMD ["start-notebook.sh"]',
        'FROM a\nRUN apt-get install -y gcc\nCMD ["tail", "-f", "/dev/null"]',
        'FROM a\nRUN apt-get install -y gcc\nCMD ["npm", "run", "dev"]',
        'FROM a\nRUN apt-get install -y gcc && make\nENTRYPOINT ["sh", "./entrypoint.dev.sh"]',
        'FROM a\nRUN apt-get install -y gcc && make\nCMD ["fastapi", "dev", "main.py"]',
        'FROM quay.io/jupyter/base-notebook\nRUN apt-get install -y gcc\nCMD ["/x", "y"]',
        'FROM a AS b\nFROM a AS toolbox\nRUN apt-get install -y gcc\nCMD ["/x", "y"]',
        'FROM a AS b\nRUN dnf install -y make\nFROM a\nRUN dnf install -y gcc && pip install x\nCMD ["/x", "y"]',
        'FROM ruby\nRUN curl u | bash -\nRUN apt-get install -y gcc\nADD . /x\nCMD ["bin/web"]',
        'FROM a\nENV CC=/usr/bin/gcc CXX=g++\nRUN apt-get install -y gcc && pip install x\nCMD ["/x", "y"]',
        'FROM x/develop-env:1\nRUN apt-get install -y gcc && make\nCMD ["/x", "y"]',
        'FROM a\nRUN apt-get install -y gcc && pip install "tox>=4"\nENTRYPOINT ["/wrap.sh"]',
        # Others build in these.
        'FROM x/compilers:1\nRUN apt-get install -y clang\nENTRYPOINT ["/entry.sh"]',
        'FROM x/go-toolchain\nRUN apt-get install -y clang\nENTRYPOINT ["/entry.sh"]',
        'FROM a\nRUN apt-get install -y gcc golang rustc ghc\nENTRYPOINT ["./run.rb"]',
        'FROM a\nRUN apt-get install -y gcc-12 && apt-get install docker-ce=5:28\nCMD ["wrapper"]',
        'FROM a\nRUN apt-get install -y gcc git\nENTRYPOINT ["/bin/bash", "/runner"]',
        'FROM a\nRUN apt-get install -y gcc git && pip install -U pip wheel\nCMD ["/x.sh"]',
        'FROM a\nRUN apt-get install -y gcc git\nRUN npm install -g mocha\nCMD ["/x.sh"]',
        'FROM a\nRUN apt-get install -y gcc\nCMD ["/bin/bash", "/x/gen_protos.sh"]',
        'FROM a\nRUN apt-get install -y gcc\nCMD ["npx", "playwright", "test"]',
        'FROM a\nRUN apt-get install -y gcc\nCMD ["/c/cloud9.sh", "-l", "0.0.0.0"]',
        'FROM a\nRUN apt-get install -y build-essential kmod\nENTRYPOINT ["driver", "init"]',
        'FROM a\nRUN apt-get install -y gcc\nRUN pip install "vllm[x]>=0.6"\nCMD ["/x", "y"]',
        'FROM a\nRUN apt-get install -y gcc\nRUN uv pip install triton==3.0\nCMD ["/x", "y"]',
        # A program loads a library by the name that only the `-dev` package has.
        'FROM a\nRUN apt-get install -y libjemalloc-dev\nENTRYPOINT ["/entry.sh"]',
        'FROM a\nRUN apt-get install -y gcc\nCMD ["pulumi"]',
        # It compiles and runs what its users send.
        'FROM a\nRUN apt-get install -y gcc && git clone u/isolate.git && make\nCMD ["/x.sh"]',
        'FROM a\nENV PHPIZE_DEPS gcc\nRUN apt-get install -y gcc\nCMD ["apache2-foreground"]',
        # Nothing that compiles is behind them; what a script does is not known.
        'FROM a AS b\nRUN make\nFROM a\nRUN apt-get install -y gcc\nRUN ./x.sh\nCMD ["/x", "y"]',
        'FROM a\nRUN apt-get install -y gcc\nCOPY x /x\nCMD ["/x", "y"]',
        'FROM a\nRUN make\nRUN apt-get install -y gcc\nCMD ["/x", "y"]',
        # Neither a start nor sources: developers mount them over the extensions.
        "FROM php:8-fpm\nRUN apt-get install -y $PHPIZE_DEPS gcc && pecl install x",
    ],
)
def test_not_reported(text: str) -> None:
    assert run_rule(RULE, text) == []


@pytest.mark.parametrize(
    "text",
    [
        'FROM a\nRUN apt-get install -y gcc && make\nCMD ["/usr/bin/node", "server.js"]',
        'FROM a\nRUN apt-get install -y gcc && make\nENTRYPOINT ["/entry.sh"]',
        "FROM php:8.3-apache\nRUN apt-get install -y libpng-dev && make\nCOPY . /var/www/html",
        "FROM nginx:alpine\nRUN apk add build-base && make\nCOPY --from=x /site /site",
        'FROM a AS b\nRUN make\nFROM a\nRUN apt-get install -y gcc\nRUN pip install x\nCMD ["/x", "y"]',
        'FROM a AS b\nRUN make\nFROM a\nRUN apt-get install -y libx-dev && make\nCMD ["/x", "y"]',
        'FROM a AS base\nRUN apt-get install -y gcc && make\nCMD ["/x", "y"]',
        'FROM a AS build\nRUN apt-get install -y gcc && make\nCMD ["/x", "y"]',
        'FROM a\nRUN apt-get install -y gcc && make\nENTRYPOINT ["/docker-entrypoint.sh"]',
        'FROM a AS b\nRUN apt-get install -y libx-dev\nFROM a\nRUN apt-get install -y gcc && make\nCMD ["/x", "y"]',
        'FROM a AS b\nRUN apt-get install -y gcc\nFROM a\nRUN apt-get install -y libx-dev && make\nCMD ["/x", "y"]',
        'FROM x/my-compiled-app\nRUN apt-get install -y gcc && make\nENTRYPOINT ["/entry.sh"]',
        'FROM a\nRUN apt-get install -y gcc gfortran cargo default-jdk && make\nCMD ["/x.sh"]',
        'FROM a\nRUN apt-get install -y gcc git && make\nCMD ["python3", "app.py"]',
        'FROM a\nRUN apt-get install -y gcc git && make\nCMD ["/x.sh"]',
        'FROM a\nRUN apt-get install -y gcc git && pip install flask\nCMD ["/x.sh"]',
        'FROM a\nRUN apt-get install -y gcc docker-ce-cli && make\nCMD ["/x.sh"]',
        'FROM a\nRUN apt-get install -y gcc && make\nCMD ["bash", "/x/generator.sh"]',
        'FROM a\nRUN apt-get install -y gcc && make\nCMD ["npx", "serve", "dist"]',
        "FROM php:8-fpm\nRUN apt-get install -y $PHPIZE_DEPS gcc && pecl install x\nCOPY . .",
    ],
)
def test_reported_of_images_that_run_something(text: str) -> None:
    assert len(run_rule(RULE, text)) == 1


@pytest.mark.parametrize(
    ("run", "name"),
    [
        ("apt-get install -y build-essential", "build-essential"),
        ("apt-get install -y gcc-12=12.2 libssl-dev", "gcc-12"),
        ("apk add build-base", "build-base"),
        ("dnf install -y gcc-c++ openssl-devel", "gcc-c++"),
    ],
)
def test_the_message_names_the_packages(run: str, name: str) -> None:
    (finding,) = run_rule(RULE, f"FROM a\nRUN {run} && make\nCMD /x y\n")
    assert f"`{name}`" in finding.message


def test_saving_includes_dependencies() -> None:
    text = "FROM a\nRUN apt-get install -y gcc curl && make\nCMD /x y\n"
    owners = "deb gcc-12 12 60MB, deb cpp-12 12 20MB, deb libgcc-12-dev 12 5MB, deb curl 8 3MB"
    (finding,) = run_rule(
        RULE, make_rule_input(text, f"FROM a 10MB / RUN apt 88MB ({owners})", "x 1MB @2")
    )
    assert finding.saving_bytes == 85_000_000


@pytest.mark.parametrize(("run", "count"), [("bundle install", 1), ("./setup.sh", 0)])
def test_reported_if_a_line_compiles_for_the_script_that_starts(run: str, count: int) -> None:
    text = f'FROM ruby\nRUN apt-get install -y gcc\nADD . /x\nRUN {run}\nCMD ["bin/web"]'
    assert len(run_rule(RULE, text)) == count


@pytest.mark.parametrize(
    ("path", "count"),
    [
        ("Linux/development/docker/Centos7/Slim.Dockerfile", 0),
        ("my-development/x/Dockerfile", 1),
        ("docker/dev/django/Dockerfile", 0),
        ("docker/dev-builder/android/Dockerfile", 0),
        ("php/tests/integration/Dockerfile", 0),
        ("docker/testing/Dockerfile", 0),
        ("images/builder/Dockerfile", 0),
        ("images/build/Dockerfile", 1),
        # CI may build what is shipped, and a project may have such a name.
        ("docker/ci/centos/Dockerfile", 1),
        ("dev/django/app/Dockerfile", 1),
        ("test/app/server/Dockerfile", 1),
    ],
)
def test_a_folder_for_development(path: str, count: int) -> None:
    text = 'FROM a\nRUN apt-get install -y gcc && make\nENTRYPOINT ["/entry.sh"]\n'
    assert len(run_rule(RULE, replace(make_rule_input(text), path=path))) == count


@pytest.mark.parametrize(
    ("run", "count"), [("true", 0), ("make -C /x", 1), ("./setup.sh", 0), ("pip install x", 0)]
)
def test_make_alone_is_for_what_a_line_compiles(run: str, count: int) -> None:
    text = (
        f'FROM alpine\nRUN apk add ansible make\nRUN {run}\nENTRYPOINT ["ansible-playbook", "x"]\n'
    )
    assert len(run_rule(RULE, text)) == count


@pytest.mark.parametrize(("package", "count"), [("distcc-pump", 0), ("icecc", 0), ("ccache", 1)])
def test_a_server_that_compiles_needs_compilers(package: str, count: int) -> None:
    text = f'FROM alpine\nRUN apk add clang-dev gcc {package} && make\nENTRYPOINT ["/entry.sh"]\n'
    assert len(run_rule(RULE, text)) == count


def test_tools_of_a_terminal_are_for_people_who_work_in_it() -> None:
    text = 'FROM a\nRUN apt-get install -y vim nano {} gcc && make\nENTRYPOINT ["/entry.sh"]\n'
    assert run_rule(RULE, text.format("sudo")) == []
    assert len(run_rule(RULE, text.format("curl"))) == 1


@pytest.mark.parametrize(
    ("lines", "script", "count"),
    [
        ("COPY x/compile.sh /app/", "set -e\nem++ -o $1 $2\n", 0),
        ("COPY x/compile.sh /app/\nRUN chmod +x /app/compile.sh", "cd /x && cmake ..\n", 0),
        ("COPY x/compile.sh /app/\nRUN /app/compile.sh", "gcc a.c\n", 1),
        ("COPY x/compile.sh /app/", "exec /app/run\n# gcc a.c\n", 1),
        ("COPY x/compile.sh /app/", "echo gcc\n", 1),
        ("COPY . /app/", "gcc a.c\n", 1),
    ],
)
def test_a_script_that_compiles_when_the_container_runs(
    lines: str, script: str, count: int
) -> None:
    context = BuildContext({"x/compile.sh": 9}, read_text={"x/compile.sh": script}.__getitem__)
    text = f'FROM a\nRUN apt-get install -y gcc && make\n{lines}\nCMD ["/app/server", "x"]\n'
    assert len(run_rule(RULE, make_rule_input(text, context=context))) == count


def test_a_version_behind_an_entrypoint_is_a_default() -> None:
    text = 'FROM a\nRUN apt-get install -y gcc && make\nENTRYPOINT ["/a"]\nCMD ["--version"]\n'
    assert len(run_rule(RULE, text)) == 1


@pytest.mark.parametrize(
    ("lines", "count"),
    [
        # Nothing shows what the compilers are for.
        ('CMD ["/usr/bin/node", "server.js"]', 0),
        ('ENTRYPOINT ["/entry.sh"]', 0),
        ('COPY run.sh /\nCMD ["/x", "y"]', 0),
        ('COPY . /app\nCMD ["/app/start.sh"]', 0),
        ('COPY . /app\nCMD ["node", "/app/server.js"]', 0),
        ('RUN npm ci\nCMD ["/entry.sh"]', 1),
        ('RUN pip install x\nENTRYPOINT ["/entry.sh"]', 1),
    ],
)
def test_what_is_built_shows_what_they_are_for(lines: str, count: int) -> None:
    assert len(run_rule(RULE, f"FROM a\nRUN apt-get install -y gcc\n{lines}\n")) == count


def test_a_server_alone_needs_no_compilers_that_nothing_uses() -> None:
    assert run_rule(RULE, "FROM php:8.3-apache\nRUN apt-get install -y libpng-dev") == []


@pytest.mark.parametrize(
    ("script", "count"), [("bundle check || bundle install\nrails s\n", 0), ("rails s\n", 1)]
)
def test_an_entry_script_that_installs_needs_compilers(script: str, count: int) -> None:
    context = BuildContext({"entry.sh": 9}, read_text={"entry.sh": script}.__getitem__)
    text = "FROM a\nRUN apt-get install -y gcc && bundle install\nCOPY . /\nCMD /entry.sh\n"
    assert len(run_rule(RULE, make_rule_input(text, context=context))) == count


@pytest.mark.parametrize(
    ("base", "run", "count"),
    [
        # Nothing can compile with headers alone.
        ("ubuntu:noble", "apt-get install -y libssl-dev && npm i -g x", 0),
        ("python:3.12-slim", "apt-get install -y libpq-dev && pip install x", 0),
        ("x.org/runner", "./deps.sh && apt-get install -y libicu-dev", 0),
        ("python:3.12", "apt-get install -y libpq-dev && pip install x", 1),
        ("php:8.3-apache", "apt-get install -y libpng-dev && docker-php-ext-install gd", 1),
        ("ubuntu:noble", "apt-get install -y libpq-dev gcc && pip install x", 1),
        ("ubuntu:noble", "apt-get install -y libpq-dev python3-pip && pip install x", 1),
        ("x.org/base", "apt-get install -y libpq-dev && pip install x", 1),
    ],
)
def test_headers_are_for_a_compiler(base: str, run: str, count: int) -> None:
    text = f'FROM {base}\nRUN {run}\nCOPY . /app\nCMD ["python3", "/app/x.py"]\n'
    assert len(run_rule(RULE, text)) == count


@pytest.mark.parametrize(
    ("lines", "count"),
    [
        ('COPY --from=golang:1.24 /usr/local/go /usr/local/go\nENTRYPOINT ["/entrypoint.sh"]', 0),
        ('COPY --from=golang:1.24 /usr/local/go /usr/local/go\nENTRYPOINT ["/app"]', 1),
        ('COPY --from=golang:1.24 /usr/local/go /usr/local/go\nCMD ["/start.sh"]', 1),
        ('COPY --from=x:1 /usr/local/bin/x /usr/local/go\nENTRYPOINT ["/entrypoint.sh"]', 1),
    ],
)
def test_the_tools_of_a_language_for_what_is_started_in_it(lines: str, count: int) -> None:
    text = f"FROM debian\nRUN apt-get install -y gcc && go install x@latest\n{lines}\n"
    assert len(run_rule(RULE, text)) == count


@pytest.mark.parametrize(
    ("path", "text", "count"),
    [
        ("bin/assemble", "#!/usr/bin/make -rRf\nall:\n", 0),
        ("bin/assemble", "#!/usr/bin/env make\n", 0),
        ("bin/assemble", "#!/bin/sh\nmake\n", 1),
        ("bin/assemble.md", "#!/usr/bin/make -f\n", 1),
    ],
)
def test_make_runs_scripts_of_its_language(path: str, text: str, count: int) -> None:
    context = BuildContext({path: 9}, read_text={path: text}.__getitem__)
    lines = "FROM debian\nRUN apt-get install -y make\nADD . /a\nRUN apt-get install -y g++ && make -C /a && apt-get autoremove -y g++\nCMD /a/run\n"
    assert len(run_rule(RULE, make_rule_input(lines, context=context))) == count


@pytest.mark.parametrize(
    ("run", "count"),
    [
        ("apt-get install -y --no-install-recommends make && pip install jinja2", 0),
        ("apt-get install -y make && make -C /a", 1),
        ("apt-get install -y make gcc && pip install jinja2", 1),
    ],
)
def test_make_helps_no_installer_of_packages(run: str, count: int) -> None:
    lines = f"FROM debian\nCOPY a /a\nRUN {run}\nCMD python3 /a/run.py\n"
    assert len(run_rule(RULE, lines)) == count


@pytest.mark.parametrize(
    ("packages", "count"),
    [
        ("libspatialindex-dev", 0),
        ("binutils libproj-dev gdal-bin libgdal-dev", 0),
        ("libgdal-dev libpq-dev", 1),
        ("gcc libgdal-dev", 1),
        ("libgdal-dev python3-pip", 1),
    ],
)
@pytest.mark.parametrize("base", ["python:3.12", "debian AS b\nRUN make\nFROM python:3.12-slim"])
def test_libraries_that_python_loads(base: str, packages: str, count: int) -> None:
    """Nobody asks for a compiler beside them; ctypes needs them when the program runs."""
    lines = f"RUN apt-get install -y {packages} && pip install x\nCOPY . /app\n"
    assert len(run_rule(RULE, f"FROM {base}\n{lines}CMD python3 /app/x.py\n")) == count


def test_headers_without_a_compiler_are_for_nothing() -> None:
    text = "FROM debian AS b\nRUN make\nFROM python:3.12-slim\nRUN apt-get install -y libffi-dev && pip install x\nCOPY . /app\nCMD python3 /app/x.py\n"
    (finding,) = run_rule(RULE, text)
    assert finding.message.startswith("Nothing compiles with `libffi-dev` in this stage")


@pytest.mark.parametrize(
    ("run", "count"),
    [
        ("apt-get install -y g++ && apt-get autoremove -y", 1),
        ("apt-get install -y g++ && make && apt-get autoremove -y g++", 0),
        ("apt-get install -y g++ && make && apt-mark auto g++ && apt-get autoremove -y", 0),
    ],
)
def test_what_was_asked_for_is_not_removed_as_needless(run: str, count: int) -> None:
    text = f"FROM debian\nRUN {run}\nRUN pip install x\nCOPY . /app\nCMD python3 /app/x.py\n"
    assert len(run_rule(RULE, text)) == count
