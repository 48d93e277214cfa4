"""A disk that is full after some files."""

from itertools import count


def full_at(number):
    """What writes a file, as `write_beside`, and fails at the `number`-th."""
    written = count(1)

    def write(path, text):
        if next(written) == number:
            raise OSError(28, "No space left on device", str(path))
        path.write_text(text)

    return write
