"""A browser: one cookie jar per host, an Origin on posts, and no redirect that a test did not ask for."""

from http.cookies import SimpleCookie
from urllib.parse import urljoin, urlsplit

import httpx2


class Browser:
    """Hosts of the product are served by the application in this process, all others over the network."""

    def __init__(self, app, base_url: str, *, address: str = "127.0.0.1") -> None:
        self.base_url = base_url
        self.cookies: dict[str, dict[str, str]] = {}
        self.set_cookies: list[str] = []
        self._inside = httpx2.AsyncClient(transport=httpx2.ASGITransport(app, client=(address, 40_000)))
        self._outside = httpx2.AsyncClient(trust_env=False)
        self.address = base_url

    async def close(self) -> None:
        await self._inside.aclose()
        await self._outside.aclose()

    async def get(self, url: str, **headers: str) -> httpx2.Response:
        return await self._send("GET", url, headers)

    async def post(self, url: str, form: dict[str, str] | None = None, **headers: str) -> httpx2.Response:
        parts = urlsplit(self._whole(url))
        return await self._send("POST", url, {"origin": f"{parts.scheme}://{parts.netloc}"} | headers, form or {})

    async def follow(self, response: httpx2.Response, *, until: str = "\0", most: int = 12) -> httpx2.Response:
        """The answer after all redirects, or the first redirect to a URL that contains `until`, not followed."""
        for _ in range(most):
            target = response.headers.get("location")
            if target is None or until in target:
                return response
            response = await self.get(urljoin(str(response.url), target))
        raise AssertionError("redirected in circles")

    def cookie(self, name: str, host: str = "localhost") -> str | None:
        return self.cookies.get(host, {}).get(name)

    def _whole(self, url: str) -> str:
        return urljoin(self.base_url, url)

    async def _send(self, method: str, url: str, headers: dict[str, str], form: dict | None = None) -> httpx2.Response:
        whole = self._whole(url)
        host = urlsplit(whole).hostname or ""
        jar = self.cookies.setdefault(host, {})
        if jar:
            headers = {"cookie": "; ".join(f"{name}={value}" for name, value in jar.items())} | headers
        ours = host == "localhost" or host.endswith(".localhost")
        client = self._inside if ours else self._outside
        response = await client.request(method, whole, headers=headers, data=form)
        for header in response.headers.get_list("set-cookie"):
            self._keep(jar, header)
        self.address = whole
        return response

    def _keep(self, jar: dict[str, str], header: str) -> None:
        self.set_cookies.append(header)
        for name, morsel in SimpleCookie(header).items():
            if morsel["max-age"] == "0":
                jar.pop(name, None)
            else:
                jar[name] = morsel.value
