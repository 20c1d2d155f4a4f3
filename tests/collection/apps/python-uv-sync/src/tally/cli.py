import json
from importlib.resources import files

import click
from werkzeug.serving import run_simple
from werkzeug.wrappers import Request, Response


def votes():
    return json.loads(files("tally").joinpath("data/votes.json").read_text())


@Request.application
def application(request):
    return Response(json.dumps(votes()), mimetype="application/json")


@click.group()
@click.version_option("0.1.0")
def main():
    """Counts votes."""


@main.command()
@click.option("--port", default=8000)
def serve(port):
    """Answer with the votes."""
    run_simple("0.0.0.0", port, application)


@main.command()
def show():
    """Print the votes."""
    click.echo(votes())
