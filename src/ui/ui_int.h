/* What the files of ui share among themselves. */
#ifndef WHARF_UI_INT_H
#define WHARF_UI_INT_H

#include <stdint.h>

/* The letter of the alternate character set (VT100 line drawing) for a solid line glyph, heavy ones
 * too; 0 for all other glyphs. In lines.c. */
char ui_line_acs(uint32_t glyph);

#endif
