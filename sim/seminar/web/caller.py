"""Who asks: a person, by what the browser holds, and a device, by its address.

A device cannot be told from a class behind one address. A proxy is believed only where the teacher
has named it, since anybody can write its header.
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from ipaddress import (
    IPv4Address,
    IPv4Network,
    IPv6Address,
    IPv6Network,
    ip_address,
    ip_network,
)

from starlette.requests import Request

Network = IPv4Network | IPv6Network
HEADER = "X-Forwarded-For"
"""In it a proxy names whom it asks for; each proxy adds one address at the end."""
OWN_BITS = 64
"""The first bits of an IPv6 address; a device chooses the others as it likes."""


@dataclass(frozen=True)
class Caller:
    """Who listens to a stream."""

    device: str
    student: int | None = None
    """The student's number; None for the teacher."""


def device_of(request: Request, proxies: Collection[Network]) -> str:
    """Name the device that a request comes from, or for which one of the proxies sends it."""
    found = _address(request.client.host) if request.client is not None else None
    told = [a.strip() for line in request.headers.getlist(HEADER) for a in line.split(",")]
    while told and found is not None and any(found in p for p in proxies):
        further = _address(told.pop())
        if further is None:
            break
        found = further
    if isinstance(found, IPv6Address):
        return str(ip_network((found, OWN_BITS), strict=False))
    return "?" if found is None else str(found)


def _address(text: str) -> IPv4Address | IPv6Address | None:
    try:
        found = ip_address(text)
    except ValueError:
        return None
    inner = found.ipv4_mapped if isinstance(found, IPv6Address) else None
    return found if inner is None else inner
