"""Content that LINE only points at: fetched over HTTPS from public names without our token, or not at all."""

from __future__ import annotations

import datetime
import json
import socket
import ssl
from collections.abc import AsyncIterator
from ipaddress import ip_address
from pathlib import Path

import aiohttp
import pytest
from aiohttp import web
from aiohttp.abc import AbstractResolver, ResolveResult
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from namjai.chat.adapters.content import ContentUnavailable
from namjai.chat.adapters.outside import Outside, PublicAddresses, TooLarge, outside_session
from tests.integration.chat_media.conftest import Line

NAME = "pictures.example"


def external(url: str) -> str:
    return json.dumps({"type": "image", "contentProvider": {"type": "external", "originalContentUrl": url}})


class Here(AbstractResolver):
    """Every name is this machine."""

    def __init__(self, port: int) -> None:
        self._port = port

    async def resolve(
        self, host: str, port: int = 0, family: socket.AddressFamily = socket.AF_INET
    ) -> list[ResolveResult]:
        return [
            ResolveResult(hostname=host, host="127.0.0.1", port=self._port, family=socket.AF_INET, proto=0, flags=0)
        ]

    async def close(self) -> None:
        """Nothing is held."""


def certificate(folder: Path) -> Path:
    """A certificate for `NAME` that vouches for itself, with its key."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, NAME)])
    now = datetime.datetime.now(datetime.UTC)
    made = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(1)
        .not_valid_before(now - datetime.timedelta(hours=1))
        .not_valid_after(now + datetime.timedelta(hours=1))
        .add_extension(x509.SubjectAlternativeName([x509.DNSName(NAME)]), critical=False)
        .add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
        .sign(key, hashes.SHA256())
    )
    file = folder / "pictures.pem"
    private = key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )
    file.write_bytes(private + made.public_bytes(serialization.Encoding.PEM))
    return file


class Pictures:
    """Somebody's HTTPS server, and what it was asked."""

    def __init__(self) -> None:
        self.headers: list[dict[str, str]] = []

    async def answer(self, request: web.Request) -> web.StreamResponse:
        self.headers.append(dict(request.headers))
        match request.match_info["what"]:
            case "moved":
                raise web.HTTPFound("https://pictures.example/cat.jpg")
            case "large":
                return web.Response(body=bytes(9_000), content_type="image/jpeg")
            case "endless":
                endless = web.StreamResponse(headers={"Content-Type": "image/jpeg"})
                await endless.prepare(request)
                while request.transport and not request.transport.is_closing():
                    await endless.write(bytes(1_000))
                return endless
            case "gone":
                raise web.HTTPNotFound
        return web.Response(body=b"a cat", content_type="image/jpeg", headers={"Set-Cookie": "a=b"})


@pytest.fixture
async def pictures(tmp_path: Path) -> AsyncIterator[tuple[Pictures, Outside]]:
    """The server, and the adapter with its own rules but for where the name leads."""
    pem = certificate(tmp_path)
    server_tls = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    server_tls.load_cert_chain(pem)
    served = Pictures()
    app = web.Application()
    app.router.add_get("/{what}", served.answer)
    runner = web.AppRunner(app, shutdown_timeout=0.1)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0, ssl_context=server_tls).start()
    trusted = ssl.create_default_context(cafile=str(pem))
    connector = aiohttp.TCPConnector(resolver=Here(runner.addresses[0][1]), ssl=trusted)
    async with aiohttp.ClientSession(connector=connector, cookie_jar=aiohttp.DummyCookieJar()) as session:
        yield served, Outside(session)
    await runner.cleanup()


async def test_a_small_picture_over_https_is_fetched_and_nothing_of_ours_goes_along(
    pictures: tuple[Pictures, Outside],
) -> None:
    served, outside = pictures
    for _ in range(2):
        assert await outside.get(f"https://{NAME}/cat.jpg", bytes_max=1_000) == (b"a cat", "image/jpeg")
    assert not any({"Authorization", "Cookie"} & set(headers) for headers in served.headers)


async def test_what_is_larger_than_asked_for_is_hung_up_on(pictures: tuple[Pictures, Outside]) -> None:
    for what in ("large", "endless"):
        with pytest.raises(TooLarge):
            await pictures[1].get(f"https://{NAME}/{what}", bytes_max=5_000)


@pytest.mark.parametrize("what", ["moved", "gone"])
async def test_neither_redirects_nor_errors_are_followed(pictures: tuple[Pictures, Outside], what: str) -> None:
    assert await pictures[1].get(f"https://{NAME}/{what}", bytes_max=5_000) is None
    assert len(pictures[0].headers) == 1


@pytest.mark.parametrize(
    "url",
    [
        "",
        "http://pictures.example/cat.jpg",
        "ftp://pictures.example/cat.jpg",
        "file:///etc/passwd",
        "https://127.0.0.1/cat.jpg",
        "https://[::1]/cat.jpg",
        "https://169.254.169.254/latest/meta-data",
        "https://name:word@pictures.example/cat.jpg",
        "https://",
        "//pictures.example/cat.jpg",
        "https://pictures.example:999999/cat.jpg",
    ],
)
async def test_other_addresses_are_not_even_tried(pictures: tuple[Pictures, Outside], url: str) -> None:
    assert await pictures[1].get(url, bytes_max=5_000) is None
    assert pictures[0].headers == []


async def test_a_certificate_that_nobody_vouches_for_is_refused(tmp_path: Path) -> None:
    tls = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    tls.load_cert_chain(certificate(tmp_path))
    app = web.Application()
    app.router.add_get("/{what}", Pictures().answer)
    runner = web.AppRunner(app, shutdown_timeout=0.1)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0, ssl_context=tls).start()
    connector = aiohttp.TCPConnector(resolver=Here(runner.addresses[0][1]))
    async with aiohttp.ClientSession(connector=connector) as session:
        assert await Outside(session).get(f"https://{NAME}/cat.jpg", bytes_max=5_000) is None
    await runner.cleanup()


async def test_a_name_that_leads_into_our_own_network_leads_nowhere() -> None:
    resolver = PublicAddresses()
    with pytest.raises(OSError, match="public"):
        await resolver.resolve("localhost", 443)
    await resolver.close()
    async with outside_session(2, 1.0) as session:
        assert await Outside(session).get("https://localhost/cat.jpg", bytes_max=5_000) is None
    assert not any(ip_address(each).is_global for each in ("10.0.0.1", "::ffff:127.0.0.1", "100.64.0.1", "fd00::1"))


async def test_content_elsewhere_is_refused_without_asking_line(line: Line) -> None:
    message = await line.upload(b"x")
    for url in ("http://pictures.example/cat.jpg", "https://localhost/cat.jpg", ""):
        with pytest.raises(ContentUnavailable) as unavailable:
            await line.fetch(message, external(url))
        assert unavailable.value.reason == "refused"
    assert line.asked() == []
