"""First names, surnames and nicknames of invented people, by origin.

The lists are short on purpose: shared names are what makes linking records hard. Within a list the
earlier a name stands, the more people carry it.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from risk_engine.synthetic.chance import Ints

Flags = npt.NDArray[np.bool_]


@dataclass(frozen=True)
class Origin:
    """Names that go together: first names of girls and boys, and surnames."""

    female: tuple[str, ...]
    male: tuple[str, ...]
    surnames: tuple[str, ...]


def _origin(female: str, male: str, surnames: str) -> Origin:
    return Origin(tuple(female.split()), tuple(male.split()), tuple(surnames.split()))


ORIGINS = {
    "british": _origin(
        "Olivia Amelia Emily Jessica Sophie Chloe Ella Grace Charlotte Mia Lucy Ruby Evie Daisy "
        "Poppy Freya Phoebe Isla Millie Megan Holly Lily Hannah Amy Rebecca Katie Lauren Georgia "
        "Bethany Abigail Ellie Molly Alice Eleanor Elizabeth Victoria Samantha Jennifer Natalie "
        "Zoe Kayleigh Paige Leah Sarah-Jane Imogen Florence Rosie Harriet Matilda Scarlett",
        "Oliver Jack Harry Thomas George William James Joshua Charlie Daniel Jacob Alfie Samuel "
        "Joseph Max Ethan Archie Luke Benjamin Alexander Matthew Ryan Liam Callum Connor Nathan "
        "Michael Christopher Robert David Andrew Stephen Anthony Edward Lewis Jamie Kieran Reece "
        "Bradley Jake Aaron Adam Toby Freddie Leo Riley Tyler Kai Mason Corey",
        "Smith Jones Taylor Brown Williams Wilson Johnson Davies Robinson Wright Thompson Evans "
        "Walker White Roberts Green Hall Wood Jackson Clarke Harris Lewis Turner Hill Cooper Ward "
        "Moore Morris Clark Lee King Baker Harrison Morgan Allen Scott Phillips Watson Parker "
        "Price Bennett Young Griffiths Mitchell Kelly Cook Carter Richardson Bailey Collins Bell "
        "Shaw Murphy Miller Cox Marshall Adams Ellis Webb Mills Barnes Knight Hunt Palmer Stevens "
        "Rogers Reid Gibson Fletcher Mason Pearce Dixon O'Brien O'Connor Fisher Barrett Lloyd "
        "Grant Holland Burton Fox Chapman Gardner Spencer Hawkins Saunders Newman Dawson Lane "
        "Stone Cole Rose Kemp Drake Pope Goddard Budd Light Cleal Primmer Smith-Jones "
        "Taylor-Wood Hart-Davis",
    ),
    "european": _origin(
        "Anna Zofia Maria Julia Oliwia Natalia Elena Andreea Ioana Agnieszka Katarzyna Zuzanna "
        "Beatriz Inês Laura Chiara Viktoria Daria",
        "Jakub Szymon Łukasz Piotr Tomasz Mateusz Andrei Ștefan Ionuț Alexandru Krzysztof Marek "
        "João Tiago Marco Luca Viktor Dmytro",
        "Kowalski Nowak Wiśniewski Wójcik Kamiński Zieliński Popescu Ionescu Dumitru Radu Silva "
        "Santos Ferreira Rossi Esposito Kovács Horváth Shevchenko Petrov Mazur",
    ),
    "south_asian": _origin(
        "Aisha Fatima Zara Maryam Priya Anjali Simran Jasmine Ayesha Khadija Neha Pooja Harpreet "
        "Sana Hafsa Riya Meera Nusrat Tahmina Sumaiya",
        "Mohammed Muhammad Ali Ahmed Hassan Ibrahim Arjun Rohan Amar Harjit Gurpreet Bilal Usman "
        "Imran Rahul Vikram Tariq Shahid Abdul Kamran",
        "Khan Ahmed Patel Singh Hussain Begum Ali Kaur Shah Rahman Akhtar Malik Miah Uddin Sharma "
        "Gill Iqbal Chowdhury Mahmood Kumar Islam Sandhu Desai Mistry",
    ),
    "east_asian": _origin(
        "Mei Ling Xin Yan Jia Wai-Ling Thuy Linh Maricel Grace Angelica Sakura Yuki Hyejin",
        "Wei Jun Ming Chi-Wai Hao Minh Duc Jose Paolo Kenji Hiroshi Jin-Woo Kevin Tony",
        "Chen Wong Li Wang Nguyen Lam Zhang Tran Cheung Liu Santos Reyes Garcia Tanaka Kim Chan",
    ),
    "african": _origin(
        "Blessing Grace Precious Chiamaka Amina Hodan Ifrah Fatou Abena Esther Ruth Naomi Zainab "
        "Temitope Adaeze Nyasha Faith Hibo",
        "Emmanuel Samuel Daniel Kwame Kofi Chidi Oluwaseun Tunde Abdi Mohamed Yusuf Kelvin Tendai "
        "Emeka Isaac David Tawanda Musa",
        "Mensah Okafor Adeyemi Owusu Boateng Mohamed Abdi Ali Hassan Okonkwo Balogun Moyo Ncube "
        "Asante Osei Eze Ibrahim Warsame Sesay Kamara",
    ),
    "caribbean": _origin(
        "Shanice Jada Tiana Aaliyah Chantelle Kezia Simone Michelle Naomi Leah Destiny Renee",
        "Jerome Tyrone Marcus Andre Jermaine Leon Darnell Malachi Isaiah Nathaniel Theo Curtis",
        "Campbell Williams Brown Francis Gordon Thomas Morgan Powell Grant Reid Bailey Henry "
        "Samuels Clarke Edwards Joseph Charles St.John",
    ),
    "arab": _origin(
        "Layla Noor Fatimah Rania Yasmin Huda Maryam Salma Zeynep Elif Shilan Roza Mariana Camila",
        "Omar Ahmad Khalid Youssef Karim Mustafa Hamza Ali Emre Mehmet Rebin Azad Diego Mateo",
        "Al-Hassan El-Sayed Mahmoud Hamdan Ibrahim Saleh Al-Rashid Haddad Yilmaz Demir Karim "
        "Rashid Abdullah Nasser Rodríguez Pereira",
    ),
}

#: Origins within each ethnic group, and their shares. People recorded as Mixed draw a first name
#: and a surname from these origins apart.
GROUP_ORIGINS = {
    "Asian": {"south_asian": 0.75, "east_asian": 0.25},
    "Black": {"african": 0.7, "caribbean": 0.3},
    "Mixed": {"british": 0.6, "caribbean": 0.15, "african": 0.1, "south_asian": 0.15},
    "Other": {"arab": 0.8, "european": 0.2},
    "White": {"british": 0.93, "european": 0.07},
}

NICKNAMES = {
    "Michael": "Mike",
    "Christopher": "Chris",
    "Robert": "Bob",
    "David": "Dave",
    "Andrew": "Andy",
    "Stephen": "Steve",
    "Anthony": "Tony",
    "Edward": "Ted",
    "William": "Bill",
    "Thomas": "Tom",
    "Joshua": "Josh",
    "Samuel": "Sam",
    "Joseph": "Joe",
    "Benjamin": "Ben",
    "Alexander": "Alex",
    "Matthew": "Matt",
    "Daniel": "Danny",
    "Charlie": "Charles",
    "Harry": "Henry",
    "Jack": "John",
    "Rebecca": "Becky",
    "Elizabeth": "Liz",
    "Victoria": "Vicky",
    "Samantha": "Sam",
    "Jennifer": "Jenny",
    "Jessica": "Jess",
    "Abigail": "Abi",
    "Eleanor": "Ellie",
    "Bethany": "Beth",
    "Katie": "Kate",
    "Mohammed": "Mo",
    "Muhammad": "Mohammad",
    "Emmanuel": "Manny",
    "Nathaniel": "Nathan",
    "Alexandru": "Alex",
    "Łukasz": "Lukasz",
}


#: Every first name and surname once; people hold positions in it.
WORDS = tuple(
    sorted(
        {
            word
            for o in ORIGINS.values()
            for names in (o.female, o.male, o.surnames)
            for word in names
        }
    )
)
_POSITION = {word: position for position, word in enumerate(WORDS)}


def draw(group: Ints, male: Flags, *, rng: np.random.Generator) -> tuple[Ints, Ints]:
    """Draw a first name and a surname for each person: positions in `WORDS`.

    Parameters
    ----------
    group
        Position of the ethnic group in `GROUP_ORIGINS`.
    """
    first, last = np.zeros(len(group), np.int64), np.zeros(len(group), np.int64)
    for position, name in enumerate(GROUP_ORIGINS):
        rows = np.flatnonzero(group == position)
        origin = _origins(name, len(rows), rng)
        other = _origins(name, len(rows), rng) if name == "Mixed" else origin
        for key, names in enumerate(ORIGINS.values()):
            for recorded, given in ((False, names.female), (True, names.male)):
                chosen = rows[(origin == key) & (male[rows] == recorded)]
                first[chosen] = _pick(given, len(chosen), rng)
            chosen = rows[other == key]
            last[chosen] = _pick(names.surnames, len(chosen), rng)
    return first, last


def _origins(group: str, count: int, rng: np.random.Generator) -> Ints:
    shares = GROUP_ORIGINS[group]
    positions = [list(ORIGINS).index(name) for name in shares]
    return rng.choice(np.array(positions), count, p=list(shares.values()))


def _pick(names: tuple[str, ...], count: int, rng: np.random.Generator) -> Ints:
    """Earlier names are carried by more people."""
    weight = 1 / (np.arange(len(names)) + 8)
    chosen = rng.choice(len(names), count, p=weight / weight.sum())
    return np.array([_POSITION[name] for name in names])[chosen]
