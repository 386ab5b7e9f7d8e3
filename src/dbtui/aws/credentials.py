"""Credentials of a profile: botocore's whole chain behind one object that can start over.

botocore resolves a chain once per session and asks for an MFA code with a blocking ``getpass`` on the event loop. Here
the chain can be resolved again (after ``aws sso login``, or when an MFA session ended), and the code is asked for
through an awaitable prompt.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from typing import Any

from aiobotocore.credentials import create_credential_resolver
from botocore.exceptions import (
    BotoCoreError,
    ClientError,
    CredentialRetrievalError,
    NoCredentialsError,
    RefreshWithMFAUnsupportedError,
)

MfaPrompt = Callable[[str], Awaitable[str]]


class MfaRequiredError(BotoCoreError):
    """An assumed role wants a code and nobody can be asked (or whoever was asked gave none)."""

    fmt = "{prompt}"


class _Prompter:
    """Stands in for ``getpass``: gives the code put in beforehand, and otherwise says that one is needed."""

    def __init__(self) -> None:
        self.code = ""
        self.prompt = ""

    def __call__(self, prompt: str) -> str:
        code, self.code = self.code, ""
        if not code:
            self.prompt = prompt
            raise MfaRequiredError(prompt=prompt)
        return code


class ProfileCredentials:
    """What the clients of a profile sign with, in place of botocore's Credentials; concurrent users share one
    resolution of the chain."""

    method = "dbtui"

    def __init__(self, session: Any, mfa_prompt: MfaPrompt | None) -> None:
        self._session = session
        self._mfa_prompt = mfa_prompt
        self._mfa_failure: BotoCoreError | ClientError | None = None
        self._resolved: Any = None
        self._region: str | None = None
        self._lock = asyncio.Lock()

    def start_over(self) -> None:
        """Resolves the chain anew at the next use."""
        self._resolved = None

    def ask_again(self) -> None:
        """Forgets that nobody could give an MFA code."""
        self._mfa_failure = None

    async def ready(self, region: str) -> Any:
        """The frozen credentials; ``region`` is where a chain that assumes a role asks STS.

        Raises botocore's credential errors, also for what providers leave as bare ``OSError`` or ``ValueError``.
        """
        self._region = region
        return await self.get_frozen_credentials()

    async def get_frozen_credentials(self) -> Any:
        async with self._lock:
            if self._mfa_failure is not None:
                raise self._mfa_failure
            try:
                return await self._frozen()
            except (BotoCoreError, ClientError):
                self._resolved = None
                raise
            except (OSError, ValueError, RuntimeError) as error:
                self._resolved = None
                raise CredentialRetrievalError(provider="the profile", error_msg=str(error)) from error

    def get_deferred_property(self, property_name: str) -> Callable[[], None]:
        """botocore's synchronous way to an account id; aiobotocore puts :meth:`get_account_id` in its place."""
        return lambda: None

    async def get_account_id(self) -> str | None:
        frozen = await self.get_frozen_credentials()
        account: str | None = frozen.account_id
        return account

    async def _frozen(self) -> Any:
        if self._resolved is None:
            return await self._resolve("")
        try:
            return await self._resolved.get_frozen_credentials()
        except RefreshWithMFAUnsupportedError:
            return await self._resolve("")  # the MFA session ended: the chain asks for a new code

    async def _resolve(self, code: str) -> Any:
        resolver = create_credential_resolver(self._session, region_name=self._region)  # type: ignore[no-untyped-call]
        prompter = _replace_prompter(self._session, resolver, code)
        resolved = await resolver.load_credentials()
        if resolved is None:
            raise NoCredentialsError()
        try:
            frozen = await resolved.get_frozen_credentials()
        except MfaRequiredError as needed:
            return await self._resolve(await self._ask(prompter.prompt, needed))
        except ClientError as error:
            if code:
                self._mfa_failure = error  # a wrong code is not asked for again until the user says so
            raise
        self._resolved = resolved
        return frozen

    async def _ask(self, prompt: str, needed: MfaRequiredError) -> str:
        code = "" if self._mfa_prompt is None else (await self._mfa_prompt(prompt)).strip()
        if not code:
            self._mfa_failure = needed
            raise needed
        return code


class CredentialProvider:
    """The session's ``credential_provider`` component: hands the same object to every client."""

    def __init__(self, credentials: ProfileCredentials) -> None:
        self._credentials = credentials

    async def load_credentials(self) -> ProfileCredentials:
        return self._credentials


def _replace_prompter(session: Any, resolver: Any, code: str) -> _Prompter:
    """Puts our prompter where the chain holds ``getpass``. ``_prompter`` is a private name: should it be gone, a
    profile that wants MFA is refused, since a blocking prompt would hang the program."""
    prompter = _Prompter()
    prompter.code = code
    provider = resolver.get_provider("assume-role")
    if hasattr(provider, "_prompter"):
        provider._prompter = prompter
    elif _wants_mfa(session):
        raise MfaRequiredError(prompt="This version of botocore can only ask on the terminal.")
    return prompter


def _wants_mfa(session: Any) -> bool:
    """Whether the profile, or a profile its role is assumed from, names an MFA device."""
    profiles = session.full_config.get("profiles", {})
    profile, seen = session.get_scoped_config(), set[str]()
    while "mfa_serial" not in profile:
        source = profile.get("source_profile", "")
        if not source or source in seen:
            return False
        seen.add(source)
        profile = profiles.get(source, {})
    return True
