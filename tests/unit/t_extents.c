/* SPDX-License-Identifier: Apache-2.0
 *
 * The property tests hold the extents against two plain arrays: what byte is
 * kept at an offset, if any, and which put it came with.
 */
#include <config.h>

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

#include "data/extents.h"

#define SPAN 600u /* offsets of the model */
#define LEN_MAX 80u

static struct extents x;
static int16_t model[SPAN]; /* -1: nothing there */
static uint64_t model_seq[SPAN];
static uint64_t last_seq;

static int
setup(void **state)
{
	(void)state;
	extents_init(&x);
	memset(model, -1, sizeof(model));
	last_seq = 0;
	return 0;
}

static int
teardown(void **state)
{
	(void)state;
	extents_clear(&x);
	return 0;
}

/* Bytes of BYTE, somewhere inside a buffer of their own. */
static struct extent *
put(uint64_t offset, size_t len, char byte, size_t at)
{
	struct buf *b = buf_new(len + at);
	struct extent *e;
	size_t i;

	assert_non_null(b);
	memset(b->data, byte, len + at);
	e = extents_put(&x, offset, len, b, b->data + at);
	buf_put(b); /* the extent has its own reference */
	assert_non_null(e);
	e->seq = ++last_seq;
	for (i = 0; i < len; i++) {
		model[offset + i] = (unsigned char)byte;
		model_seq[offset + i] = last_seq;
	}
	return e;
}

static void
cut(uint64_t offset, uint64_t end)
{
	uint64_t i;

	assert_int_equal(extents_cut(&x, offset, end), 0);
	for (i = offset; i < end && i < SPAN; i++)
		model[i] = -1;
}

/* Sorted, none over another, counted right, and the bytes of the model. */
static void
check(void)
{
	const struct extent *e;
	uint64_t pos = 0, bytes = 0;
	unsigned n = 0;

	TAILQ_FOREACH (e, &x.list, link) {
		assert_true(e->len > 0);
		assert_true(e->offset >= pos);
		assert_true(e->offset + e->len <= SPAN);
		assert_true(e->data >= e->buf->data &&
			    e->data + e->len <= e->buf->data + e->buf->len);
		for (; pos < e->offset; pos++)
			assert_int_equal(model[pos], -1);
		for (; pos < e->offset + e->len; pos++) {
			assert_int_equal(
				(unsigned char)e->data[pos - e->offset],
				model[pos]);
			assert_int_equal(e->seq, model_seq[pos]);
		}
		bytes += e->len;
		n++;
	}
	for (; pos < SPAN; pos++)
		assert_int_equal(model[pos], -1);
	assert_int_equal(x.bytes, bytes);
	assert_int_equal(x.n, n);
}

static void
the_newer_bytes_are_on_top(void **state)
{
	struct extent *e;

	(void)state;
	(void)put(10, 20, 'a', 0);
	e = put(15, 5, 'b', 3);
	check();
	assert_int_equal(x.n, 3);
	assert_int_equal(x.bytes, 20);
	assert_ptr_equal(TAILQ_NEXT(TAILQ_FIRST(&x.list), link), e);
	(void)put(5, 40, 'c', 0);
	check();
	assert_int_equal(x.n, 1);
	assert_int_equal(x.bytes, 40);
}

static void
neighbours_do_not_touch_each_other(void **state)
{
	(void)state;
	(void)put(10, 10, 'a', 0);
	(void)put(20, 10, 'b', 0);
	(void)put(0, 10, 'c', 0);
	check();
	assert_int_equal(x.n, 3);
	cut(10, 20);
	check();
	assert_int_equal(x.n, 2);
}

static void
a_cut_takes_a_piece_out_of_the_middle(void **state)
{
	(void)state;
	(void)put(100, 50, 'a', 0);
	cut(110, 120);
	check();
	assert_int_equal(x.n, 2);
	assert_int_equal(x.bytes, 40);
	cut(0, 105);
	cut(145, UINT64_MAX);
	check();
	assert_int_equal(x.bytes, 30);
	cut(0, UINT64_MAX);
	assert_int_equal(x.n, 0);
	assert_int_equal(x.bytes, 0);
}

static void
a_cut_of_nothing_takes_nothing(void **state)
{
	(void)state;
	cut(0, UINT64_MAX);
	(void)put(100, 50, 'a', 0);
	cut(0, 100);
	cut(150, 200);
	check();
	assert_int_equal(x.n, 1);
	cut(120, 120);
	check();
	assert_int_equal(x.bytes, 50);
}

