"""The one class that speaks to the API server: raw JSON, a time limit on every call, every refusal a sentence.

Source: https://kubernetes.io/docs/reference/using-api/api-concepts/.
"""

import contextlib
import json
import random
import time
from collections.abc import Iterator
from email.utils import parsedate_to_datetime
from typing import Any

from kubernetes import client, config
from urllib3.exceptions import HTTPError
from urllib3.exceptions import TimeoutError as TookTooLong

from agent_platform.services.runtime._kubernetes.pods import Manifest
from agent_platform.services.runtime.errors import Rejected, Transient

CONNECT_SECONDS, ANSWER_SECONDS = 5.0, 15.0
PAGE = 500
CLOCK_NOISE_SECONDS = 2.0
TRIES = 3
LONGEST_PAUSE_SECONDS = 5.0
CONNECTIONS = 32
JSON_PATCH, MERGE, STRATEGIC, APPLY = (
    "application/json-patch+json",
    "application/merge-patch+json",
    "application/strategic-merge-patch+json",
    "application/apply-patch+yaml",
)
FIELD_MANAGER = "agent-platform"
PATHS = {
    "namespaces": "/api/v1/namespaces",
    "pods": "/api/v1",
    "secrets": "/api/v1",
    "events": "/api/v1",
    "serviceaccounts": "/api/v1",
    "resourcequotas": "/api/v1",
    "limitranges": "/api/v1",
    "jobs": "/apis/batch/v1",
    "networkpolicies": "/apis/networking.k8s.io/v1",
    "runtimeclasses": "/apis/node.k8s.io/v1/runtimeclasses",
}
KINDS = {
    "Namespace": "namespaces",
    "Pod": "pods",
    "Secret": "secrets",
    "ServiceAccount": "serviceaccounts",
    "ResourceQuota": "resourcequotas",
    "LimitRange": "limitranges",
    "Job": "jobs",
    "NetworkPolicy": "networkpolicies",
}


class Refused(Exception):
    """The API server's answer when it is not what was asked for."""

    def __init__(self, status: int, reason: str, message: str) -> None:
        super().__init__(message)
        self.status = status
        self.reason = reason
        self.message = message


