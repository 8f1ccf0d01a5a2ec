"""Renders deploy/kubernetes as `kubectl kustomize` does, for what is used there and nothing more.

Known: `resources`, `labels` (pairs on objects and pod templates), `images` (newName, newTag, digest) and `patches` (strategic merge by
file, for the objects that it names or that `target.kind` names). Anything else fails. Source: kustomize's API reference, and the merge
keys of the Kubernetes API (`x-kubernetes-patch-merge-key`).
"""

import copy
from pathlib import Path
from typing import Any

import yaml

Manifest = dict[str, Any]
MERGE_KEYS = {"containers": "name", "env": "name", "volumes": "name", "volumeMounts": "mountPath"}
FIELDS = {"apiVersion", "kind", "resources", "labels", "patches", "images"}


def render(folder: Path) -> list[Manifest]:
    """Every object that would be applied."""
    plan = _documents(folder / "kustomization.yaml")[0]
    _only(plan, FIELDS)
    things: list[Manifest] = []
    for name in plan["resources"]:
        path = folder / name
        things += render(path) if path.is_dir() else _documents(path)
    for patch in plan.get("patches", []):
        _patch(things, folder, patch)
    for labels in plan.get("labels", []):
        _only(labels, {"pairs", "includeTemplates"})
        for thing in things:
            _label(thing, labels["pairs"])
    for image in plan.get("images", []):
        _only(image, {"name", "newName", "newTag", "digest"})
        for thing in things:
            _rename(thing, image)
    return things


def template_of(thing: Manifest) -> Manifest | None:
    """The pod template of a workload."""
    spec = thing.get("spec", {})
    return spec.get("jobTemplate", {}).get("spec", spec).get("template")


def _patch(things: list[Manifest], folder: Path, patch: Manifest) -> None:
    _only(patch, {"path", "target"})
    for change in _documents(folder / patch["path"]):
        if target := patch.get("target"):
            _only(target, {"kind"})
            chosen = [thing for thing in things if thing["kind"] == target["kind"]]
        else:
            chosen = [thing for thing in things if _identity(thing) == _identity(change)]
            assert len(chosen) == 1, f"{folder / patch['path']} patches {_identity(change)}, which is not there"
        for thing in chosen:
            kept = copy.deepcopy(thing["metadata"])
            _merge(thing, copy.deepcopy(change))
            thing["metadata"] = kept  # a patch here never renames or labels


def _merge(base: Manifest, change: Manifest) -> None:
    for key, value in change.items():
        if isinstance(value, dict) and isinstance(base.get(key), dict):
            _merge(base[key], value)
        elif isinstance(value, list) and key in MERGE_KEYS and key in base:
            base[key] = _merged_list(base[key], value, MERGE_KEYS[key])
        else:
            assert key != "$patch", "directives are not known here"
            base[key] = value


def _merged_list(base: list[Manifest], change: list[Manifest], key: str) -> list[Manifest]:
    found = {item[key]: item for item in base}
    added = [item for item in change if item[key] not in found]
    for item in change:
        if item[key] in found:
            _merge(found[item[key]], item)
    return [*added, *base]


def _label(thing: Manifest, pairs: dict[str, str]) -> None:
    for holder in (thing, thing.get("spec", {}).get("jobTemplate"), template_of(thing)):
        if holder is not None:
            holder.setdefault("metadata", {}).setdefault("labels", {}).update(pairs)


def _rename(thing: Manifest, image: Manifest) -> None:
    template = template_of(thing)
    for container in template["spec"]["containers"] if template else []:
        name = container["image"].partition("@")[0].partition(":")[0]
        if name == image["name"]:
            tail = f"@{image['digest']}" if "digest" in image else f":{image['newTag']}"
            container["image"] = image.get("newName", name) + tail


def _identity(thing: Manifest) -> tuple[str, str, str]:
    return thing["kind"], thing["metadata"].get("namespace", ""), thing["metadata"]["name"]


def _only(found: Manifest, known: set[str]) -> None:
    assert set(found) <= known, f"the renderer of the tests does not know {set(found) - known}"


def _documents(path: Path) -> list[Manifest]:
    return [document for document in yaml.safe_load_all(path.read_text(encoding="utf-8")) if document]
