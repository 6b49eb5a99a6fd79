/* SPDX-License-Identifier: Apache-2.0
 *
 * Command lines as people write them, through conf_parse() alone.
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

/* --- the command line -------------------------------------------------------- */

static void
a_plain_command_line_gives_the_defaults(void **state)
{
	(void)state;
	assert_int_equal(try_args("podfs", "srv:/vol1", try_dir, NULL), 0);
	assert_int_equal(try_action, CONF_MOUNT);
	assert_string_equal(try_conf.host, "srv");
	assert_string_equal(try_conf.export, "/vol1");
	assert_string_equal(try_conf.source, "srv:/vol1");
	assert_string_equal(try_conf.mountpoint, try_dir);
	assert_string_equal(try_conf.mount_opts, "");
	assert_int_equal(try_conf.foreground, 0);
	assert_int_equal(try_conf.debug, 0);
	assert_int_equal(try_conf.ro, 0);
	assert_int_equal(try_conf.nconnect, 4);
	assert_int_equal(try_conf.max_staleness, NS_SEC);
	assert_int_equal(try_conf.op_timeout, 10 * NS_SEC);
	assert_int_equal(try_conf.server_timeout, 3 * NS_SEC);
	assert_int_equal(try_conf.max_dirty, 32u << 20);
	assert_int_equal(try_conf.uid, CONF_ID_UNSET);
	assert_int_equal(try_conf.gid, CONF_ID_UNSET);
	assert_string_equal(try_conf.subdir, "");
}

static void
every_default_lies_within_its_bounds(void **state)
{
	size_t i;

	(void)state;
	for (i = 0; i < CONF_KEYS; i++) {
		const struct conf_key *key = &conf_keys[i];

		if (key->def[0] != '\0')
			assert_int_equal(conf_value_set(key, key->def,
							&try_conf, &try_err),
					 0);
		if (key->min[0] != '\0')
			assert_int_equal(conf_value_set(key, key->min,
							&try_conf, &try_err),
					 0);
		if (key->max[0] != '\0')
			assert_int_equal(conf_value_set(key, key->max,
							&try_conf, &try_err),
					 0);
	}
}

static void
options_may_stand_anywhere(void **state)
{
	(void)state;
	assert_int_equal(try_args("podfs", "-f", "h:/e", "-oro", try_dir, "-d",
				  "-o", "port=1", NULL),
			 0);
	assert_true(try_conf.foreground && try_conf.debug && try_conf.ro);
	assert_int_equal(try_conf.port, 1);
	assert_int_equal(setenv("POSIXLY_CORRECT", "1", 1), 0);
	assert_int_equal(try_args("podfs", "h:/e", try_dir, "-o", "ro", NULL),
			 0);
	(void)unsetenv("POSIXLY_CORRECT");
	assert_true(try_conf.ro);
	assert_int_equal(
		try_args("podfs", "-o", "ro", "--", "h:/e", try_dir, NULL), 0);
	assert_true(try_conf.ro);
}

static void
debug_stays_in_the_foreground(void **state)
{
	(void)state;
	assert_int_equal(try_args("podfs", "h:/e", try_dir, "-d", NULL), 0);
	assert_true(try_conf.foreground);
}

static void
help_and_version_need_nothing_else(void **state)
{
	static const char *const words[][2] = {
		{ "-h", NULL },
		{ "--help", NULL },
		{ "-V", "v" },
		{ "--version", "v" },
	};
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(words) / sizeof(words[0]); i++) {
		assert_int_equal(try_args("podfs", words[i][0], NULL), 0);
		assert_int_equal(try_action, words[i][1] != NULL ? CONF_VERSION
								 : CONF_HELP);
	}
}

static void
missing_and_surplus_arguments_are_refused(void **state)
{
	(void)state;
	assert_int_equal(try_args("podfs", NULL), -EINVAL);
	try_says("SOURCE", "MOUNTPOINT", "missing", NULL);
	assert_int_equal(try_args("podfs", "h:/e", NULL), -EINVAL);
	try_says("MOUNTPOINT is missing", NULL);
	assert_int_equal(try_args("podfs", "h:/e", try_dir, "x", NULL),
			 -EINVAL);
	try_says("'x'", "too many", NULL);
	assert_int_equal(try_args("podfs", "h:/e", try_dir, "-o", NULL),
			 -EINVAL);
	try_says("-o needs a value", NULL);
	assert_int_equal(try_args("podfs", "--config", NULL), -EINVAL);
	try_says("--config needs a value", NULL);
	assert_int_equal(try_args("podfs", "-x", NULL), -EINVAL);
	try_says("-x", NULL);
	assert_int_equal(try_args("podfs", "--frobnicate", NULL), -EINVAL);
	try_says("--frobnicate", NULL);
}

