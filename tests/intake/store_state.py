"""What a store says in the end, without anything that depends on the order of arrival: numbers of rows, moments."""


def state(db, region=1):
    """(facts in force, persons as sets of their records, documents, findings), comparable between stores."""
    with db.batch() as conn:
        facts = conn.execute(
            """select f.kind, f.on_date, f.on_text, f.attributes::text, encode(d.sha256, 'hex') sha,
                   encode(s.fingerprint, 'hex') who
               from fact f join document d on d.region_id = f.region_id and d.id = f.document_id
               join subject s on s.region_id = f.region_id and s.id = f.subject_id
               where f.region_id = %s and f.in_force""",
            (region,),
        ).fetchall()
        persons = conn.execute(
            """select array_agg(encode(s.fingerprint, 'hex') order by s.fingerprint) who, p.birth_date, p.sex, p.provisional,
                   p.snils, p.enp, p.died_on, p.attached_org
               from subject s join person p on p.region_id = s.region_id and p.id = s.person_id
               where s.region_id = %s group by p.id, p.region_id, p.birth_date, p.sex, p.provisional, p.snils, p.enp,
                   p.died_on, p.attached_org""",
            (region,),
        ).fetchall()
        documents = conn.execute(
            "select encode(sha256, 'hex') sha, status, reason_code, in_force from document where region_id = %s", (region,)
        ).fetchall()
        findings = conn.execute(
            "select code, key from finding where region_id = %s and state = 'open'", (region,)
        ).fetchall()
        scope = conn.execute(
            """select array_agg(encode(s.fingerprint, 'hex') order by s.fingerprint) who, x.org, x.reason
               from person_scope x join subject s on s.region_id = x.region_id and s.person_id = x.person_id
               where x.region_id = %s group by x.person_id, x.org, x.reason""",
            (region,),
        ).fetchall()
    return tuple(sorted(map(repr, rows)) for rows in (facts, persons, documents, findings, scope))
