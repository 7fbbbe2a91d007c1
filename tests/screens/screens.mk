# Programs in a terminal: the kit demo and the tests that watch it. Included by the Makefile.

SCREENS_HARNESS := $(BUILD)/tests/screens/harness.o
# The kit stands on base alone.
KIT_LIBS := $(call archive,ui) $(call archive,base)

$(BUILD)/tests/screens/%.o: tests/screens/%.c
	@mkdir -p $(@D)
	@$(if $(filter 1,$(V)),,echo "  CC $<")
	$(Q)$(CC) $(CPPFLAGS) -Itests $(CFLAGS) $(DEPFLAGS) -c -o $@ $<

$(BUILD)/kitdemo: $(BUILD)/tests/screens/kitdemo.o $(KIT_LIBS)
	@$(if $(filter 1,$(V)),,echo "  LD $@")
	$(Q)$(CC) $(CFLAGS) -o $@ $< -Wl,--start-group $(KIT_LIBS) -Wl,--end-group $(LIBS_OF_ui) $(CORE_LIBS)

$(BUILD)/tests/screens/test_%: $(BUILD)/tests/screens/test_%.o $(SCREENS_HARNESS) $(KIT_LIBS)
	@$(if $(filter 1,$(V)),,echo "  LD $@")
	$(Q)$(CC) $(CFLAGS) -o $@ $< $(SCREENS_HARNESS) -Wl,--start-group $(KIT_LIBS) -Wl,--end-group \
		$(LIBS_OF_ui) -lvterm -lutil -lcmocka $(CORE_LIBS)

.SECONDARY: $(SCREENS_HARNESS) $(patsubst %.c,$(BUILD)/%.o,$(wildcard tests/screens/*.c))
.PHONY: screens-kit
screens-kit: $(BUILD)/kitdemo $(BUILD)/tests/screens/test_kit ## the ui kit in a terminal, against golden screens
	@WHARF_KITDEMO=$(BUILD)/kitdemo $(BUILD)/tests/screens/test_kit