static void
the_mount_point_must_be_a_directory_that_is_there(void **state)
{
	char link[64];

	(void)state;
	assert_int_equal(try_args("podfs", "h:/e", "/no/such", NULL), -ENOENT);
	try_says("'/no/such'", "No such file", NULL);
	assert_int_equal(try_args("podfs", "h:/e", "/dev/null", NULL),
			 -ENOTDIR);
	try_says("'/dev/null'", "Not a directory", NULL);
	assert_int_equal(try_args("podfs", "h:/e", "", NULL), -ENOENT);
	(void)snprintf(link, sizeof(link), "%s/../%s/.", try_dir, try_dir + 5);
	assert_int_equal(try_args("podfs", "h:/e", link, NULL), 0);
	assert_string_equal(try_conf.mountpoint, try_dir);
}

static void
mount_8_calls_us_by_another_name(void **state)
{
	(void)state;
	assert_int_equal(try_args("/sbin/mount.fuse.podfs", "h:/e", try_dir,
				  "-n", "-v", "-o", "rw,noexec", "-t",
				  "fuse.podfs", NULL),
			 0);
	assert_int_equal(try_action, CONF_MOUNT);
	assert_false(try_conf.foreground);
	assert_string_equal(try_conf.mount_opts, "noexec");
	assert_int_equal(
		try_args("mount.podfs", "h:/e", try_dir, "-f", "-r", NULL), 0);
	assert_int_equal(try_action, CONF_NOTHING);
	assert_true(try_conf.ro);
	assert_int_equal(try_args("mount.podfs", "h:/e", try_dir, "-o", "ro",
				  "-w", NULL),
			 0);
	assert_false(try_conf.ro);
	assert_int_equal(try_args("mount.podfs", "h:/e", try_dir, "-o", "zzz=1",
				  "-s", NULL),
			 0);
	assert_int_equal(
		try_args("mount.podfs", "h:/e", try_dir, "-N", "1", NULL),
		-EOPNOTSUPP);
	assert_int_equal(try_args("podfs", "h:/e", try_dir, "-n", NULL),
			 -EINVAL);
}

/* --- values ------------------------------------------------------------------- */

static void
a_flag_is_yes_or_no_in_many_words(void **state)
{
	static const char *const yes[] = { "ro",    "ro=yes", "ro=true", "ro=1",
					   "ro=on", "ro=YES", "rw,ro" };
	static const char *const no[] = { "ro=no",   "ro=false", "ro=0",
					  "ro=off",  "rw",       "ro,rw",
					  "ro,ro=no" };
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(yes) / sizeof(yes[0]); i++) {
		assert_int_equal(try_opts(yes[i]), 0);
		assert_int_equal(try_conf.ro, 1);
	}
	for (i = 0; i < sizeof(no) / sizeof(no[0]); i++) {
		assert_int_equal(try_opts(no[i]), 0);
		assert_int_equal(try_conf.ro, 0);
	}
	assert_int_equal(try_opts("ro=maybe"), -EINVAL);
	try_says("-o: ro: 'maybe'", "yes or no", NULL);
	assert_int_equal(try_opts("ro="), -EINVAL);
}

static void
a_count_is_digits_within_its_bounds(void **state)
{
	static const char *const bad[] = { "0",  "17", "-1",
					   "+4", "4x", "0x4",
					   " 4", "",   "18446744073709551620" };
	char opt[64];
	size_t i;

	(void)state;
	assert_int_equal(try_opts("nconnect=1"), 0);
	assert_int_equal(try_conf.nconnect, 1);
	assert_int_equal(try_opts("nconnect=16"), 0);
	assert_int_equal(try_conf.nconnect, 16);
	for (i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		(void)snprintf(opt, sizeof(opt), "nconnect=%s", bad[i]);
		assert_int_equal(try_opts(opt), -EINVAL);
		try_says("-o: nconnect:", bad[i], "from 1 to 16", NULL);
	}
	assert_int_equal(try_opts("nconnect"), -EINVAL);
	try_says("'nconnect' needs a value", NULL);
}

