"""The matrix of real programs, as a table: what was sent, what was seen natively, what under `sigferry run`.

    python3 tests/matrix [-j N] [--quiet] [ROW...]       status 0 if no row differs and none is missing (1, 2)
"""
import argparse
import concurrent.futures
import sys
import tempfile
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent))
import _rows  # noqa: E402


def main():
    parser = argparse.ArgumentParser(prog="python3 tests/matrix", description=__doc__.split("\n")[0])
    parser.add_argument("-j", "--jobs", type=int, default=3, metavar="N", help="rows at a time (3)")
    parser.add_argument("-q", "--quiet", action="store_true", help="one line for each row that is alike")
    parser.add_argument("rows", nargs="*", metavar="ROW", help=f"of: {' '.join(_rows.names())}")
    options = parser.parse_args()
    unknown = sorted(set(options.rows) - set(_rows.names()))
    if unknown:
        parser.error(f"no such row: {' '.join(unknown)}")
    rows, count = options.rows or _rows.names(), {"alike": 0, "differs": 0, "missing": 0}
    with tempfile.TemporaryDirectory(prefix="sigferry-matrix-") as place:
        staged = _rows.stage(place)
        with concurrent.futures.ProcessPoolExecutor(options.jobs) as pool:
            for verdict in pool.map(_rows.compare, rows, [staged] * len(rows)):
                _rows.show(verdict, options.quiet)
                count[verdict.word] += 1
    print(f"{len(rows)} rows: {count['alike']} alike, {count['differs']} differ, {count['missing']} missing")
    return 1 if count["differs"] else 2 if count["missing"] else 0


if __name__ == "__main__":
    sys.exit(main())
