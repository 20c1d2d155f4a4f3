import argparse
from importlib.metadata import version
from importlib.resources import files

import yaml


def main():
    parser = argparse.ArgumentParser(prog="ticker")
    parser.add_argument("--version", action="version", version=version("ticker"))
    parser.add_argument("symbol", nargs="*", default=None)
    asked = parser.parse_args().symbol
    symbols = asked or yaml.safe_load(files("ticker").joinpath("default.yaml").read_text())["symbols"]
    for symbol in symbols:
        print(symbol, sum(map(ord, symbol)))
