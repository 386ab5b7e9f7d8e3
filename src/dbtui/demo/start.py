"""Put the pieces together: world, seed, moto, server."""

from __future__ import annotations

import socket
import threading
from collections.abc import Callable

from dbtui.demo import seeds
from dbtui.demo.app import App
from dbtui.demo.clock import Clock
from dbtui.demo.faults import FaultBook
from dbtui.demo.moto_bridge import MotoBridge
from dbtui.demo.options import Options
from dbtui.demo.paging import PageRules
from dbtui.demo.protocol.models import service_model
from dbtui.demo.server import DemoServer
from dbtui.demo.world import World


def start(options: Options, listening: socket.socket, ending: threading.Event, progress: Callable[[str], None]) -> App:
    """Serve in background threads; returns as soon as the first lists can be answered."""
    world = World(Clock(speed=options.speed), PageRules(options.page_size, options.empty_pages))
    seeds.plant(world, options.seed)
    moto = MotoBridge(world, progress)
    app = App(world, moto, FaultBook(options.faults), ending)
    server = DemoServer(listening, app.handle, ending)
    # The models are read before moto's import takes the interpreter, so that the first lists do not wait for it.
    service_model("rds")
    service_model("sts")
    threading.Thread(target=server.serve_forever, name="server", daemon=True).start()
    progress("serving")
    app.warm()
    moto.start()
    return app
