"""Everything of one installation on one machine: started in order, watched, started again after a crash, stopped in reverse."""

import asyncio
import contextlib
import json
import os
import signal
import sys
import time
from collections.abc import Awaitable, Callable
from concurrent.futures import ThreadPoolExecutor

from agent_platform.core.db.roles import ensure_roles
from agent_platform.core.embedded import EmbeddedServer, start_postgres, start_valkey
from agent_platform.core.embedded.folders import claim_folder, is_free, lock_folder, socket_folder
from agent_platform.core.errors import AppError
from agent_platform.core.settings import ROLES, Settings, get_settings
from workers.children import Child, NurseryDied, bear
from workers.console import command_line, say, show_table
from workers.nursery import Nursery
from workers.probes import answers_http, answers_socket, connected_applications, wait_for_end
from workers.services import (
    MAINTAIN,
    MIGRATE,
    RUNTIME_CHECK,
    SEED,
    SIGN_IN_LINK,
    Service,
    environment,
    outside_of,
    services_of,
    socket_paths,
    with_addresses,
)

GRACE_SECONDS = 20.0
LONGEST_PAUSE_SECONDS = 10.0
STEADY_SECONDS = 60.0
HOPELESS_ENDS = 5
PROBE_SECONDS = 0.1
UPKEEP_SECONDS = 86_400.0
SEEDED = "seeded"


class StartFailed(AppError):
    code = "start_failed"


def main() -> None:
    """Returns after Ctrl-C or SIGTERM with everything stopped; exits 1 with a sentence when it cannot start."""
    began = time.monotonic()
    nursery = Nursery.start()  # first: from here on there are secrets, connections and threads
    again = False
    signal.signal(signal.SIGTERM, signal.default_int_handler)
    with contextlib.suppress(KeyboardInterrupt):
        try:
            again = _run(nursery, began)
        except AppError as error:
            sys.exit(error.sentence)
        finally:
            nursery.close()
    if again:
        os.execv(sys.executable, sys.orig_argv)  # noqa: S606 - ourselves


def _run(nursery: Nursery, began: float) -> bool:
    settings = get_settings()
    claim_folder(settings.data_dir)
    socket_folder(settings.data_dir)
    with contextlib.ExitStack() as held:
        held.enter_context(lock_folder(settings.data_dir, "supervisor"))
        if not is_free(settings.port, settings.host):
            raise StartFailed(
                f"Port {settings.port} is already in use on this machine. Choose another one: PORT={settings.port + 1} make run"
            )
        supervisor = Supervisor(nursery, settings, began)
        held.callback(supervisor.stop_servers)
        supervisor.start_servers()
        return asyncio.run(supervisor.run())


