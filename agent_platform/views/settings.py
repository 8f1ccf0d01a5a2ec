"""What the settings pages show, formatted."""

from dataclasses import dataclass, field


@dataclass(frozen=True)
class SignInView:
    """An identity, or a session: what it is, where, when."""

    id: str
    title: str
    note: str
    here: bool = False


@dataclass(frozen=True)
class ProfileView:
    name: str = ""
    initials: str = ""
    picture: str = ""  # its path, empty without one
    time_zone: str = ""
    color_mode: str = "system"
    notice_email: str = ""
    github: bool = False  # another way in can be added here
    by_mail: bool = False  # and by mail
    signs_as: list[str] = field(default_factory=list)  # what confirms that the account is to be deleted
    stays: str = ""  # why it cannot be deleted now
    identities: list[SignInView] = field(default_factory=list)
    sessions: list[SignInView] = field(default_factory=list)


@dataclass(frozen=True)
class WorkspaceView:
    name: str = ""
    slug: str = ""
    address: str = ""
    time_zone: str = "UTC"
    plan: str = ""
    logo: str = ""  # its path, empty without one


@dataclass(frozen=True)
class MemberView:
    id: str
    name: str
    email: str
    role: str
    features: str
    joined: str
    here: bool
    builds: bool
    builds_by_role: bool
    initials: str = ""
    picture: str = ""


@dataclass(frozen=True)
class InvitationView:
    id: str
    email: str
    role: str
    until: str


@dataclass(frozen=True)
class MembersView:
    members: list[MemberView] = field(default_factory=list)
    invitations: list[InvitationView] = field(default_factory=list)
