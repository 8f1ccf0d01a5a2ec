"""What a file is by its name. Source of the endings: github-linguist, languages.yml."""

BY_ENDING = {
    "py": "Python", "pyi": "Python", "js": "JavaScript", "mjs": "JavaScript", "cjs": "JavaScript", "jsx": "JavaScript", "ts": "TypeScript",
    "tsx": "TypeScript", "go": "Go", "rs": "Rust", "java": "Java", "kt": "Kotlin", "kts": "Kotlin", "scala": "Scala", "c": "C", "h": "C",
    "cc": "C++", "cpp": "C++", "cxx": "C++", "hpp": "C++", "hh": "C++", "cs": "C#", "fs": "F#", "vb": "Visual Basic", "rb": "Ruby",
    "php": "PHP", "swift": "Swift", "m": "Objective-C", "mm": "Objective-C", "pl": "Perl", "pm": "Perl", "lua": "Lua", "r": "R", "jl": "Julia",
    "ex": "Elixir", "exs": "Elixir", "erl": "Erlang", "hs": "Haskell", "ml": "OCaml", "clj": "Clojure", "dart": "Dart", "zig": "Zig",
    "nim": "Nim", "sh": "Shell", "bash": "Shell", "zsh": "Shell", "fish": "Shell", "ps1": "PowerShell", "bat": "Batch", "sql": "SQL",
    "html": "HTML", "htm": "HTML", "css": "CSS", "scss": "SCSS", "less": "Less", "vue": "Vue", "svelte": "Svelte", "md": "Markdown",
    "rst": "reStructuredText", "adoc": "AsciiDoc", "tex": "TeX", "txt": "Text", "json": "JSON", "yaml": "YAML", "yml": "YAML", "toml": "TOML",
    "ini": "INI", "cfg": "INI", "xml": "XML", "csv": "CSV", "tsv": "CSV", "proto": "Protocol Buffers", "graphql": "GraphQL", "tf": "HCL",
    "hcl": "HCL", "gradle": "Gradle", "cmake": "CMake", "ipynb": "Jupyter Notebook", "svg": "SVG", "sol": "Solidity", "asm": "Assembly",
    "s": "Assembly", "f90": "Fortran", "pas": "Pascal", "groovy": "Groovy", "nix": "Nix", "vim": "Vim Script", "el": "Emacs Lisp",
}  # fmt: skip
BY_NAME = {"dockerfile": "Dockerfile", "makefile": "Makefile", "cmakelists.txt": "CMake", "jenkinsfile": "Groovy", "rakefile": "Ruby", "gemfile": "Ruby"}
DOCUMENTS = frozenset({"Markdown", "reStructuredText", "AsciiDoc", "TeX", "Text"})
DATA = frozenset({"JSON", "YAML", "TOML", "INI", "XML", "CSV", "SVG", "Jupyter Notebook"})
MANIFESTS = frozenset(
    {
        "package.json", "pyproject.toml", "setup.py", "setup.cfg", "pipfile", "go.mod", "cargo.toml", "pom.xml", "build.gradle",
        "build.gradle.kts", "composer.json", "gemfile", "mix.exs", "pubspec.yaml", "environment.yml", "dockerfile", "compose.yaml",
        "docker-compose.yml", "makefile", "deno.json",
    }
)  # fmt: skip
ENTRIES = frozenset(
    {
        "main.py", "__main__.py", "app.py", "manage.py", "wsgi.py", "asgi.py", "cli.py", "server.py", "index.js", "main.js", "server.js",
        "app.js", "index.ts", "main.ts", "server.ts", "main.go", "main.rs", "lib.rs", "main.c", "main.cpp", "program.cs", "main.java",
        "application.java", "main.kt", "main.rb", "index.php", "main.swift",
    }
)  # fmt: skip
LOCKS = frozenset(
    {"package-lock.json", "yarn.lock", "pnpm-lock.yaml", "poetry.lock", "uv.lock", "pipfile.lock", "cargo.lock", "go.sum", "composer.lock", "gemfile.lock"}
)
GENERATED_FOLDERS = frozenset(
    {"node_modules", "vendor", "third_party", "dist", "build", "target", ".git", "__pycache__", ".venv", "venv", ".next", "coverage", "bower_components"}
)
SECRET_NAMES = frozenset({".npmrc", ".pypirc", ".netrc", "id_rsa", "id_dsa", "id_ecdsa", "id_ed25519", "credentials", "secrets.yaml", "secrets.yml", "secrets.json"})
SECRET_ENDINGS = (".pem", ".key", ".p12", ".pfx", ".jks", ".keystore", ".kdbx")
HARMLESS_ENVIRONMENTS = (".env.example", ".env.sample", ".env.template", ".env.dist")


def language_of(path: str) -> str:
    name = path.rpartition("/")[2].lower()
    if name in BY_NAME or name.startswith("dockerfile."):
        return BY_NAME.get(name, "Dockerfile")
    return BY_ENDING.get(name.rpartition(".")[2], "") if "." in name else ""


def role_of(path: str, language: str, *, is_text: bool) -> str:
    """What the file is for; what may hold a secret comes before everything else."""
    *folders, name = path.lower().split("/")
    if _may_be_secret(name):
        return "secret"
    if not is_text:
        return "binary"
    if name in LOCKS or GENERATED_FOLDERS & set(folders) or name.endswith((".min.js", ".min.css", ".map", ".snap")):
        return "generated"
    if name.startswith("readme"):
        return "readme"
    if name in MANIFESTS or (name.startswith("requirements") and name.endswith(".txt")):
        return "manifest"
    if {"test", "tests", "spec", "specs", "__tests__", "testdata", "fixtures"} & set(folders) or _is_test(name):
        return "test"
    if name in ENTRIES:
        return "entry"
    return "document" if language in DOCUMENTS else "data" if language in DATA or not language else "source"


def _may_be_secret(name: str) -> bool:
    if name.startswith(".env") and name not in HARMLESS_ENVIRONMENTS:
        return True
    return name in SECRET_NAMES or name.endswith(SECRET_ENDINGS)


def _is_test(name: str) -> bool:
    stem = name.partition(".")[0]
    return stem.startswith("test_") or stem.endswith(("_test", "_spec")) or ".test." in name or ".spec." in name