class Supervisor:
    def __init__(self, nursery: Nursery, settings: Settings, began: float) -> None:
        self.nursery = nursery
        self.settings = settings
        self.services = services_of(settings)
        self.started = began
        self.servers: dict[str, EmbeddedServer] = {}
        self.children: dict[str, Child] = {}
        self.ready: dict[str, float] = {}
        self.stop_asked = asyncio.Event()
        self.must_restart = False
        self.failure: Exception | None = None
        self.server_thread = ThreadPoolExecutor(
            1
        )  # servers die with the thread that started them: this one lives as long as we

    # -- Postgres and Valkey -------------------------------------------------------------------------------------------

    def start_servers(self) -> None:
        """The settings now hold an address for every role; a server was started for each address that was not given."""
        redis_url = self.settings.redis_url or self._start_server("valkey", start_valkey).url
        owner_url = self.settings.database_url or self._start_server("postgres", start_postgres).url
        given = {role: self.settings.role_url(role) for role in ROLES}
        addresses = ensure_roles(owner_url, self.settings.data_dir / "secrets", given=given)
        self.settings = with_addresses(self.settings, addresses, redis_url)

    def stop_servers(self) -> None:
        for server in (*self.servers.values(),):
            server.stop()
        self.server_thread.shutdown()

    def _start_server(self, name: str, start: Callable[..., EmbeddedServer]) -> EmbeddedServer:
        began = time.monotonic()
        self.servers[name] = start(self.settings.data_dir, report=lambda text: say(text, name))
        self.ready[name] = time.monotonic() - began
        return self.servers[name]

    async def _keep_server(self, name: str, start: Callable[..., EmbeddedServer]) -> None:
        loop = asyncio.get_running_loop()
        while not self.stop_asked.is_set():
            await wait_for_end(self.servers[name].pid)
            if self.stop_asked.is_set():
                return
            say("ended unexpectedly; starting it again on the same port", name)
            self.servers[name].lock.close()
            await loop.run_in_executor(self.server_thread, self._start_server, name, start)
            self._write_pids()
            say("is back", name)

    # -- services ------------------------------------------------------------------------------------------------------

    async def run(self) -> bool:
        """Returns when told to stop; True asks for a fresh start of everything."""
        loop = asyncio.get_running_loop()
        for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
            loop.add_signal_handler(number, self._ask_to_stop, number)
        tasks: list[asyncio.Task[None]] = []
        try:
            await self._once(MIGRATE)
            await self._once(MAINTAIN)
            await self._check_runtime()
            tasks = [asyncio.create_task(self._guard(job)) for job in self._jobs()]
            await self.stop_asked.wait()
        except NurseryDied:
            self.must_restart = True
        finally:
            await self._stop_services()
            for task in tasks:
                task.cancel()
            await asyncio.gather(*tasks, return_exceptions=True)
        if self.failure:
            raise self.failure
        return self.must_restart

    def _jobs(self) -> list[Awaitable[None]]:
        starts: dict[str, Callable[..., EmbeddedServer]] = {"postgres": start_postgres, "valkey": start_valkey}
        return [
            *(self._keep_server(name, starts[name]) for name in self.servers),
            *(self._keep(service) for service in self.services),
            self._announce(),
            self._keep_house(),
        ]

    async def _check_runtime(self) -> None:
        for name, _ in outside_of(self.settings):
            began = time.monotonic()
            await self._once(RUNTIME_CHECK)
            self.ready[name] = time.monotonic() - began

    async def _guard(self, job: Awaitable[None]) -> None:
        try:
            await job
        except NurseryDied:
            if not self.must_restart:
                say("The parent of all services was killed; starting everything again.")
            self.must_restart = True
            self.stop_asked.set()
        except Exception as error:  # noqa: BLE001 - raised again once everything is stopped
            self.failure = error
            self.stop_asked.set()

    async def _keep(self, service: Service) -> None:
        pause, ends = 1.0, 0
        while not self.stop_asked.is_set():
            began = time.monotonic()
            child = await bear(self.nursery, service.name, service.argv, environment(service, self.settings))
            self.children[service.name] = child
            self._write_pids()
            ended = await child.wait()
            if self.stop_asked.is_set():
                return
            ends += 1
            if ends >= HOPELESS_ENDS and service.name not in self.ready:
                raise StartFailed(f"{service.name} cannot start. Its last words:\n" + "\n".join(child.output.lines))
            pause = 1.0 if time.monotonic() - began > STEADY_SECONDS else pause
            say(f"{ended}; starting again in {pause:.0f} s", service.name)
            await self._sleep(pause)
            pause = min(pause * 2, LONGEST_PAUSE_SECONDS)

    async def _once(self, service: Service) -> bool:
        """Runs to its end. Raises: StartFailed with its last words."""
        child = await bear(self.nursery, service.name, service.argv, environment(service, self.settings))
        self.children[service.name] = child
        await child.wait()
        del self.children[service.name]
        if child.code != 0 and not self.stop_asked.is_set():
            raise StartFailed(f"{service.name} failed. Its last words:\n" + "\n".join(child.output.lines))
        return child.code == 0

    async def _stop_services(self) -> None:
        give_up_at = time.monotonic() + GRACE_SECONDS
        last = {service.name for service in self.services if service.last}
        order = list(reversed(self.children.values()))
        for wave in ([c for c in order if c.name not in last], [c for c in order if c.name in last]):
            for child in wave:
                child.send(signal.SIGTERM)
            ends = asyncio.gather(*(child.wait() for child in wave), return_exceptions=True)
            with contextlib.suppress(TimeoutError):
                await asyncio.wait_for(ends, max(0.5, give_up_at - time.monotonic()))
            for child in wave:
                if child.alive:
                    say("did not stop in time; killed", child.name)
                    child.send(signal.SIGKILL)

    def _ask_to_stop(self, number: signal.Signals) -> None:
        if self.stop_asked.is_set():
            for child in self.children.values():
                child.send(signal.SIGKILL)
            return
        say(f"Stopping after {number.name}; press Ctrl-C again to stop at once.")
        self.stop_asked.set()

    # -- what the person sees ------------------------------------------------------------------------------------------

    async def _announce(self) -> None:
        if not await self._wait_until_ready():
            return
        rows = [(name, f"127.0.0.1:{server.port}", self.ready[name]) for name, server in self.servers.items()]
        rows += [(name, address, self.ready[name]) for name, address in outside_of(self.settings)]
        rows += [(service.name, self._address(service), self.ready[service.name]) for service in self.services]
        show_table(rows)
        marker = self.settings.data_dir / SEEDED
        say(
            f"Agent Platform is at {self.settings.base_url} after {time.monotonic() - self.started:.1f} s. Ctrl-C stops it."
        )
        if marker.exists():
            say(f"A new sign-in link for the administrator: {command_line(self.settings, 'sign-in-link')}")
            return
        with contextlib.suppress(StartFailed):
            if await self._once(SEED):
                marker.touch()
        if not self.stop_asked.is_set():
            await self._once(SIGN_IN_LINK)

    async def _wait_until_ready(self) -> bool:
        while waiting := [service for service in self.services if service.name not in self.ready]:
            connected = connected_applications(self.settings.database_url)
            for service in waiting:
                child = self.children.get(service.name)
                if child and child.alive and await self._is_ready(service, connected):
                    self.ready[service.name] = time.monotonic() - child.born
            await self._sleep(PROBE_SECONDS)
            if self.stop_asked.is_set():
                return False
        return True

    async def _is_ready(self, service: Service, connected: set[str]) -> bool:
        if service.http:
            return await answers_http(self.settings)
        if service.database and service.application_name not in connected:
            return False
        return all([await answers_socket(path) for path in socket_paths(service, self.settings)])

    def _address(self, service: Service) -> str:
        if service.http:
            return self.settings.base_url
        return ", ".join(str(path) for path in socket_paths(service, self.settings)) or "-"

    async def _keep_house(self) -> None:
        while not self.stop_asked.is_set():
            await self._sleep(UPKEEP_SECONDS)
            with contextlib.suppress(StartFailed):  # said in the log; tomorrow is early enough: months are made ahead
                await self._once(MAINTAIN)

    async def _sleep(self, seconds: float) -> None:
        with contextlib.suppress(TimeoutError):
            await asyncio.wait_for(self.stop_asked.wait(), seconds)

    def _write_pids(self) -> None:
        pids = {"supervisor": os.getpid(), "nursery": self.nursery.pid}
        pids |= {name: server.pid for name, server in self.servers.items()}
        pids |= {name: child.pid for name, child in self.children.items() if child.alive}
        path = self.settings.data_dir / "processes.json"
        path.with_suffix(".new").write_text(json.dumps(pids, indent=1), encoding="ascii")
        path.with_suffix(".new").replace(path)
