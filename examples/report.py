#!/usr/bin/python3
"""report.py PID|FILE: which handlers a process has run, how often, and how long they took, from what libsigferry.so
recorded. The process was started with `trace = on`, and may have ended long ago."""
import sys
from collections import defaultdict

import sigferry

where = sys.argv[1] if len(sys.argv) > 1 else sys.exit("usage: report.py PID|FILE")
took = defaultdict(list)
try:
    for record in sigferry.trace(int(where) if where.isdigit() else where):
        if record.event == "end":
            took[record.signo.name].append(record.data["run_ns"])
except (sigferry.RingError, OSError) as e:
    sys.exit(f"report.py: {e}")
for name, times in sorted(took.items()):
    print(f"{name}: {len(times)} times, longest {max(times) / 1000:.1f} us")
