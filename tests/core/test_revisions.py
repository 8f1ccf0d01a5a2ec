from alembic.config import Config
from alembic.script import ScriptDirectory

from agent_platform.core.db.migrate import ROOT
from agent_platform.core.db.revisions import newest_revision


def test_the_newest_revision_is_the_head_that_alembic_finds():
    assert newest_revision() == ScriptDirectory.from_config(Config(ROOT / "alembic.ini")).get_current_head()
