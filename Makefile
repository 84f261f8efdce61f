# sigferry: one Makefile, objects in build/, sources untouched.
#
#   make            build/libsigferry.so, build/libsigferry-guard.so, build/sigferry
#   make check      the tests (make check-fast: without the real programs)
#   make check-programs   servers and other programs get their signals, natively and under sigferry: a table
#                   (CI runs check and check-programs)
#   make deps       apt-get the Debian 12 packages that this needs; make deps-check: those of the tests, too;
#                   make deps-programs: those of check-programs
#   make stress     the differential tests 100 times in a row under load; in two pieces: make stress PART=1/2, make stress PART=2/2
#   make chaos      random signals at a tree of processes, for ten minutes; a ledger counts each of them
#   make memory     a million signals and 100,000 forks: nothing grows; what the library holds is told
#   make stress-ng  the stressors of stress-ng that are about signals, timers, processes and threads: ten seconds each
#   make demo       what it is good for, in half a minute
#   make bench      figures against native, in one run; make bench-tools: tracing beside other tools, and servers
#   make install    PREFIX=/usr/local DESTDIR=

ifeq ($(origin CC),default)
CC = gcc
endif
PREFIX ?= /usr/local
DESTDIR ?=
VERSION := 0.1.0
BUILD ?= build
ARCH ?= $(shell uname -m)
LIBC ?= glibc
SAN ?=
PYTEST ?= /usr/bin/python3 -m pytest
# Three workers at a time, where pytest-xdist is there: most tests only wait. In make stress many more than processors, which
# is the better part of the load.
WORKERS = $(shell /usr/bin/python3 -c 'import xdist' 2>/dev/null && printf %s '-n 3')
STRESS_WORKERS = $(shell /usr/bin/python3 -c 'import xdist' 2>/dev/null && printf %s "-n $$((4 * $$(nproc)))")

# The one list of what Debian 12 must have: README.md's commands and .ci/run come here.
PACKAGES = gcc make libc6-dev libinih-dev libdw-dev libelf-dev libjansson-dev libmicrohttpd-dev libncurses-dev libsystemd-dev python3-dev systemtap-sdt-dev
PACKAGES_CHECK = babeltrace2 binutils chromium-headless-shell clang g++ libclang-rt-14-dev libeatmydata1 libfaketime libjemalloc2 libpython3.11-testsuite python3 python3-pytest \
                 python3-pytest-xdist python3-jsonschema bash bc bsdextrautils dash execline pkg-config file gawk libev-dev libevent-dev \
                 libglib2.0-dev libtcmalloc-minimal4 libuv1-dev mypy ed git htop less nano nodejs nuttcp openssl perl procps prometheus ruby s6 skalibs-dev strace \
                 stress-ng tar util-linux valgrind wget xz-utils zsh
PACKAGES_PROGRAMS = nginx-light wrk redis-server redis-tools postgresql-15 postgresql-client-15 apache2-bin \
                    openssh-server openssh-client haproxy dnsmasq-base memcached rsyslog lighttpd nodejs \
                    openjdk-17-jdk-headless cron s6 php8.2-fpm rsync wget tmux vim
APT_INSTALL = DEBIAN_FRONTEND=noninteractive apt-get -o DPkg::Lock::Timeout=300 install -y --no-install-recommends --no-upgrade

LIBDIR = $(PREFIX)/lib/sigferry
# Where Debian's Python looks.
PYTHON_DIR = $(PREFIX)/lib/python$(if $(filter /usr,$(PREFIX)),3,$(shell $(PYTHON) -c 'import sysconfig; print(sysconfig.get_python_version())'))/dist-packages
WARN = -Wall -Wextra -Wshadow -Wstrict-prototypes -Wmissing-prototypes -Wpointer-arith -Wvla -Wno-unused-parameter
BASE = -std=gnu11 -O2 -g $(WARN) -I. -Iarch/$(ARCH) -D_GNU_SOURCE -DSF_VERSION='"$(VERSION)"' -MMD -MP
# In the host program: no stack protector (the listener has no canary of the program's), no FORTIFY (its
# checks may print and abort), tables for unwinding (cancellation and C++ exceptions pass through the hooks).
INPROC = $(BASE) $(if $(JITTER),-DSF_JITTER) -fPIC -fvisibility=hidden -ftls-model=initial-exec -fno-stack-protector -U_FORTIFY_SOURCE \
         -fexceptions -fasynchronous-unwind-tables -fno-plt -fcf-protection=branch -ffunction-sections -fdata-sections
