/* SPDX-License-Identifier: Apache-2.0
 *
 * inih hands each line to us without its number (Debian builds it so), but it
 * reads through our reader, one line at a time: the reader counts.  It also
 * refuses what inih would cut in silence: a line longer than its buffer and
 * anything after a NUL.  Blanks at the beginning of a line are dropped, so that
 * inih does not take an indented line for the continuation of the one before.
 */
#include <config.h>

#include <ctype.h>
#include <errno.h>
#include <fcntl.h>
#include <ini.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "base/mem.h"
#include "conf/conf_int.h"

#define SECTION "podfs"

struct reading {
	struct conf_build *b; /* ref */
	const char *path; /* peek */
	FILE *file; /* own */
	struct err *err; /* peek, may be NULL */
	int line; /* that was read last */
	int status; /* of the first line that is wrong */
	int seen[CONF_KEYS]; /* line of each key, 0: not yet */
	int seen_source;
	int seen_mountpoint;
};

static void
file_drop(FILE **file)
{
	if (*file != NULL)
		(void)fclose(*file);
}

/* Remember what is wrong with this line and end the reading. */
static void
refuse(struct reading *rd, int code)
{
	rd->status = code;
	(void)err_wrap(rd->err, "%s:%d", rd->path, rd->line);
}

/* Read one line of at most SIZE - 1 bytes, "\n" included.  0 or -errno. */
static int
read_line(struct reading *rd, char *buf, size_t size, size_t *ret_len)
{
	size_t len = 0;
	int c;

	while ((c = getc(rd->file)) != EOF) {
		if (len == 0 && (c == ' ' || c == '\t'))
			continue;
		if (c == '\0')
			return err_set(rd->err, -EINVAL,
				       "a NUL byte: this is not a text file");
		if (len + 1 == size)
			return err_set(rd->err, -EINVAL,
				       "the line is longer than %zu bytes",
				       size - 2);
		buf[len++] = (char)c;
		if (c == '\n')
			break;
	}
	if (ferror(rd->file))
		return err_set(rd->err, -EIO, "read: %s", strerror(errno));
	buf[len] = '\0';
	*ret_len = len;
	return 0;
}

static char *
next_line(char *buf, int size, void *stream)
{
	struct reading *rd = stream;
	size_t len = 0;
	int r;

	if (rd->status < 0)
		return NULL;
	rd->line++;
	r = read_line(rd, buf, (size_t)size, &len);
	if (r < 0) {
		refuse(rd, r);
		return NULL;
	}
	return len == 0 && feof(rd->file) ? NULL : buf;
}

static int
set_string(struct reading *rd, int *seen, const char *name, const char *value,
	   char **field)
{
	if (*seen != 0)
		return err_set(rd->err, -EINVAL,
			       "'%s' was given in line %d already", name,
			       *seen);
	*seen = rd->line;
	if (value[0] == '\0')
		return err_set(rd->err, -EINVAL, "'%s' needs a value", name);
	*field = strdup(value);
	if (*field == NULL)
		return err_set(rd->err, -ENOMEM, "no memory");
	return 0;
}

static int
set_key(struct reading *rd, const char *section, const char *name,
	const char *value)
{
	int i;

	if (section[0] == '\0')
		return err_set(rd->err, -EINVAL,
			       "'%s' stands before the line [" SECTION "]",
			       name);
	if (strcmp(section, SECTION) != 0)
		return err_set(rd->err, -EINVAL,
			       "section [%s] is not known, only [" SECTION "]",
			       section);
	if (strcmp(name, "source") == 0)
		return set_string(rd, &rd->seen_source, name, value,
				  &rd->b->file_source);
	if (strcmp(name, "mountpoint") == 0)
		return set_string(rd, &rd->seen_mountpoint, name, value,
				  &rd->b->file_mountpoint);
	i = conf_key_find(name);
	if (i >= 0 && rd->seen[i] != 0)
		return err_set(rd->err, -EINVAL,
			       "'%s' was given in line %d already", name,
			       rd->seen[i]);
	if (i >= 0)
		rd->seen[i] = rd->line;
	return conf_key_set(rd->b, CONF_FROM_FILE, name, value, rd->err);
}

/* For inih: 1 is good, 0 is bad. */
static int
on_pair(void *user, const char *section, const char *name, const char *value)
{
	struct reading *rd = user;
	int r;

	if (rd->status < 0)
		return 0;
	r = set_key(rd, section, name, value != NULL ? value : "");
	if (r < 0)
		refuse(rd, r);
	return r == 0;
}

static int
open_file(const char *path, FILE **ret, struct err *err)
{
	AUTO(fd_drop) int fd = open(path, O_RDONLY | O_CLOEXEC | O_NOCTTY);
	struct stat st;

	if (fd < 0 || fstat(fd, &st) < 0)
		return err_set(err, -errno, "open '%s': %s", path,
			       strerror(errno));
	if (S_ISDIR(st.st_mode))
		return err_set(err, -EISDIR, "open '%s': %s", path,
			       strerror(EISDIR));
	*ret = fdopen(fd, "r");
	if (*ret == NULL)
		return err_set(err, -ENOMEM, "open '%s': no memory", path);
	(void)fd_take(&fd);
	return 0;
}

int
conf_file_read(struct conf_build *b, const char *path, struct err *err)
{
	struct reading rd = { .b = b, .path = path, .err = err };
	AUTO(file_drop) FILE *file = NULL;
	int r;

	r = open_file(path, &file, err);
	if (r < 0)
		return r;
	rd.file = file;
	r = ini_parse_stream(next_line, &rd, on_pair, &rd);
	if (r < 0)
		return err_set(err, -ENOMEM, "%s: no memory", path);
	/* A line that inih itself did not understand is not told to us when it
	 * is met: a later one may have been refused since. */
	if (r > 0 && (rd.status == 0 || r < rd.line))
		return err_set(err, -EINVAL,
			       "%s:%d: neither [" SECTION "] nor key = value",
			       path, r);
	return rd.status;
}
