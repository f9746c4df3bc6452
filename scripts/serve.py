"""What `make run` starts: gunicorn with the dashboard, and a plain sentence when it cannot start."""

import errno
import socket
import sys

from gunicorn.app.wsgiapp import WSGIApplication


class Server(WSGIApplication):  # type: ignore[misc]  # gunicorn ships no types
    """gunicorn serving `app:server`."""

    def run(self) -> None:
        """Look at the port before the app touches the database, for another instance may be using both."""
        for address in self.cfg.address:
            if isinstance(address, tuple):
                _check_address(*address)
        super().run()


def _check_address(host: str, port: int) -> None:
    try:
        with socket.socket(socket.AF_INET6 if ":" in host else socket.AF_INET) as probe:
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            probe.bind((host, port))
    except OverflowError:
        sys.exit(f"PORT is {port}; the largest port is 65535.")
    except OSError as error:
        if error.errno == errno.EADDRINUSE:
            advice = f"End the program that uses it, or choose another: make run PORT={port + 1}"
            sys.exit(f"Port {port} on {host} is in use. {advice}")
        sys.exit(f"The dashboard cannot listen on {host}, port {port}: {error.strerror or error}.")


if __name__ == "__main__":
    sys.argv = ["gunicorn", "app:server"]
    Server().run()
