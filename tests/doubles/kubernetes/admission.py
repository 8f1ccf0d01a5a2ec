"""What an API server refuses before it keeps an object, in its own words."""

import re
from typing import Any

from tests.doubles.kubernetes.store import CLUSTER_WIDE, ApiError, Manifest, Store, copied

NAME = re.compile(r"[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?")
LABEL_NAME = re.compile(r"([a-z0-9.-]{1,253}/)?[A-Za-z0-9]([A-Za-z0-9._-]{0,61}[A-Za-z0-9])?")
LABEL_VALUE = re.compile(r"([A-Za-z0-9]([A-Za-z0-9._-]{0,61}[A-Za-z0-9])?)?")
UNITS = {"m": 0.001, "Ki": 2**10, "Mi": 2**20, "Gi": 2**30, "": 1}
CHANGEABLE = {
    "pods": ("activeDeadlineSeconds", "nodeName"),
    "jobs": ("suspend", "activeDeadlineSeconds", "parallelism"),
}


def quantity(text: str) -> float:
    number, unit = re.fullmatch(r"([0-9.]+)([A-Za-z]*)", text).groups()
    return float(number) * UNITS[unit]


class Admission:
    def __init__(self, store: Store) -> None:
        self._store = store
        store.admit = self.admit

    def admit(self, kind: str, new: Manifest, old: Manifest | None) -> None:
        _well_named(kind, new)
        if old is not None:
            _only_changeable(kind, new, old)
            return
        if kind not in CLUSTER_WIDE:
            self._in_a_living_namespace(kind, new)
        if kind == "pods":
            self._pod(new)
        if kind == "namespaces":
            new["metadata"].setdefault("labels", {})["kubernetes.io/metadata.name"] = new["metadata"]["name"]

    def _in_a_living_namespace(self, kind: str, new: Manifest) -> None:
        name = new["metadata"].get("namespace", "")
        place = self._store.find("namespaces", "", name)
        if place is None:
            raise ApiError(404, "NotFound", f'namespaces "{name}" not found')
        if "deletionTimestamp" in place["metadata"]:
            thing = new["metadata"]["name"]
            told = f'{kind} "{thing}" is forbidden: unable to create new content in namespace {name} because it is being terminated'
            raise ApiError(403, "Forbidden", told)

    def _pod(self, pod: Manifest) -> None:
        name, place = pod["metadata"]["name"], pod["metadata"]["namespace"]

        def forbidden(why: str) -> ApiError:
            return ApiError(403, "Forbidden", f'pods "{name}" is forbidden: {why}')

        account = pod["spec"].get("serviceAccountName", "default")
        if self._store.find("serviceaccounts", place, account) is None:
            raise forbidden(f'error looking up service account {place}/{account}: serviceaccount "{account}" not found')
        runtime = pod["spec"].get("runtimeClassName")
        if runtime and self._store.find("runtimeclasses", "", runtime) is None:
            raise forbidden(f'pod rejected: RuntimeClass "{runtime}" not found')
        enforced = self._store.get("namespaces", "", place)["metadata"].get("labels", {})
        if enforced.get("pod-security.kubernetes.io/enforce") == "restricted" and (wrong := _violations(pod["spec"])):
            raise forbidden(f'violates PodSecurity "restricted:latest": {", ".join(wrong)}')
        for limits in self._store.every("limitranges", place)[0]:
            if too_much := _above(limits, pod):
                raise forbidden(too_much)
        for quota in self._store.every("resourcequotas", place)[0]:
            if exceeded := self._exceeded(quota, pod):
                raise forbidden(exceeded)

    def _exceeded(self, quota: Manifest, pod: Manifest) -> str:
        others = self._store.every("pods", pod["metadata"]["namespace"])[0]
        live = [one for one in others if one.get("status", {}).get("phase") not in {"Succeeded", "Failed"}]
        used = _amounts(live)
        for what, most in quota["spec"]["hard"].items():
            asked = _amounts([pod]).get(what, 0)
            if asked and used.get(what, 0) + asked > quantity(most):
                name = quota["metadata"]["name"]
                return f"exceeded quota: {name}, requested: {what}={asked:g}, used: {what}={used.get(what, 0):g}, limited: {what}={most}"
        return ""


def _amounts(pods: list[Manifest]) -> dict[str, float]:
    total: dict[str, float] = {"pods": len(pods)}
    for pod in pods:
        for container in pod["spec"]["containers"]:
            for side in ("requests", "limits"):
                for what, amount in container.get("resources", {}).get(side, {}).items():
                    total[f"{side}.{what}"] = total.get(f"{side}.{what}", 0) + quantity(amount)
    return total


def _above(limits: Manifest, pod: Manifest) -> str:
    for one in limits["spec"]["limits"]:
        for container in pod["spec"]["containers"]:
            have = container.get("resources", {}).get("limits", {})
            for what, most in one.get("max", {}).items():
                if what in have and quantity(have[what]) > quantity(most):
                    return f"maximum {what} usage per Container is {most}, but limit is {have[what]}"
    return ""


def _well_named(kind: str, new: Manifest) -> None:
    metadata = new["metadata"]
    wrong = [] if NAME.fullmatch(metadata["name"]) else [f'metadata.name: Invalid value: "{metadata["name"]}"']
    for name, value in (metadata.get("labels") or {}).items():
        if not LABEL_NAME.fullmatch(name) or not LABEL_VALUE.fullmatch(value):
            wrong.append(f'metadata.labels: Invalid value: "{name}={value}"')
    wrong += [
        f"metadata.annotations: {name}"
        for name, value in (metadata.get("annotations") or {}).items()
        if not isinstance(value, str)
    ]
    if wrong:
        raise ApiError(422, "Invalid", f'{kind} "{metadata["name"]}" is invalid: {", ".join(wrong)}')


def _only_changeable(kind: str, new: Manifest, old: Manifest) -> None:
    allowed = CHANGEABLE.get(kind)
    if kind == "secrets" and old.get("immutable") and new.get("data") != old.get("data"):
        raise ApiError(422, "Invalid", "data: Forbidden: field is immutable when `immutable` is set")
    if allowed is None:
        return
    was, will = copied(old["spec"]), copied(new["spec"])
    for name in allowed:
        was.pop(name, None)
        will.pop(name, None)
    if was != will:
        raise ApiError(
            422, "Invalid", f"{kind}: spec: Forbidden: updates may not change fields other than {', '.join(allowed)}"
        )


def _violations(spec: dict[str, Any]) -> list[str]:
    wrong = []
    pod = spec.get("securityContext", {})
    if any(spec.get(name) for name in ("hostNetwork", "hostPID", "hostIPC")):
        wrong.append("host namespaces")
    if any(not {"emptyDir", "secret", "configMap", "projected"} & volume.keys() for volume in spec.get("volumes", [])):
        wrong.append("restricted volume types")
    for container in spec["containers"]:
        own = container.get("securityContext", {})
        if own.get("privileged"):
            wrong.append("privileged")
        if own.get("allowPrivilegeEscalation") is not False:
            wrong.append(f'allowPrivilegeEscalation != false (container "{container["name"]}" must set it)')
        if "ALL" not in own.get("capabilities", {}).get("drop", []):
            wrong.append("unrestricted capabilities")
        if not (own.get("runAsNonRoot") or pod.get("runAsNonRoot")):
            wrong.append("runAsNonRoot != true")
        if (own.get("seccompProfile") or pod.get("seccompProfile") or {}).get("type") not in {
            "RuntimeDefault",
            "Localhost",
        }:
            wrong.append("seccompProfile")
    return wrong
