"""What each process of a cluster may do, and whom it reaches."""

import pytest

from agent_platform.core.settings import Settings
from tests.deploy.cluster import DRIVING, KUBERNETES, NAMESPACE, OURS, container, pod
from tests.deploy.kustomize import render, template_of
from workers import services
from workers.services import SERVICES

# -- what each may do --------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", OURS)
def test_a_pod_is_confined(workloads, name):
    spec, main = pod(workloads[name]), container(workloads[name])
    assert (
        spec["securityContext"].items()
        >= {
            "runAsNonRoot": True,
            "runAsUser": 10001,
            "runAsGroup": 10001,
            "seccompProfile": {"type": "RuntimeDefault"},
        }.items()
    )
    assert main["securityContext"] == {
        "allowPrivilegeEscalation": False,
        "readOnlyRootFilesystem": True,
        "capabilities": {"drop": ["ALL"]},
    }
    assert not {"hostNetwork", "hostPID", "hostIPC", "shareProcessNamespace"} & set(spec)
    assert spec["enableServiceLinks"] is False
    assert all(set(volume) - {"name"} <= {"emptyDir", "secret", "persistentVolumeClaim"} for volume in spec["volumes"])
    assert {side: set(main["resources"][side]) for side in ("requests", "limits")} == {
        "requests": {"cpu", "memory"},
        "limits": {"cpu", "memory"},
    }


def test_the_namespace_itself_refuses_what_is_not_confined(things):
    (namespace,) = (thing for thing in things if thing["kind"] == "Namespace")
    levels = {key: value for key, value in namespace["metadata"]["labels"].items() if key.startswith("pod-security")}
    assert levels == {f"pod-security.kubernetes.io/{mode}": "restricted" for mode in ("enforce", "audit", "warn")}


@pytest.mark.parametrize("name", OURS)
def test_only_a_process_that_speaks_to_the_cluster_has_a_token(workloads, name):
    account = ("driver", True) if name in DRIVING else ("platform", False)
    assert (pod(workloads[name])["serviceAccountName"], pod(workloads[name])["automountServiceAccountToken"]) == account


def test_accounts_hand_out_no_token_by_themselves(things):
    accounts = [thing for thing in things if thing["kind"] == "ServiceAccount"]
    assert {account["metadata"]["name"]: account["automountServiceAccountToken"] for account in accounts} == {
        "driver": False,
        "platform": False,
    }


@pytest.mark.parametrize("name", [service.name for service in SERVICES if service.name in OURS])
def test_a_serving_process_is_asked_whether_it_lives(workloads, name):
    main, state, service = container(workloads[name]), Settings(data_dir="/var/lib/agent-platform"), OURS[name]
    if service.http:
        assert main["livenessProbe"]["httpGet"]["path"] == "/healthz"
        assert main["readinessProbe"]["httpGet"]["path"] == "/readyz"
    elif service.sockets:
        assert main["livenessProbe"]["exec"]["command"] == [
            "alive",
            "socket",
            str(services.socket_paths(service, state)[0]),
        ]
        assert main["readinessProbe"]["tcpSocket"] == {"port": "agents"}
    else:
        sign = ["alive", "sign", f"{state.run_dir}/signs/{name}"]
        assert [main[probe]["exec"]["command"] for probe in ("startupProbe", "livenessProbe")] == [sign, sign]
    assert main["startupProbe"]


def test_what_must_not_stop_has_a_second_one_or_a_scaler(things, workloads):
    scaled = {thing["spec"]["scaleTargetRef"]["name"] for thing in things if thing["kind"] == "HorizontalPodAutoscaler"}
    budgets = {thing["metadata"]["name"] for thing in things if thing["kind"] == "PodDisruptionBudget"}
    assert scaled == {"web", "broker", "runs"}
    assert budgets == scaled | {"watch", "beat"}
    # A number here would undo what the scaler did, at every apply.
    assert [name for name in scaled if "replicas" in workloads[name]["spec"]] == []


def test_production_names_images_by_digest_and_has_a_second_of_each_clock():
    found = {
        thing["metadata"]["name"]: thing
        for thing in render(KUBERNETES / "overlays" / "production")
        if template_of(thing)
    }
    assert all("@sha256:" in container(workload)["image"] for workload in found.values())
    assert [found[name]["spec"]["replicas"] for name in ("watch", "beat")] == [2, 2]


# -- the driver's rights -----------------------------------------------------------------------------------------------


