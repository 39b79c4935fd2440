"""``python -m embedded.qdrant --dir DIR [--host 127.0.0.1] [--port 6333]``: serve until SIGTERM or SIGINT."""

from __future__ import annotations

import argparse
import asyncio
import gc
import logging
import os
import signal
import sys
from pathlib import Path

from embedded.child_process import DAMAGED_STATUS
from embedded.errors import DataDamaged, DataDirError
from embedded.lock import lock
from embedded.qdrant.http.server import application
from embedded.qdrant.launcher import PATH_VARIABLE
from embedded.qdrant.storage.collection_store import Collections
from shared.connections import Runner

GC_THRESHOLD = (20_000, 20, 50)


def arguments() -> argparse.Namespace:
    """Read the command line."""
    parser = argparse.ArgumentParser(prog="python -m embedded.qdrant", description=__doc__)
    parser.add_argument(
        "--dir", type=Path, required=True, help="where the collections are; held by one process at a time"
    )
    parser.add_argument("--host", default="127.0.0.1")
    parser.add_argument("--port", type=int, default=6333, help="0 takes a free one")
    return parser.parse_args()


async def serve(options: argparse.Namespace) -> None:
    """Open the collections, publish the address in the lock file, and serve until told to stop."""
    stop = asyncio.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        asyncio.get_running_loop().add_signal_handler(number, stop.set)
    with lock(options.dir) as holder:
        collections = Collections(options.dir / "collections")
        collections.open()
        prefix = os.environ.get(PATH_VARIABLE, "")
        runner = Runner(application(collections, prefix, stop.set), shutdown_timeout=0.5)
        await runner.setup()
        try:
            # Requests leave no cycles behind: the collector need not look at what was opened, nor often.
            gc.freeze()
            gc.set_threshold(*GC_THRESHOLD)
            port = await runner.listen(options.host, options.port)
            holder.publish(qdrant_url=f"http://{options.host}:{port}{prefix}")
            logging.getLogger("embedded.qdrant").info("serving %s on %s:%d", options.dir, options.host, port)
            await stop.wait()
        finally:
            await runner.cleanup()
            collections.close()


def main() -> int:
    """Serve; 1 when the directory cannot be used or the address is taken."""
    logging.basicConfig(level=logging.INFO, format="%(asctime)s %(levelname)s %(name)s: %(message)s")
    try:
        asyncio.run(serve(arguments()))
    except DataDamaged as error:
        sys.stderr.write(f"{error}\n")
        return DAMAGED_STATUS
    except (DataDirError, OSError) as error:
        sys.stderr.write(f"{error}\n")
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
