import pytest

from tests.services.visitors.stall import God, Stall


@pytest.fixture
def stall(settings, request):
    return Stall(getattr(request, "param", "per_event"))


@pytest.fixture
def god(database):
    return God(database.superuser)