static void
a_size_may_have_a_unit(void **state)
{
	static const struct {
		const char *opt;
		uint64_t size;
	} good[] = {
		{ "rsize=0", 0 },         { "rsize=65536", 65536 },
		{ "rsize=64K", 65536 },   { "rsize=64k", 65536 },
		{ "rsize=1M", 1u << 20 }, { "rsize=1048576", 1u << 20 },
	};
	static const char *const bad[] = {
		"rsize=1048577", "rsize=2M",   "rsize=1T",
		"rsize=K",       "rsize=1.5K", "rsize=-1",
		"rsize=1KB",     "rsize=",     "rsize=18014398509481984K"
	};
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(good) / sizeof(good[0]); i++) {
		assert_int_equal(try_opts(good[i].opt), 0);
		assert_int_equal(try_conf.rsize, good[i].size);
	}
	assert_int_equal(try_opts("max_dirty=1G"), 0);
	assert_int_equal(try_conf.max_dirty, 1u << 30);
	for (i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		assert_int_equal(try_opts(bad[i]), -EINVAL);
		try_says("-o: rsize: '", "such as", "from 0 to 1M", NULL);
	}
}

static void
a_duration_has_a_unit_unless_it_is_0(void **state)
{
	static const struct {
		const char *opt;
		ns_t time;
	} good[] = {
		{ "max_staleness=0", 0 },
		{ "max_staleness=0s", 0 },
		{ "max_staleness=7ns", 7 },
		{ "max_staleness=7us", 7000 },
		{ "max_staleness=500ms", 500 * NS_MS },
		{ "max_staleness=2s", 2 * NS_SEC },
		{ "max_staleness=2m", 120 * NS_SEC },
		{ "max_staleness=1h", 3600 * NS_SEC },
	};
	static const char *const bad[] = {
		"max_staleness=1",    "max_staleness=s",
		"max_staleness=1d",   "max_staleness=61m",
		"max_staleness=-1s",  "max_staleness=1 s",
		"max_staleness=0.5s", "max_staleness=9223372036854775807h",
	};
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(good) / sizeof(good[0]); i++) {
		assert_int_equal(try_opts(good[i].opt), 0);
		assert_int_equal(try_conf.max_staleness, good[i].time);
	}
	for (i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		assert_int_equal(try_opts(bad[i]), -EINVAL);
		try_says("-o: max_staleness: '", "500ms", "from 0s to 1h",
			 NULL);
	}
	assert_int_equal(try_opts("op_timeout=999ms"), -EINVAL);
	try_says("from 1s to 10m", NULL);
}

static void
an_id_is_a_number_or_a_name(void **state)
{
	(void)state;
	assert_int_equal(try_opts("uid=0,gid=4294967294"), 0);
	assert_int_equal(try_conf.uid, 0);
	assert_int_equal(try_conf.gid, 4294967294);
	assert_int_equal(try_opts("uid=root,gid=root"), 0);
	assert_int_equal(try_conf.uid, 0);
	assert_int_equal(try_conf.gid, 0);
	assert_int_equal(try_opts("uid=-1"), -EINVAL);
	try_says("-o: uid: '-1'", "name of a user", NULL);
	assert_int_equal(try_opts("uid=4294967295"), -EINVAL);
	assert_int_equal(try_opts("gid=no such group"), -EINVAL);
	try_says("-o: gid:", "name of a group", NULL);
	assert_int_equal(try_opts("uid="), -EINVAL);
}

static void
strict_means_no_staleness_at_all(void **state)
{
	(void)state;
	assert_int_equal(try_opts("strict,max_staleness=5s"), 0);
	assert_int_equal(try_conf.max_staleness, 0);
	assert_int_equal(try_opts("strict,strict=no,max_staleness=5s"), 0);
	assert_int_equal(try_conf.max_staleness, 5 * NS_SEC);
}

/* --- -o ------------------------------------------------------------------------ */

static void
words_for_mount_and_systemd_are_let_pass(void **state)
{
	(void)state;
	assert_int_equal(
		try_opts("defaults,_netdev,nofail,auto,noauto,user,users,"
			 "nouser,owner,group,x-systemd.automount,"
			 "x-systemd.mount-timeout=30,comment=a,_rnetdev,"
			 "nonempty,subtype=podfs,fsname=x,user=me,relatime,"
			 "vers=3,nfsvers=3,proto=tcp,,ro"),
		0);
	assert_string_equal(try_conf.mount_opts, "");
	assert_true(try_conf.ro);
}

