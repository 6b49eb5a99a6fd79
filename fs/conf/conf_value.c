/* SPDX-License-Identifier: Apache-2.0 */
#include <config.h>

#include <errno.h>
#include <grp.h>
#include <pwd.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "conf/conf_int.h"

struct unit {
	const char *name;
	uint64_t factor;
};

static const struct unit size_units[] = {
	{ "", 1 },           { "K", 1ull << 10 }, { "M", 1ull << 20 },
	{ "G", 1ull << 30 }, { NULL, 0 },
};

static const struct unit duration_units[] = {
	{ "ns", 1 },     { "us", 1000 },       { "ms", NS_MS },
	{ "s", NS_SEC }, { "m", 60 * NS_SEC }, { "h", 3600 * NS_SEC },
	{ NULL, 0 },
};

/* The digits that TEXT begins with.  RET_END may be where TEXT ends. */
static int
parse_digits(const char *text, uint64_t *ret, const char **ret_end)
{
	uint64_t n = 0;
	const char *p;

	for (p = text; *p >= '0' && *p <= '9'; p++) {
		unsigned digit = (unsigned)(*p - '0');

		if (n > (UINT64_MAX - digit) / 10)
			return -ERANGE;
		n = n * 10 + digit;
	}
	if (p == text)
		return -EINVAL;
	*ret = n;
	*ret_end = p;
	return 0;
}

int
conf_value_number(const char *text, uint64_t *ret)
{
	const char *end;
	uint64_t n;
	int r;

	r = parse_digits(text, &n, &end);
	if (r == 0 && *end != '\0')
		r = -EINVAL;
	if (r == 0)
		*ret = n;
	return r;
}

static int
parse_units(const char *text, const struct unit *units, uint64_t *ret)
{
	const char *end;
	uint64_t n;
	int r;

	r = parse_digits(text, &n, &end);
	if (r < 0)
		return r;
	if (n == 0 && *end == '\0') { /* 0 of whatever it is */
		*ret = 0;
		return 0;
	}
	for (; units->name != NULL; units++) {
		if (strcasecmp(end, units->name) != 0)
			continue;
		if (n > (uint64_t)INT64_MAX / units->factor)
			return -ERANGE;
		*ret = n * units->factor;
		return 0;
	}
	return -EINVAL;
}

static int
parse_flag(const char *text, uint64_t *ret)
{
	static const char *const words[][2] = {
		{ "no", "yes" },
		{ "false", "true" },
		{ "0", "1" },
		{ "off", "on" },
	};
	size_t i;
	unsigned j;

	for (i = 0; i < sizeof(words) / sizeof(words[0]); i++)
		for (j = 0; j < 2; j++)
			if (strcasecmp(text, words[i][j]) == 0) {
				*ret = j;
				return 0;
			}
	return -EINVAL;
}

static int
is_group(const struct conf_key *key)
{
	return strcmp(key->name, "gid") == 0;
}

static int
parse_id(const struct conf_key *key, const char *text, uint64_t *ret)
{
	const struct passwd *pw;
	const struct group *gr;

	if (text[0] >= '0' && text[0] <= '9')
		return conf_value_number(text, ret);
	if (text[0] == '\0')
		return -EINVAL;
	if (is_group(key)) {
		gr = getgrnam(text);
		if (gr == NULL)
			return -EINVAL;
		*ret = gr->gr_gid;
		return 0;
	}
	pw = getpwnam(text);
	if (pw == NULL)
		return -EINVAL;
	*ret = pw->pw_uid;
	return 0;
}

/* The number that TEXT means for KEY; bounds are written in the same way. */
static int
parse(const struct conf_key *key, const char *text, uint64_t *ret)
{
	switch (key->kind) {
	case CONF_KIND_flag:
		return parse_flag(text, ret);
	case CONF_KIND_count:
		return conf_value_number(text, ret);
	case CONF_KIND_size:
		return parse_units(text, size_units, ret);
	case CONF_KIND_duration:
		return parse_units(text, duration_units, ret);
	case CONF_KIND_id:
		return parse_id(key, text, ret);
	case CONF_KIND_text:
		break;
	}
	return -EINVAL;
}

static int
in_bounds(const struct conf_key *key, uint64_t n)
{
	uint64_t bound;

	if (key->min[0] != '\0' && (parse(key, key->min, &bound) || n < bound))
		return 0;
	if (key->max[0] != '\0' && (parse(key, key->max, &bound) || n > bound))
		return 0;
	return 1;
}

static void
store(const struct conf_key *key, uint64_t n, struct conf *c)
{
	void *field = (char *)c + key->offset;

	switch (key->kind) {
	case CONF_KIND_flag:
		*(conf_flag *)field = (conf_flag)n;
		break;
	case CONF_KIND_count:
		*(conf_count *)field = (conf_count)n;
		break;
	case CONF_KIND_size:
		*(conf_size *)field = n;
		break;
	case CONF_KIND_duration:
		*(conf_duration *)field = (conf_duration)n;
		break;
	case CONF_KIND_id:
		*(conf_id *)field = (conf_id)n;
		break;
	case CONF_KIND_text:
		break;
	}
}

static int
set_text(const struct conf_key *key, const char *value, struct conf *c,
	 struct err *err)
{
	char **field = (char **)(void *)((char *)c + key->offset);
	char *copy = strdup(value);

	if (copy == NULL)
		return err_set(err, -ENOMEM, "%s: no memory", key->name);
	free(*field);
	*field = copy;
	return 0;
}

void
conf_value_allowed(const struct conf_key *key, char *buf, size_t size)
{
	const char *form = "text";

	switch (key->kind) {
	case CONF_KIND_flag:
		form = "yes or no";
		break;
	case CONF_KIND_count:
		form = "a number";
		break;
	case CONF_KIND_size:
		form = "a size such as 65536, 64K or 1M";
		break;
	case CONF_KIND_duration:
		form = "a duration such as 500ms, 1s or 2m";
		break;
	case CONF_KIND_id:
		form = is_group(key) ? "the name of a group or a number"
				     : "the name of a user or a number";
		break;
	case CONF_KIND_text:
		break;
	}
	if (key->min[0] != '\0' && key->max[0] != '\0')
		(void)snprintf(buf, size, "%s%s from %s to %s", form,
			       strchr(form, ' ') != NULL &&
					       key->kind != CONF_KIND_count
				       ? ","
				       : "",
			       key->min, key->max);
	else
		(void)snprintf(buf, size, "%s", form);
}

int
conf_value_set(const struct conf_key *key, const char *value, struct conf *c,
	       struct err *err)
{
	char allowed[128];
	uint64_t n;

	if (key->kind == CONF_KIND_text)
		return set_text(key, value, c, err);
	if (parse(key, value, &n) == 0 && in_bounds(key, n)) {
		store(key, n, c);
		return 0;
	}
	conf_value_allowed(key, allowed, sizeof(allowed));
	return err_set(err, -EINVAL, "%s: '%s' is not allowed; give %s",
		       key->name, value, allowed);
}
