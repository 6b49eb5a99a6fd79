/* SPDX-License-Identifier: Apache-2.0 */
#include <config.h>

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include <cmocka.h>

#include "conf_try.h"

#define ARGS_MAX 16

char try_dir[] = "/tmp/podfs-t_conf.XXXXXX";
char try_ini_path[sizeof(try_dir) + 16];
struct conf try_conf;
enum conf_action try_action;
struct err try_err;

int
try_setup_group(void **state)
{
	(void)state;
	if (mkdtemp(try_dir) == NULL)
		return -1;
	(void)snprintf(try_ini_path, sizeof(try_ini_path), "%s/podfs.ini",
		       try_dir);
	return 0;
}

int
try_teardown_group(void **state)
{
	(void)state;
	(void)unlink(try_ini_path);
	return rmdir(try_dir);
}

int
try_teardown(void **state)
{
	(void)state;
	conf_fini(&try_conf);
	return 0;
}

int
try_args(const char *argv0, ...)
{
	char *argv[ARGS_MAX + 1] = { strdup(argv0) };
	const char *arg;
	int argc = 1;
	va_list ap;
	int r;

	va_start(ap, argv0);
	while ((arg = va_arg(ap, const char *)) != NULL) {
		assert_true(argc < ARGS_MAX);
		argv[argc++] = strdup(arg);
	}
	va_end(ap);
	conf_fini(&try_conf);
	memset(&try_err, 0, sizeof(try_err));
	try_action = (enum conf_action)99;
	r = conf_parse(argc, argv, &try_conf, &try_action, &try_err);
	assert_int_equal(try_err.code, r);
	while (argc > 0)
		free(argv[--argc]);
	return r;
}

int
try_opts(const char *opts)
{
	return try_args("podfs", "h:/e", try_dir, "-o", opts, NULL);
}

int
try_source(const char *source)
{
	return try_args("podfs", source, try_dir, NULL);
}

int
try_bytes(const char *text, size_t len)
{
	FILE *f = fopen(try_ini_path, "w");

	assert_non_null(f);
	assert_int_equal(fwrite(text, 1, len, f), len);
	assert_int_equal(fclose(f), 0);
	return try_args("podfs", "h:/e", try_dir, "--config", try_ini_path,
			NULL);
}

int
try_ini(const char *text)
{
	return try_bytes(text, strlen(text));
}

int
try_places(const char *arg1, const char *arg2)
{
	return try_args("podfs", "--config", try_ini_path, arg1, arg2, NULL);
}

void
try_says(const char *first, ...)
{
	const char *at = try_err.msg;
	const char *word;
	va_list ap;

	va_start(ap, first);
	for (word = first; word != NULL; word = va_arg(ap, const char *)) {
		const char *found = strstr(at, word);

		if (found == NULL)
			fail_msg("'%s' has no '%s'", try_err.msg, word);
		else
			at = found + strlen(word);
	}
	va_end(ap);
}
