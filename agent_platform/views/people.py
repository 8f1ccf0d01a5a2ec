"""How people are shown: by a picture of theirs, else by the letters their name begins with."""

from uuid import UUID


def initials(name: str) -> str:
    """Of the first and the last word: `MO`."""
    words = name.split()
    return "".join(word[0] for word in (words[:1] + words[-1:] if len(words) > 1 else words)).upper()


def avatar_path(user_id: UUID | None, key: str | None) -> str:
    """Where the picture is, another path for another picture; empty for somebody without."""
    return f"/people/{user_id}/picture?v={key[:16]}" if user_id and key else ""
