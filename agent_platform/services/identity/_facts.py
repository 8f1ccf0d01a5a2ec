"""What callers learn about people and their sign-ins, free of the database."""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID


@dataclass(frozen=True)
class Browser:
    """Where a session lives: its host without port, and what the browser said about itself."""

    host: str
    user_agent: str
    address: str


@dataclass(frozen=True)
class CodeFacts:
    """What a one-time code carries from the moment it was made to the moment it is used."""

    user_id: UUID | None = None
    email: str | None = None
    next_path: str = "/"
    session_id: UUID | None = None


@dataclass(frozen=True)
class Profile:
    user_id: UUID
    display_name: str
    time_zone: str
    color_mode: str
    notice_email: str | None
    avatar_key: str | None = None


@dataclass(frozen=True)
class IdentityFacts:
    id: UUID
    provider: str
    label: str
    created_at: datetime


@dataclass(frozen=True)
class SessionFacts:
    id: UUID
    host: str
    user_agent: str
    address: str
    created_at: datetime
    last_seen_at: datetime


@dataclass(frozen=True)
class SignInDoors:
    """Which ways to sign in this server offers. `outbox`: mails are read on `/sandbox/mail`."""

    github: bool
    email: bool
    outbox: bool
