"""A GitHub of our own on loopback: real HTTP, strict about everything that GitHub or OAuth asks for."""

import base64
import hashlib
import json
import secrets
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import parse_qs, urlencode, urlsplit

CLIENT_ID = "Iv1.double"
CLIENT_SECRET = "double-secret"


@dataclass
class Account:
    id: int
    login: str
    name: str | None = None
    emails: list[dict] = field(default_factory=list)


@dataclass
class Grant:
    account: Account
    challenge: str
    redirect_uri: str


class GitHub:
    """`account` is who is signed in to GitHub in the browser at hand. `refusals` says why anything was refused."""

    def __init__(self, callback: str) -> None:
        self.callback = callback
        self.account = Account(583231, "octocat", "Mona Octocat")
        self.codes: dict[str, Grant] = {}
        self.tokens: dict[str, Account] = {}
        self.refusals: list[str] = []
        self.requests: list[str] = []
        self.user_answer: object = None

    def authorize(self, query: dict[str, str]) -> str:
        """Where the browser is sent. Raises ValueError for a request that GitHub would show an error page for."""
        if query.get("client_id") != CLIENT_ID or query.get("redirect_uri") != self.callback:
            raise ValueError("client or redirect_uri mismatch")
        if query.get("response_type") != "code" or query.get("code_challenge_method") != "S256":
            raise ValueError("code with S256 expected")
        if len(query.get("code_challenge", "")) != 43 or len(query.get("state", "")) < 43:
            raise ValueError("challenge or state too short")
        if set(query.get("scope", "").split()) != {"read:user", "user:email"}:
            raise ValueError("unexpected scope")
        code = secrets.token_hex(10)
        self.codes[code] = Grant(self.account, query["code_challenge"], query["redirect_uri"])
        return f"{self.callback}?{urlencode({'code': code, 'state': query['state']})}"

    def exchange(self, form: dict[str, str], headers) -> dict:
        grant = self.codes.pop(form.get("code", ""), None)
        verifier = form.get("code_verifier", "")
        challenge = base64.urlsafe_b64encode(hashlib.sha256(verifier.encode()).digest()).rstrip(b"=").decode()
        if (
            headers.get("Authorization")
            or form.get("client_secret") != CLIENT_SECRET
            or form.get("client_id") != CLIENT_ID
        ):
            return self._refuse("incorrect_client_credentials")
        if grant is None:
            return self._refuse("bad_verification_code")
        if not secrets.compare_digest(challenge, grant.challenge) or form.get("redirect_uri") != grant.redirect_uri:
            return self._refuse("bad_verifier")
        token = f"gho_{secrets.token_hex(18)}"
        self.tokens[token] = grant.account
        return {"access_token": token, "token_type": "bearer", "scope": "read:user,user:email"}

    def api(self, path: str, bearer: str) -> tuple[int, object]:
        account = self.tokens.get(bearer.removeprefix("Bearer "))
        if account is None:
            return 401, {"message": "Bad credentials"}
        if path == "/user":
            plain = {"id": account.id, "login": account.login, "name": account.name, "email": None}
            return 200, plain if self.user_answer is None else self.user_answer
        return (200, account.emails) if path == "/user/emails" else (404, {"message": "Not Found"})

    def _refuse(self, error: str) -> dict:
        self.refusals.append(error)
        return {"error": error, "error_description": "refused by the double"}


class Handler(BaseHTTPRequestHandler):
    github: GitHub

    def do_GET(self) -> None:
        parts = urlsplit(self.path)
        self.github.requests.append(f"GET {parts.path}")
        if parts.path == "/login/oauth/authorize":
            query = {name: values[-1] for name, values in parse_qs(parts.query).items()}
            try:
                self._answer(302, {}, location=self.github.authorize(query))
            except ValueError as error:
                self.github.refusals.append(str(error))
                self._answer(400, {"message": str(error)})
        else:
            self._answer(*self.github.api(parts.path, self.headers.get("Authorization", "")))

    def do_POST(self) -> None:
        self.github.requests.append(f"POST {self.path}")
        body = self.rfile.read(int(self.headers.get("Content-Length", 0))).decode()
        form = {name: values[-1] for name, values in parse_qs(body).items()}
        if self.path != "/login/oauth/access_token":
            self._answer(404, {})
            return
        self._answer(200, self.github.exchange(form, self.headers))

    def log_message(self, *_) -> None:
        """Quiet."""

    def _answer(self, status: int, body: object, *, location: str = "") -> None:
        content = json.dumps(body).encode()
        self.send_response(status)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(content)))
        if location:
            self.send_header("Location", location)
        self.end_headers()
        self.wfile.write(content)


@contextmanager
def serve(callback: str) -> Iterator[tuple[GitHub, str]]:
    """The double and its URL."""
    github = GitHub(callback)
    server = ThreadingHTTPServer(("127.0.0.1", 0), type("Bound", (Handler,), {"github": github}))
    server.daemon_threads = True
    thread = threading.Thread(target=server.serve_forever, args=(0.05,), daemon=True)
    thread.start()
    try:
        yield github, f"http://127.0.0.1:{server.server_port}"
    finally:
        server.shutdown()
        server.server_close()
        thread.join()
