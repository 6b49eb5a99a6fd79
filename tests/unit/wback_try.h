/* SPDX-License-Identifier: Apache-2.0
 *
 * wback_try - one file of a server that restarts, a client that writes to it, and
 * a loop whose waiters run only while a test waits in try_pump().
 *
 * The server has what was written in its memory until a COMMIT; a restart
 * brings back what was committed, and another verifier.
 *
 * Threading   the loop has a thread of its own, but the two take turns: it
 *             stands still unless the test's thread is in try_pump().
 */
#ifndef TESTS_UNIT_WBACK_TRY_H
#define TESTS_UNIT_WBACK_TRY_H

#include "data/wback.h"
#include "fake_nfs.h"

#define TRY_SIZE 4096u
#define TRY_INO 5u

struct try_file {
	char data[TRY_SIZE];
	size_t size;
	uint32_t ctime;
};

struct try_server {
	struct try_file now;
	struct try_file disk;
	uint64_t verf;
	uint32_t clock; /* of its times */
	uint32_t count_max; /* bytes that one READ or WRITE gets done */
	int fickle; /* another verifier with each answer */
	int keeps_ctime; /* a restart forgets data, but not times */
	int says_sync; /* every WRITE is answered FILE_SYNC */
	int says_full; /* status of every WRITE */
};

extern struct try_server server;
extern struct wback *wback;
extern struct wback_io io;

int try_setup(void **state);
int try_teardown(void **state);

/* --- the server --- */

void server_restart(void);

/* Somebody else writes there. */
void server_foreign(uint64_t offset, const char *text);

/* Answer the oldest open call, or, at most MAX, one after the other. */
void server_answer_one(void);
void server_answer_all(unsigned max);

/* Answer the oldest open call with an error. */
void server_fail_one(int status);

/* --- the client --- */

struct try_wait {
	struct wback_wait wait;
	int called;
	int status;
};

/* As wback_begin(), wback_sync(), and that with SETTLES, with WAIT made ready. */
int try_begin(struct try_wait *wait);
int try_sync(struct try_wait *wait);
int try_settle(struct try_wait *wait);

/* The middle of a write, as op_file.c does it: between begin and end.  The
 * first half is the server's, the second ours when the answer is here. */
void try_write_sent(struct nfs_call *c, struct buf *buf, uint64_t offset);
void try_write_took(struct nfs_call *c, struct buf *buf);

/* All of a write, which must not have to wait. */
void try_write(uint64_t offset, const char *text);

/* Let the loop run what is in its mail. */
void try_pump(void);

/* Answer what is asked until WAIT is called; its status. */
int try_result(struct try_wait *wait);

#endif
