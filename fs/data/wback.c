/* SPDX-License-Identifier: Apache-2.0
 *
 *             write            COMMIT sent            verifier as kept
 *   WB_IDLE ---------> WB_IDLE ------------> WB_COMMIT ---------------> WB_IDLE
 *                                              |   ^
 *                         another verifier     |   | all sent again
 *                                              v   |
 *                                         WB_DRAIN |    (no new writes from
 *                                   no write left  |     here on)
 *                                      in flight v |
 *                                         WB_REWRITE
 *
 * One COMMIT or rewriting WRITE per file is in flight, in FILE->call, on the
 * client of whoever made the transition.  Extents of one file do not overlap:
 * a newer write cuts the older ones, so the order of rewriting does not matter.
 * Each has a sequence number; a COMMIT covers those up to the number at its
 * sending.
 */
#include <config.h>

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/queue.h>

#include "base/count.h"
#include "base/lck.h"
#include "base/log.h"
#include "base/mem.h"
#include "data/wback.h"

#define WB_BUCKETS 256u
/* A COMMIT is due when a file has this much: some round trips' worth, so that
 * it costs little, and few enough to send again in a moment. */
#define WB_FILE_BYTES (8u << 20)
#define WB_FILE_EXTENTS 1024u
/* A server whose verifier changes every time gets FILE_SYNC after this many. */
#define WB_ROUNDS_MAX 3u

enum wb_state { WB_IDLE, WB_COMMIT, WB_DRAIN, WB_REWRITE };

/* Everything is [W] = wback.lock unless said otherwise. */
struct wb_extent {
	TAILQ_ENTRY(wb_extent) link;
	uint64_t offset;
	size_t len;
	uint64_t seq;
	uint64_t verf;
	const char *data;
	struct buf *buf; /* own */
};

TAILQ_HEAD(wb_extents, wb_extent);

struct wb_file {
	struct wb_file *next;        /* bucket */
	uint64_t ino;                /* const */
	struct nfs_fh fh;
	struct nfs_cred cred;
	enum wb_state state;
	unsigned writing;            /* changes between _begin and _end */
	struct wb_extents extents;   /* by offset */
	unsigned n_extents;
	uint64_t bytes;
	uint64_t seq;                /* of the newest extent */
	uint64_t commit_seq;         /* what the COMMIT in flight covers */
	uint64_t verf;               /* WB_REWRITE: the server's new one */
	ns_t last_write;
	int error;                   /* for the next fsync */
	int dropped;                 /* the server has it no more */
	unsigned rounds;             /* verifier changes in a row */
	struct wback_wait *parked;   /* writes that wait for the rewriting */
	struct wback_wait *syncing;  /* fsyncs */
	/* The call in flight: the runner's, not under the lock. */
	struct nfs_call call;
	struct wback *wback;         /* peek, const */
	struct wback_io io;
	struct buf *sending;         /* own: what call.data lies in */
};

struct wback {
	struct lck lock;
	uint64_t max;                     /* const */
	uint64_t bytes;                   /* [W] */
	struct wb_file *files[WB_BUCKETS]; /* [W] */
};

struct wback *
wback_new(uint64_t max_bytes)
{
	struct wback *w = calloc(1, sizeof(*w));

	if (w == NULL)
		return NULL;
	lck_init(&w->lock, LCK_wback);
	w->max = max_bytes;
	return w;
}

/* --- files and extents -------------------------------------------------------- */

static struct wb_file **
bucket(struct wback *w, uint64_t ino)
{
	return &w->files[(ino ^ ino >> 32) % WB_BUCKETS];
}

static struct wb_file *
find(struct wback *w, uint64_t ino)
{
	struct wb_file *f = *bucket(w, ino);

	while (f != NULL && f->ino != ino)
		f = f->next;
	return f;
}

static struct wb_file *
find_or_add(struct wback *w, uint64_t ino)
{
	struct wb_file *f = find(w, ino);

	if (f != NULL)
		return f;
	f = calloc(1, sizeof(*f));
	if (f == NULL)
		return NULL;
	f->ino = ino;
	f->wback = w;
	TAILQ_INIT(&f->extents);
	f->next = *bucket(w, ino);
	*bucket(w, ino) = f;
	return f;
}

