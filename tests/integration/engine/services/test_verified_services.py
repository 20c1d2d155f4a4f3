"""Rewrites of an application that needs a database, which its compose file shows.

A right rewrite is verified with the database. Without what only the database shows, it never is.
"""

from dataclasses import replace
from pathlib import Path

import pytest

from bot.model.proof import RegressionKind
from bot.model.suggestion import StartResult
from tests.support.engine import PrivateEngine
from tests.support.verifier_bench import App, Bench, format_proof

SERVER = """\
import glob, http.server, os, socket
import psycopg2, redis

database = psycopg2.connect(os.environ["DATABASE_URL"])
cache = redis.Redis(host=os.environ["REDIS_HOST"], password=os.environ["REDIS_PASSWORD"])
with database, database.cursor() as cursor:
    for path in glob.glob("migrations/*.sql") + glob.glob("/opt/views/*.view"):
        cursor.execute(open(path).read())
print("started number", cache.incr("starts"), flush=True)

class Shop(http.server.BaseHTTPRequestHandler):
    def do_GET(self):
        with database, database.cursor() as cursor:
            cursor.execute("SELECT to_regclass('items'), to_regclass('view'), count(*) FROM visits")
            cells = cursor.fetchone()
        body = repr(cells).encode()
        self.send_response(200)
        self.end_headers()
        self.wfile.write(body)

http.server.HTTPServer(("", 8080), Shop).serve_forever()
"""
COMPOSE = """\
services:
  shop:
    build: .
    depends_on: [db]
    environment:
      DATABASE_URL: postgres://shop:${DB_PASSWORD}@main-db/shop
      REDIS_HOST: cache
      REDIS_PASSWORD: from-the-file
  db:
    image: postgres:15
    container_name: main-db
    environment: {POSTGRES_USER: shop, POSTGRES_PASSWORD: "${DB_PASSWORD:?set it}"}
    healthcheck: {test: pg_isready -U shop}
    volumes: ["data:/var/lib/postgresql/data", "./init:/docker-entrypoint-initdb.d:ro"]
  cache:
    image: redis:7
    command: redis-server --requirepass from-the-file
  admin: {image: "no-such/admin:1", depends_on: [db]}
"""
SERVICES = ("postgres:15", "redis:7")
SHOP = App(
    base="python:3.12-slim",
    files={
        "server.py": SERVER,
        "requirements.txt": "psycopg2-binary==2.9.10\nredis==5.2.1\n",
        "migrations/001.sql": "CREATE TABLE items (name text);\n",
        "init/visits.sql": "CREATE TABLE visits (at timestamp);\n",
        "compose.yaml": COMPOSE,
    },
    old="""\
FROM python:3.12-slim
WORKDIR /srv
COPY requirements.txt .
RUN pip install -r requirements.txt && mkdir -p /root/.cache/pip && head -c 9000000 /dev/zero > /root/.cache/pip/wheel
COPY server.py .
COPY migrations migrations
RUN mkdir /opt/views && echo "CREATE VIEW view AS SELECT * FROM items" > /opt/views/001.view
EXPOSE 8080
CMD ["python", "server.py"]
""",
    new="""\
FROM python:3.12-slim
WORKDIR /srv
COPY requirements.txt .
RUN pip install --no-cache-dir -r requirements.txt
COPY server.py .
COPY migrations migrations
RUN mkdir /opt/views && echo "CREATE VIEW view AS SELECT * FROM items" > /opt/views/001.view
EXPOSE 8080
CMD ["python", "server.py"]
""",
)
STEP = "its own command with services"
NO_MIGRATIONS = ("COPY migrations migrations\n", "")


def test_a_right_rewrite_is_verified_with_the_services(bench: Bench) -> None:
    proof = bench.prove()
    assert (proof.verified, proof.started) == (True, StartResult.SAME), format_proof(proof)
    log = "\n".join(proof.log)
    assert "services of both images: db (postgres:15), cache (redis:7), from compose.yaml" in log
    assert f"{STEP}: same, it runs; port 8080 answers 200" in log


@pytest.mark.parametrize(
    "change",
    [
        (" -r requirements.txt", " redis==5.2.1"),
        (
            "COPY server.py",
            "RUN find / -xdev -name 'libpq*.so*' -path '*psycopg2*' -delete\nCOPY server.py",
        ),
        NO_MIGRATIONS,
    ],
    ids=["the driver", "the driver's library", "the migrations"],
)
def test_a_rewrite_without_what_the_database_needs_is_refused(
    bench: Bench, change: tuple[str, str]
) -> None:
    proof = bench.prove(change)
    assert (proof.built, proof.verified) == (True, False)
    assert proof.regressions, format_proof(proof)


@pytest.mark.long
def test_what_only_the_database_shows_is_refused(engine: PrivateEngine, tmp_path: Path) -> None:
    """A file that is left behind on purpose, to which no other check objects."""
    bench = Bench(engine, replace(SHOP, left_behind={"opt/views": "seems unused"}), tmp_path)
    line = next(line for line in SHOP.new.splitlines(keepends=True) if "/opt/views" in line)
    proof = bench.prove((line, ""))
    bench.close()
    assert (proof.verified, proof.started) == (False, StartResult.DIFFERS), format_proof(proof)
    assert {(x.kind, x.subject) for x in proof.regressions} == {(RegressionKind.BEHAVIOUR, STEP)}


def test_a_service_that_is_missing_verifies_nothing(engine: PrivateEngine, tmp_path: Path) -> None:
    compose = COMPOSE.replace("redis:7", "no-such/redis:7")
    app = replace(SHOP, files={**SHOP.files, "compose.yaml": compose})
    bench = Bench(engine, app, tmp_path)
    proof = bench.prove()
    bench.close()
    assert (proof.verified, proof.regressions) == (False, ()), format_proof(proof)
    assert "start" in proof.skipped_steps
    assert "the service cache: its image no-such/redis:7 cannot be had" in "\n".join(proof.log)
