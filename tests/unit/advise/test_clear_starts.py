"""Starts whose scripts are read to the end."""

from collections.abc import Mapping

import pytest

from bot.adapters.parsing.dockerfile_parser import DockerfileReader
from bot.advise.clear_starts import has_clear_start
from bot.dockerfile.build_context import BuildContext
from tests.support.rule_inputs import make_rule_input

APP = "FROM a\nWORKDIR /app\nCOPY . .\nRUN apt-get install -y appd\n"


def is_clear(files: Mapping[str, str], start: str = "CMD ./run.sh", text: str = APP) -> bool:
    context = BuildContext(
        dict.fromkeys(files, 9),
        read_text=lambda path: files.get(path, ""),
        parse_script=DockerfileReader().parse_script,
    )
    return has_clear_start(make_rule_input(f"{text}{start}\n", context=context))


@pytest.mark.parametrize(
    ("script", "expected"),
    [
        ("set -e\npython manage.py migrate\nexec gunicorn app:app\n", True),
        ('until pg_isready; do sleep 1; done\nexec "$@"\n', True),
        ('log() {\n  echo "$1"\n}\nfunction quit { exit 1; }\nlog x || quit\nnode x.js\n', True),
        ("env A=b gosu app appd --port 80\n", True),
        ("bundle exec puma\n", True),
        ("next start -p 80\n", True),
        ("if [ ! -f x ]; then exit 1; fi; php artisan migrate && php-fpm\n", True),
        # A program of the project, by a file or folder of its name.
        ("exec worker --all\n", True),
        ("exec tool --all\n", True),
        # Nobody knows what these need.
        ("compass watch\nappd\n", False),
        ("bundle exec middleman\n", False),
        ("npx relay-compiler && appd\n", False),
        ("next build && next start\n", False),
        ("make migrate && appd\n", False),
        ("poetry run appd\n", False),
        ("npm run lost\n", False),
        ("yarn && appd\n", False),
        ("bash lost.sh\n", False),
        ("./lost.sh && appd\n", False),
        ("if [ x; then\n", False),
    ],
)
def test_a_script_of_the_shell(script: str, expected: bool) -> None:
    files = {"run.sh": script, "worker/main.go": "", "cmd/tool/main.go": ""}
    assert is_clear(files) is expected


@pytest.mark.parametrize(
    ("inner", "expected"),
    [("use() { :; }\n", True), ("use() { compass watch; }\n", False), ("echo\n", False)],
)
@pytest.mark.parametrize("call", [". ./lib/x.sh", "source /app/lib/x.sh", "use && bash lib/x.sh"])
def test_a_script_that_another_one_reads(call: str, inner: str, expected: bool) -> None:
    assert is_clear({"run.sh": f"{call}\nuse\n", "lib/x.sh": inner}) is expected


@pytest.mark.parametrize(
    ("start", "expected"),
    [
        ("CMD anything --at all", True),
        ("CMD npm start", True),
        ("CMD npm run build-it", False),
        ("CMD npm run all", True),
        ("CMD npm run absent", False),
        ("CMD /lost.sh", False),
        ("CMD ./run.sh npm run build-it", False),
        ("CMD bin/web", False),
        ("CMD bin/rails server", True),
        ('ENTRYPOINT ["./deep/er/run.sh"]\nCMD ["npm", "start"]', True),
    ],
)
def test_a_start_of_the_dockerfile(start: str, expected: bool) -> None:
    manifest = (
        '{"dependencies": {"koa-serve": "1"}, "scripts": {"start": "node x.js", '
        '"build-it": "compass x", "all": "npm run start && koa-serve"}}'
    )
    files = {
        "package.json": manifest,
        "run.sh": 'exec "$@"\n',
        "deep/er/run.sh": 'sleep 1\nexec "$@"\n',
        "bin/web": "#!/usr/bin/env bash\nbundle install\n",
        "bin/rails": "#!/usr/bin/env ruby\ncompass watch\n",
    }
    assert is_clear(files, start) is expected


def test_without_a_context_nothing_is_asked() -> None:
    assert has_clear_start(make_rule_input(f"{APP}CMD ./run.sh\n"))
