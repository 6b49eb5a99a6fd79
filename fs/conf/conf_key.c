/* SPDX-License-Identifier: Apache-2.0 */
#include <config.h>

#include <errno.h>
#include <string.h>

#include "conf/conf_int.h"

/* A name further than this from what was written is not what was meant. */
#define LIKE_MAX 2
#define NAME_MAX_LEN 32

const struct conf_key conf_keys[CONF_KEYS] = {
#define CONF(kind, name, def, min, max, what)                                  \
	{ #name, CONF_KIND_##kind, offsetof(struct conf, name), def, min, max, \
	  what },
#include "conf/keys.def"
#undef CONF
};

int
conf_key_defaults(struct conf *c, struct err *err)
{
	size_t i;

	for (i = 0; i < CONF_KEYS; i++) {
		const struct conf_key *key = &conf_keys[i];
		int r;

		if (key->kind == CONF_KIND_id && key->def[0] == '\0') {
			*(conf_id *)(void *)((char *)c + key->offset) =
				CONF_ID_UNSET;
			continue;
		}
		r = conf_value_set(key, key->def, c, err);
		if (r < 0)
			return r;
	}
	return 0;
}

int
conf_key_find(const char *name)
{
	size_t i;

	for (i = 0; i < CONF_KEYS; i++)
		if (strcmp(conf_keys[i].name, name) == 0)
			return (int)i;
	return -1;
}

/* Letters to add, drop or change to make B of A (Levenshtein), one row of the
 * matrix at a time. */
static size_t
distance(const char *a, const char *b)
{
	size_t row[NAME_MAX_LEN + 1];
	size_t len = strlen(b);
	size_t i, j;

	if (len > NAME_MAX_LEN || strlen(a) > NAME_MAX_LEN)
		return NAME_MAX_LEN;
	for (j = 0; j <= len; j++)
		row[j] = j;
	for (i = 0; a[i] != '\0'; i++) {
		size_t diagonal = row[0];

		row[0] = i + 1;
		for (j = 0; j < len; j++) {
			size_t best = diagonal + (a[i] != b[j]);

			diagonal = row[j + 1];
			if (diagonal + 1 < best)
				best = diagonal + 1;
			if (row[j] + 1 < best)
				best = row[j] + 1;
			row[j + 1] = best;
		}
	}
	return row[len];
}

static const char *
nearest(const char *name)
{
	size_t best = LIKE_MAX + 1;
	const char *like = NULL;
	size_t i;

	for (i = 0; i < CONF_KEYS; i++) {
		size_t d = distance(name, conf_keys[i].name);

		if (d < best && d < strlen(name)) {
			best = d;
			like = conf_keys[i].name;
		}
	}
	return like;
}

int
conf_key_set(struct conf_build *b, enum conf_level level, const char *name,
	     const char *value, struct err *err)
{
	int i = conf_key_find(name);
	const struct conf_key *key;
	struct conf scratch = { 0 };
	int r;

	if (i < 0) {
		const char *like = nearest(name);

		if (like != NULL)
			return err_set(err, -ENOKEY,
				       "'%s' is not known; did you mean '%s'?",
				       name, like);
		return err_set(err, -ENOKEY,
			       "'%s' is not known; podfs --help lists the keys",
			       name);
	}
	key = &conf_keys[i];
	if (value == NULL && key->kind != CONF_KIND_flag)
		return err_set(err, -EINVAL, "'%s' needs a value: %s=...", name,
			       name);
	if (value == NULL)
		value = "yes";
	if (level < b->level[i]) { /* Checked, then dropped. */
		r = conf_value_set(key, value, &scratch, err);
		conf_fini(&scratch);
		return r;
	}
	r = conf_value_set(key, value, b->conf, err);
	if (r == 0)
		b->level[i] = level;
	return r;
}
