"""What takes longer than a request: imports, the demo estate, exports, removals.

Each job is a row, and runs in a process of its own that goes on when the web worker which started it ends. The row
tells how far it is; its process gives a sign of life every half second.
"""

from data.jobs.asking import (
    cancel_job,
    confirm_job,
    create_demo_job,
    create_export_job,
    create_job,
    create_removal_job,
    discard_job,
    revise_job,
)
from data.jobs.processes import start_job, started
from data.jobs.rows import get_job, job_file, list_open_jobs
from data.jobs.running import run_job
from data.jobs.sweeping import note_ended, start_sweep_if_needed, sweep_jobs, sweep_uploads

__all__ = [
    "cancel_job",
    "confirm_job",
    "create_demo_job",
    "create_export_job",
    "create_job",
    "create_removal_job",
    "discard_job",
    "get_job",
    "job_file",
    "list_open_jobs",
    "note_ended",
    "revise_job",
    "run_job",
    "start_job",
    "start_sweep_if_needed",
    "started",
    "sweep_jobs",
    "sweep_uploads",
]
