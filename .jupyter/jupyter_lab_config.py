"""JupyterLab as `make lab` starts it: no request leaves the machine."""

c = get_config()  # noqa: F821 - Jupyter provides it

c.LabApp.check_for_updates_class = "jupyterlab.handlers.announcements.NeverCheckForUpdate"
c.LabApp.news_url = None
c.LabApp.extension_manager = "readonly"
c.LabApp.default_url = "/lab/tree/welcome.md"
