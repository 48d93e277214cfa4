"""Where the lessons run on a server, once the repository has a public address: Binder and Colab.

Binder builds them from the repository as it is. Colab opens notebooks only, and the repository
keeps none: the workflow of the site puts those of the handout on a branch of their own.
"""

import re

BRANCH = "notebooks"  # .github/workflows/site.yml writes it
LESSON = re.compile(r"chapters/lessons/(\d\d-[\w-]+)")
ABSENT = "This copy names no public repository, so it can offer no server that runs the lessons."
OFFERED = (
    "**Nothing to install:** the rocket above each lesson opens it in Google Colab, or on Binder "
    "([all lessons]({binder}); the first time takes minutes). Colab asks for a Google account, and "
    "keeps what students write once they choose File, Save a copy in Drive."
)


def place_of(repository: str) -> str:
    """OWNER/NAME of a public repository on GitHub; empty for any other address, and for none."""
    found = re.fullmatch(r"https://github\.com/([\w.-]+/[\w.-]+?)/?", repository.strip())
    return found[1] if found else ""


def binder(place: str) -> str:
    """The address at which Binder builds a repository and opens it in JupyterLab."""
    return f"https://mybinder.org/v2/gh/{place}/HEAD?urlpath=lab"


def colab(place: str, lesson: str) -> str:
    """The address at which Colab opens a lesson of the branch of notebooks."""
    return f"https://colab.research.google.com/github/{place}/blob/{BRANCH}/{lesson}.ipynb"


def menu(place: str, pagename: str) -> dict | None:
    """What the theme shows above a lesson as one menu; None above other pages, or nowhere."""
    lesson = LESSON.fullmatch(pagename)
    if not place or not lesson:
        return None
    addresses = {
        "Colab": colab(place, lesson[1]),
        "Binder": f"{binder(place)}/tree/{pagename}.md",
    }
    buttons = [
        {"type": "link", "text": name, "tooltip": f"Open this lesson in {name}", "url": url}
        for name, url in addresses.items()
    ]
    return {
        "type": "group",
        "label": "launch-buttons",  # the theme's own name for such a menu
        "icon": "fas fa-rocket",
        "tooltip": "Open this lesson on a server",
        "buttons": buttons,
    }


def offer_launch(app, pagename, templatename, context, doctree):
    """Let the theme show the menu, before those that it adds itself."""
    found = menu(place_of(app.config.repository), pagename)
    if found:
        context["header_buttons"].append(found)


def tell_launch(app, config):
    """Let the teachers' page say ``{{ launch }}``: where the lessons run on a server, if at all."""
    place = place_of(config.repository)
    said = OFFERED.format(binder=binder(place)) if place else ABSENT
    config.myst_substitutions = {**config.myst_substitutions, "launch": said}


def setup(app):
    """Connect both, the menu between the theme's first step and its own buttons."""
    app.add_config_value("repository", "", "env", (str,))
    app.connect("config-inited", tell_launch)
    app.connect("html-page-context", offer_launch)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
