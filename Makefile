# Wharf: build, test, check, demo. `make help` lists the targets.
#
# Every module of src/ becomes one archive; an archive is linked only with those of lower floors
# (docs/floors.txt). Missing Debian packages are installed when this may be done (root or sudo),
# otherwise the one command that does it is printed.

CC ?= gcc
CLANG ?= clang
BUILD ?= build
PREFIX ?= /usr/local
DESTDIR ?=
SEED ?= 1
DATA ?= ../shared/data
V ?= 0
Q := $(if $(filter 1,$(V)),,@)

PACKAGES := gcc make pkg-config libncurses-dev ncurses-bin libcurl4-openssl-dev libsqlite3-dev \
	libsodium-dev libreadline-dev libyajl-dev libexpat1-dev libssl-dev \
	libintelrdfpmath-dev libutf8proc-dev liblua5.4-dev libmicrohttpd-dev
TEST_PACKAGES := libcmocka-dev libvterm-dev libxml2-utils sqlite3 curl openssl python3 groff-base
CHECK_PACKAGES := clang clang-format cppcheck libclang-rt-14-dev

MODULES := base ledger identity feed contract schedule risk workflow engine ui store net work world app
WARN := -Wall -Wextra -Wshadow -Wconversion -Wstrict-prototypes -Wmissing-prototypes -Wvla \
	-Wno-missing-field-initializers
OPT ?= -O2 -g
SAN ?=
CPPFLAGS += -DWHARF_DATA_DIR=\"$(PREFIX)/share/wharf\" -Iinclude -Isrc -D_GNU_SOURCE -I/usr/include/lua5.4 \
	-DDECIMAL_CALL_BY_REFERENCE=0 -DDECIMAL_GLOBAL_ROUNDING=0 -DDECIMAL_GLOBAL_EXCEPTION_FLAGS=0
CFLAGS += -std=c11 $(OPT) $(WARN) -fno-strict-aliasing -ffp-contract=off $(SAN)
DEPFLAGS = -MMD -MP

CORE_LIBS := -llua5.4 -lexpat -lyajl -lsodium -lcrypto -lutf8proc -l:libbidgcc000.a -lm
EDGE_LIBS := -lncursesw -ltinfo -lreadline -lsqlite3 -lcurl -lmicrohttpd
LIBS_OF_ui := -lncursesw -ltinfo -lreadline
LIBS_OF_store := -lsqlite3
LIBS_OF_net := -lcurl -lmicrohttpd
LIBS_OF_app := $(EDGE_LIBS)
TEST_LIBS := -lcmocka -lmicrohttpd

