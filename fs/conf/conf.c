/* SPDX-License-Identifier: Apache-2.0
 *
 * The command line is scanned first and acted upon afterwards, so that -s and
 * --config count wherever they stand.
 */
#include <config.h>

#include <errno.h>
#include <getopt.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "base/mem.h"
#include "conf/conf_int.h"

/* Everything points into argv. */
struct args {
	int is_helper; /* called as mount.podfs by mount(8) */
	const char *arg[2];
	unsigned n_args;
	const char *config;
	const char **opts; /* own: the lists of -o, in order */
	unsigned n_opts;
	int foreground;
	int debug;
	int is_fake;
	int is_sloppy;
	int wants_help;
	int wants_version;
};

static const struct option long_options[] = {
	{ "config", required_argument, NULL, 'c' },
	{ "help", no_argument, NULL, 'h' },
	{ "version", no_argument, NULL, 'V' },
	{ NULL, 0, NULL, 0 },
};

/* --- the command line ------------------------------------------------------ */

static int
is_mount_helper(const char *argv0)
{
	const char *base = strrchr(argv0, '/');

	base = base != NULL ? base + 1 : argv0;
	return strncmp(base, "mount.", 6) == 0;
}

static int
take_arg(struct args *a, const char *arg, struct err *err)
{
	if (a->n_args == 2)
		return err_set(err, -EINVAL,
			       "'%s' is one argument too many after '%s' '%s'",
			       arg, a->arg[0], a->arg[1]);
	a->arg[a->n_args++] = arg;
	return 0;
}

static int
refuse_option(int c, char **argv, struct err *err)
{
	const char *arg = argv[optind - 1];
	char letter[] = { '-', (char)optopt, '\0' };

	/* Letters are met inside their word, long options as a whole. */
	if (optopt != 0 && optopt != 'c' && strncmp(arg, "--", 2) != 0)
		arg = letter;
	if (c == ':')
		return err_set(err, -EINVAL, "%s needs a value", arg);
	return err_set(err, -EINVAL,
		       "option %s is not known or not used like this; "
		       "see podfs --help",
		       arg);
}

/* What only mount(8) says; -ENOKEY if C is none of it. */
static int
take_helper_option(struct args *a, int c, struct err *err)
{
	switch (c) {
	case 'f':
		a->is_fake = 1;
		return 0;
	case 's':
		a->is_sloppy = 1;
		return 0;
	case 'r':
		a->opts[a->n_opts++] = "ro";
		return 0;
	case 'w':
		a->opts[a->n_opts++] = "rw";
		return 0;
	case 'n': /* no mtab: there is none */
	case 'v':
	case 't': /* "fuse.podfs" */
		return 0;
	case 'N': /* Ignoring it would mount in the wrong place. */
		return err_set(err, -EOPNOTSUPP,
			       "-N: mounting in another namespace is not "
			       "supported; use nsenter");
	default:
		return -ENOKEY;
	}
}

static int
take_option(struct args *a, int c, char **argv, struct err *err)
{
	switch (c) {
	case 1:
		return take_arg(a, optarg, err);
	case 'c':
		a->config = optarg;
		return 0;
	case 'd':
		a->debug = 1;
		return 0;
	case 'f':
		a->foreground = 1;
		return 0;
	case 'h':
		a->wants_help = 1;
		return 0;
	case 'o':
		a->opts[a->n_opts++] = optarg;
		return 0;
	case 'V':
		a->wants_version = 1;
		return 0;
	default:
		return refuse_option(c, argv, err);
	}
}

static int
scan(struct args *a, int argc, char **argv, struct err *err)
{
	/* '-': words that are no options come as 1, in their order. */
	const char *letters = a->is_helper ? "-:hVo:fnrst:vwN:" : "-:hVo:fd";
	int r = 0;
	int c;

	opterr = 0;
	optind = 0; /* glibc: begin anew, also in a second call */
	while (r == 0 && !a->wants_help && !a->wants_version &&
	       (c = getopt_long(argc, argv, letters, long_options, NULL)) !=
		       -1) {
		r = a->is_helper ? take_helper_option(a, c, err) : -ENOKEY;
		if (r == -ENOKEY)
			r = take_option(a, c, argv, err);
	}
	for (; r == 0 && optind < argc; optind++) /* after "--" */
		r = take_arg(a, argv[optind], err);
	return r;
}

/* --- from there to a struct conf ------------------------------------------- */

/* SOURCE and MOUNTPOINT: of the command line, else of the file. */
static int
find_places(const struct args *a, const struct conf_build *b,
	    const char **ret_source, const char **ret_mountpoint,
	    struct err *err)
{
	const char *source = b->file_source;
	const char *mountpoint = b->file_mountpoint;

