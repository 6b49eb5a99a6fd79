/* SPDX-License-Identifier: Apache-2.0
 *
 * SOURCE and the INI file, and who wins, through conf_parse() alone.
 */
#include <config.h>

#include <errno.h>
#include <limits.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

#include "conf/conf_int.h"
#include "conf_try.h"

/* --- SOURCE -------------------------------------------------------------------- */

static void
a_source_has_a_host_and_an_export(void **state)
{
	static const char *const good[][3] = {
		{ "srv:/vol1", "srv", "/vol1" },
		{ "10.0.0.1:/", "10.0.0.1", "/" },
		{ "svm-1.fs-2.fsx.eu.example.com:/a b/c?d",
		  "svm-1.fs-2.fsx.eu.example.com", "/a b/c?d" },
		{ "[2001:db8::1]:/vol1", "2001:db8::1", "/vol1" },
		{ "[fe80::1%eth0]:/v", "fe80::1%eth0", "/v" },
		{ "srv:/vol1//", "srv", "/vol1" },
		{ "nfs://srv/vol1", "srv", "/vol1" },
		{ "NFS://srv/", "srv", "/" },
		{ "nfs://srv//vol1/", "srv", "/vol1" },
		{ "nfs://[::1]/v", "::1", "/v" },
		{ "nfs://srv/a%20b%2fc%3Fd", "srv", "/a b/c?d" },
	};
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(good) / sizeof(good[0]); i++) {
		assert_int_equal(try_source(good[i][0]), 0);
		assert_string_equal(try_conf.host, good[i][1]);
		assert_string_equal(try_conf.export, good[i][2]);
		assert_string_equal(try_conf.source, good[i][0]);
	}
}

static void
a_url_has_a_port_and_keys(void **state)
{
	(void)state;
	assert_int_equal(try_source("nfs://[::1]:2050/v?ro&uid=7&version=3"
				    "&max_staleness=2s&subdir=a%26b"),
			 0);
	assert_int_equal(try_conf.port, 2050);
	assert_int_equal(try_conf.ro, 1);
	assert_int_equal(try_conf.uid, 7);
	assert_int_equal(try_conf.max_staleness, 2 * NS_SEC);
	assert_string_equal(try_conf.subdir, "a&b");
	assert_string_equal(try_conf.export, "/v");
	assert_int_equal(try_source("nfs://h/v?nfsport=99&mountport=98"), 0);
	assert_int_equal(try_conf.port, 99);
	assert_int_equal(try_conf.mountport, 98);
}

static void
a_bad_source_is_refused_in_words(void **state)
{
	static const char *const bad[][2] = {
		{ "", "host:/export" },
		{ "srv", "host:/export" },
		{ "/dev/sda1", "host:/export" },
		{ "srv:vol1", "begin with '/'" },
		{ "srv:", "begin with '/'" },
		{ ":/vol1", "host is missing" },
		{ "[]:/v", "host is missing" },
		{ "[1.2.3.4]:/v", "not an IPv6 address" },
		{ "[::1:/v", "']' is missing" },
		{ "[::1]/v", "host:/export" },
		{ "fe80::1:/v", "in brackets" },
		{ "nfs://::1/v", "in brackets" },
		{ "a b:/v", "not a host name" },
		{ "me@srv:/v", "not a host name" },
		{ "nfs://srv", "export is missing" },
		{ "nfs://srv?ro", "export is missing" },
		{ "nfs:///v", "host is missing" },
		{ "nfs://srv:x/v", "port: 'x'" },
		{ "nfs://srv:65536/v", "from 0 to 65535" },
		{ "nfs://srv/%zz", "hexadecimal" },
		{ "nfs://srv/%2", "hexadecimal" },
		{ "nfs://srv/%00", "hexadecimal" },
		{ "nfs://srv/v?version=4", "version 3" },
		{ "nfs://srv/v?prt=1", "did you mean 'port'" },
		{ "nfs://srv/v?rsize", "needs a value" },
		{ "nfs://srv/v?ro=x", "yes or no" },
		{ "fsx://fs-1/vol", "not supported yet" },
		{ "ontap://svm/vol", "not supported yet" },
		{ "http://srv/v", "http:// is not known" },
	};
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		assert_int_equal(try_source(bad[i][0]), -EINVAL);
		try_says("SOURCE '", bad[i][0], bad[i][1], NULL);
	}
}

static void
a_source_that_is_too_long_is_refused(void **state)
{
	char source[2048];

	(void)state;
	memset(source, 'a', sizeof(source) - 1);
	source[sizeof(source) - 1] = '\0';
	memcpy(source, "srv:/", 5);
	assert_int_equal(try_source(source), -EINVAL);
	try_says("longer than", NULL);
	memset(source, 'a', sizeof(source) - 1);
	memcpy(source + 1000, ":/", 3);
	assert_int_equal(try_source(source), -EINVAL);
	try_says("longer than", NULL);
}

/* --- the file ------------------------------------------------------------------- */

static void
a_file_gives_keys_in_its_section(void **state)
{
	(void)state;
	assert_int_equal(try_ini("# a comment\n"
				 "; another\n"
				 "[podfs]\n"
				 "ro = yes\n"
				 "  port=77   ; why\n"
				 "max_staleness: 3s\r\n"
				 "\n"
				 "subdir = a b/c"),
			 0);
	assert_true(try_conf.ro);
	assert_int_equal(try_conf.port, 77);
	assert_int_equal(try_conf.max_staleness, 3 * NS_SEC);
	assert_string_equal(try_conf.subdir, "a b/c");
	assert_int_equal(try_ini(""), 0);
}

