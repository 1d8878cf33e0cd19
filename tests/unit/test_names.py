"""Names as compared: the pairs that are one name, and those that are not."""

import pytest

from oncor_cases.kernel.names import alike, name_of, normal

ONE = [
    ("Ёлкина", "ЕЛКИНА"),
    ("Салтыкова-Щедрина", "салтыкова - щедрина"),
    ("Мамин—Сибиряк", "Мамин Сибиряк"),
    ("Иванoв", "Иванов"),  # a Latin o
    ("CEMEHOB".replace("CEMEHOB", "СEМЕНОВ"), "Семенов"),
    ("Ivanov", "Иванов"),
    ("Shcherbakova", "Щербакова"),
    ("Yuliya", "Юлия"),
    ("Khrushchev", "Хрущев"),
    ("Tsvetkova", "Цветкова"),
    ("Соловьёв", "Соловьев"),
    ("Solovev", "Соловьев"),
    ("Сергий", "Сергии"),
    ("Гасан оглы", "Гасан"),
    ("  Анна ", "Анна"),
    ("нет", ""),
    ("-", ""),
    ("О'Коннор", "Оконнор"),
]
TWO = [("Иванов", "Иванова"), ("Рябова", "Рябкова"), ("Анна", "Алла"), ("Котов", "Кротов"), ("Мария", "Марина")]


@pytest.mark.parametrize(("a", "b"), ONE)
def test_one_name(a, b):
    assert normal(a) == normal(b)


@pytest.mark.parametrize(("a", "b"), TWO)
def test_two_names(a, b):
    assert normal(a) != normal(b)


def test_a_patronymic_in_the_place_of_the_name_goes_back():
    assert name_of("Рябова", "Львовна", "Анна") == name_of("Рябова", "Анна", "Львовна")
    assert name_of("Рябова", "Анна Львовна", "") == name_of("Рябова", "Анна", "Львовна")
    assert name_of("Рябов", "Ильич", "Иван") == name_of("Рябов", "Иван", "Ильич")
    assert name_of("Иванов", "Иван", "Иванович") != name_of("Иванов", "Иванович", "Петрович")


@pytest.mark.parametrize(
    ("a", "b", "how"),
    [
        (("Рябова", "Анна", "Львовна"), ("РЯБОВА", "АННА", "ЛЬВОВНА"), "equal"),
        (("Рябова", "Наталья", "Львовна"), ("Рябова", "Наталия", "Львовна"), "equal"),
        (("Рябова", "Анна", "Львовна"), ("Рябова", "Анна", ""), "no_patronymic"),
        (("Рябова-Котова", "Анна", "Львовна"), ("Котова", "Анна", "Львовна"), "part"),
        (("Рябова", "Анна", "Львовна"), ("Котова", "Анна", "Львовна"), ""),
        (("Рябов", "Иван", "Ильич"), ("Рябов", "Иван", "Петрович"), ""),
        (("", "Анна", "Львовна"), ("", "Анна", "Львовна"), ""),
    ],
)
def test_how_two_names_relate(a, b, how):
    assert alike(name_of(*a), name_of(*b)) == alike(name_of(*b), name_of(*a)) == how
