"""Organisations, attachments and routing in Russian words."""

from oncor_cases.sources.organisation_table import CATEGORY_WORDS, ROLES

__all__ = ["CATEGORY_WORDS", "ROLES"]
ATTACHMENTS = {
    "insurance": "по полису ОМС", "residence": "по месту жительства", "observing": "где наблюдается",
    "category": "категория",
}  # fmt: skip
SOURCES = {
    "document": "документ", "register": "канцер-регистр", "claim": "счёт ОМС", "list": "список", "person": "со слов",
    "territory": "по адресу", "visit": "явка", "register_entry": "взят на учёт",
}  # fmt: skip
WHO = {
    "named": "названный в направлении", "attached": "поликлиника прикрепления",
    "residence": "поликлиника по месту жительства",
    "observing": "где наблюдается", "office": "онкокабинет или ЦАОП поликлиники", "dispensary": "онкологический диспансер",
    "sender": "отправитель документа", "org": "назначенная организация", "category": "по категории",
    "district": "по району", "default": "общая строка региона", "nobody": "никто не назван", "": "никто не назван",
}  # fmt: skip
RECORDS = {"loaded": "из списка", "edited": "правка", "renamed": "новое название", "merged": "реорганизация"}
COLUMNS = {
    "name": "название", "short_name": "краткое название", "district": "район", "roles": "роли",
    "parent_oid": "головная организация", "office_oid": "онкокабинет", "successor_oid": "правопреемник",
    "succeeded_on": "с даты",
}  # fmt: skip
PATHWAYS = {
    "diagnosis": "Диагностика и начало лечения", "chemotherapy": "Лекарственное лечение",
    "follow_up": "Диспансерное наблюдение", "pre_tumour": "Предопухолевые заболевания", "screening": "Скрининг",
}  # fmt: skip


def roles(codes: tuple[str, ...]) -> str:
    """Roles of an organisation, in words."""
    return ", ".join(ROLES.get(code, code) for code in codes)
