/* A screen as a file: text, ANSI (SGR) or HTML, for `:write-screen FILE`. */
#ifndef WHARF_UI_SHOT_H
#define WHARF_UI_SHOT_H

#include "base/err.h"
#include "ui/canvas.h"
#include "ui/theme.h"

enum shot_format { SHOT_TEXT, SHOT_ANSI, SHOT_HTML };

/* By the ending of a file name: .ans/.ansi, .html/.htm, else text. */
enum shot_format shot_format_of(const char *path);

/* Appends the picture. ANSI and HTML take the colours of the theme at full depth; mono and palette
 * themes give attributes and palette numbers (HTML shows those as xterm has them). */
void shot_add(const struct canvas *c, const struct theme *theme, enum shot_format format, struct buf *out);

/* Writes the picture to a new file, never over one that is there (ERR_DENIED). */
enum err shot_write(const struct canvas *c, const struct theme *theme, const char *path, struct fault *fault);

#endif
