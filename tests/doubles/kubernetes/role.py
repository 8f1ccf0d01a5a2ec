"""What the platform may do in a cluster: the role that is shipped, read from its manifest."""

from pathlib import Path

import yaml

ROLE = Path(__file__).parents[3] / "deploy" / "kubernetes" / "base" / "driver.yaml"
VERBS = {"POST": "create", "PATCH": "patch", "DELETE": "delete"}


def shipped_role() -> frozenset[tuple[str, str]]:
    """(verb, resource) pairs of the driver's ClusterRole."""
    documents = yaml.safe_load_all(ROLE.read_text(encoding="utf-8"))
    [role] = [document for document in documents if document["kind"] == "ClusterRole"]
    return frozenset((verb, what) for rule in role["rules"] for what in rule["resources"] for verb in rule["verbs"])


def verb_of(method: str, *, name: str, watch: bool) -> str:
    if method == "GET":
        return "watch" if watch else ("get" if name else "list")
    return VERBS[method]
