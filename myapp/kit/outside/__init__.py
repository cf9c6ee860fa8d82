"""Calls to the services of others, which are slow, out of order or gone at times.

    GEOCODER = Service("geocoder", "https://geocoder.example")

    answer = await outside.call(GEOCODER, "GET", "/search", params={"q": "Genoa"})
    place = answer.json()

What always holds: a call ends within the service's `timeout`, its retries included, and its answer is no larger than
`most_bytes`. Only a method that may be repeated (RFC 9110, 9.2.2) is tried again, after a pause that doubles, or the
one that the service asked for. After five failures in a row the service is left alone for a minute
(`circuit_breaker.py`). Nobody calls a service oftener than `per_minute`, all processes together. Redirects are not
followed: they may lead anywhere. What comes out of order is Unavailable for whoever called, and RateLimited is a call
too many; an answer that says 4xx is an answer.

What Finch and Req, with `fuse`, are for in Elixir.
"""

from myapp.kit.outside._calls import AnswerTooLarge, OutOfOrder, call, running, stats, use
from myapp.kit.outside._client import Client
from myapp.kit.outside._service import Answer, Service, ServiceStats

__all__ = [
    "Answer",
    "AnswerTooLarge",
    "Client",
    "OutOfOrder",
    "Service",
    "ServiceStats",
    "call",
    "running",
    "stats",
    "use",
]
