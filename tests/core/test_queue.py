"""Jobs leave after the commit, die with a rollback, and a savepoint is neither."""

import pytest

from agent_platform.core.db.tenant import tenant_session
from agent_platform.core.queue import after_commit
from tests.factories import make_tenant


def test_what_waits_for_the_commit_is_not_sent_by_a_savepoint(settings):
    sent = []
    with tenant_session(make_tenant()) as session:
        after_commit(session, lambda: sent.append("outer"))
        with session.begin_nested():
            after_commit(session, lambda: sent.append("inner"))
        assert sent == []
    assert sent == ["outer", "inner"]


def test_a_rollback_drops_what_waited(settings):
    sent = []

    def fail():
        with tenant_session(make_tenant()) as session:
            after_commit(session, lambda: sent.append("never"))
            raise RuntimeError

    with pytest.raises(RuntimeError):
        fail()
    assert sent == []