static void
extent_free(struct wback *w, struct wb_file *f, struct wb_extent *e)
{
	TAILQ_REMOVE(&f->extents, e, link);
	f->n_extents--;
	f->bytes -= e->len;
	w->bytes -= e->len;
	buf_put(e->buf);
	free(e);
}

static void
drop_extents(struct wback *w, struct wb_file *f)
{
	while (!TAILQ_EMPTY(&f->extents))
		extent_free(w, f, TAILQ_FIRST(&f->extents));
}

/* Forget F when nothing is left to do for it. */
static void
reap(struct wback *w, struct wb_file *f)
{
	struct wb_file **p = bucket(w, f->ino);

	if (f->state != WB_IDLE || f->writing > 0 || f->n_extents > 0 ||
	    f->parked != NULL || f->syncing != NULL ||
	    (f->error != 0 && !f->dropped))
		return;
	while (*p != f)
		p = &(*p)->next;
	*p = f->next;
	free(f);
}

void
wback_free(struct wback *w)
{
	unsigned b;

	if (w == NULL)
		return;
	for (b = 0; b < WB_BUCKETS; b++) {
		struct wb_file *f;

		while ((f = w->files[b]) != NULL) {
			drop_extents(w, f);
			buf_put(f->sending);
			w->files[b] = f->next;
			free(f);
		}
	}
	lck_fini(&w->lock);
	free(w);
}

/* Cut [OFFSET, END) out of what is kept of F. */
static int
cut(struct wback *w, struct wb_file *f, uint64_t offset, uint64_t end)
{
	struct wb_extent *e, *next, *tail;

	for (e = TAILQ_FIRST(&f->extents); e != NULL; e = next) {
		uint64_t e_end = e->offset + e->len;

		next = TAILQ_NEXT(e, link);
		if (e->offset >= end)
			break;
		if (e_end <= offset)
			continue;
		if (e->offset < offset && e_end > end) {
			tail = malloc(sizeof(*tail));
			if (tail == NULL)
				return -ENOMEM;
			*tail = *e;
			tail->offset = end;
			tail->len = (size_t)(e_end - end);
			tail->data += end - e->offset;
			(void)buf_get(tail->buf);
			TAILQ_INSERT_AFTER(&f->extents, e, tail, link);
			f->n_extents++;
			f->bytes += tail->len;
			w->bytes += tail->len;
		} else if (e->offset >= offset && e_end > end) {
			size_t off = (size_t)(end - e->offset);

			e->offset += off;
			e->data += off;
			e->len -= off;
			f->bytes -= off;
			w->bytes -= off;
			continue;
		} else if (e->offset >= offset) {
			extent_free(w, f, e);
			continue;
		}
		f->bytes -= e_end - offset;
		w->bytes -= e_end - offset;
		e->len = (size_t)(offset - e->offset);
	}
	return 0;
}

static void
insert(struct wb_file *f, struct wb_extent *new)
{
	struct wb_extent *e = TAILQ_LAST(&f->extents, wb_extents);

	while (e != NULL && e->offset > new->offset)
		e = TAILQ_PREV(e, wb_extents, link);
	if (e != NULL)
		TAILQ_INSERT_AFTER(&f->extents, e, new, link);
	else
		TAILQ_INSERT_HEAD(&f->extents, new, link);
}

/* --- waiters ------------------------------------------------------------------ */

static void
wait_mail(struct mail *m)
{
	struct wback_wait *wait = container_of(m, struct wback_wait, mail);

	wait->fn(wait, wait->status);
}

static void
wake_all(struct wback_wait *list)
{
	while (list != NULL) {
		struct wback_wait *wait = list;

		list = wait->next;
		wait->mail.fn = wait_mail;
		loop_post(wait->loop, &wait->mail);
	}
}

/* Take the fsyncs that are over (all of them when STATUS is an error) off F and
 * give them their status: STATUS, or what went wrong before. */
