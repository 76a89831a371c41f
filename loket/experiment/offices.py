"""The immigration offices an experiment can name, and how many people each receives on a day.

The quota is the number of places of a day where an experiment does not state `places` itself.
"""

DAILY_QUOTA = {
    # Belakang Padang study: 50 a day (20 in Ramadan).
    "belakang_padang": 50,
    # Batam, office notice of November 2023: 200 regular, 35 percepatan, 50 priority.
    "batam": 285,
    # Assumption: 50; 11,219 passports from January to 27 November 2023 are about 50 a working day.
    "kupang": 50,
    # Assumption: as its neighbour Belakang Padang.
    "tanjung_uban": 50,
    # Assumption: the national mean of an office-day.
    "pekanbaru": 160,
    # Assumption: half of the national mean.
    "bengkulu": 80,
    # Assumption: three quarters of the national mean.
    "samarinda": 120,
    # Assumption: as Surabaya's published quota.
    "tangerang": 200,
    # Assumption: as Malang's published quota.
    "ponorogo": 100,
    # Assumption: as Jakarta Pusat's published quota of 2020.
    "jakarta_selatan": 384,
    # Assumption: a little more than Belakang Padang.
    "dumai": 60,
    # Assumption: as Kupang.
    "jayapura": 50,
}
