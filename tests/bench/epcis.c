/* Judges EPCIS documents: one JSON line per document and per event.
 *
 *     epcis [--hash] [--prehash] [--table | --cbv21] [--quiet] PATH…
 *
 * PATH is a file or a folder (its *.json and *.jsonld, recursively, in name order). --hash prints
 * only the event hash ids, one per line ("refused" for a refused event), as *.hashes files hold
 * them; --prehash the strings that are hashed. --quiet prints only the sums on standard error. */
#include <dirent.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>

#include "base/arena.h"
#include "base/json.h"
#include "feed/epcis.h"

static struct {
	bool hash, pre_hash, quiet;
	struct epcis_options options;
	long documents, documents_refused, events, events_refused, bytes, unreadable;
} run = { .options = { EPCIS_CBV20, INSTANT_NONE } };

static void line_end(struct buf *b, struct json_writer *w)
{
	json_write_close(w, '{');
	json_write_end(w);
	buf_char(b, '\n');
	if (!run.quiet)
		fwrite(b->ptr, 1, b->len, stdout);
	buf_free(b);
}

static void member(struct json_writer *w, const char *key, struct str value)
{
	json_write_key(w, str_of(key));
	json_write_str(w, value);
}

static void print_document(const char *path, const struct epcis_document *d, const struct fault *fault)
{
	struct buf b = { 0 };
	struct json_writer *w = json_write_begin(&b, false);
	json_write_open(w, '{');
	member(w, "document", str_of(path));
	member(w, "verdict", d ? STR("accepted") : STR("refused"));
	if (d) {
		json_write_key(w, STR("events"));
		json_write_i64(w, d->count);
		json_write_key(w, STR("refused"));
		json_write_i64(w, d->count - d->accepted);
	} else {
		member(w, "rule", str_of(epcis_rule_name(epcis_fault_rule(fault))));
		member(w, "why", str_of(fault->text));
	}
	line_end(&b, w);
}

static void print_reasons(struct json_writer *w, const struct epcis_no *no)
{
	json_write_key(w, STR("reasons"));
	json_write_open(w, '[');
	for (; no; no = no->next) {
		json_write_open(w, '{');
		member(w, "rule", str_of(epcis_rule_name(no->rule)));
		member(w, "path", no->path);
		member(w, "seen", no->seen);
		if (no->want.len)
			member(w, "want", no->want);
		json_write_close(w, '{');
	}
	json_write_close(w, '[');
}

static void print_event(const char *path, const struct epcis_item *item)
{
	struct buf b = { 0 };
	struct json_writer *w = json_write_begin(&b, false);
	json_write_open(w, '{');
	member(w, "document", str_of(path));
	json_write_key(w, STR("event"));
	json_write_i64(w, item->index);
	member(w, "verdict", item->no ? STR("refused") : STR("accepted"));
	if (item->no) {
		member(w, "rule", str_of(epcis_rule_name(item->no->rule)));
		print_reasons(w, item->no);
	} else {
		member(w, "hash", item->event.hash_id);
	}
	line_end(&b, w);
}

static void print_plain(const struct epcis_item *item)
{
	if (item->no)
		puts("refused");
	else if (run.hash)
		printf(STR_FMT "\n", STR_ARG(item->event.hash_id));
	else
		printf(STR_FMT "\n", STR_ARG(item->event.pre_hash));
}

static void judge(const char *path, struct str text)
{
	static struct arena arena;
	struct epcis_document *d;
	struct fault fault = { 0 };
	bool plain = run.hash || run.pre_hash;
	arena_reset(&arena);
	if (epcis_parse(&arena, text, &run.options, &d, &fault))
		d = NULL;
	run.documents++;
	run.documents_refused += !d;
	run.bytes += (long)text.len;
	if (!plain)
		print_document(path, d, &fault);
	for (int i = 0; d && i < d->count; i++) {
		run.events++;
		run.events_refused += d->items[i].no != NULL;
		if (!plain)
			print_event(path, &d->items[i]);
		else if (!run.quiet)
			print_plain(&d->items[i]);
	}
}

static void read_file(const char *path)
{
	FILE *f = fopen(path, "rb");
	struct buf text = { 0 };
	char chunk[65536];
	size_t n;
	if (!f) {
		perror(path);
		run.unreadable++;
		return;
	}
	while ((n = fread(chunk, 1, sizeof(chunk), f)) > 0)
		buf_add(&text, chunk, n);
	fclose(f);
	judge(path, buf_view(&text));
	buf_free(&text);
}

static void walk(const char *path, bool given)
{
	struct stat st;
	struct dirent **names;
	if (stat(path, &st) != 0) {
		perror(path);
		run.unreadable++;
		return;
	}
	if (!S_ISDIR(st.st_mode)) {
		if (given || str_ends(str_of(path), ".jsonld") || str_ends(str_of(path), ".json"))
			read_file(path);
		return;
	}
	int n = scandir(path, &names, NULL, alphasort);
	for (int i = 0; i < n; i++) {
		if (names[i]->d_name[0] != '.') {
			struct buf inner = { 0 };
			buf_printf(&inner, "%s/%s", path, names[i]->d_name);
			walk(inner.ptr, false);
			buf_free(&inner);
		}
		free(names[i]);
	}
	if (n >= 0)
		free(names);
}

int main(int argc, char **argv)
{
	struct timespec from, to;
	clock_gettime(CLOCK_MONOTONIC, &from);
	for (int i = 1; i < argc; i++) {
		if (strcmp(argv[i], "--hash") == 0)
			run.hash = true;
		else if (strcmp(argv[i], "--prehash") == 0)
			run.pre_hash = true;
		else if (strcmp(argv[i], "--table") == 0)
			run.options.profile = EPCIS_CBV20_TABLE;
		else if (strcmp(argv[i], "--cbv21") == 0)
			run.options.profile = EPCIS_CBV21;
		else if (strcmp(argv[i], "--quiet") == 0)
			run.quiet = true;
		else
			walk(argv[i], true);
	}
	clock_gettime(CLOCK_MONOTONIC, &to);
	fflush(stdout);
	long us = (to.tv_sec - from.tv_sec) * 1000000 + (to.tv_nsec - from.tv_nsec) / 1000;
	fprintf(stderr, "%ld documents (%ld refused), %ld events (%ld refused), %ld unreadable, %ld bytes, "
		"%ld us\n", run.documents, run.documents_refused, run.events, run.events_refused, run.unreadable,
		run.bytes, us);
	return 0;
}