static struct wback_wait *
take_synced(struct wb_file *f, int status)
{
	struct wback_wait **p = &f->syncing;
	struct wback_wait *done = NULL;

	while (*p != NULL) {
		struct wback_wait *wait = *p;

		if (status == 0 && wait->seq > f->commit_seq) {
			p = &wait->next;
			continue;
		}
		*p = wait->next;
		wait->next = done;
		wait->status = status != 0 ? status : f->error;
		done = wait;
	}
	if (done != NULL && status == 0)
		f->error = 0;
	return done;
}

/* --- the machine: decide under the lock, send after it ------------------------- */

static void commit_done(struct nfs_call *c);
static void rewrite_done(struct nfs_call *c);

/* What is to be sent after the lock is dropped. */
enum wb_next { WB_SEND_NOTHING, WB_SEND_COMMIT, WB_SEND_REWRITE };

static enum wb_next
to_commit(struct wb_file *f, const struct wback_io *io)
{
	f->state = WB_COMMIT;
	f->commit_seq = f->seq;
	f->io = *io;
	return WB_SEND_COMMIT;
}

/* The first extent that the server has lost, or NULL. */
static struct wb_extent *
first_lost(const struct wb_file *f)
{
	struct wb_extent *e;

	TAILQ_FOREACH (e, &f->extents, link)
		if (e->verf != f->verf)
			break;
	return e;
}

/* In WB_DRAIN: begin rewriting when the last write has ended. */
static enum wb_next
drained(struct wb_file *f, const struct wback_io *io)
{
	struct wb_extent *e;

	if (f->state != WB_DRAIN || f->writing > 0)
		return WB_SEND_NOTHING;
	e = first_lost(f);
	if (e == NULL)
		return to_commit(f, io);
	f->state = WB_REWRITE;
	f->io = *io;
	f->sending = buf_get(e->buf);
	f->call.offset = e->offset;
	f->call.count = (uint32_t)(e->len < io->wtmax ? e->len : io->wtmax);
	f->call.data = e->data;
	return WB_SEND_REWRITE;
}

/* After the lock: F is ours as long as its state is not WB_IDLE. */
static void
send(struct wb_file *f, enum wb_next next)
{
	struct nfs_call *c = &f->call;

	if (next == WB_SEND_NOTHING)
		return;
	c->cred = &f->cred;
	c->fh = f->fh;
	c->deadline = 0;
	if (next == WB_SEND_COMMIT) {
		c->proc = NFS_COMMIT;
		c->done = commit_done;
		c->offset = 0;
		c->count = 0;
	} else {
		c->proc = NFS_WRITE;
		c->done = rewrite_done;
		c->stable = f->rounds < WB_ROUNDS_MAX ? NFS_UNSTABLE :
							NFS_FILE_SYNC;
		count(rewrites);
	}
	nfs_submit(f->io.client, c);
}

/* The server will not take it: lost, unless the file itself is gone. */
static void
lose(struct wback *w, struct wb_file *f, int status)
{
	if (status != -ESTALE) {
		static long long last;

		count_add(COUNT_lost_bytes, f->bytes);
		if (log_allowed(&last, 1))
			log_error("%llu acknowledged bytes of an inode are lost: "
				  "the server restarted and refuses them now: %s",
				  (unsigned long long)f->bytes,
				  strerror(-status));
	}
	f->error = status;
	drop_extents(w, f);
}

static void
free_committed(struct wback *w, struct wb_file *f, uint64_t verf)
{
	struct wb_extent *e, *next;

	for (e = TAILQ_FIRST(&f->extents); e != NULL; e = next) {
		next = TAILQ_NEXT(e, link);
		if (e->seq <= f->commit_seq && e->verf == verf)
			extent_free(w, f, e);
	}
}

static int
any_uncommitted(const struct wb_file *f)
{
	const struct wb_extent *e;

	TAILQ_FOREACH (e, &f->extents, link)
		if (e->seq <= f->commit_seq)
			return 1;
	return 0;
}

