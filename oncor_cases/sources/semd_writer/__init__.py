"""Writes SEMD documents for the invented region: one pure function, bytes out."""

from oncor_cases.sources.semd_writer.render import render
from oncor_cases.sources.semd_writer.values import Doctor, Head, Link, Organisation, Person, Said

__all__ = ["Doctor", "Head", "Link", "Organisation", "Person", "Said", "render"]
