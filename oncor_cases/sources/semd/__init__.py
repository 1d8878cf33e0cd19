"""SEMD and VIMIS documents: `read(data)` gives facts, `outline(data)` the document for people."""

from oncor_cases.sources.semd.outline import outline
from oncor_cases.sources.semd.reader import read

__all__ = ["outline", "read"]
