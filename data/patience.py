"""How long the program waits for a server that is there but does not answer, such as one that hangs.

A server that was stopped refuses connections at once, and one whose machine is gone is noticed by TCP. One that hangs
is neither: its machine goes on to take connections and to acknowledge what arrives.
"""

from __future__ import annotations

import threading
from functools import partial
from typing import Any, Protocol

from sqlalchemy import Connection, Dialect, Engine, event

ANSWER_SECONDS = 3
"""A new connection is there within that, and a pooled one answers whether it still is."""
READ_SECONDS = 60
"""A transaction that only reads waits so long for each answer. One that writes waits on: nobody could tell what became
of what it asked for."""


class Driver(Protocol):
    """A connection that can be told how long it may wait; None: for ever."""

    def be_patient(self, seconds: float | None) -> None:
        """Wait so long for each answer from now on."""


def bound(engine: Engine) -> None:
    """Let no connection of a server wait for ever, and not all threads for a server that was silent just now."""
    driver = engine.dialect.loaded_dbapi
    patient = _psycopg(driver) if engine.dialect.driver == "psycopg" else _pymysql(driver)
    event.listen(engine, "do_connect", partial(_OneTries().connect, patient))
    event.listen(engine, "begin", _give_time)
    event.listen(engine, "reset", _take_time)


class _OneTries:
    """After a connection that was not made in time one thread tries on, the others fail at once."""

    def __init__(self) -> None:
        self._is_silent = False
        self._trying = threading.Lock()

    def connect(
        self, patient: Any, dialect: Dialect, _record: object, arguments: list[Any], options: dict[str, Any]
    ) -> Any:
        if not self._is_silent:
            return self._connect(patient, dialect, arguments, options)
        if not self._trying.acquire(blocking=False):
            raise dialect.loaded_dbapi.OperationalError("timeout")
        try:
            return self._connect(patient, dialect, arguments, options)
        finally:
            self._trying.release()

    def _connect(self, patient: Any, dialect: Dialect, arguments: list[Any], options: dict[str, Any]) -> Any:
        try:
            connection = patient(*arguments, **options)
        except dialect.loaded_dbapi.OperationalError as error:
            self._is_silent = "time" in str(error)
            raise
        self._is_silent = False
        return connection


def _give_time(connection: Connection) -> None:
    is_reading = "isolation_level" not in connection.get_execution_options()
    driver: Any = connection.connection.dbapi_connection  # also of one that is detached
    driver.be_patient(READ_SECONDS if is_reading else None)


def _take_time(driver: Driver, _record: object, _state: object) -> None:
    driver.be_patient(ANSWER_SECONDS)


def _psycopg(driver: Any) -> Any:
    class Patient(driver.Connection):  # type: ignore[misc]  # the driver is optional
        seconds: float | None = ANSWER_SECONDS

        def be_patient(self, seconds: float | None) -> None:
            self.seconds = seconds

        def wait(self, gen: Any, interval: float = 0.1, timeout: float | None = None) -> Any:
            try:
                return super().wait(gen, interval, self.seconds if timeout is None else timeout)
            except driver.OperationalError:
                if timeout is None and self.pgconn.transaction_status == driver.pq.TransactionStatus.ACTIVE:
                    self.pgconn.finish()  # the answer may come yet, to nobody's question
                raise

    return Patient.connect


def _pymysql(driver: Any) -> Any:
    class Patient(driver.connections.Connection):  # type: ignore[misc]  # the driver is optional
        def be_patient(self, seconds: float | None) -> None:
            self._read_timeout = seconds  # which can be told otherwise only when the connection is made

    return partial(Patient, read_timeout=ANSWER_SECONDS)
