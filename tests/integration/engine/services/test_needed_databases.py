"""Rewrites of an application that needs a database which no compose file describes."""

from dataclasses import replace
from pathlib import Path

import pytest

from bot.model.suggestion import StartResult
from tests.support.engine import PrivateEngine
from tests.support.verifier_bench import App, Bench, format_proof

SERVER = """\
import http.server, os
import psycopg2, redis

database = psycopg2.connect(
    host=os.environ["DB_HOST"],
    port=os.environ.get("DB_PORT", "5432"),
    user=os.environ["DB_USER"],
    password=os.environ["DB_PASSWORD"],
    dbname=os.environ["DB_NAME"],
)
cache = redis.Redis.from_url(os.environ["REDIS_URL"])
print("started number", cache.incr("starts"), flush=True)

class Shop(http.server.BaseHTTPRequestHandler):
    def do_GET(self):
        with database, database.cursor() as cursor:
            cursor.execute("SELECT current_user, current_database()")
            body = repr(cursor.fetchone()).encode()
        self.send_response(200)
        self.end_headers()
        self.wfile.write(body)

http.server.HTTPServer(("", 8080), Shop).serve_forever()
"""
DOCUMENTS = """\
import http.server, os
import pymongo

client = pymongo.MongoClient(os.environ.get("MONGO_URI"), serverSelectionTimeoutMS=5000)
client.get_default_database("shop").visits.insert_one({"page": "/"})

class Shop(http.server.BaseHTTPRequestHandler):
    def do_GET(self):
        self.send_response(200)
        self.end_headers()
        self.wfile.write(b"welcome")

http.server.HTTPServer(("", 8080), Shop).serve_forever()
"""
OLD = """\
FROM python:3.12-slim
WORKDIR /srv
COPY requirements.txt .
RUN pip install -r requirements.txt && mkdir -p /root/.cache/pip && head -c 9000000 /dev/zero > /root/.cache/pip/wheel
COPY server.py .
EXPOSE 8080
CMD ["python", "server.py"]
"""
INSTALL = "RUN pip install --no-cache-dir -r requirements.txt\n"
SERVICES = ("postgres:17", "redis:7")
SHOP = App(
    base="python:3.12-slim",
    files={
        "server.py": SERVER,
        "requirements.txt": "psycopg2-binary==2.9.10\nredis==5.2.1\n",
        ".env.example": "DB_USER=shop\nDB_NAME=goods\nDB_HOST=db.example.com\n",
    },
    old=OLD,
    new="\n".join(INSTALL.rstrip() if x.startswith("RUN") else x for x in OLD.splitlines()) + "\n",
)


def test_a_right_rewrite_is_verified_with_databases(bench: Bench) -> None:
    proof = bench.prove()
    assert (proof.verified, proof.started) == (True, StartResult.SAME), format_proof(proof)
    log = "\n".join(proof.log)
    assert "services of both images: postgresql (postgres:17), redis (redis:7)" in log
    assert "its own command with services: same, it runs; port 8080 answers 200" in log


def test_a_rewrite_without_the_driver_is_refused(bench: Bench) -> None:
    proof = bench.prove((" -r requirements.txt", " redis==5.2.1"))
    assert (proof.built, proof.verified) == (True, False)
    assert proof.regressions, format_proof(proof)


@pytest.mark.long
def test_a_database_is_set_up_as_the_sources_spell_it_out(
    engine: PrivateEngine, tmp_path: Path
) -> None:
    begin, end = SERVER.index("database ="), SERVER.index("class Shop")
    address = "postgresql://shop:secret@db.internal/goods"
    server = f'{SERVER[:begin]}database = psycopg2.connect("{address}")\n{SERVER[end:]}'
    files = {"server.py": server, "requirements.txt": SHOP.files["requirements.txt"]}
    bench = Bench(engine, replace(SHOP, files=files), tmp_path)
    proof = bench.prove()
    bench.close()
    assert (proof.verified, proof.started) == (True, StartResult.SAME), format_proof(proof)
    assert "services of both images: postgresql (postgres:17)" in "\n".join(proof.log)


@pytest.mark.long
def test_a_document_database_is_started_where_an_output_or_a_variable_leads_to_it(
    engine: PrivateEngine, tmp_path: Path
) -> None:
    engine.ensure("mongo:7")
    files = {"server.py": DOCUMENTS, "requirements.txt": "pymongo==4.10.1\n"}
    bench = Bench(engine, replace(SHOP, files=files), tmp_path)
    proof = bench.prove()
    bench.close()
    assert (proof.verified, proof.started) == (True, StartResult.SAME), format_proof(proof)
    assert "services of both images: mongodb (mongo:7)" in "\n".join(proof.log)
