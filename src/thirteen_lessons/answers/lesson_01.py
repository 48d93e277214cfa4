"""Lesson 1: time, event, censoring."""

MONTHS = 36


def answers(patients) -> dict:
    """By exercise; `patients` has `patient_id`, `time`, `event`, tumor size."""
    names, event, early = patients["patient_id"], patients["event"], patients["time"] < MONTHS
    return {
        "1.1": {
            "right": set(names[~event & early]),
            "alive": set(names[~event]),
            "died": set(names[event & early]),
            "early": set(names[early]),
        },
        "1.2": _rate(patients, patients[patients["tumor_2cm_or_larger"]]),
        "1.3": {
            "right": event.tolist(),
            "turned": (~event).tolist(),
            "all_true": [True] * len(event),
            "codes": (event + 1).tolist(),
        },
    }


def _rate(patients, large):
    """Deaths of those with a large tumor in 100 patient-years."""
    time, event = large["time"], large["event"]
    deaths, years = event.sum(), time.sum() / 12
    return {
        "right": 100 * deaths / years,
        "months": 100 * deaths / time.sum(),
        "one_year": deaths / years,
        "upside_down": time.sum() / deaths,
        "dead_only": 100 * deaths / (time[event].sum() / 12),
        "share": 100 * event.mean(),
        "everybody": 100 * patients["event"].sum() / (patients["time"].sum() / 12),
        "patients": 100 * len(large) / years,
    }
