"""How long things take in the demo, in seconds at speed 1: long enough to be seen, short enough to be waited for."""

from datetime import datetime, timedelta

CREATE = 20.0
FIRST_BACKUP = 8.0
SNAPSHOT = 12.0
STOP = 10.0
START = 12.0
REBOOT = 8.0
MODIFY = 12.0
DELETE = 8.0
FAILOVER = 10.0


def later(now: datetime, seconds: float) -> datetime:
    return now + timedelta(seconds=seconds)
