"""How long and how often AWS is asked: the numbers of this room, in one place so that tests can shrink them."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Timeouts:
    """Seconds, and the number of times a read is sent.

    ``read_total`` bounds one page of a list with all its attempts, so that a silent endpoint is reported while
    somebody still looks. ``identity`` is how long rows wait for STS before the account reads ``?``, and
    ``identity_retry`` how long its silence about renewed credentials is taken for an answer. A mutation is sent once
    and may take ``mutation`` seconds to answer.
    """

    connect: float = 4.0
    read: float = 15.0
    read_total: float = 35.0
    mutation: float = 30.0
    identity: float = 3.0
    alias: float = 2.0
    attempts: int = 4
    identity_retry: float = 60.0


MAX_CONNECTIONS = 32
PAGE_SIZE = 100
FILTER_VALUES = 100
