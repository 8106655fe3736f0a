"""Trainings and evaluations together: kinds of detectors compared, methods of fakes crossed."""
