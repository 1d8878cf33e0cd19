"""Who works here: organisations, their users, the keys of machines."""

from collections.abc import Sequence

from oncor_cases.store.session import Connection


def organisation(
    conn: Connection,
    region: int,
    oid: str,
    *,
    name: str,
    short_name: str = "",
    district: str = "",
    roles: Sequence[str] = (),
    parent: str = "",
    office: str = "",
) -> None:
    """Adds an organisation, or brings what is known of it up to date (a document may have named it before)."""
    conn.execute(
        """insert into organisation (region_id, oid, name, short_name, district, roles, parent_oid, office_oid, sort_key)
           values (%(region)s, %(oid)s, %(name)s, %(short)s, %(district)s, %(roles)s, %(parent)s, %(office)s,
                   translate(lower(%(name)s), 'ё', 'е'))
           on conflict (region_id, oid) do update set name = excluded.name, short_name = excluded.short_name,
               district = excluded.district, roles = excluded.roles, parent_oid = excluded.parent_oid,
               office_oid = excluded.office_oid,
               sort_key = excluded.sort_key""",
        {
            "region": region,
            "oid": oid,
            "name": name,
            "short": short_name,
            "district": district,
            "roles": list(roles),
            "parent": parent,
            "office": office,
        },
    )


def add(conn: Connection, region: int, login: str, *, name: str, role: str, orgs: Sequence[str], password_hash: str) -> bool:
    """Creates an account; an existing login keeps its row and is only opened again. True if it is new."""
    row = conn.execute(
        """insert into user_account (region_id, login, name, role, orgs, password_hash) values (%s, %s, %s, %s, %s, %s)
           on conflict (login) do update set active = true returning (xmax = 0) as fresh""",
        (region, login, name, role, list(orgs), password_hash),
    ).fetchone()
    return bool(row[0])


def change_password(conn: Connection, region: int, login: str, password_hash: str) -> bool:
    """A new password; ends the sessions of the account. False for an unknown login."""
    row = conn.execute(
        "update user_account set password_hash = %s where region_id = %s and login = %s returning id",
        (password_hash, region, login),
    ).fetchone()
    if row is None:
        return False
    conn.execute("delete from session where user_id = %s", (row[0],))
    return True


def close(conn: Connection, region: int, login: str) -> bool:
    """Nobody signs in with it any more; what it did stays written. False for an unknown login."""
    row = conn.execute(
        "update user_account set active = false where region_id = %s and login = %s returning id", (region, login)
    ).fetchone()
    if row is None:
        return False
    conn.execute("delete from session where user_id = %s", (row[0],))
    return True


def add_token(conn: Connection, region: int, name: str, token_hash: bytes) -> None:
    """A machine's key to the documents door; only its hash is kept."""
    conn.execute("insert into api_token (region_id, hash, name) values (%s, %s, %s)", (region, token_hash, name))


def busiest(conn: Connection, region: int) -> list[tuple[str, str]]:
    """Organisations by their number of open tasks, the busiest first, with their short names."""
    found = conn.execute(
        """select o.oid, coalesce(nullif(o.short_name, ''), o.name) from organisation o
           left join task t on t.region_id = o.region_id and t.owner_org = o.oid and t.state <> 'closed'
           where o.region_id = %s group by o.oid, o.short_name, o.name, o.roles
           order by count(t.id) desc, 'polyclinic' = any(o.roles) desc, o.oid""",
        (region,),
    )
    return [(row[0], row[1]) for row in found]


def has_documents(conn: Connection, region: int) -> bool:
    """Whether anything was ever taken in."""
    row = conn.execute("select exists (select from raw_document where region_id = %s)", (region,)).fetchone()
    return bool(row[0])


def names(conn: Connection, region: int) -> dict[str, str]:
    """Login → name of everybody who works or worked in the region."""
    rows = conn.execute("select login, name from user_account where region_id = %s and name <> ''", (region,))
    return {row[0]: row[1] for row in rows}
