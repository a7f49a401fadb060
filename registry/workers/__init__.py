"""职工: workers, their identity, jobs and flags."""
