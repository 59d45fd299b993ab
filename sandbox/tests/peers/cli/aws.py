"""The AWS CLI as one process for many calls: starting it costs far more than a call does.

Reads calls from standard input (the number of arguments, then each, all ended by NUL), runs each through the CLI's
own driver, writes what it prints to the two files named in the arguments, and answers its exit code on a line.
"""
import contextlib
import io
import os
import sys

from awscli.clidriver import create_clidriver


def words(stream):
    word = b""
    while byte := stream.read(1):
        if byte == b"\0":
            yield word.decode()
            word = b""
        else:
            word += byte


def run(arguments):
    streams = [io.TextIOWrapper(io.BytesIO(), encoding="utf-8", write_through=True) for _ in range(2)]
    with contextlib.redirect_stdout(streams[0]), contextlib.redirect_stderr(streams[1]):
        try:
            code = create_clidriver().main(arguments)
        except SystemExit as end:
            code = end.code or 0
    return code, [stream.buffer.getvalue() for stream in streams]


def main():
    answers = os.fdopen(os.dup(1), "w")
    incoming = words(os.fdopen(0, "rb", buffering=0))
    for count in incoming:
        code, texts = run([next(incoming) for _ in range(int(count))])
        for path, text in zip(sys.argv[1:3], texts):
            with open(path, "wb") as file:
                file.write(text)
        answers.write(f"{code}\n")
        answers.flush()


main()
