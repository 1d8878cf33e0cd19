"""Whose cancer register speaks: the region's own, or another region's whose list was loaded to compare with it.

The register of another region registers nobody here and takes nobody off: not in the pathways (workflows/events.py), not
in contingents (store/population.py), not in the comparisons, except the one of two registers (store/compared.py)."""

OTHER_REGISTER = "Канцер-регистр другого региона"  # how the sender of such a list begins; its region follows


def of_another_region(sender: str) -> bool:
    """Does the sender of a fact speak for another region's register?"""
    return sender.startswith(OTHER_REGISTER)
