"""A right file: what its experiment says, what it resolves to, and what the other parts are told."""

import json

import pytest

from loket.audit.checks import CHECKS
from loket.experiment import Experiment, ExperimentError, built_in
from loket.experiment.blocks import PLANTABLE
from loket.experiment.offices import DAILY_QUOTA, NETWORK
from loket.stack.settings import StackSettings
from mock_mpaspor.defects import DEFECTS
from mock_mpaspor.domain.offices import OFFICES

MINIMAL = """\
title: A rush
scenario: quota_rush
seed: 1
office: kupang
load: {people: 10, opens_at: 5s, rush: 10s, patience: 20s}
"""


def test_a_whole_file_is_read_with_its_units(read, whole):
    """Durations are seconds, the fault is the network's own, the name is the file's."""
    experiment = read(whole)
    assert experiment.name == "trial"
    assert (experiment.load.opens_at_s, experiment.load.ends_s) == (20.0, 80.0)
    assert experiment.service.payment_deadline_s == 60.0
    assert experiment.faults[0].at.resolve(experiment.load.opens_at_s) == 22.0
    assert [str(gate) for gate in experiment.parsed_gates()] == list(experiment.gates)
    assert experiment.check_numbers == (1, 13)


def test_what_a_file_leaves_out_has_the_published_or_assumed_default(read):
    """Two hours to pay, one worker, no faults, every check."""
    experiment = read(MINIMAL)
    assert experiment.service.payment_deadline_s == 7200
    assert (experiment.load.workers, experiment.load.profile, experiment.faults) == (1, None, ())
    assert experiment.check_numbers == tuple(sorted(CHECKS))


def test_places_are_the_office_quota_for_each_day_unless_stated(read):
    """Four days at 50 a day; a stated number stands."""
    assert read(MINIMAL.replace("people: 10", "people: 10, days: 4")).places == 4 * DAILY_QUOTA["kupang"]
    assert read(MINIMAL.replace("people: 10", "people: 10, days: 4, places: 7")).places == 7


@pytest.mark.parametrize(("second", "phase"), [(0, "closed"), (19.9, "closed"), (20, "rush"), (60, "drain")])
def test_every_second_lies_in_a_phase(read, whole, second, phase):
    """Closed, then rush, then drain."""
    assert read(whole).load.phase_at(second) == phase


def test_the_load_plan_says_what_the_file_says(read, whole):
    """The workers get times in seconds, the places resolved and the addresses given."""
    plan = read(whole).load_plan(
        service_url="http://127.0.0.1:1",
        bank_url="http://127.0.0.1:2",
        direct_url="http://127.0.0.1:3",
        admin_token="secret",
        run_directory="runs/x",
    )
    assert (plan.people, plan.places, plan.days, plan.office) == (2000, 200, 4, "belakang_padang")
    assert (plan.opens_at_s, plan.rush_s, plan.drain_s, plan.patience_s) == (20.0, 40.0, 20.0, 90.0)
    assert (plan.payment_deadline_s, plan.profile, plan.i_am_allowed_to_load_it) == (60.0, "kepri_island", False)


def test_the_stack_is_told_the_service_block(read, whole):
    """Deadlines, defects and Dukcapil's median reach the stack in its units."""
    assert read(whole).stack_settings() == StackSettings(
        payment_deadline_s=60.0,
        hold_ttl_s=900.0,
        code_patience_s=900.0,
        dukcapil_median_ms=200.0,
        threads=16,
        seed=20230130,
        defects=("M1",),
    )


HURRIED = (
    MINIMAL
    + """\
service: {clock_scale: 360, hold_ttl: 15m, simkim: {staff: manual}, waiting_room: fifo, longest_queue: 4s}
"""
)


def test_a_clock_with_a_scale_shortens_promises_for_everybody_but_the_service(read):
    """Two hours at 360 are 20 seconds for the people and the judge; the service is told two hours and the scale."""
    experiment = read(HURRIED)
    plan = experiment.load_plan(service_url="", bank_url="", direct_url="", admin_token="", run_directory="")
    resolved = experiment.resolved()["service"]
    assert plan.payment_deadline_s == 20.0
    promised = ("payment_deadline_s", "hold_ttl_s", "code_patience_s", "quiesce_s")
    assert [resolved[name] for name in promised] == [20.0, 2.5, 2.5, 30.0]
    told = experiment.stack_settings()
    assert (told.payment_deadline_s, told.hold_ttl_s, told.clock_scale) == (7200, 900, 360)
    assert (told.simkim_staff, told.waiting_room, told.longest_queue_s) == ("manual", "fifo", 4)


def test_the_service_may_be_told_to_live_on_another_day(read):
    """The instant reaches the stack as a unix second, and the file as it was written."""
    experiment = read(MINIMAL + "service: {clock_start: 2024-12-17T00:00:00+07:00}\n")
    assert experiment.stack_settings().clock_start_s == 1734368400.0
    assert experiment.document()["service"] == {"clock_start": "2024-12-17T00:00:00+07:00"}
    assert read(MINIMAL).stack_settings().clock_start_s is None


def test_an_experiment_with_a_scale_is_read_back_as_it_was(read):
    """The document keeps what the file said, so that nothing is divided twice."""
    experiment = read(HURRIED)
    again = Experiment.of_document("trial", json.loads(json.dumps(experiment.document())))
    assert (again, again.resolved()) == (experiment, experiment.resolved())


