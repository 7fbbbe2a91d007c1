/* A screen drawn from a literal view, for the tests of screens: no state, no terminal. WHARF_SHOW=1 prints
 * every picture. */
#ifndef WHARF_TEST_PICTURE_H
#define WHARF_TEST_PICTURE_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/instant.h"
#include "ui/screen.h"
#include "ui/screens_int.h"

struct picture {
	struct canvas canvas;
	struct screen_state *state;
	struct viewer viewer;
	struct screen_paint paint;
};

static inline struct picture picture_of(const struct screen *screen, int w, int h)
{
	struct picture p = { 0 };
	canvas_init(&p.canvas, w, h);
	p.state = calloc(1, sizeof(*p.state));
	p.state->screen = screen;
	p.state->pane = p.state->panes = 1;
	if (screen->has_list)
		p.state->list = list_new();
	if (screen->open)
		p.state->own = screen->open(p.state);
	p.viewer.now = instant_of(2026, 3, 16, 14, 32, 7);
	p.viewer.role = ROLE_RSK;
	strcpy(p.viewer.id, "i.vermeer");
	strcpy(p.viewer.party, "NOORDZEE");
	return p;
}

static inline void picture_draw(struct picture *p, const void *view)
{
	p->paint = (struct screen_paint){ &p->canvas, { 0, 2, p->canvas.width, p->canvas.height - 4 }, &p->viewer,
		p->viewer.now, false, false };
	canvas_clear(&p->canvas);
	p->state->screen->draw(p->state, view, &p->paint);
	if (getenv("WHARF_SHOW")) {
		struct buf out = { 0 };
		canvas_to_text(&p->canvas, &out);
		printf("%s\n", out.ptr);
		buf_free(&out);
	}
	/* The body is all that a screen may write. */
	for (int x = 0; x < p->canvas.width; x++)
		for (int y = 0; y < p->canvas.height; y++)
			if ((y < 2 || y >= p->canvas.height - 2) && canvas_at(&p->canvas, x, y)->glyph != ' ')
				fail_msg("drawn outside the body at %d,%d", x, y);
}

static inline void picture_row_is(struct picture *p, int y, const char *want)
{
	struct buf out = { 0 };
	canvas_to_text(&p->canvas, &out);
	struct str rest = buf_view(&out), line = { 0 };
	for (int i = 0; i <= y; i++)
		line = str_cut(&rest, '\n');
	char *got = strndup(line.ptr, line.len);
	assert_string_equal(got, want);
	free(got);
	buf_free(&out);
}

static inline void picture_holds(struct picture *p, const char *what)
{
	struct buf out = { 0 };
	canvas_to_text(&p->canvas, &out);
	if (!strstr(out.ptr, what))
		fail_msg("the picture does not hold '%s':\n%s", what, out.ptr);
	buf_free(&out);
}

/* The whole picture against tests/unit/ui/golden/NAME_WxH.txt; WHARF_GOLDEN=write writes it. */
static inline void picture_golden(struct picture *p, const char *name)
{
	char path[600], want[40000];
	const char *source = getenv("WHARF_SOURCE"), *mode = getenv("WHARF_GOLDEN");
	struct buf got = { 0 };
	canvas_to_text(&p->canvas, &got);
	snprintf(path, sizeof(path), "%.400s/tests/unit/ui/golden/%.60s_%dx%d.txt", source ? source : ".", name, p->canvas.width, p->canvas.height);
	FILE *file = fopen(path, mode && strcmp(mode, "write") == 0 ? "w+" : "r");
	assert_non_null(file);
	if (mode && strcmp(mode, "write") == 0) {
		fwrite(got.ptr, 1, got.len, file);
		rewind(file);
	}
	want[fread(want, 1, sizeof(want) - 1, file)] = 0;
	fclose(file);
	assert_string_equal(got.ptr, want);
	buf_free(&got);
}

static inline void picture_free(struct picture *p)
{
	if (p->state->screen->close)
		p->state->screen->close(p->state);
	list_free(p->state->list);
	free(p->state);
	canvas_free(&p->canvas);
}

#endif
