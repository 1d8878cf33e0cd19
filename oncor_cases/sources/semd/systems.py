"""Object identifiers of the national dictionaries under one short name each; old identifiers mean the same dictionary.

Compare codes only together with the short name; the texts beside them are free and often wrong."""

_NEW = "1.2.643.5.1.13.13."
_OLD = "1.2.643.5.1.13.2.1.1."

# short name: identifiers without their common head; "o:" is the head used before 2016
_TABLE = {
    "field": "99.2.166 11.1380 o:1504.41",
    "section": "99.2.197 11.1379",
    "icd10": "11.1005 o:641 o:718",
    "certainty": "11.1076 99.2.795",
    "rank": "11.1077 o:1504.4",
    "document_kind": "11.1522 11.1115 99.2.195 o:646",
    "remd": "11.1520",
    "guide": "99.2.1079",
    "sms": "99.2.592",
    "service": "11.1070",
    "study": "11.1471",
    "laboratory_test": "11.1080",
    "referral_kind": "11.1009",
    "post": "11.1002 o:733 99.2.181 99.2.700",
    "method": "11.1518 99.2.456",
    "scheme": "99.2.647",
    "therapy_kind": "99.2.875",
    "clinical_group": "99.2.146",
    "stage": "99.2.546",
    "tnm": "99.2.547",
    "topography": "11.1487",
    "morphology": "11.1486",
    "laterality": "99.2.778",
    "lesion_side": "99.2.143",
    "grade": "99.2.1046",
    "confirmation": "99.2.128 o:516",
    "character": "11.1049",
    "first_source": "99.2.770",
    "sex": "11.1040 o:156",
    "exit_reason": "11.1045 o:120",
    "death_of_registered": "99.2.150",
    "register_status": "11.1047",
    "process_state": "99.2.583",
    "urgency": "11.1503 99.2.256",
    "operation_aim": "99.2.574",
    "hospital_outcome": "11.1046",
    "death_cause": "11.1489 99.2.692",
    "certificate_kind": "99.2.19",
    "consultation_kind": "99.2.797 11.1463",
    "register_conclusion": "99.2.725",
    "dispensary": "11.1090 99.2.289",
    "birads": "99.2.348",
    "consilium_kind": "99.2.780",
    "chemotherapy_v1": "99.2.137",
    "hormone_v1": "99.2.138",
    "radiotherapy_v1": "99.2.133",
    "irradiated": "99.2.783",
    "profile": "11.1119",
}

NAMES: dict[str | None, str] = {
    (_OLD + oid[2:] if oid.startswith("o:") else _NEW + oid): name for name, oids in _TABLE.items() for oid in oids.split()
}

SNILS = "1.2.643.100.3"
POLICY_A = "1.2.643.5.1.13.2.7.100.2"  # the policy as an identifier of a participant, documents before 2021


def system(oid: str | None) -> str:
    """The short name of a dictionary; an identifier we have no name for stays as it is (made-up ones too)."""
    return NAMES.get(oid) or (oid or "")
