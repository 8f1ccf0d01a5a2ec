"""Built pages live in folders; asking for `/agents` must not be answered with a redirect to whatever Host says."""

import unicodedata
from pathlib import Path


class Paths:
    """`built` is the folder of the built front end; read once, at start."""

    def __init__(self, built: Path) -> None:
        self._folders = frozenset(
            "/" + page.parent.relative_to(built).as_posix()
            for page in built.rglob("index.html")
            if page.parent != built
        )

    def rewritten(self, path: str) -> str:
        """The path with the slash that the folder of a built page needs."""
        return f"{path}/" if path in self._folders else path


def is_written_wrong(path: str) -> bool:
    """Whether no page of ours has ever had such an address: with an empty part, or a character that nobody can see."""
    return "//" in path or any(unicodedata.category(one) == "Cc" for one in path)
