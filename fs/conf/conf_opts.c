/* SPDX-License-Identifier: Apache-2.0
 *
 * What people write after -o, and what mount(8), fstab and systemd add to it:
 * our keys, options of the mount itself that are passed on to the kernel, and
 * words that others act upon and we must let pass.
 */
#include <config.h>

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "conf/conf_int.h"

/* What libfuse 3.10 and later knows how to hand to the kernel. */
static const char *const kernel_words[] = {
	"allow_root", "async",   "atime",  "default_permissions",
	"dev",        "dirsync", "exec",   "noatime",
	"nodev",      "noexec",  "nosuid", "suid",
	"sync",       NULL,
};

static const char *const kernel_begins[] = {
	"context=", "defcontext=", "fscontext=", "rootcontext=", NULL,
};

/* For mount(8), systemd and fsck; or what podfs does in any case.  The kinds
 * of atime are the server's business: libfuse 3.14 refuses these words. */
static const char *const ignored_words[] = {
	"_netdev",
	"_rnetdev",
	"auto",
	"defaults",
	"diratime",
	"group",
	"lazytime",
	"local_lock=all",
	"mountproto=tcp",
	"mountvers=3",
	"nfsvers=3",
	"noauto",
	"nodiratime",
	"nofail",
	"nolazytime",
	"nolock",
	"nonempty",
	"norelatime",
	"nostrictatime",
	"nouser",
	"owner",
	"proto=tcp",
	"proto=tcp6",
	"relatime",
	"sec=sys",
	"strictatime",
	"tcp",
	"user",
	"users",
	"vers=3",
	NULL,
};

static const char *const ignored_begins[] = {
	"comment=", "fsname=", "subtype=", "uhelper=",
	"user=",    "x-",      "X-",       NULL,
};

/* What the kernel's NFS client knows and we do not, and what to write. */
static const struct {
	const char *key;
	const char *instead;
} foreign[] = {
	{ "vers", "podfs speaks NFS version 3 only" },
	{ "nfsvers", "podfs speaks NFS version 3 only" },
	{ "mountvers", "podfs speaks version 3 of the MOUNT protocol only" },
	{ "minorversion", "podfs speaks NFS version 3 only" },
	{ "proto", "podfs speaks NFS over TCP only" },
	{ "mountproto", "podfs speaks NFS over TCP only" },
	{ "udp", "podfs speaks NFS over TCP only" },
	{ "sec", "podfs authenticates by AUTH_SYS only" },
	{ "hard", "operations end at op_timeout=" },
	{ "soft", "operations end at op_timeout=" },
	{ "timeo", "use server_timeout= and op_timeout=" },
	{ "retrans", "use server_timeout= and op_timeout=" },
	{ "actimeo", "use max_staleness=" },
	{ "acregmin", "use max_staleness=" },
	{ "acregmax", "use max_staleness=" },
	{ "acdirmin", "use max_staleness=" },
	{ "acdirmax", "use max_staleness=" },
	{ "noac", "use strict" },
	{ "lookupcache", "use max_staleness=" },
	{ "lock", "locks are local to the mount" },
	{ "local_lock", "locks are local to the mount: local_lock=all" },
	{ "auto_unmount", "podfs unmounts when it ends" },
};

static int
is_word(const char *option, const char *const *words)
{
	for (; *words != NULL; words++)
		if (strcmp(option, *words) == 0)
			return 1;
	return 0;
}

static int
begins(const char *option, const char *const *words)
{
	for (; *words != NULL; words++)
		if (strncmp(option, *words, strlen(*words)) == 0)
			return 1;
	return 0;
}

/* Append OPTION to the list for the kernel, escaped as libfuse reads it. */
static int
pass_on(struct conf *c, const char *option, struct err *err)
{
	size_t len = strlen(c->mount_opts);
	char *list = realloc(c->mount_opts, len + 2 * strlen(option) + 2);

	if (list == NULL)
		return err_set(err, -ENOMEM, "no memory");
	c->mount_opts = list;
	if (len > 0)
		list[len++] = ',';
	for (; *option != '\0'; option++) {
		if (*option == ',' || *option == '\\')
			list[len++] = '\\';
		list[len++] = *option;
	}
	list[len] = '\0';
	return 0;
}

static int
set_foreign(const char *key, struct err *err)
{
	size_t i;

	for (i = 0; i < sizeof(foreign) / sizeof(foreign[0]); i++)
		if (strcmp(key, foreign[i].key) == 0)
			return err_set(err, -EINVAL,
				       "'%s' is not an option of podfs: %s",
				       key, foreign[i].instead);
	return -ENOKEY;
}

static int
set_option(struct conf_build *b, char *option, struct err *err)
{
	char *value;
	int r;

	if (option[0] == '\0')
		return 0;
	if (strcmp(option, "rw") == 0)
		return conf_key_set(b, CONF_FROM_ARGS, "ro", "no", err);
	if (is_word(option, kernel_words) || begins(option, kernel_begins))
		return pass_on(b->conf, option, err);
	if (is_word(option, ignored_words) || begins(option, ignored_begins))
		return 0;
	value = strchr(option, '=');
	if (value != NULL)
		*value++ = '\0';
	r = set_foreign(option, err);
	if (r != -ENOKEY)
		return r;
	if (b->is_sloppy && conf_key_find(option) < 0)
		return 0;
	return conf_key_set(b, CONF_FROM_ARGS, option, value, err);
}

/* Copy the first option of LIST to OPTION without its backslashes; returns
 * what comes after it.  As in libfuse, "\," is a comma and "\054" as well. */
static const char *
next_option(const char *list, char *option)
{
	for (; *list != '\0' && *list != ','; list++) {
		if (list[0] != '\\' || list[1] == '\0') {
			*option++ = *list;
			continue;
		}
		list++;
		if (list[0] >= '0' && list[0] <= '3' && list[1] >= '0' &&
		    list[1] <= '7' && list[2] >= '0' && list[2] <= '7') {
			*option++ = (char)((list[0] - '0') * 64 +
					   (list[1] - '0') * 8 + list[2] - '0');
			list += 2;
		} else {
			*option++ = *list;
		}
	}
	*option = '\0';
	return *list == ',' ? list + 1 : list;
}

int
conf_opts_parse(struct conf_build *b, const char *list, struct err *err)
{
	AUTO(mem_drop) char *option = malloc(strlen(list) + 1);
	int r = 0;

	if (option == NULL)
		return err_set(err, -ENOMEM, "no memory");
	while (*list != '\0' && r == 0) {
		list = next_option(list, option);
		r = set_option(b, option, err);
	}
	if (r < 0)
		(void)err_wrap(err, "-o");
	return r;
}