LINK = -shared -Wl,-z,defs,-z,now,-z,relro,-z,noexecstack,-z,noseparate-code -Wl,--exclude-libs,ALL -Wl,--build-id

LIB_C = preload.c $(wildcard hooks/*.c engine/*.c trace/*.c config/*.c base/*.c) libc/$(LIBC).c libc/resolve.c libc/past.c libc/inih.c
LIB_S = $(wildcard hooks/*.S engine/*.S)
GUARD_C = $(wildcard guard/*.c) libc/resolve.c
CLI_C = $(wildcard cli/*.c config/*.c base/*.c)

LIB_O = $(LIB_C:%.c=$(BUILD)/lib/%.o) $(LIB_S:%.S=$(BUILD)/lib/%.o)
CLIENT_C = $(wildcard client/*.c)
CLIENT_O = $(CLIENT_C:%.c=$(BUILD)/client/%.o)
GUARD_S = $(wildcard guard/*.S)
GUARD_O = $(GUARD_C:%.c=$(BUILD)/guardlib/%.o) $(GUARD_S:%.S=$(BUILD)/guardlib/%.o)
CLI_O = $(CLI_C:%.c=$(BUILD)/cli/%.o)

.PHONY: all check check-fast check-programs stress chaos storm memory stress-ng demo bench bench-tools install clean tests deps deps-check deps-programs
all: $(BUILD)/libsigferry.so $(BUILD)/libsigferry-guard.so $(BUILD)/sigferry client python

# The library for tests/test_jitter.py: see engine/jitter.c.
.PHONY: jitter
jitter:
	$(MAKE) --no-print-directory BUILD=$(BUILD)/jitter JITTER=1 $(BUILD)/jitter/libsigferry.so $(BUILD)/jitter/libsigferry-guard.so

# For programs that can be changed: see include/sigferry.h.
.PHONY: client
client: $(BUILD)/libsigferry-client.so $(BUILD)/libsigferry-client.a $(BUILD)/sigferry-client.pc

$(BUILD)/libsigferry-client.so: $(CLIENT_O)
	$(CC) $(LINK) -Wl,-z,nodelete -Wl,-soname,libsigferry-client.so.0 -o $@ $(CLIENT_O)
	ln -sf libsigferry-client.so $@.0

$(BUILD)/libsigferry-client.a: $(CLIENT_O)
	rm -f $@
	$(AR) rcs $@ $(CLIENT_O)

$(BUILD)/sigferry-client.pc: client/sigferry-client.pc.in
	@mkdir -p $(@D)
	sed -e 's|@PREFIX@|$(PREFIX)|' -e 's|@VERSION@|$(VERSION)|' $< > $@

# The Python package, importable from build/python. Limited API: the one extension serves CPython 3.9 and all later.
PYTHON ?= /usr/bin/python3
PYTHON_FILES = $(patsubst python/%,$(BUILD)/python/%,$(wildcard python/sigferry/*.py python/sigferry/*.pyi python/sigferry/py.typed))
.PHONY: python
python: $(BUILD)/python/sigferry/_sigferry.abi3.so $(PYTHON_FILES)

$(BUILD)/python/sigferry/_sigferry.abi3.so: $(BUILD)/python/_sigferry.o $(BUILD)/libsigferry-client.a
	@mkdir -p $(@D)
	$(CC) -shared -Wl,-z,now,-z,relro,-z,nodelete -Wl,--exclude-libs,ALL -o $@ $^

$(BUILD)/python/_sigferry.o: python/_sigferry.c
	@mkdir -p $(@D)
	$(CC) $(BASE) -fPIC -fvisibility=hidden -fstack-protector-strong \
	  -I$$($(PYTHON) -c 'import sysconfig; print(sysconfig.get_path("include"))') -c -o $@ $<

$(PYTHON_FILES): $(BUILD)/python/%: python/%
	@mkdir -p $(@D)
	cp $< $@

$(BUILD)/libsigferry.so: $(LIB_O) $(BUILD)/exports.map base/layout.ld
	$(CC) $(LINK) -nostartfiles -Wl,-Bsymbolic -Wl,-z,initfirst -Wl,-T,base/layout.ld -Wl,-soname,libsigferry.so -Wl,--version-script=$(BUILD)/exports.map -o $@ $(LIB_O) -l:libinih.a

$(BUILD)/libsigferry-guard.so: $(GUARD_O) $(BUILD)/guard-exports.map $(BUILD)/libsigferry.so
	$(CC) $(LINK) -nostartfiles -Wl,-soname,libsigferry-guard.so -Wl,--version-script=$(BUILD)/guard-exports.map \
	  -Wl,-rpath,'$$ORIGIN' -o $@ $(GUARD_O) $(BUILD)/libsigferry.so

$(BUILD)/sigferry: $(CLI_O)
	$(CC) $(SAN) -Wl,-z,now,-z,relro -o $@ $(CLI_O) -ldw -lelf -ljansson -lmicrohttpd -lncursesw -ltinfo -lsystemd -l:libinih.a

# The export lists come from the same tables as the hooks.
$(BUILD)/exports.map: hooks/hooks.def hooks/exports.sh Makefile
	@mkdir -p $(@D)
	sh hooks/exports.sh hooks/hooks.def sigferry_status sigferry_guard sigferry_guard_leave sigferry_guard_watch sigferry_guard_watched sigferry_observe > $@
$(BUILD)/guard-exports.map: hooks/unsafe.def hooks/exports.sh Makefile
	@mkdir -p $(@D)
	sh hooks/exports.sh hooks/unsafe.def sigferry_guard_names > $@

$(BUILD)/lib/%.o: %.c
	@mkdir -p $(@D)
	$(CC) $(INPROC) -c -o $@ $<
$(BUILD)/lib/%.o: %.S
	@mkdir -p $(@D)
	$(CC) $(INPROC) -c -o $@ $<
# Its cancellation handler is libc's own form, by setjmp: the other one wants libgcc's unwinder in every program.
$(BUILD)/lib/hooks/spawn.o: INPROC += -fno-exceptions
$(BUILD)/guardlib/%.o: %.c
	@mkdir -p $(@D)
	$(CC) $(INPROC) -c -o $@ $<
$(BUILD)/client/%.o: %.c
	@mkdir -p $(@D)
	$(CC) $(BASE) -fPIC -fvisibility=hidden -fno-plt -fstack-protector-strong -c -o $@ $<
$(BUILD)/guardlib/%.o: %.S
	@mkdir -p $(@D)
	$(CC) $(INPROC) -c -o $@ $<
$(BUILD)/cli/%.o: %.c
	@mkdir -p $(@D)
	$(CC) $(BASE) -DSF_LIBDIR='"$(LIBDIR)"' -D_FORTIFY_SOURCE=2 -fstack-protector-strong $(SAN) -c -o $@ $<

$(BUILD)/cli/cli/report.o: cli/report.html

-include $(LIB_O:.o=.d) $(GUARD_O:.o=.d) $(CLI_O:.o=.d) $(CLIENT_O:.o=.d) $(BUILD)/python/_sigferry.d

install: all
	install -d $(DESTDIR)$(PREFIX)/bin $(DESTDIR)$(LIBDIR) $(DESTDIR)$(PREFIX)/share/man/man1 \
	  $(DESTDIR)$(PREFIX)/share/man/man5 $(DESTDIR)$(PREFIX)/share/man/man7 $(DESTDIR)$(PREFIX)/share/doc/sigferry
	install -d $(DESTDIR)$(PREFIX)/include $(DESTDIR)$(PREFIX)/lib/pkgconfig $(DESTDIR)$(PREFIX)/share/man/man3
	install -m 755 $(BUILD)/sigferry $(DESTDIR)$(PREFIX)/bin/
	install -m 644 include/sigferry.h $(DESTDIR)$(PREFIX)/include/
	install -m 644 $(BUILD)/libsigferry-client.so $(DESTDIR)$(PREFIX)/lib/libsigferry-client.so.0
	ln -sf libsigferry-client.so.0 $(DESTDIR)$(PREFIX)/lib/libsigferry-client.so
	install -m 644 $(BUILD)/libsigferry-client.a $(DESTDIR)$(PREFIX)/lib/
	install -m 644 $(BUILD)/sigferry-client.pc $(DESTDIR)$(PREFIX)/lib/pkgconfig/
	install -d $(DESTDIR)$(PYTHON_DIR)/sigferry
	install -m 644 $(BUILD)/python/sigferry/_sigferry.abi3.so $(PYTHON_FILES) $(DESTDIR)$(PYTHON_DIR)/sigferry/
	install -m 644 doc/*.3 $(DESTDIR)$(PREFIX)/share/man/man3/
	install -m 644 $(BUILD)/libsigferry.so $(BUILD)/libsigferry-guard.so $(DESTDIR)$(LIBDIR)/
	install -m 644 doc/*.1 $(DESTDIR)$(PREFIX)/share/man/man1/
	install -m 644 doc/*.5 $(DESTDIR)$(PREFIX)/share/man/man5/
	install -m 644 doc/*.7 $(DESTDIR)$(PREFIX)/share/man/man7/
	install -d $(DESTDIR)$(PREFIX)/share/bash-completion/completions $(DESTDIR)$(PREFIX)/share/zsh/site-functions
	install -m 644 completions/sigferry.bash $(DESTDIR)$(PREFIX)/share/bash-completion/completions/sigferry
	install -m 644 completions/_sigferry $(DESTDIR)$(PREFIX)/share/zsh/site-functions/
	install -m 644 config/sigferry.conf doc/signals.bt doc/trace.schema.json doc/grafana.json doc/alerts.yml README.md NEWS $(DESTDIR)$(PREFIX)/share/doc/sigferry/

check: all jitter
	$(PYTEST) -q $(WORKERS) tests -m 'not matrix'
check-fast: all jitter
	$(PYTEST) -q $(WORKERS) tests -m 'not programs'
check-programs: all
	@$(MAKE) -s deps-programs >$(BUILD)/deps-programs.log 2>&1 || \
	  { tail -n 3 $(BUILD)/deps-programs.log; echo "packages: not all could be installed; going on with what is here"; }
	/usr/bin/python3 tests/matrix --quiet
chaos: all
	CHAOS_SECONDS=600 $(PYTEST) -q -s tests/test_chaos.py
storm: all
	STORM_NATIVE=20 STORM_RUNS=20 $(PYTEST) -q -s tests/test_storm.py
memory: all
	MEMORY_SIGNALS=1000000 MEMORY_FORKS=100000 $(PYTEST) -q -s tests/test_memory.py
stress-ng: all
	STRESS_NG_SECONDS=10 $(PYTEST) -q -s tests/test_stress_ng.py
stress: all
	$(PYTEST) -q $(STRESS_WORKERS) tests/test_corner.py tests/test_legacy.py --stress=100 $(if $(PART),--part=$(PART))
demo: all
	sh tests/demo/demo.sh
bench: all
	/usr/bin/python3 bench/bench.py
bench-tools: all
	/usr/bin/python3 bench/tools.py

deps:
	$(APT_INSTALL) $(PACKAGES)
deps-check:
	$(APT_INSTALL) $(PACKAGES) $(PACKAGES_CHECK)
# Servers are not to be started by their packages: the rows start their own.
deps-programs:
	@policy=/usr/sbin/policy-rc.d; \
	if ! [ -e $$policy ]; then trap "rm -f $$policy" EXIT; printf '#!/bin/sh\nexit 101\n' >$$policy && chmod 755 $$policy; fi; \
	$(APT_INSTALL) $(PACKAGES_PROGRAMS) || { apt-get update && $(APT_INSTALL) $(PACKAGES_PROGRAMS); }

clean:
	rm -rf $(BUILD)
