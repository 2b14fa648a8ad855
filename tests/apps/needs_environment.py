"""Loads only where raw_env, pythonpath and chdir were applied."""

import os

import only_on_pythonpath  # noqa: F401

MUST = os.environ["MUST_BE_SET"]
with open("in_the_chdir_folder.txt") as note:
    NOTE = note.read()


def app(environ, start_response):
    start_response("200 OK", [("Content-Type", "text/plain")])
    return [(MUST + " " + NOTE).encode()]