	if (a->n_args == 2) {
		source = a->arg[0];
		mountpoint = a->arg[1];
	} else if (a->n_args == 1 && source != NULL && mountpoint != NULL) {
		return err_set(err, -EINVAL,
			       "'%s': the file names both SOURCE and "
			       "MOUNTPOINT; give both here or none",
			       a->arg[0]);
	} else if (a->n_args == 1 && source != NULL) {
		mountpoint = a->arg[0];
	} else if (a->n_args == 1) {
		source = a->arg[0];
	}
	if (source == NULL)
		return err_set(err, -EINVAL,
			       "SOURCE and MOUNTPOINT are missing; "
			       "see podfs --help");
	if (mountpoint == NULL)
		return err_set(err, -EINVAL, "MOUNTPOINT is missing after '%s'",
			       source);
	*ret_source = source;
	*ret_mountpoint = mountpoint;
	return 0;
}

static int
set_mountpoint(struct conf *c, const char *path, struct err *err)
{
	AUTO(mem_drop) char *real = NULL;
	struct stat st;

	if (path[0] == '\0')
		return err_set(err, -ENOENT, "the mount point is empty");
	real = realpath(path, NULL);
	if (real == NULL || stat(real, &st) < 0) {
		int code = -errno;

		if (code == -ENOTCONN)
			return err_set(err, code,
				       "mount point '%s': a dead mount is "
				       "there; unmount it first: "
				       "fusermount3 -u '%s'",
				       path, path);
		return err_set(err, code, "mount point '%s': %s", path,
			       strerror(-code));
	}
	if (!S_ISDIR(st.st_mode))
		return err_set(err, -ENOTDIR, "mount point '%s': %s", path,
			       strerror(ENOTDIR));
	free(c->mountpoint);
	c->mountpoint = real;
	real = NULL;
	return 0;
}

static int
build(struct conf_build *b, const struct args *a, struct err *err)
{
	struct conf *c = b->conf;
	const char *source = NULL;
	const char *mountpoint = NULL;
	unsigned i;
	int r = 0;

	if (a->config != NULL)
		r = conf_file_read(b, a->config, err);
	for (i = 0; i < a->n_opts && r == 0; i++)
		r = conf_opts_parse(b, a->opts[i], err);
	if (r == 0)
		r = find_places(a, b, &source, &mountpoint, err);
	if (r == 0)
		r = conf_source_parse(b, source, err);
	if (r == 0)
		r = set_mountpoint(c, mountpoint, err);
	if (r < 0)
		return r;
	if (c->strict)
		c->max_staleness = 0;
	c->debug = a->debug;
	c->foreground = a->foreground || a->debug;
	c->source = strdup(source);
	return c->source != NULL ? 0 : err_set(err, -ENOMEM, "no memory");
}

int
conf_parse(int argc, char **argv, struct conf *ret,
	   enum conf_action *ret_action, struct err *err)
{
	AUTO(mem_drop) const char **opts = NULL;
	struct conf_build b = { .conf = ret };
	struct args a = { 0 };
	int r;

	memset(ret, 0, sizeof(*ret));
	ret->mount_opts = strdup("");
	opts = calloc((size_t)argc + 1, sizeof(*opts));
	if (ret->mount_opts == NULL || opts == NULL)
		return err_set(err, -ENOMEM, "no memory");
	r = conf_key_defaults(ret, err);
	if (r < 0)
		return r;
	a.opts = opts;
	a.is_helper = argc > 0 && is_mount_helper(argv[0]);
	r = scan(&a, argc, argv, err);
	if (r < 0)
		return r;
	if (a.wants_help || a.wants_version) {
		*ret_action = a.wants_help ? CONF_HELP : CONF_VERSION;
		return 0;
	}
	b.is_sloppy = a.is_sloppy;
	r = build(&b, &a, err);
	free(b.file_source);
	free(b.file_mountpoint);
	if (r == -ENOKEY) /* ours alone: a caller knows errors of files */
		r = -EINVAL;
	if (r < 0 && err != NULL)
		err->code = r;
	if (r == 0)
		*ret_action = a.is_fake ? CONF_NOTHING : CONF_MOUNT;
	return r;
}

void
conf_fini(struct conf *c)
{
	size_t i;

	for (i = 0; i < CONF_KEYS; i++)
		if (conf_keys[i].kind == CONF_KIND_text)
			mem_drop((char *)c + conf_keys[i].offset);
	free(c->host);
	free(c->export);
	free(c->source);
	free(c->mountpoint);
	free(c->mount_opts);
	memset(c, 0, sizeof(*c));
}
