"""What is expected: the catalogue of roles, tiers, tasks and items. It knows nothing of trainees."""
