"""Small synthetic documents for tests: every value here is invented. Only what readers look at is present."""

from xml.sax.saxutils import quoteattr

D = "1.2.643.5.1.13.13."
MO, LAB = D + "12.2.66.1001", D + "12.2.66.1002"
FIELD, SECTION, ICD, RANK, SURE = D + "99.2.166", D + "99.2.197", D + "11.1005", D + "11.1077", D + "11.1076"
SERVICE, STUDY, REFERRAL, POST = D + "11.1070", D + "11.1471", D + "11.1009", D + "11.1002"
MD, REMD, GUIDE, SMS = D + "11.1522", D + "11.1520", D + "99.2.1079", D + "99.2.592"
MORPH, TOPO, TNM, STAGE, GROUP = D + "11.1486", D + "11.1487", D + "99.2.547", D + "99.2.546", D + "99.2.146"
SCHEME, METHOD, CERTIFICATE = D + "99.2.647", D + "11.1518", D + "99.2.19"
SNILS, ENP = "11223344595", "7300000000000002"  # check digits hold; nobody's numbers

HEAD = (
    '<ClinicalDocument xmlns="urn:hl7-org:v3" xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance" '
    'xmlns:identity="urn:hl7-ru:identity">'
)


def coded(tag, code, system, label="", extra=""):
    return f"<{tag} code={quoteattr(code)} codeSystem={quoteattr(system)} displayName={quoteattr(label)}{extra}/>"


def cd(code, system, label=""):
    return coded("value", code, system, label, ' xsi:type="CD"')


def st(text):
    return f'<value xsi:type="ST">{text}</value>'


def when(low="", high=""):
    if high:
        return f'<effectiveTime><low value="{low}"/><high value="{high}"/></effectiveTime>'
    return f'<effectiveTime value="{low}"/>' if low else ""


def org(oid):
    return (
        "<performer><assignedEntity><representedOrganization>"
        f'<id root="{oid}"/></representedOrganization></assignedEntity></performer>'
    )


def node(code, *inside, system=FIELD, tag="observation", time="", label="", below=()):
    """A statement; `inside` are raw children (values), `below` nested statements."""
    nested = "".join(f'<entryRelationship typeCode="COMP">{b}</entryRelationship>' for b in below)
    return f"<{tag}>{coded('code', code, system, label)}{time}{''.join(inside)}{nested}</{tag}>"


def ident(extension, root=MO + ".100.1.1.59"):
    return f'<id root="{root}" extension="{extension}"/>'


def section(code, *entries, title="", text="", inner=(), system=SECTION):
    body = "".join(f"<entry>{e}</entry>" for e in entries)
    nested = "".join(f"<component>{s}</component>" for s in inner)
    return f"<section>{coded('code', code, system)}<title>{title or code}</title><text>{text}</text>{body}{nested}</section>"


def diagnosis(icd="C50.4", *below, rank="1", time="", sure="3"):
    """Shape 2: the rank holds the code, certainty below."""
    certainty = (node("7026", cd(sure, SURE)),) if sure else ()
    return node(rank, cd(icd, ICD), system=RANK, time=time, below=(*certainty, *below))


def document(
    code="5",
    *sections,
    system=MD,
    template=D + "14.5.9.4",
    translation="",
    date="20260312",
    post="109",
    patient="",
    answers=(),
    event=("", ""),
    case=("", ""),
    version="1",
    extension="doc-1",
    set_extension="set-1",
    event_code="1",
    participants="",
):
    """A whole document as bytes."""
    translated = coded("translation", translation, GUIDE) if translation else ""
    orders = "".join(f"<inFulfillmentOf><order>{ident(a, MO + '.100.1.1.51')}</order></inFulfillmentOf>" for a in answers)
    who = patient or (
        f'<id root="{MO}.100.1.1.10" extension="p-7"/><id root="1.2.643.100.3" extension="{SNILS}"/>'
        f"<identity:InsurancePolicy><identity:Number>{ENP}</identity:Number></identity:InsurancePolicy>"
        '<telecom value="tel:+73430000000"/><patient><name><family>Тестова</family><given>Анна</given>'
        "<identity:Patronymic>Ивановна</identity:Patronymic></name>"
        f'{coded("administrativeGenderCode", "2", D + "11.1040")}<birthTime value="19610412"/></patient>'
        f'<providerOrganization><id root="{MO}"/></providerOrganization>'
    )
    done = f"<serviceEvent>{coded('code', event_code, D + '99.2.726')}{when(*event)}</serviceEvent>"
    service = f"<documentationOf>{done}</documentationOf>" if event[0] else ""
    encounter = f"<componentOf><encompassingEncounter>{when(*case)}</encompassingEncounter></componentOf>" if case[0] else ""
    stamp = f'<effectiveTime value="{date}"/>' if date else '<effectiveTime nullFlavor="NA"/>'
    head = (
        f'<typeId root="2.16.840.1.113883.1.3" extension="POCD_MT000040"/><templateId root="{template}"/>'
        f'<id root="{MO}.100.1.1.51" extension="{extension}"/>'
        f"<code code={quoteattr(code)} codeSystem={quoteattr(system)}>{translated}</code><title>Документ</title>{stamp}"
        f'<setId root="{MO}.100.1.1.50" extension="{set_extension}"/><versionNumber value="{version}"/>'
        f"<recordTarget><patientRole>{who}</patientRole></recordTarget>"
        f"<author><assignedAuthor>{coded('code', post, POST)}"
        f'<representedOrganization><id root="{MO}"/></representedOrganization></assignedAuthor></author>'
        f'<custodian><assignedCustodian><representedCustodianOrganization><id root="{MO}"/><name>Больница</name>'
        f"</representedCustodianOrganization></assignedCustodian></custodian>"
    )
    body = "".join(f"<component>{s}</component>" for s in sections)
    return (
        '<?xml version="1.0" encoding="UTF-8"?>'
        + HEAD
        + head
        + participants
        + orders
        + service
        + encounter
        + f"<component><structuredBody>{body}</structuredBody></component></ClinicalDocument>"
    ).encode()
