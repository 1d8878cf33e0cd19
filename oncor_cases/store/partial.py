"""A month or a year in place of a day: no clock starts by it (DESIGN section 4), but presence in a list is presence, and
who was removed in some month is there no more."""

PART = r"^(19|20)\d\d(-(0[1-9]|1[0-2]))?$"


def day(fact: str) -> str:
    """The day an entry into a register, a diagnosis or a removal counts from, of the fact of this alias: its own; of a
    period its first day, of a removal the last one, or today (`%(today)s`) while the period lasts; null for other text."""
    first = f"({fact}.on_text || substr('-01-01', length({fact}.on_text) - 3))::date"
    after = f"({first} + case length({fact}.on_text) when 4 then interval '1 year' else interval '1 month' end)::date"
    return f"""case when {fact}.on_date is not null then {fact}.on_date when {fact}.on_text !~ '{PART}' then null
        when {fact}.kind = 'register_exit' then least(%(today)s::date, {after} - 1) else {first} end"""
