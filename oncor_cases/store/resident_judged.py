"""What a line of an insured list is made of and when it can be taken, as SQL over its texts (store/resident_lines.py).

Check digits (kernel/codes.py holds the same sums for one number, a test compares them): of a policy by Luhn, of a SNILS by
weights 9 … 1 and the remainder of 101, for numbers above 001-001-998."""

from datetime import date

from oncor_cases.kernel.names import NAME_BYTES, TEXT_BYTES

FIELDS = (
    "enp", "snils", "fio", "family", "given", "patronymic", "born", "sex", "attached", "attached_on", "insurer", "phone",
    "address",
)  # fmt: skip
MEN = ("1", "м", "М", "муж", "Муж", "мужской", "Мужской", "male", "M", "m")
WOMEN = ("2", "ж", "Ж", "жен", "Жен", "женский", "Женский", "female", "F", "f", "w", "W")
VALUES = "born, attached_since, sex, enp, snils, family, given, patronymic, org, insurer, phone, address"
ROW = f"row_hash, {VALUES}"
_SNILS_FLAW, _SINCE_FLAW, _PLACE_FLAW = 1, 2, 4
FLAWS = {"snils_check": _SNILS_FLAW, "attachment_date": _SINCE_FLAW, "org": _PLACE_FLAW}
_KEPT = ("insurer", "phone", "address")
_LONG = f"strlen(t.family) + strlen(t.given) + strlen(t.patronymic) > {NAME_BYTES} or " + " or ".join(
    f"strlen(t.{name}) > {TEXT_BYTES}" for name in _KEPT
)
_BETWEEN = "' -№\u00a0\t', ''"  # what people put between the digits of a number


def record(alias: str = "") -> str:
    """All a line says, as one value of an alias of `clean` or `resident`."""
    return f"row({', '.join(f'{alias}{name}' for name in VALUES.split(', '))})"


def text_of(field: str, have: frozenset[str]) -> str:
    """A text without blanks around it; an empty one where the list has no such column."""
    if field not in have:
        return "''"
    blank = f"starts_with({field}, ' ') or ends_with({field}, ' ')"  # asked first: trim() writes every text anew
    return f"case when {blank} then trim({field}) else coalesce({field}, '') end"


def filled(have: frozenset[str]) -> str:
    """Those columns of ROW that a list with these columns says something of."""
    made_of = {"attached_since": "attached_on", "org": "attached"}
    names = {"family", "given", "patronymic"} if "fio" in have else set()
    return ", ".join(
        name for name in ROW.split(", ") if name == "row_hash" or name in names or made_of.get(name, name) in have
    )


def hash_of(have: frozenset[str]) -> str:
    """63 bits of the line as it came. Another version of DuckDB may count otherwise: then every line is compared with its
    resident once more, and nobody changes."""
    return f"(hash({', '.join(f for f in FIELDS if f in have)}) >> 1)::bigint"


def first_sql() -> str:
    """`first`: lines whose policy stands in more than one line of `list`, or whom a number of `named` (number) names."""
    return """
        create table first as
        with asked as (select try_cast(number as bigint) as number from named)
        select line from list
            where enp_number in (select enp_number from raw group by enp_number having count(*) > 1)
        union select line from list semi join asked on number = enp_number
        union select line from list semi join asked on number = snils_number"""


def numbers_of(have: frozenset[str]) -> dict[str, str]:
    """The policy and the SNILS of a line as numbers, where they are some; asked for a few times, so kept with the texts."""
    return {"enp_number": _number(policy_of(have), 16), "snils_number": _number(_snils(_plain(have, "snils")), 11)}