def test_the_driver_has_the_verbs_that_it_uses_and_no_wildcard(things):
    (role,) = (thing for thing in things if thing["kind"] == "ClusterRole")
    rights = {
        (group, what): set(rule["verbs"])
        for rule in role["rules"]
        for group in rule["apiGroups"]
        for what in rule["resources"]
    }
    everything = {"get", "list", "watch", "create", "patch", "delete"}
    assert rights == {
        ("", "namespaces"): {"get", "create", "patch"},
        ("", "serviceaccounts"): {"create", "patch"},
        ("", "resourcequotas"): {"create", "patch"},
        ("", "limitranges"): {"create", "patch"},
        ("networking.k8s.io", "networkpolicies"): {"create", "patch"},
        ("batch", "jobs"): everything,
        ("", "pods"): everything,
        ("", "pods/log"): {"get"},
        ("", "secrets"): {"create", "delete"},
        ("", "events"): {"list"},
        ("node.k8s.io", "runtimeclasses"): {"list"},
    }


def test_the_driver_changes_nothing_outside_the_namespaces_of_agents(things, config_maps):
    (policy,) = (thing for thing in things if thing["kind"] == "ValidatingAdmissionPolicy")
    (binding,) = (thing for thing in things if thing["kind"] == "ValidatingAdmissionPolicyBinding")
    (rule,) = policy["spec"]["validations"]
    places = config_maps["cluster"]
    assert rule["expression"] == (
        f'variables.place.startsWith("{places["AP_KUBERNETES_NAMESPACE_PREFIX"]}")'
        f' || variables.place == "{places["AP_KUBERNETES_POOL_NAMESPACE"]}"'
    )
    assert policy["spec"]["failurePolicy"] == "Fail"
    assert policy["spec"]["matchConstraints"]["resourceRules"][0]["resources"] == ["*/*"]
    assert f"system:serviceaccount:{NAMESPACE}:driver" in policy["spec"]["matchConditions"][0]["expression"]
    assert binding["spec"] == {"policyName": policy["metadata"]["name"], "validationActions": ["Deny"]}


# -- who reaches whom --------------------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def policies(things):
    return {thing["metadata"]["name"]: thing["spec"] for thing in things if thing["kind"] == "NetworkPolicy"}


def chosen(spec):
    selector = spec["podSelector"]
    if not selector:
        return set(OURS)
    if "matchLabels" in selector:
        return {selector["matchLabels"]["app.kubernetes.io/component"]}
    return {value for term in selector["matchExpressions"] for value in term["values"]}


def test_nothing_passes_that_is_not_named(policies):
    assert policies["deny-all"] == {"podSelector": {}, "policyTypes": ["Ingress", "Egress"]}


def test_only_the_web_and_the_broker_can_be_reached(policies):
    entered = {name: chosen(spec) for name, spec in policies.items() if spec.get("ingress")}
    assert entered == {"web": {"web"}, "broker": {"broker"}}
    assert policies["broker"]["ingress"] == [
        {
            "from": [
                {"namespaceSelector": {"matchLabels": {"ap.installation": "ap"}}},
                {"podSelector": {"matchLabels": {"app.kubernetes.io/component": "watch"}}},
            ],
            "ports": [{"protocol": "TCP", "port": "agents"}],
        }
    ]


def test_the_watch_reaches_the_broker_where_agents_do(policies, workloads):
    assert chosen(policies["watch"]) == {"watch"}
    (way,) = policies["watch"]["egress"]
    assert way["to"] == [{"podSelector": policies["broker"]["podSelector"]}]
    assert {"name": "AP_BROKER_PORT", "value": str(way["ports"][0]["port"])} in container(workloads["broker"])["env"]


def test_the_internet_is_for_those_who_need_it_and_never_means_the_inside(policies):
    assert chosen(policies["internet"]) == {"web", "maintenance", "broker"}
    (way,) = policies["internet"]["egress"]
    blocked = {network for target in way["to"] for network in target["ipBlock"]["except"]}
    assert blocked >= {
        "10.0.0.0/8",
        "172.16.0.0/12",
        "192.168.0.0/16",
        "169.254.0.0/16",
        "100.64.0.0/10",
        "fc00::/7",
        "fe80::/10",
    }


def test_only_processes_with_a_token_may_reach_the_api_server(policies):
    assert chosen(policies["driver"]) == DRIVING
    open_ports = {
        port["port"] for name in ("stores", "names") for rule in policies[name]["egress"] for port in rule["ports"]
    }
    assert open_ports == {53, 5432, 6379}


def test_the_broker_is_where_agents_are_told_that_it_is(things, config_maps, workloads):
    (service,) = (thing for thing in things if thing["kind"] == "Service" and thing["metadata"]["name"] == "broker")
    port = service["spec"]["ports"][0]["port"]
    assert config_maps["cluster"]["AP_BROKER_URL"] == f"http://broker.{NAMESPACE}:{port}"
    assert {"name": "AP_BROKER_PORT", "value": str(port)} in container(workloads["broker"])["env"]
    labels = template_of(workloads["broker"])["metadata"]["labels"]
    assert labels == {"app.kubernetes.io/part-of": "agent-platform", "app.kubernetes.io/component": "broker"}
