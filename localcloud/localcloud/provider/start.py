"""Starts a provider: ``python -I -S start.py PACKAGE ENGINE_ADDRESS`` prints a port and serves until told to leave.

A command starts a provider once or twice, and the user waits for it, so nothing is imported that the first answer does
not need: no site directory (-S), and of Pulumi only the generated messages. The bare packages below stand in for the
real ones, whose own imports (all of Pulumi's SDK) take five times as long as everything else here.
"""

import os
import signal
import stat
import sys
import threading
from concurrent import futures
from pathlib import Path
from types import ModuleType


def _find_packages() -> None:
    version = f"python{sys.version_info.major}.{sys.version_info.minor}"
    # Not resolved: the interpreter of a virtual environment is a link, and the packages lie beside the link.
    packages = Path(sys.executable).parent.parent / "lib" / version / "site-packages"
    rooms = Path(__file__).resolve().parents[3]
    sys.path += [str(packages), str(rooms / "localcloud")]
    for name in ("pulumi", "pulumi.runtime", "pulumi.runtime.proto"):
        package = ModuleType(name)
        package.__path__ = [str(packages.joinpath(*name.split(".")))]
        sys.modules[name] = package


def _leave_with_engine() -> None:
    """Ends the process when the engine is gone: it holds the other end of standard input, and never writes."""
    while os.read(0, 1024):
        pass
    os._exit(0)


def main() -> None:
    # The system's own way of ending a process: at once, without a traceback. The cloud's file survives it by design.
    signal.signal(signal.SIGINT, signal.SIG_DFL)
    signal.signal(signal.SIGTERM, signal.SIG_DFL)
    _find_packages()

    import grpc
    from pulumi.runtime.proto import provider_pb2_grpc

    if sys.argv[1] == "alicloud":
        from localcloud.provider.alicloud import AlicloudProvider as Provider
    else:
        from localcloud.provider.service import Provider

    provider = Provider()
    unlimited = [
        ("grpc.max_receive_message_length", -1),
        ("grpc.max_send_message_length", -1),
        ("grpc.so_reuseport", 0),
    ]
    # Most of a call's time is simulated waiting, so there may be many at once.
    server = grpc.server(futures.ThreadPoolExecutor(max_workers=64), options=unlimited)
    provider.server = server
    provider_pb2_grpc.add_ResourceProviderServicer_to_server(provider, server)
    port = server.add_insecure_port("127.0.0.1:0")
    server.start()
    print(port, flush=True)
    # Started by hand, to attach a debugger, it has no engine to follow.
    if len(sys.argv) > 2 and stat.S_ISFIFO(os.fstat(0).st_mode):
        threading.Thread(target=_leave_with_engine, daemon=True).start()

    server.wait_for_termination()


if __name__ == "__main__":
    main()