static void
options_of_the_mount_are_passed_on_in_order(void **state)
{
	(void)state;
	assert_int_equal(try_opts("nosuid,ro,nodev,port=1,noatime"), 0);
	assert_string_equal(try_conf.mount_opts, "nosuid,nodev,noatime");
	assert_int_equal(try_args("podfs", "h:/e", try_dir, "-o", "exec,dev",
				  "-o", "context=\"a:b:c1\\,c2\"", NULL),
			 0);
	assert_string_equal(try_conf.mount_opts,
			    "exec,dev,context=\"a:b:c1\\,c2\"");
}

static void
a_comma_in_a_value_is_escaped(void **state)
{
	(void)state;
	assert_int_equal(try_opts("subdir=a\\,b\\\\c\\054d,ro"), 0);
	assert_string_equal(try_conf.subdir, "a,b\\c,d");
	assert_true(try_conf.ro);
	assert_int_equal(try_opts("subdir=x\\"), 0);
	assert_string_equal(try_conf.subdir, "x\\");
}

static void
an_unknown_key_is_refused_with_a_hint(void **state)
{
	(void)state;
	assert_int_equal(try_opts("ro,nconect=3"), -EINVAL);
	assert_int_equal(try_err.code, -EINVAL);
	try_says("-o: 'nconect'", "did you mean 'nconnect'", NULL);
	assert_int_equal(try_opts("wombat"), -EINVAL);
	try_says("-o: 'wombat'", "--help", NULL);
	assert_null(strstr(try_err.msg, "did you mean"));
}

static void
what_nfs_has_and_we_do_not_is_refused_in_words(void **state)
{
	(void)state;
	assert_int_equal(try_opts("vers=4.1"), -EINVAL);
	try_says("vers", "version 3", NULL);
	assert_int_equal(try_opts("proto=udp"), -EINVAL);
	try_says("proto", "TCP", NULL);
	assert_int_equal(try_opts("actimeo=3"), -EINVAL);
	try_says("actimeo", "max_staleness", NULL);
	assert_int_equal(try_opts("hard"), -EINVAL);
	try_says("hard", "op_timeout", NULL);
}

/* --- --help --------------------------------------------------------------------- */

static void
help_names_every_key_with_its_bounds(void **state)
{
	const char *text = conf_usage();
	size_t i;

	(void)state;
	for (i = 0; i < CONF_KEYS; i++) {
		char line[64];

		(void)snprintf(line, sizeof(line), "\n  %s", conf_keys[i].name);
		assert_non_null(strstr(text, line));
		assert_non_null(strstr(text, conf_keys[i].what));
	}
	assert_non_null(strstr(text, "(1 to 16, default 4)"));
	assert_string_equal(text + strlen(text) - 1, "\n");
	assert_ptr_equal(text, conf_usage());
}

#define TEST(fn) cmocka_unit_test_teardown(fn, try_teardown)

int
main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(a_plain_command_line_gives_the_defaults),
		TEST(every_default_lies_within_its_bounds),
		TEST(options_may_stand_anywhere),
		TEST(debug_stays_in_the_foreground),
		TEST(help_and_version_need_nothing_else),
		TEST(missing_and_surplus_arguments_are_refused),
		TEST(the_mount_point_must_be_a_directory_that_is_there),
		TEST(mount_8_calls_us_by_another_name),
		TEST(a_flag_is_yes_or_no_in_many_words),
		TEST(a_count_is_digits_within_its_bounds),
		TEST(a_size_may_have_a_unit),
		TEST(a_duration_has_a_unit_unless_it_is_0),
		TEST(an_id_is_a_number_or_a_name),
		TEST(strict_means_no_staleness_at_all),
		TEST(words_for_mount_and_systemd_are_let_pass),
		TEST(options_of_the_mount_are_passed_on_in_order),
		TEST(a_comma_in_a_value_is_escaped),
		TEST(an_unknown_key_is_refused_with_a_hint),
		TEST(what_nfs_has_and_we_do_not_is_refused_in_words),
		TEST(help_names_every_key_with_its_bounds),
	};

	return cmocka_run_group_tests(tests, try_setup_group,
				      try_teardown_group);
}
