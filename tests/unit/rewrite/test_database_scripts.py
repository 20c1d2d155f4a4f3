"""Scripts of databases that compose files mount."""

from bot.rewrite.database_scripts import list_database_scripts
from bot.rewrite.project_residue import ProjectResidue
from tests.support.rewrite_world import make_facts, read_image_startup

TEXT = 'FROM x\nWORKDIR /app\nCOPY . .\nCMD ["node", "server.js"]\n'
FILES = """
base 1MB
app/docker-compose.yml 1kB @3 = volumes:\\n  - ./db/init:/docker-entrypoint-initdb.d\\n  - ./a:/a\\n
app/ops/compose.yaml 1kB @3 = - "./seed.sql:/docker-entrypoint-initdb.d/seed.sql:ro"\\n
app/db/init/1.sql 1kB @3
app/db/2.sql 1kB @3
app/ops/seed.sql 1kB @3
app/seed.sql 1kB @3
"""


def test_mounted_files_and_folders() -> None:
    facts = make_facts(TEXT, FILES)
    assert sorted(list_database_scripts(facts)) == ["app/db/init", "app/ops/seed.sql"]


def test_what_is_mounted_into_a_database_is_residue() -> None:
    facts = make_facts(TEXT, FILES)
    residue = ProjectResidue(facts, read_image_startup(facts))
    scripts = [path for path in facts.built.own_files if path.endswith(".sql")]
    assert [path for path in scripts if residue.includes(path)] == [
        "app/db/init/1.sql",
        "app/ops/seed.sql",
    ]
