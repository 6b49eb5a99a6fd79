/* SPDX-License-Identifier: Apache-2.0 */
#include <config.h>

#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <cmocka.h>

#include "base/err.h"

static void
an_error_keeps_its_code_and_its_words(void **state)
{
	struct err err = { 0 };

	(void)state;
	assert_int_equal(err_set(&err, -ENOENT, "open '%s'", "f"), -ENOENT);
	assert_int_equal(err.code, -ENOENT);
	assert_string_equal(err.msg, "open 'f'");
}

static void
each_level_puts_its_words_in_front(void **state)
{
	struct err err = { 0 };

	(void)state;
	(void)err_set(&err, -EINVAL, "no digits");
	assert_int_equal(err_wrap(&err, "port"), -EINVAL);
	assert_int_equal(err_wrap(&err, "%s:%d", "f.ini", 3), -EINVAL);
	assert_string_equal(err.msg, "f.ini:3: port: no digits");
}

static void
a_caller_who_wants_no_words_gets_the_code(void **state)
{
	(void)state;
	assert_int_equal(err_set(NULL, -EIO, "x"), -EIO);
	assert_true(err_wrap(NULL, "y") < 0);
}

static void
a_message_that_is_too_long_is_cut_not_overrun(void **state)
{
	char text[4096];
	struct err err = { 0 };

	(void)state;
	memset(text, 'a', sizeof(text) - 1);
	text[sizeof(text) - 1] = '\0';
	(void)err_set(&err, -EIO, "%s", text);
	assert_int_equal(strlen(err.msg), sizeof(err.msg) - 1);
	(void)err_wrap(&err, "where");
	assert_int_equal(strlen(err.msg), sizeof(err.msg) - 1);
	assert_memory_equal(err.msg, "where: aaa", 10);
	(void)err_wrap(&err, "%s", text);
	assert_int_equal(strlen(err.msg), sizeof(err.msg) - 1);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(an_error_keeps_its_code_and_its_words),
		cmocka_unit_test(each_level_puts_its_words_in_front),
		cmocka_unit_test(a_caller_who_wants_no_words_gets_the_code),
		cmocka_unit_test(a_message_that_is_too_long_is_cut_not_overrun),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
