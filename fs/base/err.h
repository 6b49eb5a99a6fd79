/* SPDX-License-Identifier: Apache-2.0
 *
 * err - what went wrong, in words, on the cold paths.
 *
 * Start-up, configuration and mounting return -errno and fill a struct err;
 * each level adds what it was doing and never repeats what the lower one said.
 * A request never builds a message: it has its errno and the counters.
 *
 * Threading   a struct err belongs to one thread.
 */
#ifndef FS_BASE_ERR_H
#define FS_BASE_ERR_H

struct err {
	int code; /* -errno, 0 while nothing failed */
	char msg[1024];
};

/* Replace the message.  ERR may be NULL.  Returns CODE, so that a function
 * can fail in one line: return err_set(err, -EINVAL, "..."); */
int err_set(struct err *err, int code, const char *fmt, ...)
	__attribute__((format(printf, 3, 4)));

/* Put "<what>: " before the message that is there.  Returns its code. */
int err_wrap(struct err *err, const char *fmt, ...)
	__attribute__((format(printf, 2, 3)));

#endif
