/* Files that a demonstration needs, and the keys that it leaves in its directory. */
#include <dirent.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "demo_int.h"
#include "identity/keystore.h"

enum { DEMO_FILE_MAX = 16 << 20 };

static enum err read_share(const char *name, struct buf *out, struct fault *fault)
{
	char path[PATH_TEXT_MAX + 64];
	snprintf(path, sizeof(path), "%s/%s", path_share(), name);
	return file_read(path, DEMO_FILE_MAX, out, fault);
}

/* Files of data/FOLDER with an ending, in order of their names. */
static enum err read_folder(struct demo_files *f, const char *folder, const char *ending, struct setup_source *out, int *count,
	struct fault *fault)
{
	char path[PATH_TEXT_MAX];
	struct dirent **entries;
	snprintf(path, sizeof(path), "%s/data/%s", path_share(), folder);
	int n = scandir(path, &entries, NULL, alphasort);
	enum err e = n < 0 ? fault_set(fault, ERR_NOT_FOUND, 0, 0, "%s: %s; set WHARF_SHARE to where data/ is", path, strerror(errno))
		: ERR_OK;
	for (int i = 0; i < n; i++) {
		struct str name = str_of(entries[i]->d_name);
		int at = f->source_count;
		if (e == ERR_OK && str_ends(name, ending) && at < DEMO_SOURCES_MAX) {
			char file[PATH_TEXT_MAX];
			snprintf(file, sizeof(file), "data/%.40s/%.80s", folder, name.ptr);
			name.len -= strlen(ending);
			str_copy(f->names[at], sizeof(f->names[at]), name);
			e = read_share(file, &f->sources[at], fault);
			out[(*count)++] = (struct setup_source){ f->names[at], buf_view(&f->sources[at]) };
			f->source_count++;
		}
		free(entries[i]);
	}
	if (n >= 0)
		free(entries);
	return e;
}

enum err demo_files_read(struct demo_files *f, struct fault *fault)
{
	const struct {
		const char *name;
		struct buf *to;
	} files[] = { { "demo/history.jsonl", &f->history }, { "demo/day.jsonl", &f->day }, { "demo/cues.jsonl", &f->cues },
		{ "demo/cast.json", &f->cast }, { "data/policy/policy.json", &f->policy } };
	enum err e = ERR_OK;
	for (size_t i = 0; i < sizeof(files) / sizeof(files[0]) && e == ERR_OK; i++)
		e = read_share(files[i].name, files[i].to, fault);
	if (e == ERR_OK)
		e = read_folder(f, "contracts", ".lua", f->contracts, &f->contract_count, fault);
	if (e == ERR_OK)
		e = read_folder(f, "processes", ".bpmn", f->processes, &f->process_count, fault);
	return e;
}

void demo_files_free(struct demo_files *f)
{
	struct buf *const all[] = { &f->history, &f->day, &f->cues, &f->cast, &f->policy };
	for (size_t i = 0; i < sizeof(all) / sizeof(all[0]); i++)
		buf_free(all[i]);
	for (int i = 0; i < f->source_count; i++)
		buf_free(&f->sources[i]);
}

/* --- keys ---------------------------------------------------------------------------------------- */

/* One key file. The passphrase is printed on the screen, so a costly derivation would guard nothing. */
static enum err write_key(const struct demo *d, const char *kind, const char *id, const char *name, const char *full,
	const char *role, const char *party, struct fault *fault)
{
	struct keystore_info info = { .ops = 1, .mem_bytes = 8192 };
	uint8_t seed[KEY_SEED_SIZE], salt[KEY_SEED_SIZE];
	char label[80], path[PATH_TEXT_MAX + 80];
	struct buf text = { 0 };
	snprintf(label, sizeof(label), id[0] ? "%s/%s" : "%s", kind, id);
	world_key_seed(d->cast->seed, label, seed);
	snprintf(path, sizeof(path), "salt/%s", label);
	world_key_seed(d->cast->seed, path, salt);
	memcpy(info.salt, salt, sizeof(info.salt));
	memcpy(info.nonce, salt + 8, sizeof(info.nonce));
	snprintf(info.name, sizeof(info.name), "%s", full);
	snprintf(info.role, sizeof(info.role), "%s", role);
	snprintf(info.party, sizeof(info.party), "%s", party);
	enum err e = keystore_seal(seed, str_of(WORLD_PASSPHRASE), &info, &text, fault);
	keys_path(d->dir, name, path);
	if (e == ERR_OK)
		e = file_write(path, buf_view(&text), 0600, fault);
	buf_free(&text);
	return e;
}

enum err demo_keys(const struct demo *d, struct fault *fault)
{
	const struct cast *c = d->cast;
	char path[PATH_TEXT_MAX + 8];
	struct hash node;
	uint8_t seed[KEY_SEED_SIZE];
	enum err e = ERR_OK;
	snprintf(path, sizeof(path), "%s/keys", d->dir);
	if (mkdir(path, 0700) != 0 && errno != EEXIST)
		return fault_set(fault, ERR_IO, 0, 0, "%s: %s", path, strerror(errno));
	for (int i = 0; i < c->operator_count && e == ERR_OK; i++)
		e = write_key(d, "operator", c->operators[i].id, c->operators[i].id, c->operators[i].name,
			ROLE_NAMES[c->operators[i].role], c->operators[i].party, fault);
	for (int i = 0; i < c->party_count && e == ERR_OK; i++)
		e = write_key(d, "party", c->parties[i].id, c->parties[i].id, c->parties[i].name, "party", c->parties[i].id, fault);
	for (int i = 0; i < c->gateway_count && e == ERR_OK; i++)
		e = write_key(d, "gateway", c->gateways[i].id, c->gateways[i].id, c->gateways[i].id, "gateway", c->gateways[i].party, fault);
	if (e == ERR_OK)
		e = write_key(d, "admin", "", "root", "Root of trust", "ADM", "NOORDZEE", fault);
	/* a key is never replaced; the one of a directory that was given up before its first entry is the same */
	struct key had;
	memset(&had, 0, sizeof(had));
	if (e == ERR_OK && keys_node_open(d->dir, &had, &(struct fault){ .code = ERR_OK }) == ERR_OK) {
		key_close(&had);
		return ERR_OK;
	}
	world_key_seed(c->seed, "node", seed);
	return e == ERR_OK ? keys_node_make(d->dir, "NOORDZEE", seed, &node, fault) : e;
}
