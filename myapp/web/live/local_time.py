"""A field for a date and a time as the reader's clock says them; the form gets the instant in UTC.

    LocalTime.create(name="published_at", value=PostFormState.published_at, zone_label=t("Your time zone:"))

Browsers' `datetime-local` knows no zone, and a server that guesses one publishes an hour early.
"""

from __future__ import annotations

import reflex as rx

from myapp.web.live.scripts import linked_scripts


class LocalTime(rx.Component):
    """See `local_time.js`. `value` is an ISO instant or empty; so is what the form sends under `name`.

    A value that nobody touched is sent as it came, to the microsecond, though the field shows minutes.
    """

    library = linked_scripts(__file__)["local_time"]
    tag = "LocalTime"

    name: rx.Var[str]
    value: rx.Var[str]
    zone_label: rx.Var[str]
