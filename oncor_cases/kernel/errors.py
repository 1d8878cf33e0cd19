"""Errors a person can act on. Each carries a stable code and Russian words; no message ever holds a patient value."""


class OncorError(Exception):
    """Base of everything we raise on purpose. `code` is stable, `message` is for people (Russian)."""

    code = "error"

    def __init__(self, message: str, *, code: str | None = None) -> None:
        super().__init__(message)
        self.message = message
        if code:
            self.code = code


class UnknownFact(OncorError):
    """A fact kind that the vocabulary does not have."""

    code = "unknown_fact"


class BadAttribute(OncorError):
    """An attribute the kind does not have, a missing required one, or a value outside its list."""

    code = "bad_attribute"


class BadRuleRecord(OncorError):
    """A rule record that cannot be read: unit, dates or status outside the allowed ones."""

    code = "bad_rule"


class NotFound(OncorError):
    """The row does not exist or lies outside the reader's scope; the two are never told apart."""

    code = "not_found"


class Conflict(OncorError):
    """Somebody else changed the row first, or the state does not allow the action."""

    code = "conflict"


class UserError(OncorError):
    """Wrong arguments on the command line or in a form."""

    code = "usage"
