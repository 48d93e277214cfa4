"""Which cells of a notebook are folded: those that the site does not show at first."""

HIDDEN = {"hide-input", "hide-cell", "remove-input"}


def wrongly_folded(cells):
    """The cells whose code is folded though the site shows it, or open though it does not."""

    def folded(cell):
        return cell["metadata"].get("jupyter", {}).get("source_hidden", False)

    return [c for c in cells if folded(c) != bool(HIDDEN & {*c["metadata"].get("tags", ())})]
