"""Who lives around the street: three hundred members, most of whom have a name and all of whom have habits.

Everything is drawn from one seeded generator, so that the same seed and day give the same town.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date, timedelta
from random import Random

MEMBERS = 300
WITH_APP = 0.64
OF_THOSE_NAMED = 0.82
LOCALES = ("nl", "nl", "nl", "nl", "nl", "nl", "fr", "en", "de")

FIRST_NAMES = (
    *("Emma", "Louise", "Olivia", "Mila", "Juliette", "Elise", "Nora", "Camille", "Ella", "Lotte", "Fien", "Hanne"),
    *("An", "Griet", "Marleen", "Ingrid", "Sofie", "Katrien", "Leen", "Veerle", "Rita", "Nicole", "Fatima", "Aylin"),
    *("Noah", "Arthur", "Lucas", "Jules", "Liam", "Adam", "Finn", "Mathis", "Lars", "Wout", "Seppe", "Robbe"),
    *("Jan", "Luc", "Marc", "Patrick", "Koen", "Bart", "Wim", "Geert", "Dirk", "Johan", "Mehmet", "Youssef"),
)
LAST_NAMES = (
    *("Peeters", "Janssens", "Maes", "Jacobs", "Mertens", "Willems", "Claes", "Goossens", "Wouters", "De Smet"),
    *("De Clercq", "Van Damme", "Desmet", "Martens", "Dubois", "Lambert", "Hermans", "Pauwels", "Michiels", "Aerts"),
    *("De Backer", "Verhoeven", "Cools", "Stevens", "Segers", "Bogaert", "Lemmens", "Devos", "Baert", "El Amrani"),
)


@dataclass(frozen=True, slots=True)
class Person:
    """A member who is to be made. ``zest`` is how often she shops beside others (1 is usual)."""

    number: int
    joins: date
    has_app: bool
    name: str | None
    email: str | None
    birthday: str | None
    locale: str
    zest: float
    is_first: bool = field(default=False)


def draw_people(chance: Random, first_day: date, last_day: date) -> list[Person]:
    """Three hundred people in the order in which they join: a third within three weeks, the rest over the year.

    The first of them is the one whose login is printed: named, with the app, there from the start.
    """
    days = (last_day - first_day).days
    joined = sorted(
        int(days * chance.random() ** 1.6) if chance.random() < 0.66 else int(21 * chance.random())
        for _ in range(MEMBERS - 1)
    )
    people = [
        Person(0, first_day, True, "Emma Peeters", "emma@zegelgem.example", "1991-05-17", "nl", 1.15, is_first=True)
    ]
    taken = {"emma@zegelgem.example"}
    for number, day in enumerate(joined, start=1):
        has_app = chance.random() < WITH_APP
        name = email = birthday = None
        if has_app and chance.random() < OF_THOSE_NAMED:
            first, last = chance.choice(FIRST_NAMES), chance.choice(LAST_NAMES)
            name = f"{first} {last}"
            plain = f"{first}.{last}".lower().replace(" ", "")
            email = f"{plain}@zegelgem.example"
            if email in taken:
                email = f"{plain}{number}@zegelgem.example"
            taken.add(email)
            if chance.random() < 0.6:
                born = date(1946, 1, 1) + timedelta(days=chance.randrange(61 * 365))
                birthday = born.isoformat()
        people.append(
            Person(
                number=number,
                joins=first_day + timedelta(days=min(day, days - 1)),
                has_app=has_app,
                name=name,
                email=email,
                birthday=birthday,
                locale=chance.choice(LOCALES),
                zest=chance.lognormvariate(-0.12, 0.5),
            )
        )
    return people
