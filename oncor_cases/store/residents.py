"""People the region knows without a case, when work is given about them."""

from pyroaring import BitMap

from oncor_cases.store.population import bitmap
from oncor_cases.store.session import Connection


def with_rows(conn: Connection, region: int, members: BitMap) -> BitMap:
    """Those of the members who have a row in `person`, which a task needs. The one place where a person who is known
    only from a list of residents is to be given that row; without such a list it only looks who has one."""
    query = "select p.id from person p where p.region_id = %(region)s and p.merged_into is null and p.id = any(%(ids)s)"
    return bitmap(conn, query, {"region": region, "ids": list(members)})
