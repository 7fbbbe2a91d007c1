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
TEST_PACKAGES := libcmocka-dev libvterm-dev libxml2-utils
CHECK_PACKAGES := clang clang-format cppcheck libclang-rt-14-dev

MODULES := base ledger identity feed contract schedule risk workflow engine ui store net work world app
WARN := -Wall -Wextra -Wshadow -Wconversion -Wstrict-prototypes -Wmissing-prototypes -Wvla \
	-Wno-missing-field-initializers
OPT ?= -O2 -g
SAN ?=
CPPFLAGS += -Iinclude -Isrc -D_GNU_SOURCE -I/usr/include/lua5.4 \
	-DDECIMAL_CALL_BY_REFERENCE=0 -DDECIMAL_GLOBAL_ROUNDING=0 -DDECIMAL_GLOBAL_EXCEPTION_FLAGS=0
CFLAGS += -std=c11 $(OPT) $(WARN) -fno-strict-aliasing -ffp-contract=off $(SAN)
DEPFLAGS = -MMD -MP

CORE_LIBS := -llua5.4 -lexpat -lyajl -lsodium -lcrypto -lutf8proc -l:libbidgcc000.a -lm
EDGE_LIBS := -lncursesw -ltinfo -lreadline -lsqlite3 -lcurl -lmicrohttpd
LIBS_OF_ui := -lncursesw -ltinfo -lreadline
LIBS_OF_store := -lsqlite3
LIBS_OF_net := -lcurl -lmicrohttpd
LIBS_OF_app := $(EDGE_LIBS)

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
	@docs/packages.sh $(PACKAGES)
test-deps: deps
	@docs/packages.sh $(TEST_PACKAGES)
check-deps: test-deps
	@docs/packages.sh $(CHECK_PACKAGES)

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
$(BUILD)/tests/unit/$(1)/%: tests/unit/$(1)/%.c $(call link,$(1))
	@mkdir -p $$(@D)
	@$(if $(filter 1,$(V)),,echo "  TEST $$<")
	$$(Q)$$(CC) $$(CPPFLAGS) $$(CFLAGS) -Wno-conversion -Itests -o $$@ $$< -Wl,--start-group $(call link,$(1)) -Wl,--end-group $$(LIBS_OF_$(1)) -lcmocka $$(CORE_LIBS)
endef
$(foreach m,$(MODULES),$(eval $(call UNIT_RULE,$(m))))

.PHONY: unit unit-%
unit: $(UNIT_BIN)
	@for t in $^; do $$t || exit 1; done
unit-%: ## unit tests of one module, for example make unit-base
	@$(MAKE) --no-print-directory $(patsubst %.c,$(BUILD)/%,$(wildcard tests/unit/$*/*.c))
	@for t in $(patsubst %.c,$(BUILD)/%,$(wildcard tests/unit/$*/*.c)); do $$t || exit 1; done

clean: ## removes what was built
	rm -rf $(BUILD)

-include $(OBJ:.o=.d)
