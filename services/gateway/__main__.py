"""The gateway as a process."""

import asyncio
import sys

import structlog

from services.gateway.bootstrap import build
from services.gateway.settings import GatewaySettings
from shared.errors import ConfigurationError
from shared.http.serving import HttpRunner
from shared.setting_names import warn_of_unknown_variables
from shared.telemetry import configure_logging
from shared.watchdog import process_lifetime

log = structlog.get_logger("gateway")


async def run(settings: GatewaySettings) -> None:
    """Serve until SIGINT or SIGTERM, then let the requests under way end.

    Raises:
        ConfigurationError: the port cannot be had.
    """
    async with process_lifetime() as stop:
        # Bodies pass as they are, compressed or not.
        runner = HttpRunner(await build(settings), settings, auto_decompress=False)
        await runner.setup()
        try:
            await runner.listen(settings.http_host, settings.http_port)
            log.info("service ready", service="gateway", host=settings.http_host, port=settings.http_port)
            await stop.wait()
        except OSError as error:
            where = f"{settings.http_host}:{settings.http_port}"
            message = f"Cannot listen on {where} ({error.strerror or error}): choose another with PAPERWIRE_HTTP_PORT."
            raise ConfigurationError(message) from error
        finally:
            await runner.cleanup()


def main() -> None:
    """Read the environment and run; a configuration error is one line and exit status 2."""
    try:
        settings = GatewaySettings.load()
        configure_logging(settings.log_level)
        warn_of_unknown_variables()
        asyncio.run(run(settings))
    except ConfigurationError as error:
        sys.stderr.write(f"paperwire: {error}\n")
        raise SystemExit(2) from None


if __name__ == "__main__":
    main()
