"""Functions that a worker under test calls."""

import os
import sys
import time


def echo(body: bytes) -> bytes:
    return body


def identify(_: bytes) -> bytes:
    return str(os.getpid()).encode()


def environment(_: bytes) -> bytes:
    return "\n".join(os.environ).encode()


def obey(body: bytes) -> bytes:
    """Do what the body says: each word is a way to fail."""
    match body.decode().split():
        case ["sleep", seconds]:
            time.sleep(float(seconds))
        case ["compute"]:
            while True:
                pass
        case ["allocate", size]:
            return b"x" * len(bytearray(int(size)))
        case ["raise"]:
            raise ValueError("this call is wrong ü")
        case ["exit"]:
            os._exit(3)
        case ["kill"]:
            os.kill(os.getpid(), 9)
        case ["answer", size]:
            return b"x" * int(size)
        case ["print"]:
            sys.stdout.write("words of a library\n")
            sys.stdout.flush()
    return body
