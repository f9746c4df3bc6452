"""Who may ask what: names of the server, origin of changes, and the headers that bind the browser."""

from __future__ import annotations

import fcntl
import ipaddress
import re
import secrets
from collections.abc import Iterable
from pathlib import Path
from urllib.parse import urlsplit

from flask import Flask, Response, abort, current_app, request

from data.errors import InvalidInputError

CSP = "CONTENT_SECURITY_POLICY"
"""Key of the server's configuration."""
LOOPBACK_NAMES = frozenset({"localhost", "localhost.localdomain", "ip6-localhost"})
_HOST = re.compile(r"(\[(?P<address>[0-9a-f:.]+)\]|(?P<name>[a-z0-9_.-]+))(:[0-9]*)?")
SAFE_METHODS = frozenset({"GET", "HEAD", "OPTIONS"})
HEADERS = {
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "same-origin",
    "Permissions-Policy": "camera=(), display-capture=(), geolocation=(), microphone=(), payment=(), usb=()",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
}


def check_exposure(host: str, *, is_loopback: bool, allow_anonymous: bool) -> None:
    """Refuse to serve others while there is no sign-in, unless that is wanted.

    Raises:
        InvalidInputError: others can reach `host` and nobody said that they may.
    """
    if not is_loopback and not allow_anonymous:
        raise InvalidInputError(
            f"HOST is {host}, which others can reach, and there is no sign-in yet. "
            "Set VMWARE_INV_ALLOW_ANONYMOUS=1 to serve everybody, or leave HOST at 127.0.0.1."
        )


def kept_secret(instance: Path) -> str:
    """The key that signs sessions, made once for all processes and readable by this user alone."""
    instance.mkdir(parents=True, exist_ok=True)
    path = instance / "secret_key"
    path.touch(mode=0o600)
    with path.open("r+") as file:
        fcntl.flock(file, fcntl.LOCK_EX)
        secret = file.read().strip()
        if not secret:
            secret = secrets.token_hex(32)
            file.write(secret)
    return secret


def protect(server: Flask, *, host: str, allowed_hosts: Iterable[str]) -> None:
    """Check every request and add the headers to every answer.

    Args:
        server: The server.
        host: The address that it listens on; a name may be asked for.
        allowed_hosts: Further names by which it may be asked for.
    """
    names = LOOPBACK_NAMES | {name for name in map(_host_name, (host, *allowed_hosts)) if name}
    server.config[CSP] = content_security_policy(())

    @server.before_request
    def refuse_strangers() -> None:
        asked = request.headers.get("Host", "localhost")
        if not _is_known(_host_name(asked), names):
            abort(400, f"This server has no name “{asked[:255]}”. VMWARE_INV_ALLOWED_HOSTS can add it.")
        if request.method not in SAFE_METHODS and not _is_same_origin():
            abort(403, "This request comes from another site.")

    @server.after_request
    def add_headers(response: Response) -> Response:
        for name, value in HEADERS.items():
            response.headers.setdefault(name, value)
        response.headers.setdefault("Content-Security-Policy", current_app.config[CSP])
        return response


def content_security_policy(script_hashes: Iterable[str]) -> str:
    """What pages may load and run. Styles may be inline because the grid and the charts position by them.

    Args:
        script_hashes: Hashes of Dash's own inline scripts, quoted as in the policy.
    """
    return "; ".join(
        (
            "default-src 'none'",
            " ".join(("script-src 'self'", *script_hashes)),
            "style-src 'self' 'unsafe-inline'",
            "img-src 'self' data: blob:",
            "font-src 'self' data:",
            "connect-src 'self'",
            "worker-src 'self' blob:",
            "form-action 'self'",
            "base-uri 'none'",
            "frame-ancestors 'none'",
        )
    )


def _is_known(name: str, names: frozenset[str]) -> bool:
    """Whether the server may be asked by a name. Addresses are safe: no foreign site can be one of them."""
    try:
        return name in names or bool(ipaddress.ip_address(name))
    except ValueError:
        return False


def _is_same_origin() -> bool:
    """Whether a page of this server, or no page at all, sends the request. Browsers say which."""
    site = request.headers.get("Sec-Fetch-Site")
    if site is not None:
        return site in {"same-origin", "none"}
    origin = request.headers.get("Origin")
    return origin is None or urlsplit(origin).netloc.lower() == request.host.lower()


def _host_name(host: str) -> str:
    """The name in a Host header or setting: lower case, no port, brackets or final dot. Empty: not a host."""
    found = _HOST.fullmatch(host.strip().lower())
    return (found["address"] or found["name"].rstrip(".")) if found else ""