@pytest.mark.parametrize(
    "service",
    [
        "clock_scale: 0.5", "clock_scale: 100001", "clock_scale: .nan", "simkim: {staff: some}",
        "waiting_room: random", "waiting_room_rate: 0", "longest_queue: 0s",
    ],
)  # fmt: skip
def test_a_service_that_cannot_be_is_refused(problems, service):
    """One problem, at the field's own place."""
    field = service.partition(":")[0]
    (problem,) = problems(f"{MINIMAL}service: {{{service}}}\n")
    assert f"service.{field}" in problem


def test_the_resolved_experiment_is_plain_json_in_seconds(read, whole):
    """plan.json has final values under the names of the attributes."""
    resolved = json.loads(json.dumps(read(whole).resolved()))
    assert resolved["load"]["places"] == 200
    assert resolved["service"]["hold_ttl_s"] == 900.0
    assert resolved["faults"][0]["at"] == "opens+2s"
    assert resolved["faults"][0]["duration_s"] == 20.0
    assert resolved["checks"] == [1, 13]


def test_changes_replace_what_they_name_and_nothing_else(read, whole):
    """The command line's values win; the rest stays, name included."""
    experiment = read(whole)
    changed = experiment.changed(seed=7, people=50, places=5, workers=2, defects=("M6",))
    assert (changed.seed, changed.load.people, changed.places, changed.load.workers) == (7, 50, 5, 2)
    assert changed.service.defects == ("M6",)
    assert (changed.name, changed.faults, changed.gates) == (experiment.name, experiment.faults, experiment.gates)
    assert experiment.changed() == experiment


def test_an_experiment_is_read_back_from_its_own_document(read, whole):
    """What plan.json keeps is enough to judge the run again, on any machine."""
    experiment = read(whole)
    document = json.loads(json.dumps(experiment.document()))
    again = Experiment.of_document("trial", document)
    assert again == experiment
    assert (again.name, again.resolved()) == ("trial", experiment.resolved())


def test_a_change_is_checked_like_a_file(read, whole):
    """What a file may not say a change may not say either."""
    with pytest.raises(ExperimentError, match=r"trial: service.defects\[0\]: found 'M99', expected a defect that"):
        read(whole).changed(defects=("M99",))


def test_words_that_yaml_takes_for_something_else_are_words(read):
    """A date, `on` and `1:30` stay text, as the person who wrote them meant."""
    for word in ("2023-01-30", "on", "1:30"):
        assert read(MINIMAL.replace("A rush", word)).title == word


def test_the_first_built_ins_are_there():
    """The rush, and the failure that the whole harness exists to show."""
    assert {"quota_rush", "billing_code_missing"} <= set(built_in())


TARGET = "target: {service: 'SERVICE', bank: 'http://127.0.0.1:9'ALLOWED}\n"


@pytest.mark.parametrize("url", ["http://127.0.0.1:8080", "http://localhost:1", "http://[::1]:80", "http://127.9.9.9"])
def test_a_target_on_this_machine_needs_no_permission(read, url):
    """Loopback addresses are always one's own."""
    text = MINIMAL + TARGET.replace("SERVICE", url).replace("ALLOWED", "")
    assert read(text).target.service == url


def test_a_foreign_target_is_loaded_only_with_permission(read):
    """The permission stands in the file, and reaches the load's workers."""
    text = MINIMAL + TARGET.replace("SERVICE", "http://mpaspor.example/").replace(
        "ALLOWED", ", i_am_allowed_to_load_it: true"
    )
    plan = read(text).load_plan(service_url="", bank_url="", direct_url="", admin_token="", run_directory="")
    assert plan.i_am_allowed_to_load_it


@pytest.mark.parametrize("name", built_in())
def test_a_built_in_experiment_is_right_and_has_its_title(name):
    """Built-ins are found by name, their scenario exists, and each has gates and a title to list."""
    experiment = Experiment.read(name)
    assert experiment.name == name
    assert experiment.changed(seed=9).changed(seed=experiment.seed) == experiment
    assert built_in()[name] == experiment.title
    assert experiment.parsed_gates()


def test_the_json_schema_is_json_and_names_the_fields_of_the_file():
    """An editor that completes from the schema writes files that are read."""
    schema = json.loads(json.dumps(Experiment.model_json_schema()))
    definitions = schema["$defs"]
    assert schema["required"] == ["title", "scenario", "seed", "load"]
    assert schema["additionalProperties"] is False
    assert definitions["Load"]["required"] == ["opens_at", "rush", "patience"]
    assert schema["properties"]["checks"]["default"] == "all"
    assert definitions["Service"]["properties"]["payment_deadline"]["default"] == "2h"
    assert {"at", "for", "link"} <= set(definitions["Fault"]["required"])


def test_the_defects_that_can_be_named_are_those_the_service_knows():
    """A defect that an experiment accepts can be planted, and one that can be planted can be named."""
    assert set(PLANTABLE) == {str(defect) for defect in DEFECTS}


def test_the_offices_and_their_quotas_are_those_of_the_service():
    """An office is named once by the service and once by experiments: both say how many people it receives."""
    assert {name: office.daily_quota for name, office in OFFICES.items()} == DAILY_QUOTA
    assert {name: office.network for name, office in OFFICES.items()} == NETWORK
