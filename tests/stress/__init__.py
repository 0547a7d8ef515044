"""Foreign and hostile input in numbers: `tox -e stress`, and a small part of it in the ordinary tests."""
