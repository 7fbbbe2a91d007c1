/* merkle PATH…: puts public proof vectors (RFC 6962 inclusion and consistency, JSON) to the verifiers
 * of the ledger. A PATH is a file or a folder, which is searched for *.json in order of name. Prints
 * a line of JSON a file, {"file","accepted"}, and the count on standard error. Exits 0 when every file
 * could be judged, 3 when one is no vector, 2 without arguments. */
#include <dirent.h>
#include <stdlib.h>
#include <sys/stat.h>

#include "merkle_vector.h"

struct tally {
	size_t files, accepted, bad;
};

static void run_file(const char *path, struct tally *t)
{
	struct merkle_vector v = { 0 };
	struct fault fault = { 0 };
	struct buf line = { 0 };
	struct json_writer *w;

	t->files++;
	if (!vector_run(path, &v, &fault)) {
		t->bad++;
		fprintf(stderr, "merkle: %s: %s\n", path, fault.text);
		return;
	}
	t->accepted += v.accepted;
	w = json_write_begin(&line, false);
	json_write_open(w, '{');
	json_write_key(w, STR("file"));
	json_write_str(w, str_of(path));
	json_write_key(w, STR("accepted"));
	json_write_bool(w, v.accepted);
	json_write_close(w, '}');
	json_write_end(w);
	printf("%s\n", line.ptr);
	buf_free(&line);
}

static int by_bytes(const struct dirent **a, const struct dirent **b)
{
	return strcmp((*a)->d_name, (*b)->d_name);
}

static void run_path(const char *path, bool given, struct tally *t)
{
	struct dirent **names;
	struct stat st;
	int n;

	if (stat(path, &st) != 0 || !S_ISDIR(st.st_mode)) {
		if (given || str_ends(str_of(path), ".json"))
			run_file(path, t);
		return;
	}
	n = scandir(path, &names, NULL, by_bytes);
	for (int i = 0; i < n; i++) {
		struct buf below = { 0 };

		if (names[i]->d_name[0] != '.') {
			buf_printf(&below, "%s/%s", path, names[i]->d_name);
			run_path(below.ptr, false, t);
		}
		buf_free(&below);
		free(names[i]);
	}
	if (n >= 0)
		free(names);
}

int main(int argc, char **argv)
{
	struct tally t = { 0 };

	if (argc < 2) {
		fprintf(stderr, "usage: merkle PATH…\n");
		return 2;
	}
	for (int i = 1; i < argc; i++)
		run_path(argv[i], true, &t);
	fprintf(stderr, "merkle: %zu files, %zu accepted, %zu not judged\n", t.files, t.accepted, t.bad);
	return t.bad > 0 ? 3 : 0;
}
