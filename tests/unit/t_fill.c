/* SPDX-License-Identifier: Apache-2.0 */
#include <config.h>

#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

#include "base/mem.h"
#include "data/fill.h"
#include "fake_nfs.h"

#define RTMAX 4u

static char file[] = "0123456789";
static struct fill fill;
static struct nfs_cred cred = { 7, 8, 0, { 0 } };
static unsigned n_done;
static char seen[64];
static const char *seen_data;

static int
setup(void **state)
{
	(void)state;
	clock_fake(1000);
	fake_nfs_reset();
	memset(&fill, 0, sizeof(fill));
	memset(seen, 0, sizeof(seen));
	n_done = 0;
	return 0;
}

static void
on_done(struct fill *f)
{
	n_done++;
	seen_data = f->data;
	assert_true(f->got < sizeof(seen));
	if (f->status == 0 && f->got > 0)
		memcpy(seen, f->data, f->got);
}

static void
start(uint64_t offset, size_t len)
{
	fill.done = on_done;
	fill.cred = &cred;
	fill.fh.len = 1;
	fill.fh.data[0] = 'f';
	fill.offset = offset;
	fill.len = len;
	fill.rtmax = RTMAX;
	assert_int_equal(fill_start(&fill), 0);
	assert_int_equal(n_done, 0);
}

/* Answer the Nth open call with COUNT bytes of the file. */
static void
answer(unsigned n, uint32_t count, int eof)
{
	struct nfs_call *c = fake_nfs_take(n);

	assert_int_equal(c->proc, NFS_READ);
	assert_true(count <= c->count);
	assert_true(c->offset + count <= sizeof(file));
	c->ret_count = count;
	c->ret_data = file + c->offset;
	c->eof = eof;
	fake_nfs_done(c, 0);
}

static void
expect(const char *data)
{
	assert_int_equal(n_done, 1);
	assert_int_equal(fake_nfs_open(), 0);
	assert_int_equal(fill.status, 0);
	assert_int_equal(fill.got, strlen(data));
	assert_string_equal(seen, data);
}

static void
one_part_is_handed_on_without_a_copy(void **state)
{
	(void)state;
	start(2, 4);
	assert_int_equal(fake_nfs_open(), 1);
	assert_int_equal(fake_nfs_peek(0)->offset, 2);
	assert_int_equal(fake_nfs_peek(0)->count, 4);
	assert_ptr_equal(fake_nfs_peek(0)->cred, &cred);
	assert_int_equal(fake_nfs_peek(0)->fh.data[0], 'f');
	answer(0, 4, 0);
	expect("2345");
	assert_ptr_equal(seen_data, file + 2);
}

static void
one_part_that_ends_at_the_end_needs_no_copy_either(void **state)
{
	(void)state;
	start(8, 4);
	answer(0, 2, 1);
	expect("89");
	assert_ptr_equal(seen_data, file + 8);
}

static void
beyond_the_end_there_is_nothing(void **state)
{
	(void)state;
	start(10, 3);
	answer(0, 0, 1);
	expect("");
}

static void
nothing_asked_is_one_question(void **state)
{
	(void)state;
	start(3, 0);
	assert_int_equal(fake_nfs_open(), 1);
	assert_int_equal(fake_nfs_peek(0)->count, 0);
	answer(0, 0, 0);
	expect("");
}

static void
parts_are_all_in_flight_and_gathered_whatever_their_order(void **state)
{
	(void)state;
	start(0, 10);
	assert_int_equal(fake_nfs_open(), 3);
	assert_int_equal(fake_nfs_peek(1)->offset, 4);
	assert_int_equal(fake_nfs_peek(2)->offset, 8);
	assert_int_equal(fake_nfs_peek(2)->count, 2);
	answer(2, 2, 1);
	answer(0, 4, 0);
	assert_int_equal(n_done, 0);
	answer(0, 4, 0);
	expect("0123456789");
}

static void
what_a_short_answer_left_out_is_asked_for_again(void **state)
{
	(void)state;
	start(1, 4);
	answer(0, 1, 0);
	assert_int_equal(n_done, 0);
	assert_int_equal(fake_nfs_peek(0)->offset, 2);
	assert_int_equal(fake_nfs_peek(0)->count, 3);
	answer(0, 2, 0);
	assert_int_equal(fake_nfs_peek(0)->offset, 4);
	assert_int_equal(fake_nfs_peek(0)->count, 1);
	answer(0, 1, 0);
	expect("1234");
}

static void
a_short_part_in_the_middle_is_completed_too(void **state)
{
	(void)state;
	start(0, 10);
	answer(1, 3, 0);
	assert_int_equal(fake_nfs_open(), 3);
	answer(0, 4, 0);
	answer(0, 2, 1);
	assert_int_equal(fake_nfs_peek(0)->offset, 7);
	answer(0, 1, 0);
	expect("0123456789");
}

