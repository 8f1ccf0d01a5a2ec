"""The cluster's client is large: only the process that needs it pays for it."""

import subprocess
import sys
from dataclasses import replace

import pytest

from agent_platform.core.settings import Settings
from agent_platform.services.runtime import Rejected, Transient, kubernetes_driver
from tests.services.runtime.kubernetes.conftest import Api
from tests.services.runtime.kubernetes.examples import CONFIG
from workers.driver import DRIVERS


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


def test_the_settings_choose_the_cluster(api: Api):
    settings = Settings.model_validate(
        {
            "AP_DRIVER": "kubernetes",
            "KUBECONFIG": str(api.folder / "kubeconfig"),
            "AP_AGENT_IMAGE": CONFIG.image,
            "AP_BROKER_URL": CONFIG.broker_url,
            "AP_BROKER_ADDRESS": CONFIG.broker_address,
            "AP_KUBERNETES_POOL_NAMESPACE": "some-pool",
            "AP_WARM_SANDBOXES": 7,
        }
    )
    found = DRIVERS[settings.driver](settings).capabilities()
    assert (found.driver, found.network, found.warm_target, found.sandboxes) == ("kubernetes", "broker", 7, 0)


@pytest.mark.sec
@pytest.mark.parametrize("image", ["", "agent-base:local"])
def test_settings_without_a_digest_are_refused(api: Api, image: str):
    settings = Settings.model_validate(
        {"AP_DRIVER": "kubernetes", "AP_AGENT_IMAGE": image, "AP_BROKER_URL": CONFIG.broker_url}
    )
    with pytest.raises(Rejected, match="digest"):
        DRIVERS[settings.driver](settings)
