"""Asks Azure itself, through read-only commands of the Azure CLI, what stands around a registry."""

from __future__ import annotations

import os
import shutil
import sys
from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING

from registry_model.estate import asking, documents
from registry_model.text import clean

from .errors import DoctorError, InputError
from .programs import run
from .progress import Progress

if TYPE_CHECKING:
    from collections.abc import Callable

    from registry_model.estate.asking import Question
    from registry_model.estate.documents import Document
    from registry_model.estate.files import ByteLimit

COMMAND_LIMIT = 90.0  # seconds; az itself takes one or two, and the list of a large subscription some more
AT_ONCE = 4
_NOT_SIGNED_IN = ("az login", "az account set", "AADSTS", "No subscription found")


def commands(target: str) -> list[str]:
    """The commands that `ask` would run, in order. What only an answer tells stands in angle brackets."""
    try:
        return [question.text for question in asking.sketched(target)]
    except ValueError as error:
        raise InputError(f"--az {error}") from None


def ask(target: str, warn: Callable[[str], None], most: ByteLimit) -> Document:
    """All that Azure tells of a registry (its name or id) or of a resource group (its id), as one estate.

    ``most`` is what one command may print. A command that fails leaves its facts untold, which ``warn`` is told.
    DoctorError when az is missing or not signed in, or does not know the target.
    """
    try:
        waiting = [asking.first(target)]
    except ValueError as error:
        raise InputError(f"--az {error}") from None
    program = shutil.which("az")
    if program is None:
        raise DoctorError(
            "--az: az is not on PATH; install the Azure CLI, or give a folder of what its commands print instead "
            "(--dry-run prints the commands)"
        )
    asked: set[Question] = set()
    answers: list[Document] = []
    with Progress() as progress, ThreadPoolExecutor(AT_ONCE) as pool:
        while waiting:
            asked.update(waiting)
            progress.say(f"az: {len(waiting)} commands, {waiting[0].text} first (at most {COMMAND_LIMIT:g} s each)")
            for question, answer in zip(waiting, pool.map(lambda q: _answer(program, q, most), waiting), strict=True):
                if isinstance(answer, documents.Document):
                    answers.append(answer)
                elif question.vital:
                    raise answer
                else:
                    warn(f"{answer}; what it would tell is not judged")
            estate = _joined(answers, target).estate
            waiting = [each for each in dict.fromkeys(asking.following(estate)) if each not in asked]
    return _joined(answers, target)


def _joined(answers: list[Document], target: str) -> Document:
    try:
        return documents.joined(answers, name=target)[0]
    except documents.InputError as error:
        raise DoctorError(f"Azure changed between two answers: {error}") from None


def _answer(program: str, question: Question, most: ByteLimit) -> Document | DoctorError:
    """What a command printed, or why it did not."""
    # An extension that is missing must not be asked for, nor installed unasked.
    env = {**os.environ, "AZURE_EXTENSION_USE_DYNAMIC_INSTALL": "no", "AZURE_CORE_ONLY_SHOW_ERRORS": "yes"}
    try:
        done = run([program, *question.words[1:]], "", env, COMMAND_LIMIT, name=question.text, most=most)
    except DoctorError as error:
        return error
    if done.code != 0:
        if any(sign in done.err for sign in _NOT_SIGNED_IN):
            return DoctorError(f"{question.text}: az is not signed in; run `az login` first")
        return DoctorError(f"{question.text}: {_reason(done.err) or f'failed with exit code {done.code}'}")
    try:
        return documents.load(question.text, question.answered(done.out))
    except documents.InputError as error:
        return DoctorError(f"{question.text}: its answer cannot be read: {error}")


def _reason(said: str) -> str:
    lines = [line.strip() for line in said.splitlines() if line.strip()]
    return clean(next((line for line in lines if line.startswith("ERROR")), lines[0] if lines else ""))[:300]


def say(text: str) -> None:
    """A warning for the person at the terminal."""
    print(f"registry-doctor: {text}", file=sys.stderr)
