/* SPDX-License-Identifier: Apache-2.0
 *
 * conf_int - what the files of conf/ share: the table of keys and the builder.
 *
 * A key may be given several times: in SOURCE's query, in the file, by -o.
 * Each value is checked where it is read; the one of the highest level stays,
 * and of the same level the later one.
 *
 * Threading   start-up only.
 * Ownership   the builder's strings are freed by conf_parse().
 */
#ifndef FS_CONF_CONF_INT_H
#define FS_CONF_CONF_INT_H

#include <stddef.h>

#include "base/err.h"
#include "conf/conf.h"

enum conf_kind {
	CONF_KIND_flag,
	CONF_KIND_count,
	CONF_KIND_size,
	CONF_KIND_duration,
	CONF_KIND_id,
	CONF_KIND_text,
};

enum conf_key_id {
#define CONF(kind, name, def, min, max, what) CONF_KEY_##name,
#include "conf/keys.def"
#undef CONF
	CONF_KEYS
};

/* Who said it; a greater one wins. */
enum conf_level {
	CONF_FROM_TABLE,
	CONF_FROM_SOURCE,
	CONF_FROM_FILE,
	CONF_FROM_ARGS,
};

struct conf_key {
	const char *name;
	enum conf_kind kind;
	size_t offset; /* of the field in struct conf */
	const char *def;
	const char *min;
	const char *max;
	const char *what;
};

extern const struct conf_key conf_keys[CONF_KEYS];

struct conf_build {
	struct conf *conf; /* ref */
	enum conf_level level[CONF_KEYS];
	char *file_source; /* own; of the file, or NULL */
	char *file_mountpoint; /* own; of the file, or NULL */
	int is_sloppy; /* mount -s: unknown keys are no error */
};

/* --- conf_key.c: the table ------------------------------------------------ */

/* Give every field its default.  Returns 0 or -ENOMEM. */
int conf_key_defaults(struct conf *c, struct err *err);

/* Index of the key NAME, or -1. */
int conf_key_find(const char *name);

/* Set key NAME to VALUE (NULL: it stood alone, as in "-o ro").  -ENOKEY: no
 * such key, ERR says so and names one that is like it. */
int conf_key_set(struct conf_build *b, enum conf_level level, const char *name,
		 const char *value, struct err *err);

/* --- conf_value.c: kinds and bounds --------------------------------------- */

/* Check VALUE and store it in C.  Returns 0, -EINVAL or -ENOMEM. */
int conf_value_set(const struct conf_key *key, const char *value,
		   struct conf *c, struct err *err);

/* What KEY allows, "a number from 1 to 16", into BUF. */
void conf_value_allowed(const struct conf_key *key, char *buf, size_t size);

/* Digits only, all of TEXT.  Returns 0, -EINVAL or -ERANGE. */
int conf_value_number(const char *text, uint64_t *ret);

/* --- the places that values come from ------------------------------------- */

/* conf_source.c: fill host and export, and the keys of a query. */
int conf_source_parse(struct conf_build *b, const char *source,
		      struct err *err);

/* conf_file.c: the section [podfs] of the INI file PATH. */
int conf_file_read(struct conf_build *b, const char *path, struct err *err);

/* conf_opts.c: one comma-separated list of -o. */
int conf_opts_parse(struct conf_build *b, const char *list, struct err *err);

#endif
