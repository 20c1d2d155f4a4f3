"""Right rewrites are verified. Broken in any one way, they never are.

Each break is a change of the rewrite's text, and what the proof must say against it.
"""

from collections.abc import Callable, Iterator

import pytest

from bot.adapters.parsing.dockerfile_parser import DockerfileReader
from bot.dockerfile.build_plan import BuildPlan
from bot.model.proof import RegressionKind
from bot.model.suggestion import StartResult
from tests.support import verifier_apps
from tests.support.engine import PrivateEngine
from tests.support.verifier_bench import App, Bench, format_proof

SLIM = ("debian:bookworm-slim", "python:3.12-slim", "node:20-slim", "alpine:latest")
Benches = Callable[[App], Bench]


@pytest.fixture(scope="module")
def bench(
    overlay2_engine: PrivateEngine, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Benches]:
    """Yield the bench of an application, set up on first use."""
    benches: dict[str, Bench] = {}

    def of(app: App) -> Bench:
        if app.old not in benches:
            parsed = DockerfileReader().parse(app.old.encode())
            overlay2_engine.ensure(*BuildPlan(parsed).external_images, *SLIM)
            benches[app.old] = Bench(overlay2_engine, app, tmp_path_factory.mktemp("app"))
        return benches[app.old]

    yield of
    for opened_bench in benches.values():
        opened_bench.close()


APPS = {
    "go": verifier_apps.GO,
    "c": verifier_apps.C,
    "python": verifier_apps.PYTHON,
    "node": verifier_apps.NODE,
    "shell": verifier_apps.SHELL,
}


# Two of the applications in every run; the others take minutes to build (`make prove`).
QUICK = ("c", "python")


def marked(key: str, app: str) -> object:
    return pytest.param(key, marks=() if app in QUICK else pytest.mark.long, id=key)


@pytest.mark.parametrize("name", [marked(name, name) for name in APPS])
def test_a_correct_rewrite_is_verified(bench: Benches, name: str) -> None:
    proof = bench(APPS[name]).prove()
    assert proof.regressions == (), format_proof(proof)
    assert (proof.built, proof.started, proof.verified) == (True, StartResult.SAME, True), (
        format_proof(proof)
    )
    assert proof.saving_bytes is not None
    assert proof.saving_bytes > 1_000_000
    assert proof.image is not None
    assert proof.unpacked_bytes == proof.image.unpacked_bytes


