"""Jobs in processes of which some die."""

from __future__ import annotations

import pytest

from blurprint.errors import InputError
from blurprint.jobs import default_jobs, run_jobs
from dying import square_or_die


@pytest.mark.parametrize("workers", [1, 2])
def test_a_job_that_ends_its_process_loses_nothing_but_itself(workers):
    jobs = [1, 2, -3, 4, 5, -6, 7, 8, 9]
    results = list(run_jobs(square_or_die, jobs, workers=workers, died=lambda job: job))
    assert sorted(results) == [-6, -3, 1, 4, 16, 25, 49, 64, 81]


def test_no_jobs_start_no_process():
    assert list(run_jobs(square_or_die, [], workers=2, died=lambda job: job)) == []


def test_workers_are_counted():
    with pytest.raises(InputError, match="at least 1, but got 0"):
        list(run_jobs(square_or_die, [1], workers=0, died=lambda job: job))


def test_there_is_at_least_one_process():
    assert default_jobs() >= 1
