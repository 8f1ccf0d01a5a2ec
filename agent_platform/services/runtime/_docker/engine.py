"""The docker engine as this driver uses it: raw JSON, a time limit on every call, its errors in our words."""

import queue
import re
import socket
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

from agent_platform.services.runtime.errors import Rejected, Transient

if TYPE_CHECKING:
    import docker

ANSWER_SECONDS = 20
PULL_SECONDS = 900
INFO_KEPT_SECONDS = 30.0
GONE_SECONDS = 15.0
GONE_PAUSE_SECONDS = 0.01
DEFAULT_URL = "unix:///var/run/docker.sock"
BEING_REMOVED = re.compile("already in progress|marked for removal")


class NameTaken(Exception):
    """A container of that name exists."""


class NoImage(Exception):
    """The engine has no such image."""


class Engine:
    """Safe for threads. Raises (every call): Transient when the engine cannot be reached or cannot now."""

    def __init__(self, url: str) -> None:
        self.url = url or DEFAULT_URL
        if not self.url.startswith("unix://"):
            raise Rejected(
                f"DOCKER_HOST is {self.url}, but agents reach their broker over a socket of this machine: use an engine on it (unix://)."
            )
        self._lock = threading.Lock()
        self._kept: docker.APIClient | None = None
        self._info: tuple[float, dict[str, Any]] | None = None

    def close(self) -> None:
        """No connection is open; the engine may still be used."""
        with self._lock:
            kept, self._kept = self._kept, None
        if kept:
            kept.close()

    def info(self) -> dict[str, Any]:
        """Facts that change seldom, at most half a minute old."""
        if self._info is None or time.monotonic() - self._info[0] > INFO_KEPT_SECONDS:
            self._info = (time.monotonic(), self._call(lambda client: client.info()))
        return self._info[1]

    def image(self, name: str) -> dict[str, Any] | None:
        return self._call(lambda client: client.inspect_image(name), {404: lambda _: None})

    def pull(self, name: str) -> None:
        """Raises: Rejected when the registry has no such image or does not let us have it."""
        with self._spoken({404: _refused_pull, 403: _refused_pull, 401: _refused_pull}):
            client = self._client(PULL_SECONDS)
            try:
                client.pull(name)
            finally:
                client.close()

    def create(self, name: str, body: dict[str, Any]) -> str:
        """The id of a new container. Raises: NameTaken, NoImage, Rejected."""
        answers = {404: _no_image, 409: _name_taken}
        return self._call(lambda client: client.create_container_from_config(body, name)["Id"], answers)

    def start(self, container: str) -> None:
        """Raises: Rejected, with the engine's words, when it cannot run what the image holds."""
        self._call(lambda client: client.start(container))

    def inspect(self, container: str) -> dict[str, Any] | None:
        return self._call(lambda client: client.inspect_container(container), {404: lambda _: None})

    def containers(self, label: str) -> list[dict[str, Any]]:
        """Summaries of all containers, ended ones too, with the label (`name=value`)."""
        return self._call(lambda client: client.containers(all=True, filters={"label": label}))

    def update(self, container: str, limits: dict[str, Any]) -> None:
        def ask(client: "docker.APIClient") -> None:
            # The client's own method knows no PidsLimit.
            spoken: Any = client
            path = spoken._url("/containers/{0}/update", container)  # noqa: SLF001
            spoken._raise_for_status(spoken._post_json(path, data=limits))  # noqa: SLF001

        self._call(ask)

    def rename(self, container: str, name: str) -> None:
        """Raises: NameTaken."""
        self._call(lambda client: client.rename(container, name), {409: _name_taken})

    def signal(self, container: str, name: str) -> None:
        """It got the signal if it still ran."""
        nothing = {404: lambda _: None, 409: lambda _: None}
        self._call(lambda client: client.kill(container, name), nothing)

    def last_words(self, container: str) -> str:
        words = self._call(lambda client: client.logs(container, tail=20), {404: lambda _: b""})
        return words.decode("utf-8", "replace").strip()

    def remove(self, container: str) -> None:
        """No process and no container of that id or name is left when this returns."""
        give_up_at = time.monotonic() + GONE_SECONDS

        def ask(client: "docker.APIClient") -> bool:
            client.remove_container(container, v=True, force=True)
            return True

        while not self._call(ask, {404: lambda _: True, 409: _try_again, 500: _try_again}):
            if time.monotonic() > give_up_at:
                raise Transient(f"The docker engine does not remove container {container[:12]}; it is tried again.")
            time.sleep(GONE_PAUSE_SECONDS)

    def events(
        self, label: str, kinds: list[str], stop: threading.Event, pause: float
    ) -> Iterator[dict[str, Any] | None]:
        """What happens to containers with the label, None after every `pause` without news; ends with its connection or `stop`."""
        filters = {"type": ["container"], "label": [label], "event": kinds}
        with self._spoken({}):
            client = self._client(ANSWER_SECONDS)
            stream = client.events(filters=filters, decode=True)
        heard: queue.Queue[dict[str, Any] | Exception | None] = queue.Queue(maxsize=1000)
        try:
            reader = threading.Thread(target=_listen, args=(stream, heard, stop), daemon=True, name="docker-events")
            reader.start()
            yield None
            while not stop.is_set():
                try:
                    news = heard.get(timeout=pause)
                except queue.Empty:
                    news = None
                if isinstance(news, Exception):
                    return
                yield news
        finally:
            stream.close()
            client.close()

    def _call(
        self, ask: Callable[["docker.APIClient"], Any], answers: dict[int, Callable[[str], Any]] | None = None
    ) -> Any:
        from docker.errors import APIError

        with self._spoken({}):
            try:
                return ask(self._connected())
            except APIError as error:
                answer = (answers or {}).get(error.status_code or 0)
                if answer is None:
                    raise
                return answer(str(error.explanation or error))

    @contextmanager
    def _spoken(self, answers: dict[int, Callable[[str], Any]]) -> Iterator[None]:
        from docker.errors import APIError, DockerException

        try:
            yield
        except APIError as error:
            words = str(error.explanation or error)
            if error.status_code in answers:
                answers[error.status_code](words)
            elif error.is_client_error():
                raise Rejected(f"The docker engine refuses this container, so nothing was started: {words}") from error
            raise Transient(f"The docker engine could not do it now: {words}") from error
        except (OSError, DockerException) as error:  # every network error of the client is an OSError
            raise Transient(
                f"The docker engine at {self.url} is not reachable, so nothing was started or changed. "
                f"Start it, or set DOCKER_HOST to the one to use ({error})."
            ) from error

    def _connected(self) -> "docker.APIClient":
        with self._lock:
            if self._kept is None:
                self._kept = self._client(ANSWER_SECONDS)
            return self._kept

    def _client(self, seconds: int) -> "docker.APIClient":
        import docker

        # The library leaves its socket to the garbage collector when nobody listens; we close ours.
        with socket.socket(socket.AF_UNIX) as probe:
            probe.settimeout(seconds)
            probe.connect(self.url.removeprefix("unix://"))
        return docker.APIClient(base_url=self.url, version="auto", timeout=seconds)


def _listen(stream: Any, heard: "queue.Queue[dict[str, Any] | Exception | None]", stop: threading.Event) -> None:
    """Every event, then the end of the stream, in the queue."""
    try:
        for event in stream:
            if stop.is_set():
                return
            heard.put(event, timeout=ANSWER_SECONDS)
        heard.put(ConnectionResetError("the engine ended the stream"), timeout=ANSWER_SECONDS)
    except Exception as error:  # noqa: BLE001 - whatever ended it, the watch begins anew with a list
        heard.put(error)


def _refused_pull(words: str) -> None:
    raise Rejected(f"The agent's image cannot be fetched, so the agent never ran: {words}")


def _no_image(words: str) -> None:
    raise NoImage(words)


def _name_taken(words: str) -> None:
    raise NameTaken(words)


def _try_again(words: str) -> bool:
    if BEING_REMOVED.search(words):
        return False
    raise Transient(f"The docker engine could not remove a container; it is tried again: {words}")