static void
commit_done(struct nfs_call *c)
{
	struct wb_file *f = container_of(c, struct wb_file, call);
	struct wback *w = f->wback;
	struct wback_io io = f->io;
	struct wback_wait *synced = NULL;
	enum wb_next next = WB_SEND_NOTHING;
	int status = c->status;

	lck_lock(&w->lock);
	f->state = WB_IDLE;
	if (status == -ESTALE)
		lose(w, f, status);
	if (status == 0) {
		free_committed(w, f, c->ret_verf);
		count(commits);
	}
	if (status == 0 && any_uncommitted(f)) {
		f->verf = c->ret_verf;
		f->state = WB_DRAIN;
		f->rounds++;
		next = drained(f, &io);
	} else {
		f->rounds = 0;
		synced = take_synced(f, status);
		if (f->syncing != NULL)
			next = to_commit(f, &io);
		else
			reap(w, f);
	}
	lck_unlock(&w->lock);
	wake_all(synced);
	send(f, next);
}

/* The bytes of the call that was answered are at the server again. */
static void
rewritten(struct wback *w, struct wb_file *f, const struct nfs_call *c)
{
	struct wb_extent *e = first_lost(f);

	/* Nobody but wback_trim() may have changed the extents meanwhile. */
	if (e == NULL || e->offset != c->offset || c->ret_count == 0)
		return;
	if (c->ret_count < e->len) {
		struct wb_extent *tail = malloc(sizeof(*tail));

		if (tail == NULL) /* the whole extent is sent again */
			return;
		*tail = *e;
		tail->offset += c->ret_count;
		tail->data += c->ret_count;
		tail->len -= c->ret_count;
		(void)buf_get(tail->buf);
		TAILQ_INSERT_AFTER(&f->extents, e, tail, link);
		f->n_extents++;
		e->len = c->ret_count;
	}
	if (c->committed == NFS_FILE_SYNC) {
		extent_free(w, f, e);
		return;
	}
	e->verf = c->ret_verf;
	/* Yet another restart: all that was sent before is lost again. */
	f->verf = c->ret_verf;
}

static void
rewrite_done(struct nfs_call *c)
{
	struct wb_file *f = container_of(c, struct wb_file, call);
	struct wback *w = f->wback;
	struct wback_io io = f->io;
	struct wback_wait *parked = NULL;
	struct wback_wait *synced = NULL;
	enum wb_next next;

	buf_put(f->sending);
	f->sending = NULL;
	lck_lock(&w->lock);
	f->state = WB_DRAIN;
	if (c->status == 0) {
		rewritten(w, f, c);
		next = drained(f, &io);
	} else if (c->status == -EIO) {
		/* Away: keep the bytes, tell who waits, try again later. */
		f->state = WB_IDLE;
		f->last_write = clock_now();
		synced = take_synced(f, c->status);
		next = WB_SEND_NOTHING;
	} else {
		lose(w, f, c->status);
		f->state = WB_IDLE;
		f->commit_seq = f->seq;
		synced = take_synced(f, 0);
		next = WB_SEND_NOTHING;
	}
	if (f->state != WB_REWRITE) {
		parked = f->parked;
		f->parked = NULL;
	}
	if (f->state == WB_IDLE)
		reap(w, f);
	lck_unlock(&w->lock);
	wake_all(parked);
	wake_all(synced);
	send(f, next);
}

/* --- the way of a write ------------------------------------------------------------ */

int
wback_begin(struct wback *w, uint64_t ino, struct wback_wait *wait)
{
	struct wb_file *f;
	int go = 1;

	lck_lock(&w->lock);
	f = find_or_add(w, ino);
	if (f != NULL && (f->state == WB_DRAIN || f->state == WB_REWRITE)) {
		wait->next = f->parked;
		wait->status = 0;
		f->parked = wait;
		go = 0;
	} else if (f != NULL) {
		f->writing++;
	}
	lck_unlock(&w->lock);
	return go;
}

