import dataclasses
import shutil
import tempfile
from pathlib import Path
from urllib.parse import urlsplit

import psycopg
import pytest
from psycopg import sql


@pytest.fixture
def short_path():
    """A folder that other users may enter: pytest's own is closed to them."""
    folder = Path(tempfile.mkdtemp(prefix="ap-test-"))
    folder.chmod(0o755)
    yield folder
    shutil.rmtree(folder)


@pytest.fixture
def preserved_passwords(template):
    """Roles belong to the whole server: the passwords that other tests use are put back."""
    yield
    with psycopg.connect(template.superuser, autocommit=True) as connection:
        for field in dataclasses.fields(template):
            address = urlsplit(getattr(template, field.name))
            login = sql.Identifier(str(address.username))
            connection.execute(sql.SQL("alter role {} password {}").format(login, sql.Literal(address.password)))
