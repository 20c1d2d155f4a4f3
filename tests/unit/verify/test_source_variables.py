"""Variables of the environment that an application reads."""

import pytest

from bot.verify.app_files import AppFiles
from bot.verify.source_variables import COMMAND, list_read_variables, wants_variable_file
from tests.support.image_pair_world import SHELL, make_image


def make_app(files: dict[str, str], command: tuple[str, ...] = ()) -> AppFiles:
    return AppFiles(make_image(SHELL, copy=files, workdir="/app", command=command))


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("a.js", "const port = process.env.PORT || 3000"),
        ("a.ts", 'app.listen(process.env["PORT"])'),
        ("a.js", "const { PORT } = process.env;"),
        ("a.ts", "const {\n  PORT: port = 3000,\n} = process.env;"),
        ("a.py", 'port = int(os.environ["PORT"])'),
        ("a.py", "port = os.environ.get('PORT', 1)"),
        ("a.py", 'port = os.getenv("PORT")'),
        ("a.py", 'PORT = env.int("PORT")'),
        ("a.py", "PORT = config('PORT', cast=int)"),
        ("a.go", 'port := os.Getenv("PORT")'),
        ("a.go", 'port, ok := os.LookupEnv("PORT")'),
        ("a.rs", 'let port = env::var("PORT").unwrap();'),
        ("a.rb", "set :port, ENV.fetch('PORT', 4567)"),
        ("a.rb", 'set :port, ENV["PORT"]'),
        ("a.c", 'char *port = getenv("PORT");'),
        ("a.cs", 'Environment.GetEnvironmentVariable("PORT")'),
        ("a.ts", "this.configService.get<number>('PORT')"),
        ("a.ts", 'Deno.env.get("PORT")'),
        ("a.ts", "Bun.env.PORT"),
        ("a.go", 'type Config struct { Port int `env:"PORT,required"` }'),
        ("a.py", "class Settings(BaseSettings):\n    port: int = 80\n"),
        ("a.py", "class Settings(BaseSettings):\n    PORT: Optional[int]\n"),
        ("a.properties", "server.port=${PORT:8080}"),
        ("a.yml", "server:\n  port: ${PORT}"),
        ("a.sh", "exec server --port ${PORT:-80}"),
    ],
)
def test_sources_read_variables(name: str, text: str) -> None:
    assert list_read_variables(make_app({f"app/lib/{name}": text})) == {"PORT": f"lib/{name}"}


@pytest.mark.parametrize(
    "text", ["environment.PORT", "const PORT = 1", "$PORT", "config('app')", "cache.get('PORT')"]
)
def test_other_words_are_no_variables(text: str) -> None:
    assert list_read_variables(make_app({"app/a.js": text})) == {}


def test_variables_may_be_read_together() -> None:
    text = "const {\n  DB_HOST,\n  DB_USER: user,\n  PORT = '80',\n} = process.env;\nconst { a } = process;"
    app = make_app({"app/a.js": text})
    assert list_read_variables(app) == dict.fromkeys(("DB_HOST", "DB_USER", "PORT"), "a.js")


def test_a_command_line_reads_variables() -> None:
    app = make_app({}, command=("/bin/sh", "-c", "gunicorn --bind 0.0.0.0:$PORT -w ${WORKERS}"))
    assert list_read_variables(app) == {"PORT": COMMAND, "WORKERS": COMMAND}


@pytest.mark.parametrize(
    ("text", "output"),
    [
        ('import "github.com/joho/godotenv"', ""),
        ("require('dotenv').config()", ""),
        ("load_dotenv('.env')", ""),
        ("", "open .env: no such file or directory"),
    ],
)
def test_a_file_of_variables_is_wanted(text: str, output: str) -> None:
    assert wants_variable_file(make_app({"app/a.js": text}), output)


def test_no_file_of_variables_is_wanted_otherwise() -> None:
    assert not wants_variable_file(make_app({"app/a.js": "process.env.PORT"}), "no database")


def test_a_class_without_settings_reads_no_variables() -> None:
    assert (
        list_read_variables(make_app({"app/a.py": "class Item(BaseModel):\n    port: int\n"})) == {}
    )
