"""The release that all parts carry."""

from typing import Final

VERSION: Final = "0.1.0"
