"""Profiles, regions and the targets they make, from the local AWS configuration alone.

These functions read files and import the SDK: run them in a thread (:class:`dbtui.aws.directory.AwsDirectory` does).
"""

from __future__ import annotations

import os
import re
from collections.abc import Sequence
from difflib import get_close_matches
from typing import Any

from botocore.exceptions import BotoCoreError
from botocore.session import Session

from dbtui.aws.errors import Context, aws_error
from dbtui.aws.models import shared_loader
from dbtui.aws.sessions import configured_endpoint
from dbtui.domain.failures import AwsError, Failure, FailureKind
from dbtui.domain.scope import Target

_REGION = re.compile(r"(?!-)[A-Za-z0-9-]{1,63}(?<!-)")
_SERVICES = ("rds", "dynamodb", "sts", "iam")


def available_profiles() -> tuple[str, ...]:
    """The profiles of the configuration and credentials files, in their order. Raises :class:`AwsError` CONFIG."""
    return tuple(_read(lambda: Session().available_profiles))


def available_regions(service: str = "rds") -> tuple[str, ...]:
    """The regions the SDK knows a service in, those of the commercial partition first."""
    return _known_regions(_session(""), service)


def resolve_targets(
    profiles: Sequence[str], regions: Sequence[str], endpoint_url: str = "", *, all_regions: bool = False
) -> tuple[Target, ...]:
    """The product of profiles and regions. No profile means the default chain; no region, each profile's own.

    An endpoint that the environment or the profile sets for every service alike becomes the target's, so that it
    shows. Raises :class:`AwsError` CONFIG for an unknown profile, a mistyped region, or none at all.
    """
    found: list[Target] = []
    for profile in profiles or (_environment_profile(),):
        _require_profile(profile)
        session = _session(profile)
        endpoint = endpoint_url or _common_endpoint(session)
        for region in _regions(session, profile, regions, all_regions=all_regions):
            if not endpoint:
                _require_region(session, region)
            found.append(Target(profile, _well_formed(region), endpoint))
    return tuple(dict.fromkeys(found))


def _environment_profile() -> str:
    """The profile the environment names, so that it shows and the protection rules see it.

    Keys in the environment win over ``AWS_PROFILE`` in the SDK, so then there is no profile to name.
    """
    if os.environ.get("AWS_ACCESS_KEY_ID"):
        return ""
    return str(_read(lambda: Session().get_config_variable("profile")) or "")


def _session(profile: str) -> Any:
    """The session of a profile, which :func:`_require_profile` has found; ``AWS_PROFILE`` may still name no profile."""
    session = Session(profile=profile or None)
    data_path = _read(lambda: session.get_config_variable("data_path"))
    session.register_component("data_loader", shared_loader(data_path))
    return session


def _read(read: Any) -> Any:
    """Reads configuration; a broken file is a failure that names it."""
    try:
        return read()
    except BotoCoreError as error:
        raise aws_error(error, Context(profile="", region="", operation="")) from error


def _require_profile(name: str) -> None:
    known: list[str] = _read(lambda: Session().available_profiles)
    if not name or name in known or name == "default":
        return
    hint = _did_you_mean(name, known) or (f"There are: {', '.join(known)}." if known else "No profiles are configured.")
    raise _unusable(f"There is no profile {name}.", hint)


def _regions(session: Any, profile: str, regions: Sequence[str], *, all_regions: bool) -> Sequence[str]:
    default = os.environ.get("AWS_REGION") or _read(lambda: session.get_config_variable("region")) or ""
    if all_regions:
        partition = _partition(session, (regions or [default])[0])
        return sorted(session.get_available_regions("rds", partition))
    if regions:
        return regions
    if not default:
        whose = f"profile {profile}" if profile else "the default profile"
        raise _unusable(f"No region is chosen, and {whose} names none.", "Give one with --region, or set AWS_REGION.")
    return (default,)


def _partition(session: Any, region: str) -> str:
    for name in session.get_available_partitions():
        if region in session.get_available_regions("rds", name):
            return str(name)
    return "aws"


def _common_endpoint(session: Any) -> str:
    """The endpoint that is configured for every service alike, or ``""``."""
    endpoints = {_read(lambda service=service: configured_endpoint(session, service)) for service in _SERVICES}
    return str(endpoints.pop()) if len(endpoints) == 1 else ""


def _well_formed(region: str) -> str:
    if not _REGION.fullmatch(region):
        raise _unusable(f"{region!r} is not a region.", "A region reads like eu-central-1.")
    return region


def _known_regions(session: Any, service: str) -> tuple[str, ...]:
    partitions = sorted(session.get_available_partitions(), key=lambda name: name != "aws")
    return tuple(region for name in partitions for region in sorted(session.get_available_regions(service, name)))


def _require_region(session: Any, region: str) -> None:
    """Refuses a mistyped region. One that is merely newer than the SDK passes: its name resembles none, or differs
    from a known one in the number only."""
    known = _known_regions(session, "rds")
    stems = {_stem(name) for name in known}
    if region in known or _stem(region) in stems:
        return
    near = get_close_matches(_stem(region), sorted(stems), n=3, cutoff=0.82)
    if near or not _REGION.fullmatch(region) or "-" not in region:
        meant = [name for name in known if _stem(name) in near]
        hint = f"Did you mean {' or '.join(meant)}?" if meant else "A region reads like eu-central-1."
        raise _unusable(f"There is no region {region}.", hint)


def _stem(region: str) -> str:
    return region.rpartition("-")[0]


def _did_you_mean(name: str, known: Sequence[str]) -> str:
    near = get_close_matches(name, known, n=3)
    return f"Did you mean {' or '.join(near)}?" if near else ""


def _unusable(title: str, hint: str) -> AwsError:
    return AwsError(Failure(FailureKind.CONFIG, title, hint=hint))
