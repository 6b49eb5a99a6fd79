/* SPDX-License-Identifier: Apache-2.0 */
#include <config.h>

#include <errno.h>
#include <pthread.h>
#include <stdlib.h>
#include <string.h>
#include <sys/queue.h>

#define FUSE_USE_VERSION 312
#include <fuse_lowlevel.h>

#include "base/count.h"
#include "base/lck.h"
#include "front/notify.h"

/* More than this many names waiting: the kernel's own timeout does as well. */
#define NAMES_MAX 4096u

struct note {
	TAILQ_ENTRY(note) link;
	ino_num ino; /* or the directory of NAME */
	char *name; /* own; NULL: drop INO's pages */
	int drops; /* NAME is gone, not just old */
	struct loop *loop; /* peek */
	struct mail *done;
};

TAILQ_HEAD(note_list, note);

/* [N] = notify.lock; const = set before the thread runs */
struct notify {
	struct lck lock;
	pthread_cond_t more;
	struct note_list queue; /* [N] */
	unsigned n_names; /* [N] */
	int stop; /* [N] */
	int running; /* const */
	pthread_t thread; /* const */
	struct fuse_session *se; /* peek, const */
};

struct notify *
notify_new(void)
{
	struct notify *n = calloc(1, sizeof(*n));

	if (n == NULL)
		return NULL;
	lck_init(&n->lock, LCK_notify);
	(void)pthread_cond_init(&n->more, NULL);
	TAILQ_INIT(&n->queue);
	return n;
}

static void
note_free(struct note *note)
{
	if (note == NULL)
		return;
	free(note->name);
	free(note);
}

void
notify_free(struct notify *n)
{
	struct note *note;

	if (n == NULL)
		return;
	while ((note = TAILQ_FIRST(&n->queue)) != NULL) {
		TAILQ_REMOVE(&n->queue, note, link);
		note_free(note);
	}
	(void)pthread_cond_destroy(&n->more);
	lck_fini(&n->lock);
	free(n);
}

static void
expire_name(struct fuse_session *se, ino_num parent, const char *name)
{
	int r;

#ifdef FUSE_EXPIRE_HAS_FLAGS
	r = fuse_lowlevel_notify_expire_entry(se, parent, name, strlen(name),
					      FUSE_LL_EXPIRE_ONLY);
#else
	r = fuse_lowlevel_notify_expire_entry(se, parent, name, strlen(name));
#endif
	if (r == -ENOSYS) /* before Linux 6.2 */
		(void)fuse_lowlevel_notify_inval_entry(se, parent, name,
						       strlen(name));
}

static void
deliver(struct notify *n, struct note *note)
{
	count(invals);
	if (note->name == NULL) {
		(void)fuse_lowlevel_notify_inval_inode(n->se, note->ino, 0, 0);
	} else if (note->drops) {
		(void)fuse_lowlevel_notify_inval_entry(
			n->se, note->ino, note->name, strlen(note->name));
	} else {
		expire_name(n->se, note->ino, note->name);
	}
	if (note->done != NULL)
		loop_post(note->loop, note->done);
	note_free(note);
}

static struct note *
next_note(struct notify *n)
{
	struct note *note;

	lck_lock(&n->lock);
	while ((note = TAILQ_FIRST(&n->queue)) == NULL && !n->stop)
		lck_wait(&n->lock, &n->more);
	if (n->stop)
		note = NULL;
	if (note != NULL) {
		TAILQ_REMOVE(&n->queue, note, link);
		n->n_names -= note->name != NULL;
	}
	lck_unlock(&n->lock);
	return note;
}

static void *
notify_thread(void *arg)
{
	struct notify *n = arg;
	struct note *note;

	while ((note = next_note(n)) != NULL)
		deliver(n, note);
	return NULL;
}

int
notify_start(struct notify *n, struct fuse_session *se)
{
	int r;

	n->se = se;
	r = pthread_create(&n->thread, NULL, notify_thread, n);
	n->running = r == 0;
	return -r;
}

void
notify_stop(struct notify *n)
{
	lck_lock(&n->lock);
	n->stop = 1;
	lck_unlock(&n->lock);
	(void)pthread_cond_signal(&n->more);
	if (n->running)
		(void)pthread_join(n->thread, NULL);
	n->running = 0;
}

static void
queue(struct notify *n, struct note *note)
{
	lck_lock(&n->lock);
	if (note->name != NULL && n->n_names >= NAMES_MAX) {
		lck_unlock(&n->lock);
		note_free(note);
		return;
	}
	n->n_names += note->name != NULL;
	TAILQ_INSERT_TAIL(&n->queue, note, link);
	lck_unlock(&n->lock);
	(void)pthread_cond_signal(&n->more);
}

int
notify_inval_data(struct notify *n, ino_num ino, struct loop *loop,
		  struct mail *done)
{
	struct note *note = calloc(1, sizeof(*note));

	if (note == NULL)
		return -ENOMEM;
	note->ino = ino;
	note->loop = loop;
	note->done = done;
	queue(n, note);
	return 0;
}

static void
queue_name(struct notify *n, ino_num parent, const char *name, int drops)
{
	struct note *note = calloc(1, sizeof(*note));

	if (note != NULL)
		note->name = strdup(name);
	if (note == NULL || note->name == NULL) {
		note_free(note);
		return;
	}
	note->ino = parent;
	note->drops = drops;
	queue(n, note);
}

void
notify_drop_name(struct notify *n, ino_num parent, const char *name)
{
	queue_name(n, parent, name, 1);
}

void
notify_expire_name(struct notify *n, ino_num parent, const char *name)
{
	queue_name(n, parent, name, 0);
}
