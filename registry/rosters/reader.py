"""The reading process of the bulk lane: an xlsx's rows in pieces on standard output, each piece after its length.

``python -m registry.rosters.reader FILE ROWS PIECE``: 4 bytes of length, then msgpack ``(number of the first row, rows)``; a length
of 0 ends. The workbook lives in this process only, and its memory ends with it.
"""

from __future__ import annotations

import sys

import msgspec

from foundation.sheets.reader import BROKEN, LOCKED, TOO_MUCH, _limit, rows_of

MEMORY = 3 * 1024**3
"""Of address space; what is resident stays far below (measured by the benchmark)."""
CPU_SECONDS = 300
COLUMNS = 60


def main(path: str, most_rows: int, most_a_piece: int) -> int:
    from python_calamine import CalamineError, PasswordError

    _limit(MEMORY, CPU_SECONDS)
    out, piece, first = sys.stdout.buffer, [], 1
    encode = msgspec.msgpack.Encoder().encode

    def send() -> None:
        body = encode((first, piece))
        out.write(len(body).to_bytes(4, "big"))
        out.write(body)

    try:
        for number, row in enumerate(rows_of(path, COLUMNS), 1):
            if number > most_rows + 1:
                return TOO_MUCH
            piece.append(row)
            if len(piece) == most_a_piece:
                send()
                piece, first = [], number + 1
        if piece:
            send()
    except PasswordError:
        return LOCKED
    except MemoryError:
        return TOO_MUCH
    except (CalamineError, ValueError, OverflowError, EOFError):
        return BROKEN
    out.write((0).to_bytes(4, "big"))
    out.flush()
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1], int(sys.argv[2]), int(sys.argv[3])))