SRC := $(foreach m,$(MODULES),$(wildcard src/$(m)/*.c))
MAIN := src/app/main.c
OBJ := $(SRC:%.c=$(BUILD)/%.o)
archive = $(BUILD)/lib$(1).a
ARCHIVES := $(foreach m,$(MODULES),$(call archive,$(m)))
floors = $(shell awk '$$1=="$(1)"{for(i=NF;i>2;i--)print $$i}' docs/floors.txt)
# a module's archive and those it may include, highest first; grouped because modules of one floor may meet
link = $(call archive,$(1)) $(foreach m,$(call floors,$(1)),$(call archive,$(m)))

UNIT_SRC := $(wildcard tests/unit/*/*.c)
UNIT_BIN := $(UNIT_SRC:%.c=$(BUILD)/%)

.PHONY: all deps test-deps check-deps help clean
all: deps $(BUILD)/wharf

help: ## this list
	@awk -F':.*## ' '/^[a-z-]+:.*## /{printf "  make %-14s %s\n",$$1,$$2}' Makefile

# --- packages -------------------------------------------------------------------------------------
deps: ## installs what the build needs, where that may be done
	@tests/tools/packages.sh $(PACKAGES)
test-deps: deps
	@tests/tools/packages.sh $(TEST_PACKAGES)
check-deps: test-deps
	@tests/tools/packages.sh $(CHECK_PACKAGES)

# --- build ----------------------------------------------------------------------------------------
$(BUILD)/%.o: %.c
	@mkdir -p $(@D)
	@$(if $(filter 1,$(V)),,echo "  CC $<")
	$(Q)$(CC) $(CPPFLAGS) $(CFLAGS) $(DEPFLAGS) -c -o $@ $<

define ARCHIVE_RULE
$(call archive,$(1)): $(patsubst %.c,$(BUILD)/%.o,$(filter-out $(MAIN),$(wildcard src/$(1)/*.c)))
	@mkdir -p $$(@D); rm -f $$@
	$$(Q)ar rcs $$@ $$^
endef
$(foreach m,$(MODULES),$(eval $(call ARCHIVE_RULE,$(m))))

$(BUILD)/wharf: $(BUILD)/src/app/main.o $(ARCHIVES)
	@$(if $(filter 1,$(V)),,echo "  LD $@")
	$(Q)$(CC) $(CFLAGS) $(LDFLAGS) -o $@ $< -Wl,--start-group $(ARCHIVES) -Wl,--end-group $(EDGE_LIBS) $(CORE_LIBS)

# --- unit tests: each is linked with its module and lower floors only ------------------------------
define UNIT_RULE
$(BUILD)/tests/unit/$(1)/%: tests/unit/$(1)/%.c $(wildcard tests/*.h tests/unit/*/*.h) $(call link,$(1))
	@mkdir -p $$(@D)
	@$(if $(filter 1,$(V)),,echo "  TEST $$<")
	$$(Q)$$(CC) $$(CPPFLAGS) $$(CFLAGS) -Wno-conversion -Itests -o $$@ $$< -Wl,--start-group $(call link,$(1)) -Wl,--end-group $$(LIBS_OF_$(1)) -lcmocka $$(CORE_LIBS)
endef
$(foreach m,$(MODULES),$(eval $(call UNIT_RULE,$(m))))

.PHONY: unit
unit: $(UNIT_BIN) ## every unit test
	@for t in $^; do $$t || exit 1; done
unit-%: ## unit tests of one module, for example make unit-base
	@$(MAKE) --no-print-directory $(patsubst %.c,$(BUILD)/%,$(wildcard tests/unit/$*/*.c))
	@for t in $(patsubst %.c,$(BUILD)/%,$(wildcard tests/unit/$*/*.c)); do $$t || exit 1; done

# --- other tests ----------------------------------------------------------------------------------
# tests/sim/sim_*.c, tests/replay/*.c, tests/e2e/*.c and tests/screens/*.c are programs over everything;
# each prints "N passed, N failed" as its last line. tests/e2e/*.sh get the program's path as WHARF.
ALL_LIBS = -Wl,--start-group $(ARCHIVES) -Wl,--end-group $(EDGE_LIBS) $(CORE_LIBS)
SIM_BIN := $(patsubst %.c,$(BUILD)/%,$(wildcard tests/sim/sim_*.c))
REPLAY_BIN := $(patsubst %.c,$(BUILD)/%,$(wildcard tests/replay/test_*.c))
E2E_BIN := $(patsubst %.c,$(BUILD)/%,$(wildcard tests/e2e/test_*.c))
SCREEN_BIN := $(patsubst %.c,$(BUILD)/%,$(wildcard tests/screens/test_*.c))
BENCH_BIN := $(patsubst tests/bench/%.c,$(BUILD)/bench/%,$(wildcard tests/bench/*.c))
FAULT_BIN := $(patsubst %.c,$(BUILD)/%,$(wildcard tests/faults/fault_*.c))
FUZZ_BIN := $(patsubst tests/fuzz/%.c,$(BUILD)/fuzz/%,$(wildcard tests/fuzz/fuzz_*.c))

$(SIM_BIN) $(REPLAY_BIN) $(E2E_BIN) $(FAULT_BIN): $(wildcard tests/*.h tests/sim/*.h tests/faults/*.h tests/unit/engine/*.h)
$(SIM_BIN) $(REPLAY_BIN) $(E2E_BIN) $(FAULT_BIN): $(BUILD)/%: %.c $(ARCHIVES)
	@mkdir -p $(@D)
	@$(if $(filter 1,$(V)),,echo "  TEST $<")
	$(Q)$(CC) $(CPPFLAGS) $(CFLAGS) -Wno-conversion -Itests -o $@ $< $(ALL_LIBS) $(TEST_LIBS)
$(SCREEN_BIN) $(BUILD)/tests/screens/kitdemo: $(BUILD)/tests/screens/%: tests/screens/%.c tests/screens/harness.c $(ARCHIVES) $(wildcard tests/screens/*.h)
	@mkdir -p $(@D)
	@$(if $(filter 1,$(V)),,echo "  TEST $<")
	$(Q)$(CC) $(CPPFLAGS) $(CFLAGS) -Wno-conversion -Itests -o $@ $< tests/screens/harness.c $(ALL_LIBS) $(TEST_LIBS) -lvterm -lutil
$(BENCH_BIN): $(BUILD)/bench/%: tests/bench/%.c $(ARCHIVES) $(wildcard tests/bench/*.h)
	@mkdir -p $(@D)
	@$(if $(filter 1,$(V)),,echo "  BENCH $<")
	$(Q)$(CC) $(CPPFLAGS) $(CFLAGS) -Wno-conversion -Itests -o $@ $< $(ALL_LIBS) -lvterm -lutil
# The core is built once for all fuzzers, with the sanitizers and counters that they steer by.
FUZZ_FLAGS := -std=c11 -g -O2 -fno-omit-frame-pointer -fno-sanitize-recover=undefined
FUZZ_CORE := $(patsubst %.c,$(BUILD)/fuzz/core/%.o,$(foreach m,base ledger identity feed contract schedule risk workflow engine,$(wildcard src/$(m)/*.c)))
$(BUILD)/fuzz/core/%.o: %.c
	@mkdir -p $(@D)
	$(Q)$(CLANG) $(CPPFLAGS) $(FUZZ_FLAGS) -fsanitize=fuzzer-no-link,address,undefined $(DEPFLAGS) -c -o $@ $<
$(BUILD)/fuzz/libcore.a: $(FUZZ_CORE)
	@rm -f $@; ar rcs $@ $^
$(BUILD)/fuzz/%: tests/fuzz/%.c $(BUILD)/fuzz/libcore.a $(wildcard tests/*.h tests/unit/base/*.h)
	@echo "  FUZZ $<"
	$(Q)$(CLANG) $(CPPFLAGS) $(FUZZ_FLAGS) -Itests -fsanitize=fuzzer,address,undefined -o $@ $< $(BUILD)/fuzz/libcore.a $(CORE_LIBS)

.PHONY: test quick check faults soak bench bench-tools demo asan sim fuzz install uninstall
# What is built with sanitizers lies in its own directory; `make test` runs both.
SAN_BUILD := $(BUILD)-asan
SAN_FLAGS := OPT="-O1 -g" SAN="-fsanitize=address,undefined -fno-sanitize-recover=undefined"
TEST_BIN := $(UNIT_BIN) $(REPLAY_BIN) $(SIM_BIN) $(E2E_BIN) $(SCREEN_BIN) $(FAULT_BIN)
sanitized = $(patsubst $(BUILD)/%,$(SAN_BUILD)/%,$(1))
RUN = WHARF_SOURCE=$(CURDIR) WHARF_DATA=$(abspath $(DATA)) tests/tools/run.sh

.PHONY: test-build
test-build: $(BUILD)/wharf $(TEST_BIN) $(BUILD)/tests/screens/kitdemo
test: test-deps ## every test, then the same with sanitizers; the last line is "N passed, N failed"
	@$(MAKE) --no-print-directory test-build
	@$(MAKE) --no-print-directory BUILD=$(SAN_BUILD) $(SAN_FLAGS) test-build
	@$(RUN) --build $(BUILD) $(TEST_BIN) $(wildcard tests/e2e/*.sh) \
		--build $(SAN_BUILD) $(call sanitized,$(UNIT_BIN) $(REPLAY_BIN) $(SIM_BIN) $(E2E_BIN)) $(filter-out %/docs.sh,$(wildcard tests/e2e/*.sh))
quick: test-deps test-build ## the tests without the sanitized round
	@$(RUN) --build $(BUILD) $(TEST_BIN) $(wildcard tests/e2e/*.sh)

faults: test-deps $(FAULT_BIN) $(BUILD)/wharf ## every fault campaign with its whole count and SEED=n
	@WHARF=$(BUILD)/wharf WHARF_BUILD=$(BUILD) WHARF_SOURCE=$(CURDIR) WHARF_DATA=$(abspath $(DATA)) tests/tools/faults.sh $(SEED) $(FAULT_BIN)

# A seed after the other, 150 worlds each, until the time is over or one does not hold.
soak: test-deps $(BUILD)/tests/faults/fault_parties ## worlds of all parties for SOAK_SECONDS (3600) from SEED=n on
	@end=$$(($$(date +%s) + $(or $(SOAK_SECONDS),3600))); seed=$(SEED); while [ $$(date +%s) -lt $$end ]; do \
		WHARF_SOURCE=$(CURDIR) $(BUILD)/tests/faults/fault_parties --part --seed $$seed || exit 1; seed=$$((seed + 1)); done

sim: $(SIM_BIN) ## simulations with SEED=n
	@for t in $^; do WHARF_SOURCE=$(CURDIR) $$t $(SEED) || exit 1; done

asan: test-deps ## the tests with address and undefined-behaviour sanitizers alone
	@$(MAKE) --no-print-directory BUILD=$(SAN_BUILD) $(SAN_FLAGS) quick

check: check-deps $(ARCHIVES) $(BUILD)/wharf ## style, floors, headers, symbols of the core, themes, static analysis
	@tests/check/style.sh
	@tests/check/floors.sh
	@CC="$(CC)" tests/check/headers.sh
	@tests/check/symbols.sh $(BUILD)
	@$(BUILD)/wharf check themes/*.theme data/processes/*.bpmn data/contracts/*.lua
	@cppcheck --quiet --std=c11 --enable=warning,performance,portability --inline-suppr --error-exitcode=1 \
		--suppress=missingIncludeSystem --suppress=uninitvar --suppress=ctuPointerArith --suppress=normalCheckLevelMaxBranches -Iinclude -Isrc -D_GNU_SOURCE src
	@echo "check: all held"

bench-tools: test-deps $(BENCH_BIN) ## the measuring programs in build/bench
bench: bench-tools $(BUILD)/wharf ## figures, with machine, input and peer
	@WHARF=$(BUILD)/wharf BENCH=$(BUILD)/bench DATA=$(DATA) tests/tools/bench.sh

SIZES ?= 10000 100000 1000000
bench-growth: $(BUILD)/bench/growthbench ## append, proofs, start and memory as one ledger grows to SIZES (a year is 10^6)
	@WHARF_SOURCE=$(CURDIR) $(BUILD)/bench/growthbench --sizes "$(SIZES)"

# What the peers need is wanted by this target alone; without it a peer is left out, with a word.
PEER_PACKAGES := postgresql-15 libpq-dev etcd-server curl
PEER_BIN := $(BUILD)/bench/peers/pg $(BUILD)/bench/peers/etcd
$(BUILD)/bench/peers/%: tests/bench/peers/%.c $(call archive,base)
	@mkdir -p $(@D)
	$(Q)$(CC) $(CPPFLAGS) $(CFLAGS) -Wno-conversion -I$(shell pg_config --includedir 2>/dev/null || echo /usr/include/postgresql) -o $@ $< \
		$(call archive,base) $(if $(filter pg,$*),-lpq -lsqlite3,-lcurl) $(CORE_LIBS)
bench-ledger: test-deps $(BUILD)/bench/ledgerbench $(BUILD)/wharf ## the speed of the ledger, with its peers
	@tests/tools/packages.sh $(PEER_PACKAGES) || true
	@$(MAKE) --no-print-directory -k $(PEER_BIN) 2>$(BUILD)/bench/peers.log || echo "a peer cannot be built: see $(BUILD)/bench/peers.log"
	@WHARF=$(BUILD)/wharf BENCH=$(BUILD)/bench tests/tools/bench_ledger.sh

demo: all ## a recorded business day, in a throw-away directory
	@$(BUILD)/wharf demo

FUZZ_LIMIT = $(if $(FUZZ_RUNS),-runs=$(FUZZ_RUNS),-max_total_time=$(or $(FUZZ_SECONDS),60))
fuzz: check-deps $(FUZZ_BIN) ## each fuzzer for FUZZ_SECONDS (60), or for FUZZ_RUNS
	@FUZZ_LIMIT="$(FUZZ_LIMIT)" tests/tools/fuzz.sh $(FUZZ_BIN)

SHARE := $(PREFIX)/share/wharf
install: all ## PREFIX=/usr/local DESTDIR=
	install -Dm755 $(BUILD)/wharf $(DESTDIR)$(PREFIX)/bin/wharf
	install -Dm644 docs/wharf.1 $(DESTDIR)$(PREFIX)/share/man/man1/wharf.1
	for d in data themes demo; do find $$d -type f | while read -r f; do install -Dm644 $$f $(DESTDIR)$(SHARE)/$$f; done; done
uninstall: ## removes what install put there
	rm -rf $(DESTDIR)$(PREFIX)/bin/wharf $(DESTDIR)$(PREFIX)/share/man/man1/wharf.1 $(DESTDIR)$(SHARE)

clean: ## removes what was built
	rm -rf $(BUILD) $(BUILD)-asan

-include $(OBJ:.o=.d) $(FUZZ_CORE:.o=.d)
