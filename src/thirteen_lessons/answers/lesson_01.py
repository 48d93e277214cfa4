"""Lesson 1: time, event, censoring."""

from thirteen_lessons.exercises import Task

YEARS = 3
MONTHS = 12 * YEARS


def tasks(patients) -> dict:
    """The exercises by name; `patients` has `patient_id`, `time`, `event`, tumor size."""
    time, event = patients["time"], patients["event"].astype(bool)
    early = time < MONTHS
    large = patients["tumor_2cm_or_larger"].astype(bool)
    return {
        "1.1": _who_left(patients["patient_id"], event, early),
        "1.2": _rate(time[large], event[large], time, event),
        "1.3": _from_codes(event),
        "1.4": _same_mean(),
    }


def _who_left(names, event, early):
    return Task(
        right=set(names[~event & early]),
        mistakes={
            "Those are all who were last seen alive. Some of them were still followed at three "
            "years; only the ones who left before count here.": set(names[~event]),
            "Those died within three years: their story is known to its end. Censored are the "
            "ones whose event is False.": set(names[event & early]),
            "Those are all whose time is shorter than three years, the dead as well. Only the "
            "ones whose event is False are censored.": set(names[early]),
        },
        why="They were alive when last seen, and nobody knows about them at three years.",
        hint="Two conditions have to hold: the event is False, the time is below 36.",
    )


def _rate(time, event, every_time, every_event):
    deaths, years = event.sum(), time.sum() / 12
    return Task(
        right=100 * deaths / years,
        mistakes={
            "That is per 100 patient-months: divide the months by 12 first.": 100
            * deaths
            / time.sum(),
            "That is per one patient-year: multiply by 100.": deaths / years,
            "You left out the months of those who are alive. They were watched as well, and "
            "their months belong below the line.": 100 * deaths / (time[event].sum() / 12),
            "That is the share of patients who died; it forgets how long they were watched.": 100
            * event.mean(),
            "That is the rate of all patients: choose the ones with a large tumor first.": 100
            * every_event.sum()
            / (every_time.sum() / 12),
            "You counted the patients above the line; only deaths belong there.": 100
            * len(time)
            / years,
        },
        why="Deaths above the line, the time of everybody, dead or alive, below it.",
        hint="Deaths divided by years of everybody's time, times 100.",
        decimals=0,
    )


def _from_codes(event):
    return Task(
        right=event.tolist(),
        mistakes={
            "The wrong way round: those you call dead are the ones alive.": (~event).tolist(),
            "Now everybody has died: each number but 0 counts as True. Compare with 2 instead.": [
                True
            ]
            * len(event),
            "Those are still the codes. A comparison makes True and False of them: status == 2.": (
                event + 1
            ).tolist(),
        },
        why="True where the code says dead, and as many as there were deaths.",
        hint="Compare each code with the one that means dead.",
    )


def _same_mean():
    return Task(
        right="c",
        mistakes={
            "The two means are means of those who died. Whoever lived on is in neither.": "a",
            "Something can be said: everybody was watched for the same two years, so the deaths "
            "can be counted and compared.": "b",
            "Without the living only the dead are left, and among them the two treatments look "
            "the same. The difference is in those you would leave out.": "d",
        },
        why="The mean of the dead is silent about those who are alive, seven in ten under B.",
    )
