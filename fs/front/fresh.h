/* SPDX-License-Identifier: Apache-2.0
 *
 * fresh - names in constant use are looked up again before their time is over.
 *
 * When the kernel's trust in a name that is used thousands of times a second ends,
 * everyone who wants it waits for the server, and each waiter sends a message of
 * its own.  So a name that is asked for again as soon as its time is over is
 * looked up a little before it ends the next time: the kernel's question then
 * finds a young answer here.  The server is asked as often as before.
 *
 * Threading   each worker has its own.
 */
#ifndef FS_FRONT_FRESH_H
#define FS_FRONT_FRESH_H

#include "front/fs.h"

struct fresh;
struct op;

struct fresh *fresh_new(struct worker *w); /* NULL: no memory */
void fresh_free(struct fresh *f);

/* OP asks for NAME in the directory OP->ino, or ("") for the attributes of that
 * inode; it was looked up at CHECKED last (0: never). */
void fresh_asked(struct fresh *f, struct op *op, const char *name,
		 ns_t checked);

#endif