L = RegressionKind
CURL = " curl locales tzdata"
BREAKS = {
    # Go: what is read at run time, most of it not on the page that answers first
    "a template that another page reads": ("go", L.FILE, "app/templates/about.html", ("COPY templates templates", "COPY templates/index.html templates/")),
    "a folder of static files": ("go", L.FILE, "app/static/site.css", ("COPY static static\n", "")),
    "the migrations": ("go", L.FILE, "app/migrations/001.sql", ("COPY migrations migrations\n", "")),
    "a variable": ("go", L.SETTING, "ENV GREETING", (" GREETING=Hello", "")),
    "a variable's value": ("go", L.SETTING, "ENV GREETING", ("GREETING=Hello", "GREETING=Hi")),
    "the CA bundle": ("go", L.FILE, "etc/ssl/certs/ca-certificates.crt", ("COPY templates", "RUN rm -r /etc/ssl\nCOPY templates")),
    "a program that is executed": ("go", L.PROGRAM, "report", ("COPY report /usr/local/bin/report\nCOPY --from", "COPY --from")),
    "the user": ("go", L.USER, "app", ("slim\nRUN useradd --uid 1500 --create-home app\n", "slim\n"), ("USER app", "USER 1500"), ("--chown=app", "--chown=1500")),
    "the user's number": ("go", L.USER, "app", ("slim\nRUN useradd --uid 1500", "slim\nRUN useradd --uid 1501")),
    "USER itself": ("go", L.USER, "app", ("USER app\n", "")),
    "the health check": ("go", L.SETTING, "HEALTHCHECK", ('HEALTHCHECK CMD ["/app/server", "-health"]\n', "")),
    "the working directory": ("go", L.SETTING, "WORKDIR", ("USER app", "WORKDIR /\nUSER app")),
    "the owner of a folder that it writes to": ("go", L.MODE, "app/data", ("--chown=app /app/data", "/app/data")),
    "an empty folder that it writes to": ("go", L.FOLDER, "app/data", ("COPY --from=build --chown=app /app/data data\n", "")),
    "a binary that says something else": ("go", L.BEHAVIOUR, "its own command", ("COPY templates", "RUN sed -i 's/listening on/LISTENING on/' server\nCOPY templates")),
    "the whole program": ("go", L.PROGRAM, "/app/server", ("COPY --from=build /app/server ./\n", "")),
    # C: libraries, loaders, scripts
    "a library": ("c", L.LIBRARY, "libgreet.so.1", ("COPY --from=build /usr/local/lib/libgreet.so.1 /usr/local/lib/\n", "")),
    "ldconfig": ("c", L.LIBRARY, "libgreet.so.1", ("RUN ldconfig\n", "")),
    "another C library": ("c", L.INTERPRETER, "/lib64/ld-linux-x86-64.so.2", ("FROM debian:bookworm-slim", "FROM alpine:latest"), ("RUN ldconfig\n", "")),
    "a C library that is too old": ("c", L.VERSION, "libc.so.6", ("COPY start.sh", "RUN sed -i 's/GLIBC_2\\.34/GLIBC_2.99/' hello\nCOPY start.sh")),
    "the execute bit of a script": ("c", L.PROGRAM, "/app/start.sh", ("COPY start.sh motd.txt ./", "COPY --chmod=644 start.sh motd.txt ./")),
    "a file that the script prints": ("c", L.FILE, "app/motd.txt", ("start.sh motd.txt", "start.sh")),
    "the script's shell": ("c", L.INTERPRETER, "/bin/sh", ("COPY start.sh", "RUN rm /bin/sh /usr/bin/sh || true\nCOPY start.sh")),
    # Python: what is imported late, what is written to
    "a module that is imported late": ("python", L.FILE, "opt/venv/lib/python3.11/site-packages/markupsafe/__init__.py", ("FROM python:3.12-slim\n", "RUN rm -r /opt/venv/lib/python3*/site-packages/markupsafe\nFROM python:3.12-slim\n")),
    "settings that are read": ("python", L.FILE, "srv/web/settings.json", ("app.py settings.json", "app.py")),
    "other settings": ("python", L.CONTENT, "srv/web/settings.json", ("USER web", "RUN echo '{\"name\": \"abc\"}' > settings.json\nUSER web")),
    "a data folder that nobody may write to": ("python", L.MODE, "data", (" && chown web /data", "")),
    "another command": ("python", L.SETTING, "CMD", ('"app.py"]', '"app.py", "-x"]')),
    "a port that is changed by a variable": ("python", L.BEHAVIOUR, "its own command", ("USER web", "ENV PORT=8001\nUSER web")),
    "the search path": ("python", L.SETTING, "ENV PATH", ("ENV PATH=/opt/venv/bin:$PATH\n", ""), ('["python"', '["/opt/venv/bin/python"')),
    # node
    "a module that is required late": ("node", L.FILE, "usr/src/app/node_modules/late-module/index.js", ("COPY modules node_modules\n", "")),
    "translations": ("node", L.FILE, "usr/src/app/locales/de.json", ("COPY locales locales\n", "")),
    "a port that is exposed": ("node", L.SETTING, "EXPOSE", ("EXPOSE 3000\n", "")),
    "the signal that stops it": ("node", L.SETTING, "STOPSIGNAL", ("STOPSIGNAL SIGINT\n", "")),
    # shell
    "the health check's tool": ("shell", L.PROGRAM, "curl", (CURL, CURL.replace(" curl", ""))),
    "the time zones": ("shell", L.FOLDER, "usr/share/zoneinfo", ("&& rm -rf /var/lib/apt/lists/*", "&& rm -rf /var/lib/apt/lists/* /usr/share/zoneinfo")),
    "the locale": ("shell", L.FILE, "usr/lib/locale/locale-archive", (" && localedef -i de_DE -f UTF-8 de_DE.UTF-8", "")),
    "a program that the script calls": ("shell", L.PROGRAM, "busybox", (" busybox curl", " curl")),
    "what it serves": ("shell", L.FILE, "srv/www/index.html", ("COPY index.html /srv/www/\n", "RUN mkdir /srv/www\n")),
}  # fmt: skip


@pytest.mark.parametrize("lost", [marked(lost, str(BREAKS[lost][0])) for lost in BREAKS])
def test_a_broken_rewrite_is_never_verified(bench: Benches, lost: str) -> None:
    name, lesson, subject, *changes = BREAKS[lost]
    proof = bench(APPS[str(name)]).prove(*changes)  # type: ignore[arg-type]
    assert not proof.verified, format_proof(proof)
    assert proof.built, format_proof(proof)
    assert (lesson, subject) in [(x.kind, x.subject) for x in proof.regressions], format_proof(
        proof
    )
