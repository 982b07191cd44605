"""The Retry-After header: seconds or an HTTP date (RFC 9110, 10.2.3)."""

from __future__ import annotations

import re
from datetime import datetime, timezone
from email.utils import parsedate_to_datetime


def parse_retry_after(value: str | None, date: str | None, now: datetime | None = None) -> float | None:
    """Seconds from now, 0 or more; None where the header is absent or unreadable.

    :param date: the response's own Date header; a date is read against it, so that a wrong clock here does no harm
    """
    text = (value or "").strip()
    if re.fullmatch(r"\d+(\.\d+)?", text):
        return float(text)
    until = _instant(text)
    if until is None:
        return None
    sent = _instant(date) or now or datetime.now(timezone.utc)
    return max(0.0, (until - sent).total_seconds())


def _instant(text: str | None) -> datetime | None:
    try:
        instant = parsedate_to_datetime(text or "")
    except (TypeError, ValueError, IndexError):
        return None
    # A date without a zone is read as what RFC 9110 demands.
    return instant if instant.tzinfo else instant.replace(tzinfo=timezone.utc)
