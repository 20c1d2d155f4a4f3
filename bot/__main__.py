"""`python -m bot`: the console script `image-size-review`, without an installation."""

from bot.cli.main import main

if __name__ == "__main__":
    raise SystemExit(main())
