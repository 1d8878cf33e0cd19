"""A page that is one form."""

from dataclasses import dataclass

from oncor_cases.web.pages import Option


@dataclass(frozen=True, slots=True)
class FormField:
    """One field; `kind`: text, date, textarea, radio, checkbox or hidden."""

    name: str
    title: str
    kind: str
    id: str = ""
    value: str = ""
    required: bool = False
    options: tuple[Option, ...] = ()


@dataclass(frozen=True, slots=True)
class FormPage:
    """Lead, fields, one button."""

    title: str
    lead: tuple[str, ...]
    action: str
    button: str
    back: str
    complaint: str
    fields: tuple[FormField, ...]
