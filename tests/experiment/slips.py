"""A right file, and slips in it: what is replaced, by what, and the one line that the error then has."""

from loket.audit.checks import CHECKS
from loket.experiment.blocks import PLANTABLE

LOAD = "load: {people: 2000, opens_at: 20s, rush: 40s, drain: 20s, patience: 90s}"
FAULT = "{name: slow, link: simponi, at: opens+2s, for: 20s, latency: {ms: 3000}}"
FILE = f"""\
title: A rush
scenario: quota_rush
seed: 1
office: kupang
{LOAD}
service: {{threads: 4}}
faults: [{FAULT}]
gates:
  - hold_slot.p95 < 1s
checks: all
"""
DURATION = 'a duration with its unit, such as "20s", "500ms", "2m" or "1m30s"'
OFFICES = (
    "belakang_padang, batam, kupang, tanjung_uban, pekanbaru, bengkulu, samarinda, tangerang, ponorogo, "
    "jakarta_selatan, dumai, jayapura"
)
ONE_OF_THEM = "expected exactly one of crowd, constant, ramp, steps, curve, burst, trace"
CHECK_LIST = ", ".join(f"{number} {check.name}" for number, check in CHECKS.items())

# What is replaced in FILE, by what, and the one line that the error then has.
SLIPS = [
    ("seed: 1\n", "", "1:1: seed: found nothing, expected a whole number of at least 0"),
    ("seed: 1", "seed: many", "3:7: seed: found 'many', expected a whole number of at least 0"),
    ("seed: 1", "seed: 1.5", "3:7: seed: found 1.5, expected a whole number of at least 0"),
    ("seed: 1", "seed: true", "3:7: seed: found true, expected a whole number of at least 0"),
    ("seed: 1", "seed: '1'", "3:7: seed: found '1', expected a whole number of at least 0"),
    ("seed: 1", "seed: -1", "3:7: seed: found -1, expected a whole number of at least 0"),
    ("title: A rush", "title:", "1:7: title: found nothing, expected a text of at least one character"),
    ("title: A rush", "title: 12", "1:8: title: found 12, expected a text of at least one character"),
    (
        "scenario: quota_rush",
        "scenario: quota_rsh",
        "2:11: scenario: found 'quota_rsh', expected a scenario (office_day, quota_rush); did you mean 'quota_rush'?",
    ),
    (
        "office: kupang",
        "office: kupan",
        f"4:9: office: found 'kupan', expected an office ({OFFICES}); did you mean 'kupang'?",
    ),
    (
        "checks: all",
        "cheks: all",
        "10:1: cheks: unknown field; known here are checks, faults, gates, load, office, offices, scenario, seed, "
        "service, stop_if, target, title; did you mean 'checks'?",
    ),
    (
        "office: kupang",
        "",
        "1:1: office: found nothing, expected an office, or offices with their shares",
    ),
    (
        "office: kupang",
        "office: kupang\noffices: {batam: 1.0}",
        "5:10: offices: found an office too, expected one of the two",
    ),
    ("office: kupang", "offices: {batam: 0.5, kupang: 0.4}", "4:10: offices: found shares of 0.9 in all, expected 1"),
    (
        "people: 2000",
        "people: 2000, arrivals: [{burst: 5}]",
        "5:32: load.arrivals: found people too, expected one of the two",
    ),
    (
        "people: 2000",
        "arrivals: [{burst: 5, trace: [1.0]}]",
        f"5:19: load.arrivals[0]: found burst, trace, {ONE_OF_THEM}",
    ),
    (
        "people: 2000",
        "arrivals: [{at: 5s}]",
        f"5:19: load.arrivals[0]: found none of them, {ONE_OF_THEM}",
    ),
    (
        "people: 2000",
        "arrivals: [{constant: 5, for: 2s}]",
        """5:30: load.arrivals[0].constant: expected a rate such as "5/s", "300/min" or "0.5/h", found 5""",
    ),
    ("people: 2000", "arrivals: [{constant: 5/s}]", "5:19: load.arrivals[0]: expected for, how long constant lasts"),
    (
        "people: 2000",
        "arrivals: [{burst: 5, for: 2s}]",
        "5:19: load.arrivals[0]: found for, which burst does not have",
    ),
    (
        "people: 2000",
        "arrivals: [{trace: [1.0], process: even}]",
        "5:19: load.arrivals[0]: found process, which trace does not have",
    ),
    (
        "people: 2000",
        "arrivals: [{crowd: 5, at: 2s}]",
        "5:19: load.arrivals[0]: found at, which crowd does not have",
    ),
    (
        "people: 2000",
        "arrivals: [{curve: [[5s, 1/s], [2s, 1/s]]}]",
        "5:19: load.arrivals[0]: the knots of a rate curve must be in order of time",
    ),
    (
        "people: 2000",
        "arrivals: [{burst: 5, at: sold_out}]",
        "5:19: load.arrivals[0]: found sold_out, expected a moment that is known before the run",
    ),
    (
        "people: 2000",
        "arrivals: [{ramp: [0/s, 9/s], at: opens, for: 50s}]",
        "5:19: load.arrivals[0]: found people from second 20 to 70, expected them within the time in which "
        "people come, second 0 to 60 (opens_at + rush)",
    ),
    (
        "people: 2000",
        "arrivals: [{constant: 100000/s, for: 11s}]",
        "5:18: load.arrivals: found 1,100,000 people in all, expected at most 1,000,000",
    ),
    ("people: 2000", "people: 0", "5:16: load.people: found 0, expected a whole number of at least 1"),
    ("people: 2000, ", "", "5:7: load.people: found nothing, expected how many come, or arrivals"),
    ("rush: 40s", "rush: 40", f"5:43: load.rush: expected {DURATION}, found 40"),
    ("rush: 40s", "rush: 0s", "5:43: load.rush: found 0s, expected a duration longer than nothing"),
    (
        LOAD,
        "load: [1]",
        "5:7: load: found a list, expected a block of the fields people, arrivals, places, days, opens_at, rush, "
        "drain, patience, profile, profiles, workers",
    ),
    (
        "patience: 90s",
        "patience: 90s, profile: kepri",
        "5:84: load.profile: found 'kepri', expected a network profile (java_4g, java_congested, kupang_4g, "
        "kepri_island, remote_satellite); did you mean 'kepri_island'?",
    ),
    (
        "patience: 90s",
        "patience: 90s, profiles: {java_4g: 0.5, kepri: 0.5}",
        "5:100: load.profiles.kepri: found 'kepri', expected a network profile (java_4g, java_congested, kupang_4g, "
        "kepri_island, remote_satellite); did you mean 'kepri_island'?",
    ),
    (
        "patience: 90s",
        "patience: 90s, profiles: {java_4g: 0.5, kepri_island: 0.4}",
        "5:85: load.profiles: found shares of 0.9 in all, expected 1",
    ),
    (
        "patience: 90s",
        "patience: 90s, profile: java_4g, profiles: {java_4g: 1}",
        "5:103: load.profiles: found a profile too, expected one of the two",
    ),
    (
        "link: simponi",
        "profile: java_4g, link: edge",
        "7:32: faults[0].profile: found 'java_4g', expected one of load.profiles (none)",
    ),
    (
        "link: simponi",
        "profile: java_4g, link: simponi",
        "7:10: faults[0]: fault slow: a profile is a network of people, who are on link edge alone",
    ),
    ("threads: 4", "database: oracle", "6:21: service.database: found 'oracle', expected one of sqlite, postgresql"),
    (
        "threads: 4",
        "clock_start: 2024-12-16 22:00",
        "6:24: service.clock_start: found '2024-12-16 22:00', expected an instant with its offset, 2000 to 2100, as in "
        "2024-12-16T22:00:00+07:00",
    ),
    (
        "threads: 4",
        "defects: [M1, M77]",
        f"6:25: service.defects[1]: found 'M77', expected a defect that can be planted ({', '.join(PLANTABLE)})",
    ),
    (
        "link: simponi",
        "link: simpony",
        "7:29: faults[0].link: expected a link (edge, dukcapil, simponi, simkim, bank, callback, database), "
        "found 'simpony'; did you mean simponi?",
    ),
    (
        "link: simponi",
        "link: database",
        "7:29: faults[0].link: found 'database', expected service.database: postgresql, for an embedded database is no "
        "link away",
    ),
    (
        "ms: 3000",
        "ms: 3000, jitter: 5",
        "7:82: faults[0].latency.jitter: unknown field; known here are jitter_ms, ms; did you mean 'jitter_ms'?",
    ),
    (
        "link: simponi, at: opens+2s, for: 20s, latency: {ms: 3000}",
        "office: kupan, link: edge, at: opens+2s, for: 20s, status: {code: 503}",
        "7:31: faults[0].office: found 'kupan', expected an office of the experiment (kupang); did you mean 'kupang'?",
    ),
    (
        ", latency: {ms: 3000}",
        "",
        "7:10: faults[0]: fault slow: expected exactly one of latency, timeout, bandwidth, reset, "
        "shared_bandwidth, refused, unresolved, unanswered, status, slow_answer, "
        "cut_answer, garbled_answer, lost_answer, down, found none",
    ),
    (
        "for: 20s",
        "for: 80s",
        "7:42: faults[0]: found second 22 to 102, expected it within the run, second 0 to 80",
    ),
    (
        "at: opens+2s",
        "at: opens-21s",
        "7:42: faults[0]: found second -1 to 19, expected it within the run, second 0 to 80",
    ),
    ("name: slow", "name: rush", "7:17: faults[0].name: 'rush' already names a window of the run"),
    (
        f"[{FAULT}]",
        f"[{FAULT}, {FAULT}]",
        "7:91: faults[1].name: 'slow' is the name of faults[0] too",
    ),
    (
        "checks: all",
        "checks: some",
        "10:9: checks: found 'some', expected 'all' or a list of numbers and names of checks",
    ),
    (
        "service: {threads: 4}",
        "target: {service: 'http://10.0.0.1:80', bank: 'http://127.0.0.1:9'}",
        "6:19: target.service: found 'http://10.0.0.1:80', expected an address of this machine, or "
        "i_am_allowed_to_load_it: true",
    ),
    (
        "service: {threads: 4}",
        "target: {service: 127.0.0.1, bank: 'http://127.0.0.1:9'}",
        "6:19: target.service: found '127.0.0.1', expected an address such as 'http://127.0.0.1:8080'",
    ),
    (
        "service: {threads: 4}",
        "target: {service: 'https://127.0.0.1', bank: 'http://127.0.0.1:9'}",
        "6:19: target.service: found 'https://127.0.0.1', expected an address such as 'http://127.0.0.1:8080': "
        "a target is reached over http only",
    ),
    (
        "service: {threads: 4}",
        "target: {service: 'http://127.0.0.1:80', bank: 'http://127.0.0.1:9/api?x=1'}",
        "6:48: target.bank: found 'http://127.0.0.1:9/api?x=1', expected an address such as "
        "'http://127.0.0.1:8080': host and port alone, without a path",
    ),
    (
        "service: {threads: 4}",
        "service: {threads: 4}\ntarget: {service: 'http://127.0.0.1:80', bank: 'http://127.0.0.1:9'}",
        "7:9: target: found a service block too, expected one of the two",
    ),
    (
        "service: {threads: 4}",
        "target: {service: 'http://127.0.0.1:80', bank: 'http://127.0.0.1:9'}",
        "7:29: faults[0].link: found 'simponi', expected edge: Loket carries no other link of a target",
    ),
    (
        "checks: all",
        "checks: [1, money honored]",
        f"10:13: checks[1]: found 'money honored', expected a check ({CHECK_LIST}); did you mean 'money honoured'?",
    ),
    ("checks: all", "checks: [4]", f"10:10: checks[0]: found 4, expected a check ({CHECK_LIST})"),
    (
        "checks: all",
        "checks: []",
        "10:9: checks: found a list, expected 'all' or a list of numbers and names of checks",
    ),
    ("seed: 1", "seed: 1\nseed: 2", "4:1: seed: written twice, first in line 3"),
    ("people: 2000", "people: 2000, people: 1", "5:22: load.people: written twice, first in line 5"),
    ("title: A rush", "title: &t A rush\nnote: *t", "2:7: found the alias '*t', expected the value itself"),
    ("title: A rush", "title: A rush: now", "1:14: not readable as YAML: mapping values are not allowed here"),
]