static void
a_split_makes_two_that_know_where_they_came_from(void **state)
{
	struct extent *e = put(100, 50, 'a', 7);
	struct extent *tail;
	unsigned n;

	(void)state;
	e->verf = 42;
	assert_int_equal(extents_split(&x, e, 20), 0);
	check();
	tail = TAILQ_NEXT(e, link);
	assert_int_equal(e->len, 20);
	assert_int_equal(tail->offset, 120);
	assert_int_equal(tail->len, 30);
	assert_int_equal(tail->verf, 42);
	assert_ptr_equal(tail->buf, e->buf);
	assert_int_equal(e->buf->refs, 2);
	n = x.n;
	assert_int_equal(extents_split(&x, e, 20), 0);
	assert_int_equal(extents_split(&x, e, 200), 0);
	assert_int_equal(x.n, n);
	extents_del(&x, e);
	assert_int_equal(tail->buf->refs, 1);
	assert_int_equal(x.bytes, 30);
}

static void
the_reference_of_the_buffer_ends_with_its_last_extent(void **state)
{
	struct buf *b = buf_new(64);
	int i;

	(void)state;
	assert_non_null(b);
	memset(b->data, 'z', 64);
	for (i = 0; i < 4; i++)
		assert_non_null(extents_put(&x, (uint64_t)i * 20, 16, b,
					    b->data + i * 16));
	assert_int_equal(b->refs, 5);
	assert_int_equal(extents_cut(&x, 5, 10), 0); /* in two */
	assert_int_equal(b->refs, 6);
	assert_int_equal(extents_cut(&x, 0, 40), 0);
	assert_int_equal(b->refs, 3);
	extents_clear(&x);
	assert_int_equal(b->refs, 1);
	assert_int_equal(x.n, 0);
	assert_int_equal(x.bytes, 0);
	buf_put(b);
}

static struct extent *
any(unsigned *seed)
{
	struct extent *e = TAILQ_FIRST(&x.list);
	unsigned skip = x.n == 0 ? 0 : (unsigned)rand_r(seed) % x.n;

	while (skip-- > 0)
		e = TAILQ_NEXT(e, link);
	return e;
}

static void
random_step(unsigned *seed)
{
	uint64_t offset = (unsigned)rand_r(seed) % (SPAN - LEN_MAX);
	size_t len = 1 + (unsigned)rand_r(seed) % LEN_MAX;
	struct extent *e = any(seed);
	uint64_t i;

	switch (rand_r(seed) % 8) {
	case 0:
		cut(offset, offset + len - 1);
		break;
	case 1:
		if (e != NULL)
			assert_int_equal(extents_split(&x, e, 1 + len % 20), 0);
		break;
	case 2:
		if (e == NULL || rand_r(seed) % 2)
			break;
		for (i = e->offset; i < e->offset + e->len; i++)
			model[i] = -1;
		extents_del(&x, e);
		break;
	case 3:
		if (rand_r(seed) % 50 == 0)
			cut(offset, UINT64_MAX);
		break;
	default:
		(void)put(offset, len, (char)(1 + rand_r(seed) % 120),
			  (unsigned)rand_r(seed) % 9);
		break;
	}
}

static void
any_order_of_puts_and_cuts_keeps_the_newest_bytes(void **state)
{
	unsigned seed = 20240517;
	int i;

	(void)state;
	for (i = 0; i < 20000; i++) {
		random_step(&seed);
		check();
	}
	assert_true(x.n > 0);
}

/* Writing from front to back is the usual case, and nothing is ever cut. */
static void
a_file_written_from_front_to_back_has_one_extent_for_each_write(void **state)
{
	unsigned i;

	(void)state;
	for (i = 0; i < SPAN / 6; i++)
		(void)put((uint64_t)i * 6, 6, (char)('a' + i % 26), 0);
	check();
	assert_int_equal(x.n, SPAN / 6);
	assert_int_equal(x.bytes, SPAN / 6 * 6);
}

#define TEST(fn) cmocka_unit_test_setup_teardown(fn, setup, teardown)

int
main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(the_newer_bytes_are_on_top),
		TEST(neighbours_do_not_touch_each_other),
		TEST(a_cut_takes_a_piece_out_of_the_middle),
		TEST(a_cut_of_nothing_takes_nothing),
		TEST(a_split_makes_two_that_know_where_they_came_from),
		TEST(the_reference_of_the_buffer_ends_with_its_last_extent),
		TEST(any_order_of_puts_and_cuts_keeps_the_newest_bytes),
		TEST(a_file_written_from_front_to_back_has_one_extent_for_each_write),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
