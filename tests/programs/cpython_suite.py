"""Run one module of CPython's own tests and write one line of JSON for each test.

    python3 cpython_suite.py RESULTS test.test_signal [PART-OF-A-NAME...]

Printed output of the tests is mixed with what unittest prints; this is not.
"""
import json
import sys
import unittest


class Lines(unittest.TextTestResult):
    file = None

    def note(self, test, outcome):
        print(json.dumps([test.id(), outcome]), file=self.file, flush=True)

    def addSuccess(self, test):
        super().addSuccess(test)
        self.note(test, "ok")

    def addSkip(self, test, reason):
        super().addSkip(test, reason)
        self.note(test, "skipped")

    def addFailure(self, test, err):
        self.note(test, "failed")
        super().addFailure(test, err)

    def addError(self, test, err):
        self.note(test, "error")
        super().addError(test, err)

    def addSubTest(self, test, subtest, err):
        super().addSubTest(test, subtest, err)
        if err is not None:
            self.note(test, "subtest failed")

    def addExpectedFailure(self, test, err):
        super().addExpectedFailure(test, err)
        self.note(test, "expected failure")

    def addUnexpectedSuccess(self, test):
        super().addUnexpectedSuccess(test)
        self.note(test, "unexpected success")


def each(suite):
    for item in suite:
        if isinstance(item, unittest.TestSuite):
            yield from each(item)
        else:
            yield item


def main():
    results, module, parts = sys.argv[1], sys.argv[2], sys.argv[3:]
    suite = unittest.defaultTestLoader.loadTestsFromName(module)
    if parts:
        chosen = [t for t in each(suite) if any(p in t.id() for p in parts)]
        suite = unittest.TestSuite(chosen)
    with open(results, "w") as Lines.file:
        unittest.TextTestRunner(verbosity=2, resultclass=Lines).run(suite)
        print(json.dumps(["end", "reached"]), file=Lines.file)


if __name__ == "__main__":
    main()
