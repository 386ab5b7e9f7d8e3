"""Service models: botocore's loader, made quick. One loader serves every session of the process.

Stock loading parses JSON into ``OrderedDict`` while holding the interpreter's lock (40 ms for RDS, all of it felt by
the event loop even from a thread) and lists 800 folders to learn which services exist.
"""

from __future__ import annotations

import gzip
from functools import cache
from pathlib import Path
from typing import Any

import msgspec
from botocore.exceptions import DataNotFoundError, UnknownServiceError
from botocore.loaders import JSONFileLoader, Loader, create_loader


class QuickJsonLoader(JSONFileLoader):
    """Reads ``.json`` and ``.json.gz`` with msgspec: plain dicts, in file order, five times faster."""

    def load_file(self, file_path: str) -> Any:
        plain, packed = Path(f"{file_path}.json"), Path(f"{file_path}.json.gz")
        if plain.is_file():
            return msgspec.json.decode(plain.read_bytes())
        if packed.is_file():
            return msgspec.json.decode(gzip.decompress(packed.read_bytes()))
        return None


class QuickLoader(Loader):
    """Takes every folder for a service when listing them; a missing model is found out when it is loaded."""

    def list_available_services(self, type_name: str) -> list[str]:
        folders = [Path(path) for path in self.search_paths]
        return sorted({entry.name for folder in folders if folder.is_dir() for entry in folder.iterdir()})

    def load_service_model(self, service_name: str, type_name: str, api_version: str | None = None) -> Any:
        try:
            return super().load_service_model(service_name, type_name, api_version)
        except UnknownServiceError:
            raise
        except DataNotFoundError as error:
            # Callers tell "this service has no such model" by this class.
            raise UnknownServiceError(service_name=service_name, known_service_names="") from error


@cache
def shared_loader(data_path: str | None) -> Loader:
    """The loader for a value of AWS_DATA_PATH; its cache is what makes the second session cheap."""
    stock = create_loader(data_path)
    return QuickLoader(
        extra_search_paths=list(stock.search_paths), file_loader=QuickJsonLoader(), include_default_search_paths=False
    )