static void
a_file_that_ends_in_the_middle_ends_there(void **state)
{
	(void)state;
	start(0, 10);
	answer(2, 2, 1); /* before it was made shorter */
	answer(1, 1, 1);
	answer(0, 4, 0);
	expect("01234");
}

static void
a_file_that_ends_in_the_first_part_has_no_more(void **state)
{
	(void)state;
	start(0, 10);
	answer(0, 0, 1);
	answer(0, 0, 1);
	answer(0, 0, 1);
	expect("");
}

static void
no_bytes_and_no_end_is_an_error(void **state)
{
	(void)state;
	start(0, 4);
	answer(0, 2, 0);
	answer(0, 0, 0);
	assert_int_equal(n_done, 1);
	assert_int_equal(fake_nfs_open(), 0);
	assert_int_equal(fill.status, -EIO);
}

static void
the_first_error_is_the_one_that_is_told(void **state)
{
	(void)state;
	start(0, 10);
	answer(0, 4, 0);
	fake_nfs_done(fake_nfs_take(1), -ESTALE);
	assert_int_equal(n_done, 0);
	fake_nfs_done(fake_nfs_take(0), -EACCES);
	assert_int_equal(n_done, 1);
	assert_int_equal(fill.status, -ESTALE);
}

static void
an_error_of_one_part_waits_for_the_others(void **state)
{
	(void)state;
	start(0, 8);
	fake_nfs_done(fake_nfs_take(0), -EIO);
	answer(0, 2, 0);
	assert_int_equal(n_done, 0);
	answer(0, 2, 0);
	assert_int_equal(n_done, 1);
	assert_int_equal(fill.status, -EIO);
}

static void
an_error_without_any_data_has_no_data(void **state)
{
	(void)state;
	start(0, 4);
	fake_nfs_done(fake_nfs_take(0), -EACCES);
	assert_int_equal(n_done, 1);
	assert_int_equal(fill.status, -EACCES);
	assert_null(seen_data);
}

static void
the_attributes_are_those_of_the_last_answer_that_had_some(void **state)
{
	struct nfs_call *c;

	(void)state;
	start(0, 8);
	clock_fake(2000);
	c = fake_nfs_take(1);
	c->has_attr = 1;
	c->attr.size = 10;
	c->ret_count = 4;
	c->ret_data = file + 4;
	fake_nfs_done(c, 0);
	clock_fake(3000);
	answer(0, 4, 0);
	expect("01234567");
	assert_true(fill.has_attr);
	assert_int_equal(fill.attr.size, 10);
	assert_int_equal(fill.sent, 2000);
}

static struct fill *lone;

static void
on_done_free(struct fill *f)
{
	n_done++;
	assert_memory_equal(f->data, "01234567", 8);
	free(f);
	lone = NULL;
}

static void
done_may_free_it(void **state)
{
	(void)state;
	lone = calloc(1, sizeof(*lone));
	assert_non_null(lone);
	lone->done = on_done_free;
	lone->cred = &cred;
	lone->len = 8;
	lone->rtmax = RTMAX;
	assert_int_equal(fill_start(lone), 0);
	answer(0, 4, 0);
	answer(0, 4, 0);
	assert_int_equal(n_done, 1);
	assert_null(lone);
}

static void
a_range_may_be_asked_for_again_with_the_same_storage(void **state)
{
	(void)state;
	start(0, 8);
	fake_nfs_done(fake_nfs_take(0), -EIO);
	answer(0, 4, 0);
	assert_int_equal(fill.status, -EIO);
	n_done = 0;
	start(0, 4);
	answer(0, 4, 0);
	expect("0123");
}

#define TEST(fn) cmocka_unit_test_setup(fn, setup)

int
main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(one_part_is_handed_on_without_a_copy),
		TEST(one_part_that_ends_at_the_end_needs_no_copy_either),
		TEST(beyond_the_end_there_is_nothing),
		TEST(nothing_asked_is_one_question),
		TEST(parts_are_all_in_flight_and_gathered_whatever_their_order),
		TEST(what_a_short_answer_left_out_is_asked_for_again),
		TEST(a_short_part_in_the_middle_is_completed_too),
		TEST(a_file_that_ends_in_the_middle_ends_there),
		TEST(a_file_that_ends_in_the_first_part_has_no_more),
		TEST(no_bytes_and_no_end_is_an_error),
		TEST(the_first_error_is_the_one_that_is_told),
		TEST(an_error_of_one_part_waits_for_the_others),
		TEST(an_error_without_any_data_has_no_data),
		TEST(the_attributes_are_those_of_the_last_answer_that_had_some),
		TEST(done_may_free_it),
		TEST(a_range_may_be_asked_for_again_with_the_same_storage),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