def judged_sql(have: frozenset[str], as_of: date, lines: str) -> str:
    """Columns of `clean` for `lines` (`fresh`, or some of it), by `day` (text, day) and `place` (text, place)."""
    plain = {f: _plain(have, f) for f in FIELDS}
    texts = _names(have) | {f: text_of(f, have) for f in _KEPT}
    return f"""
        select t.line, b.day as born, s.day as attached_since,
            case when t.sex in {MEN} then 'male' when t.sex in {WOMEN} then 'female' else '' end as sex,
            t.enp, case when t.snils_sums then t.snils else '' end as snils, t.family, t.given, t.patronymic,
            coalesce(p.place, '') as org, {", ".join(f"t.{f}" for f in _KEPT)},
            case when not t.enp_sums then case when t.enp = '' then 'no_policy'
                    when regexp_matches(t.enp, '^[0-9]+([.,][0-9]+)?[eEеЕ][+]?[0-9]+$') then 'policy_notation'
                    else 'policy_check' end
                when {_LONG} then 'too_long'
                when t.family = '' or t.given = '' then 'no_name'
                when b.day is null or b.day > date '{as_of.isoformat()}' then 'birth_date'
                when t.sex not in {MEN + WOMEN} then 'sex' end as why,
            {_SNILS_FLAW} * (t.snils not in ('', '00000000000') and not t.snils_sums)::int
                + {_SINCE_FLAW} * (trim(t.attached_on) <> '' and s.day is null)::int
                + {_PLACE_FLAW} * (trim(t.attached) <> '' and p.place is null)::int as flaw,
            case when flaw = 0 then t.row_hash else 0 end as row_hash
        from (
            select *, coalesce(({_LUHN}) % 10 = 0, false) as enp_sums,
                coalesce(snils_number > 0 and ({_EARLY} or ({_WEIGHED}) % 101 % 100 = snils_number % 100), false)
                    as snils_sums
            from (
                select line, row_hash, enp_number, snils_number, {", ".join(f"{text} as {f}" for f, text in texts.items())},
                    {policy_of(have)} as enp, {_snils(plain["snils"])} as snils, trim({plain["sex"]}) as sex,
                    {plain["born"]} as born, {plain["attached_on"]} as attached_on, {plain["attached"]} as attached
                from {lines})
        ) t
        left join day b on b.text = t.born
        left join day s on s.text = t.attached_on
        left join place p on p.text = t.attached"""


def _plain(have: frozenset[str], field: str) -> str:
    return f"coalesce({field}, '')" if field in have else "''"


def policy_of(have: frozenset[str]) -> str:
    """The policy of a line without what people put between its digits."""
    text = _plain(have, "enp")
    return f"case when strlen({text}) = 16 then {text} else {_bare(text)} end"


def _digit(number: str, width: int, at: int) -> str:
    return f"({number} // {10 ** (width - 1 - at)} % 10)"


def _luhn(pair: str) -> str:
    """Of two digits the first counts twice, and as the sum of its digits; tens of the sum are not told."""
    return f"({pair} - 8 * ({pair} // 10) + {pair} // 50)"


# Halves of a policy fit into 32 bits: a division of 64 takes four times as long.
_HALVES = ("(enp_number // 100000000)::integer", "(enp_number % 100000000)::integer")
_LUHN = " + ".join(_luhn(f"({half} // {100**at} % 100)") for half in _HALVES for at in range(4))
_EARLY = "snils_number // 100 <= 1001998"
_WEIGHED = " + ".join(f"{_digit('snils_number', 11, at)} * {9 - at}" for at in range(9))


def _number(text: str, width: int) -> str:
    """The number a text of `width` digits is, else nothing: written back it has to be the same text."""
    cast = f"try_cast({text} as bigint)"
    return f"case when strlen({text}) = {width} and ({cast} + {10**width})::varchar = '1' || {text} then {cast} end"


def _bare(text: str) -> str:
    return f"translate({text}, {_BETWEEN})"


def _snils(text: str) -> str:
    """A SNILS without what people put between its digits; a spreadsheet has eaten its leading zeros."""
    return f"""case when strlen({text}) = 11 then {text}
                    when regexp_full_match({_bare(text)}, '[0-9]{{8,10}}') then lpad({_bare(text)}, 11, '0')
                    else {_bare(text)} end"""


def _names(have: frozenset[str]) -> dict[str, str]:
    """Family, given and patronymic; one column of the full name becomes three."""
    if "fio" in have and "family" not in have:
        whole = r"regexp_replace(trim(coalesce(fio, '')), '\s+', ' ', 'g')"
        return {
            "family": f"split_part({whole}, ' ', 1)",
            "given": f"split_part({whole}, ' ', 2)",
            "patronymic": rf"regexp_extract({whole}, '^\S+ \S+ (.*)$', 1)",
        }
    return {f: text_of(f, have) for f in ("family", "given", "patronymic")}