static void
an_error_in_a_file_names_its_line(void **state)
{
	static const char *const bad[][3] = {
		{ "[podfs]\n\nrsize=3T\n", ":3:", "rsize: '3T'" },
		{ "[podfs]\nro=x\nport=y\n", ":2:", "ro: 'x'" },
		{ "[podfs]\nprt=1\n", ":2:", "did you mean 'port'" },
		{ "ro=yes\n", ":1:", "before the line [podfs]" },
		{ "[podfs]\nro=yes\n[nfs]\nro=yes\n", ":4:", "[nfs]" },
		{ "[podfs]\nro=yes\n\nro=yes\n", ":4:", "line 2 already" },
		{ "[podfs]\nro\n", ":2:", "key = value" },
		{ "[podfs\nro=yes\n", ":1:", "[podfs]" },
		{ "[podfs]\nuid=\n", ":2:", "uid: ''" },
		{ "[podfs]\nsource=a:/b\nsource=c:/d\n",
		  ":3:", "line 2 already" },
		{ "[podfs]\nmountpoint=\n", ":2:", "needs a value" },
		{ "[podfs]\nrw=yes\n", ":2:", "'rw'" },
	};
	char where[PATH_MAX];
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		assert_int_equal(try_ini(bad[i][0]), -EINVAL);
		(void)snprintf(where, sizeof(where), "%s%s", try_ini_path,
			       bad[i][1]);
		try_says(where, bad[i][2], NULL);
	}
}

static void
the_first_of_several_errors_is_the_one_that_is_told(void **state)
{
	(void)state;
	assert_int_equal(try_ini("[podfs]\nro\nport=x\n"), -EINVAL);
	try_says("podfs.ini:2:", NULL);
	assert_int_equal(try_ini("[podfs]\nport=x\nro\n"), -EINVAL);
	try_says("podfs.ini:2:", NULL);
}

static void
a_long_line_is_refused_not_split(void **state)
{
	char text[1024];

	(void)state;
	memset(text, 'a', sizeof(text));
	memcpy(text, "[podfs]\nsubdir=", 15);
	memcpy(text + 500, "\nport=5\n", 9);
	assert_int_equal(try_ini(text), -EINVAL);
	try_says("podfs.ini:2:", "longer than", NULL);
	memcpy(text + 120, "\nport=5\n", 9);
	assert_int_equal(try_ini(text), 0);
	assert_int_equal(try_conf.port, 5);
	assert_int_equal(strlen(try_conf.subdir), 105);
}

static void
a_binary_file_is_refused(void **state)
{
	static const char text[] = "[podfs]\nsubdir=a\0b\n";

	(void)state;
	assert_int_equal(try_bytes(text, sizeof(text) - 1), -EINVAL);
	try_says("podfs.ini:2:", "NUL", NULL);
}

static void
a_file_that_cannot_be_read_is_named(void **state)
{
	(void)state;
	assert_int_equal(
		try_args("podfs", "h:/e", try_dir, "--config=/no/such", NULL),
		-ENOENT);
	try_says("'/no/such'", "No such file", NULL);
	assert_int_equal(
		try_args("podfs", "h:/e", try_dir, "--config", try_dir, NULL),
		-EISDIR);
	try_says(try_dir, "directory", NULL);
}

static void
a_file_may_name_source_and_mount_point(void **state)
{
	char text[256];

	(void)state;
	(void)snprintf(text, sizeof(text),
		       "[podfs]\nsource = s:/f\nmountpoint = %s\n", try_dir);
	assert_int_equal(try_ini(text), 0);
	assert_string_equal(try_conf.source, "h:/e"); /* of the command line */
	assert_int_equal(try_places(NULL, NULL), 0);
	assert_string_equal(try_conf.source, "s:/f");
	assert_string_equal(try_conf.mountpoint, try_dir);
	assert_int_equal(try_places(try_dir, NULL), -EINVAL);
	try_says("both", NULL);

	assert_int_equal(try_ini("[podfs]\nsource = s:/f\n"), 0);
	assert_int_equal(try_places(try_dir, NULL), 0);
	assert_string_equal(try_conf.source, "s:/f");
	assert_int_equal(try_places(NULL, NULL), -EINVAL);
	try_says("MOUNTPOINT is missing", NULL);
}

static void
options_win_over_the_file_and_the_file_over_the_url(void **state)
{
	(void)state;
	assert_int_equal(try_ini("[podfs]\nport=2\nmountport=2\nro=yes\n"), 0);
	assert_int_equal(
		try_args("podfs", "-o", "port=3,rw", "--config", try_ini_path,
			 "nfs://h:1/e?mountport=1&nconnect=1", try_dir, NULL),
		0);
	assert_int_equal(try_conf.port, 3);
	assert_int_equal(try_conf.mountport, 2);
	assert_int_equal(try_conf.nconnect, 1);
	assert_false(try_conf.ro);
	/* What loses must still be right. */
	assert_int_equal(
		try_args("podfs", "-o", "port=3", "nfs://h:x/e", try_dir, NULL),
		-EINVAL);
}

#define TEST(fn) cmocka_unit_test_teardown(fn, try_teardown)

int
main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(a_source_has_a_host_and_an_export),
		TEST(a_url_has_a_port_and_keys),
		TEST(a_bad_source_is_refused_in_words),
		TEST(a_source_that_is_too_long_is_refused),
		TEST(a_file_gives_keys_in_its_section),
		TEST(an_error_in_a_file_names_its_line),
		TEST(the_first_of_several_errors_is_the_one_that_is_told),
		TEST(a_long_line_is_refused_not_split),
		TEST(a_binary_file_is_refused),
		TEST(a_file_that_cannot_be_read_is_named),
		TEST(a_file_may_name_source_and_mount_point),
		TEST(options_win_over_the_file_and_the_file_over_the_url),
	};

	return cmocka_run_group_tests(tests, try_setup_group,
				      try_teardown_group);
}
