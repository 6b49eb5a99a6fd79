/* SPDX-License-Identifier: Apache-2.0 */
#include <config.h>

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <cmocka.h>

#include "fake_nfs.h"

#define OPEN_MAX 64
#define SENT_MAX 4096

static struct nfs_call *open_calls[OPEN_MAX];
static unsigned n_open;
static char sent[SENT_MAX + 1];
static size_t n_sent;

void
fake_nfs_reset(void)
{
	n_open = 0;
	n_sent = 0;
	sent[0] = '\0';
}

static char
letter(const struct nfs_call *c)
{
	switch (c->proc) {
	case NFS_GETATTR:
		return 'G';
	case NFS_READ:
		return 'R';
	case NFS_COMMIT:
		return 'C';
	case NFS_WRITE:
		return c->stable == NFS_FILE_SYNC ? 'F' : 'W';
	default:
		return '?';
	}
}

void
nfs_submit(struct nfs_client *client, struct nfs_call *c)
{
	assert_true(n_open < OPEN_MAX);
	c->client = client;
	open_calls[n_open++] = c;
	if (n_sent < SENT_MAX) {
		sent[n_sent++] = letter(c);
		sent[n_sent] = '\0';
	}
}

static void
forget(unsigned n)
{
	n_open--;
	memmove(&open_calls[n], &open_calls[n + 1],
		(n_open - n) * sizeof(open_calls[0]));
}

void
nfs_cancel(struct nfs_call *c)
{
	unsigned n;

	for (n = 0; n < n_open; n++)
		if (open_calls[n] == c) {
			forget(n);
			return;
		}
}

const char *
fake_nfs_sent(void)
{
	return sent;
}

unsigned
fake_nfs_open(void)
{
	return n_open;
}

const struct nfs_call *
fake_nfs_peek(unsigned n)
{
	assert_true(n < n_open);
	return open_calls[n];
}

struct nfs_call *
fake_nfs_take(unsigned n)
{
	struct nfs_call *c;

	assert_true(n < n_open);
	c = open_calls[n];
	forget(n);
	c->has_attr = 0;
	c->has_wcc = 0;
	c->ret_count = 0;
	c->eof = 0;
	c->ret_data = NULL;
	c->ret_verf = 0;
	c->sent = clock_now();
	return c;
}

void
fake_nfs_done(struct nfs_call *c, int status)
{
	c->status = status;
	c->done(c);
}