void
wback_end(struct wback *w, const struct wback_io *io, uint64_t ino)
{
	enum wb_next next = WB_SEND_NOTHING;
	struct wb_file *f;

	lck_lock(&w->lock);
	f = find(w, ino);
	if (f != NULL && f->writing > 0) {
		f->writing--;
		f->last_write = clock_now();
		if (f->state == WB_DRAIN)
			next = drained(f, io);
		else if (f->state == WB_IDLE &&
			 (f->bytes >= WB_FILE_BYTES ||
			  f->n_extents >= WB_FILE_EXTENTS))
			next = to_commit(f, io);
		else
			reap(w, f);
	}
	lck_unlock(&w->lock);
	send(f, next);
}

enum nfs_stable
wback_how(struct wback *w, size_t len)
{
	int room;

	lck_lock(&w->lock);
	room = w->bytes + len <= w->max;
	lck_unlock(&w->lock);
	return room ? NFS_UNSTABLE : NFS_FILE_SYNC;
}

int
wback_keep(struct wback *w, uint64_t ino, const struct nfs_fh *fh,
	   const struct nfs_cred *cred, uint64_t offset, size_t len,
	   struct buf *buf, const char *data, uint64_t verf)
{
	struct wb_extent *e = calloc(1, sizeof(*e));
	struct wb_file *f;
	int r = -ENOMEM;

	lck_lock(&w->lock);
	f = find(w, ino);
	if (e == NULL || f == NULL || cut(w, f, offset, offset + len) < 0) {
		free(e);
		goto out;
	}
	f->fh = *fh;
	f->cred = *cred;
	e->offset = offset;
	e->len = len;
	e->seq = ++f->seq;
	e->verf = verf;
	e->buf = buf_get(buf);
	e->data = data;
	insert(f, e);
	f->n_extents++;
	f->bytes += len;
	w->bytes += len;
	r = 0;
out:
	lck_unlock(&w->lock);
	return r;
}

void
wback_stable(struct wback *w, uint64_t ino, uint64_t offset, size_t len)
{
	struct wb_file *f;

	lck_lock(&w->lock);
	f = find(w, ino);
	if (f != NULL)
		(void)cut(w, f, offset, offset + len);
	lck_unlock(&w->lock);
}

void
wback_trim(struct wback *w, uint64_t ino, uint64_t size)
{
	wback_stable(w, ino, size, (size_t)(UINT64_MAX - size));
}

void
wback_drop(struct wback *w, uint64_t ino)
{
	struct wb_file *f;

	lck_lock(&w->lock);
	f = find(w, ino);
	if (f != NULL) {
		f->dropped = 1;
		drop_extents(w, f);
		reap(w, f);
	}
	lck_unlock(&w->lock);
}

int
wback_sync(struct wback *w, const struct wback_io *io, uint64_t ino,
	   struct wback_wait *wait)
{
	enum wb_next next = WB_SEND_NOTHING;
	struct wb_file *f;
	int nothing = 0;

	lck_lock(&w->lock);
	f = find(w, ino);
	if (f == NULL ||
	    (f->n_extents == 0 && f->error == 0 && f->state == WB_IDLE)) {
		nothing = 1;
		goto out;
	}
	wait->seq = f->seq;
	wait->next = f->syncing;
	f->syncing = wait;
	if (f->state == WB_IDLE)
		next = to_commit(f, io);
out:
	lck_unlock(&w->lock);
	if (!nothing)
		send(f, next);
	return nothing;
}

unsigned
wback_tick(struct wback *w, const struct wback_io *io, ns_t oldest)
{
	unsigned left = 0;
	unsigned b;

	for (b = 0; b < WB_BUCKETS; b++) {
		enum wb_next next = WB_SEND_NOTHING;
		struct wb_file *f, *due = NULL;

		lck_lock(&w->lock);
		for (f = w->files[b]; f != NULL; f = f->next) {
			left += f->n_extents > 0 || f->state != WB_IDLE;
			if (due == NULL && f->state == WB_IDLE &&
			    f->n_extents > 0 && f->last_write < oldest) {
				due = f;
				next = to_commit(f, io);
			}
		}
		lck_unlock(&w->lock);
		if (due != NULL)
			send(due, next);
	}
	return left;
}

uint64_t
wback_bytes(struct wback *w)
{
	uint64_t bytes;

	lck_lock(&w->lock);
	bytes = w->bytes;
	lck_unlock(&w->lock);
	return bytes;
}