class Cluster:
    """Safe for threads. Raises: Transient when the API server is away or too busy, Refused for what it will not do."""

    def __init__(self, kubeconfig: str = "", *, answer_seconds: float = ANSWER_SECONDS) -> None:
        settings = client.Configuration()
        settings.connection_pool_maxsize = CONNECTIONS
        settings.retries = False  # pyright: ignore[reportAttributeAccessIssue]  # we pause and try again ourselves
        try:
            if kubeconfig:
                config.load_kube_config(config_file=kubeconfig, client_configuration=settings)
            else:
                config.load_incluster_config(client_configuration=settings)
        except config.ConfigException as error:
            raise Rejected(
                f"There is no way to the cluster: {error}. Set KUBECONFIG, or run the platform within the cluster."
            ) from error
        self._client = client.ApiClient(settings)
        self._answer_seconds = answer_seconds
        self.server_lag_seconds = 0.0

    def now(self) -> float:
        """The API server's clock, as of its last answer."""
        return time.time() + self.server_lag_seconds

    def get(self, kind: str, namespace: str, name: str) -> Manifest | None:
        try:
            return self._asked("GET", _path(kind, namespace, name))
        except Refused as refused:
            if refused.status == 404:
                return None
            raise

    def create(self, thing: Manifest) -> Manifest:
        metadata = thing["metadata"]
        return self._asked("POST", _path(KINDS[thing["kind"]], metadata.get("namespace", "")), body=thing)

    def apply(self, thing: Manifest) -> Manifest:
        """The object is as given in every field that is given, made if need be (server-side apply)."""
        metadata = thing["metadata"]
        path = _path(KINDS[thing["kind"]], metadata.get("namespace", ""), metadata["name"])
        query = [("fieldManager", FIELD_MANAGER), ("force", "true")]
        return self._asked("PATCH", path, query=query, body=thing, media_type=APPLY)

    def patch(self, kind: str, namespace: str, name: str, change: Any, media_type: str = MERGE) -> Manifest:
        return self._asked("PATCH", _path(kind, namespace, name), body=change, media_type=media_type)

    def delete(self, kind: str, namespace: str, name: str, **options: Any) -> None:
        """It is going, or was never there."""
        with missing_is_well():
            self._asked(
                "DELETE", _path(kind, namespace, name), body={"apiVersion": "v1", "kind": "DeleteOptions", **options}
            )

    def every(
        self, kind: str, namespace: str = "", *, labels: str = "", fields: str = ""
    ) -> tuple[list[Manifest], str]:
        """Everything that matches, in pages, and the version of the first page. An expired page begins anew."""
        found: list[Manifest] = []
        version, token = "", ""
        while True:
            query = [("limit", str(PAGE))]
            query += [
                (name, value)
                for name, value in (("labelSelector", labels), ("fieldSelector", fields), ("continue", token))
                if value
            ]
            try:
                page = self._asked("GET", _path(kind, namespace), query=query)
            except Refused as refused:
                if refused.status != 410 or not token:
                    raise
                found, version, token = [], "", ""
                continue
            found += page.get("items") or []
            version = version or page["metadata"].get("resourceVersion", "")
            token = page["metadata"].get("continue") or ""
            if not token:
                return found, version

    def watch(self, kind: str, *, labels: str, version: str, seconds: float) -> Iterator[Manifest]:
        """Events after `version`, until the server ends the stream. Raises also: OSError when it breaks or is silent too long."""
        query = [("watch", "true"), ("allowWatchBookmarks", "true"), ("labelSelector", labels)]
        query += [("resourceVersion", version), ("timeoutSeconds", str(max(1, int(seconds))))]
        answer = self._sent("GET", _path(kind), query=query, read_seconds=seconds + CONNECT_SECONDS)
        try:
            if answer.status != 200:
                raise _refusal(answer)
            for line in _lines(answer.response):
                yield json.loads(line)
        finally:
            # Not given back: somebody else must not read the rest of our stream.
            answer.response.close()

    def log(self, namespace: str, pod: str, *, query: list[tuple[str, str]]) -> Iterator[bytes]:
        """Pieces of the pod's log as they come; nothing when there is no log yet."""
        answer = self._sent("GET", f"{_path('pods', namespace, pod)}/log", query=query, accept="*/*")
        try:
            if answer.status in {400, 404}:
                return
            if answer.status != 200:
                raise _refusal(answer)
            yield from answer.response.stream(64 * 1024)
        except HTTPError as error:
            raise _away(error) from error
        finally:
            answer.response.close()

    def _asked(self, method: str, path: str, *, body: Any = None, **how: Any) -> Manifest:
        for tries_left in reversed(range(TRIES)):
            answer = self._sent(method, path, body=body, tries_left=tries_left, **how)
            if answer is not None:
                return self._read(answer)
        raise AssertionError("the last try raises")

    def _sent(self, method: str, path: str, *, tries_left: int = 0, **how: Any) -> Any:
        """The answer's head. With tries left: None after a pause when the server is away or too busy."""
        try:
            answer = self._request(method, path, **how)
        except (HTTPError, OSError, client.ApiException) as error:
            if not tries_left or isinstance(error, TookTooLong):
                raise _away(error) from error
            time.sleep(random.uniform(0.05, 0.2))  # noqa: S311 - spreads clients
            return None
        if answer.status in {429, 503} or answer.status >= 500:
            pause = _retry_after(answer)
            refusal = _refusal(answer)
            if not tries_left or pause is None or pause > LONGEST_PAUSE_SECONDS:
                raise Transient(
                    f"The cluster's API server is too busy ({refusal}), so nothing was started or changed. Try again in a moment."
                )
            time.sleep(pause)
            return None
        return answer

    def _request(
        self,
        method: str,
        path: str,
        *,
        query: list[tuple[str, str]] | None = None,
        body: Any = None,
        media_type: str = "application/json",
        accept: str = "application/json",
        read_seconds: float = 0,
    ) -> Any:
        head = {"Accept": accept} | ({"Content-Type": media_type} if body is not None else {})
        request = self._client.param_serialize(
            method, path, query_params=query or [], header_params=head, body=body, auth_settings=["BearerToken"]
        )
        answer = self._client.call_api(
            *request, _request_timeout=(CONNECT_SECONDS, read_seconds or self._answer_seconds)
        )
        with contextlib.suppress(TypeError, ValueError):
            # Whole seconds: half of one is the best guess of what was cut off, and small differences are noise.
            lag = parsedate_to_datetime(answer.headers["Date"]).timestamp() + 0.5 - time.time()
            self.server_lag_seconds = lag if abs(lag) > CLOCK_NOISE_SECONDS else 0.0
        return answer

    def _read(self, answer: Any) -> Manifest:
        if answer.status >= 300:
            raise _refusal(answer)
        try:
            return json.loads(answer.read())
        except (HTTPError, OSError, ValueError) as error:
            raise _away(error) from error


@contextlib.contextmanager
def missing_is_well() -> Iterator[None]:
    try:
        yield
    except Refused as refused:
        if refused.status != 404:
            raise


def _path(kind: str, namespace: str = "", name: str = "") -> str:
    base = PATHS[kind]
    if not base.endswith(kind):
        base += f"/namespaces/{namespace}/{kind}" if namespace else f"/{kind}"
    return f"{base}/{name}" if name else base


def _lines(response: Any) -> Iterator[bytes]:
    rest = b""
    try:
        # read1 hands over what has come; stream() would wait for a full block.
        while piece := response.read1(64 * 1024):
            *lines, rest = (rest + piece).split(b"\n")
            yield from (line for line in lines if line.strip())
    except HTTPError as error:
        raise ConnectionResetError(str(error)) from error


def _refusal(answer: Any) -> Refused:
    try:
        told = json.loads(answer.read())
        return Refused(answer.status, str(told.get("reason") or ""), str(told.get("message") or told))
    except (HTTPError, OSError, ValueError, AttributeError):
        return Refused(answer.status, answer.reason or "", f"status {answer.status}")


def _retry_after(answer: Any) -> float | None:
    """Seconds the server asks for, with a little more at random; None when it asks for nothing."""
    try:
        return float(answer.headers["Retry-After"]) * random.uniform(1, 1.2)  # noqa: S311 - spreads clients
    except (KeyError, TypeError, ValueError):
        return None


def _away(error: Exception) -> Transient:
    return Transient(
        "The cluster's API server is not reachable, so nothing was started or changed. Try again in a moment; "
        f"if this stays, look at the cluster ({type(error).__name__})."
    )
