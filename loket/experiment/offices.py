"""The immigration offices an experiment can name: how many people each receives on a day, and over which network.

The quota is the number of places of a day where an experiment does not state `places` itself.
"""

from collections.abc import Mapping

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

# Assumption: as the reference service has them; a test holds the two together.
NETWORK = {
    "belakang_padang": "kepri_island",
    "batam": "kepri_island",
    "kupang": "kupang_4g",
    "tanjung_uban": "kepri_island",
    "pekanbaru": "java_4g",
    "bengkulu": "java_congested",
    "samarinda": "java_4g",
    "tangerang": "java_congested",
    "ponorogo": "java_4g",
    "jakarta_selatan": "java_congested",
    "dumai": "java_4g",
    "jayapura": "kupang_4g",
}


def dealt(total: int, weights: Mapping[str, float]) -> dict[str, int]:
    """`total` whole things dealt out by weight; what is left over goes to those who came off worst.

    >>> dealt(10, {"batam": 285, "kupang": 50, "dumai": 60})
    {'batam': 7, 'kupang': 1, 'dumai': 2}
    """
    whole = sum(weights.values())
    exact = {name: total * weight / whole for name, weight in weights.items()}
    shares = {name: int(share) for name, share in exact.items()}
    worst_off = sorted(exact, key=lambda name: shares[name] - exact[name])
    for name in worst_off[: total - sum(shares.values())]:
        shares[name] += 1
    return shares
