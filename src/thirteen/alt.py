"""Old names, until the last page has the new ones."""

from thirteen.curves import describe_curve  # noqa: F401
from thirteen.figures import figure_funnel, figure_medians, figure_swimmers
from thirteen.text import (  # noqa: F401
    counted,
    hazard_text,
    large,
    listed,
    months_text,
    number,
    p_text,
)


def _words(figure):
    def described(*args, **kwargs):
        return figure(*args, **kwargs).words

    return described


describe_funnel, describe_swimmers = _words(figure_funnel), _words(figure_swimmers)
describe_medians = _words(figure_medians)
