"""`python -m bot` is the console script `image-size-review`."""

from bot.cli.main import main

if __name__ == "__main__":
    raise SystemExit(main())
