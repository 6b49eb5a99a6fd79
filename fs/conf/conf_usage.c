/* SPDX-License-Identifier: Apache-2.0 */
#include <config.h>

#include <stdarg.h>
#include <stdio.h>

#include "conf/conf_int.h"

#define USAGE_MAX 8192

static const char head[] =
	"usage: podfs SOURCE MOUNTPOINT [-o KEY[=VALUE],...] [-f] [-d]\n"
	"             [--config FILE]\n"
	"\n"
	"Mount an NFSv3 export.  podfs goes to the background once the mount\n"
	"works; umount MOUNTPOINT (or fusermount3 -u MOUNTPOINT) ends it.\n"
	"\n"
	"SOURCE is one of\n"
	"  host:/export                            a name or an IPv4 address\n"
	"  [2001:db8::1]:/export                   an IPv6 address\n"
	"  nfs://host[:port]/export[?KEY=VALUE&...]\n"
	"\n"
	"options:\n"
	"  -o KEY[=VALUE],...  keys as below, and options of the mount itself\n"
	"                      (noexec, nosuid, nodev, noatime, ...)\n"
	"  -f                  stay in the foreground, log to stderr\n"
	"  -d                  the same, and log at debug level\n"
	"  --config FILE       read keys from the section [podfs] of FILE;\n"
	"                      source and mountpoint may stand there as well\n"
	"  -h, --help          print this text\n"
	"  -V, --version       print the version\n"
	"\n"
	"keys:\n";

static const char tail[] =
	"\n"
	"-o wins over the file, the file over the query of nfs://.\n"
	"See podfs(8), podfs.ini(5).\n";

static void __attribute__((format(printf, 3, 4)))
add(char *buf, size_t *at, const char *fmt, ...)
{
	va_list ap;
	int len;

	va_start(ap, fmt);
	len = vsnprintf(buf + *at, USAGE_MAX - *at, fmt, ap);
	va_end(ap);
	if (len > 0)
		*at += (size_t)len;
	if (*at >= USAGE_MAX)
		*at = USAGE_MAX - 1;
}

static void
add_key(char *buf, size_t *at, const struct conf_key *key)
{
	static const char *const form[] = {
		[CONF_KIND_flag] = "",      [CONF_KIND_count] = "=N",
		[CONF_KIND_size] = "=SIZE", [CONF_KIND_duration] = "=TIME",
		[CONF_KIND_id] = "=ID",     [CONF_KIND_text] = "=PATH",
	};
	char name[40];

	(void)snprintf(name, sizeof(name), "%s%s", key->name, form[key->kind]);
	add(buf, at, "  %-20s%s\n", name, key->what);
	if (key->min[0] != '\0' && key->def[0] != '\0')
		add(buf, at, "%22s(%s to %s, default %s)\n", "", key->min,
		    key->max, key->def);
}

const char *
conf_usage(void)
{
	static char text[USAGE_MAX];
	size_t at = 0;
	size_t i;

	add(text, &at, "%s", head);
	for (i = 0; i < CONF_KEYS; i++)
		add_key(text, &at, &conf_keys[i]);
	add(text, &at, "%s", tail);
	return text;
}
