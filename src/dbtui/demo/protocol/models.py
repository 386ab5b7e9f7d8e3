"""botocore's service models, used to read query requests and to write query replies."""

from __future__ import annotations

import functools
from typing import Any

from botocore.loaders import Loader
from botocore.model import ServiceModel

_LOADER = Loader(include_default_search_paths=False, extra_search_paths=[Loader.BUILTIN_DATA_PATH])


@functools.cache
def service_model(name: str) -> Any:
    """The model of one service. Only botocore's own files are searched: nothing of the user's home is read."""
    return ServiceModel(_LOADER.load_service_model(name, "service-2"), name)
