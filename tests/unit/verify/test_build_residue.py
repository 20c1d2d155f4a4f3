"""Files that a build leaves behind, by their paths."""

from bot.verify.build_residue import is_tool_path


def test_installers_copied_from_their_images_are_tools() -> None:
    for name in ("composer", "npm", "npx"):
        assert is_tool_path(f"usr/bin/{name}", "COPY")
        assert is_tool_path(f"usr/local/bin/{name}", "COPY")
    assert not is_tool_path("usr/local/bin/server", "COPY")
