"""Our source, parsed once."""

import ast
from functools import lru_cache
from pathlib import Path

ROOT = Path(__file__).parents[2]
SHIPPED = ("agent_platform", "workers")


@lru_cache(maxsize=1)
def shipped() -> dict[str, ast.Module]:
    """Path below the root -> syntax tree, of everything that ships."""
    return {
        path.relative_to(ROOT).as_posix(): ast.parse(path.read_text(encoding="utf-8"))
        for folder in SHIPPED
        for path in sorted((ROOT / folder).rglob("*.py"))
    }


def imports(tree: ast.Module) -> set[str]:
    """Every module named by an import, wherever it stands."""
    found = set()
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            found |= {name.name for name in node.names}
        elif isinstance(node, ast.ImportFrom) and node.module and not node.level:
            found |= {node.module} | {f"{node.module}.{name.name}" for name in node.names}
    return found


def calls(tree: ast.Module, name: str) -> list[ast.Call]:
    """Calls of a function by its last name: `text(...)`, `sqlalchemy.text(...)`."""
    return [
        node
        for node in ast.walk(tree)
        if isinstance(node, ast.Call)
        and (getattr(node.func, "id", None) == name or getattr(node.func, "attr", None) == name)
    ]


def dotted(node: ast.AST) -> str:
    """`rx.toast.error` of the expression, as far as it is plain names."""
    if isinstance(node, ast.Attribute):
        return f"{dotted(node.value)}.{node.attr}"
    return node.id if isinstance(node, ast.Name) else ""
