"""The cluster's client is large: only the process that needs it pays for it."""

import subprocess
import sys
from dataclasses import replace

import pytest

from agent_platform.services.runtime import Transient, kubernetes_driver
from tests.services.runtime.kubernetes.conftest import Api
from tests.services.runtime.kubernetes.examples import CONFIG


def test_nothing_but_the_driver_imports_the_client():
    command = "import sys, workers.driver, agent_platform.services.runtime; print('kubernetes' in sys.modules)"
    found = subprocess.run([sys.executable, "-c", command], capture_output=True, text=True, check=True)
    assert found.stdout == "False\n"


def test_a_broker_without_an_address_is_looked_up(api: Api):
    config = replace(CONFIG, broker_url="http://localhost:8080", broker_address="", pool_namespace="")
    driver = kubernetes_driver(config, str(api.folder / "kubeconfig"))
    handle = driver.start(api.spec())
    [alias] = api.job(handle)["spec"]["template"]["spec"]["hostAliases"]
    assert alias["hostnames"] == ["localhost"]
    assert alias["ip"] in {"127.0.0.1", "::1"}


def test_a_broker_that_has_no_address_is_no_broker(api: Api):
    with pytest.raises(Transient, match="AP_BROKER_ADDRESS"):
        kubernetes_driver(
            replace(CONFIG, broker_url="http://" + "too-long" * 8 + ":1", broker_address=""),
            str(api.folder / "kubeconfig"),
        )
