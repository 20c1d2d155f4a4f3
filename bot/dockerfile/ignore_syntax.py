"""The check of a pattern's syntax: Go's filepath.Match, which patternmatcher asks."""


class IllegalIgnoreFileError(ValueError):
    """A `.dockerignore` with which no build works."""


def check_syntax(pattern: str) -> None:
    """Raise IllegalIgnoreFileError where Go's filepath.Match finds a mistake in a pattern.

    It is asked for the name `.`, and does not look beyond the part at which that stops to match.
    """
    name, rest = ".", pattern
    while rest:
        is_star, chunk, rest = _split_chunk(rest)
        if is_star and not chunk:
            return
        # The name has one character at most, so a star takes that or nothing.
        names = [name, *(name[1:] for _ in name if is_star)]
        remainders = (_match_chunk(chunk, x) for x in names)
        fitting = (x for x in remainders if x is not None and (not x or rest))
        following = next(fitting, None)
        if following is None:
            return
        name = following


def _split_chunk(pattern: str) -> tuple[bool, str, str]:
    """Return if a pattern starts with a star, what comes up to the next one, and the rest."""
    text = pattern.lstrip("*")
    is_star = len(text) < len(pattern)
    in_brackets = False
    position = 0
    while position < len(text):
        character = text[position]
        if character == "*" and not in_brackets:
            break
        if character in "[]":
            in_brackets = character == "["
        position += 2 if character == "\\" else 1
    return is_star, text[:position], text[position:]


def _match_chunk(chunk: str, name: str) -> str | None:
    """Return what a chunk without stars leaves of a name; None if it does not match."""
    position = 0
    is_matching = True
    while position < len(chunk):
        is_matching = is_matching and bool(name)
        if chunk[position] == "[":
            position, fits = _match_brackets(chunk, position + 1, name[:1])
        elif chunk[position] == "?":
            position, fits = position + 1, True
        else:
            position += chunk[position] == "\\"
            fits = _take(chunk, position) == name[:1]
            position += 1
        is_matching = is_matching and fits
        name = name[1:]
    return name if is_matching else None


def _match_brackets(chunk: str, position: int, character: str) -> tuple[int, bool]:
    """Return the end of a set in brackets, and if it has a character."""
    is_negated = chunk[position : position + 1] == "^"
    position += is_negated
    is_inside = False
    is_first = True
    while is_first or _take(chunk, position) != "]":
        is_first = False
        low, position = _read_bound(chunk, position)
        high = low
        if chunk[position] == "-":
            high, position = _read_bound(chunk, position + 1)
        is_inside = is_inside or low <= character <= high
    return position + 1, is_inside != is_negated


def _read_bound(chunk: str, position: int) -> tuple[str, int]:
    """Return a character in brackets, which must not be the last of all, and what follows."""
    if _take(chunk, position) in "-]":
        raise IllegalIgnoreFileError("syntax error in pattern")
    position += chunk[position] == "\\"
    _take(chunk, position + 1)
    return chunk[position], position + 1


def _take(chunk: str, position: int) -> str:
    if position >= len(chunk):
        raise IllegalIgnoreFileError("syntax error in pattern")
    return chunk[position]
