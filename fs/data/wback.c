/* SPDX-License-Identifier: Apache-2.0
 *
 *             write            COMMIT sent            verifier as kept
 *   WB_IDLE ---------> WB_IDLE ------------> WB_COMMIT ---------------> WB_IDLE
 *                                              |   ^
 *                         another verifier     |   | all there again
 *                                              v   |
 *                                         WB_DRAIN |    (no new writes from
 *                                   no write left  |     here on)
 *                                      in flight v |
 *                                         WB_REDO: GETATTR, then an extent at a
 *                                         time: WRITE, or READ and compare
 *
 * When another client changed the file after our last write, its change may be
 * on top of ours, and sending ours again would undo it.  Then the server's bytes
 * are compared with ours.  The same bytes have survived the restart; nothing
 * there (zeros, or the end of the file) was lost and is written again; others
 * stay as they are, and the next fsync says EIO, since nobody can tell any more
 * whether ours were lost or replaced.
 *
 * One call per file is in flight, in FILE->call, on the
 * client of whoever made the transition.  Extents of one file do not overlap:
 * a newer write cuts the older ones, so the order of rewriting does not matter.
 * Each has a sequence number; a COMMIT covers those up to the number at its
 * sending.
 */
#include <config.h>

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "base/count.h"
#include "base/lck.h"
#include "base/log.h"
#include "base/mem.h"
#include "data/extents.h"
#include "data/wback.h"

#define WB_BUCKETS 256u
/* A COMMIT is due when a file has this much: some round trips' worth, so that
 * it costs little, and few enough to send again in a moment. */
#define WB_FILE_BYTES (8u << 20)
#define WB_FILE_EXTENTS 1024u
/* A server whose verifier changes every time gets FILE_SYNC after this many. */
#define WB_ROUNDS_MAX 3u

enum wb_state { WB_IDLE, WB_COMMIT, WB_DRAIN, WB_REDO };

/* Everything is [W] = wback.lock unless said otherwise. */
struct wb_file {
	struct wb_file *next; /* bucket */
	uint64_t ino; /* const */
	struct nfs_fh fh;
	struct nfs_cred cred; /* of the last write */
	enum wb_state state;
	unsigned writing; /* changes between _begin and _end */
	struct extents extents;
	uint64_t counted; /* of its bytes, in wback.bytes */
	uint64_t seq; /* of the newest extent */
	uint64_t commit_seq; /* what the COMMIT in flight covers */
	uint64_t verf; /* WB_REDO: the server's new one */
	int compare; /* WB_REDO: somebody else changed it */
	int reading; /* WB_REDO: the call in flight compares */
	int foreign; /* somebody wrote between our writes */
	int has_seen;
	struct nfs_time seen; /* ctime after our own last change */
	struct nfs_time seen_mtime;
	ns_t last_write;
	int error; /* for the next fsync */
	int dropped; /* the server has it no more */
	unsigned rounds; /* verifier changes in a row */
	struct wback_wait *parked; /* writes that wait for the rewriting */
	struct wback_wait *syncing; /* fsyncs */
	/* The call in flight: the runner's, not under the lock. */
	struct nfs_call call;
	struct nfs_cred call_cred;
	struct wback *wback; /* peek, const */
	struct wback_io io;
	struct buf *sending; /* own: what call.data lies in */
};

struct wback {
	struct lck lock;
	uint64_t max; /* const */
	uint64_t bytes; /* [W] */
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
	extents_init(&f->extents);
	f->next = *bucket(w, ino);
	*bucket(w, ino) = f;
	return f;
}

/* After each change of F's extents: the sum over all files. */
static void
recount(struct wback *w, struct wb_file *f)
{
	w->bytes += f->extents.bytes - f->counted;
	f->counted = f->extents.bytes;
}

static void
drop_extents(struct wback *w, struct wb_file *f)
{
	extents_clear(&f->extents);
	recount(w, f);
}

/* Forget F when nothing is left to do for it. */
static void
reap(struct wback *w, struct wb_file *f)
{
	struct wb_file **p = bucket(w, f->ino);

	if (f->state != WB_IDLE || f->writing > 0 || f->extents.n > 0 ||
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
	int told = 0;

	while (*p != NULL) {
		struct wback_wait *wait = *p;

		if (status == 0 && wait->seq > f->commit_seq) {
			p = &wait->next;
			continue;
		}
		*p = wait->next;
		wait->next = done;
		wait->status = status;
		if (status == 0 && !wait->settles) {
			wait->status = f->error;
			told = 1;
		}
		done = wait;
	}
	if (told)
		f->error = 0;
	return done;
}

/* --- the machine: decide under the lock, send after it ------------------------- */

static void commit_done(struct nfs_call *c);
static void look_done(struct nfs_call *c);
static void redo_done(struct nfs_call *c);

/* What is to be sent after the lock is dropped. */
enum wb_next { WB_SEND_NOTHING, WB_SEND_COMMIT, WB_SEND_LOOK, WB_SEND_REDO };

/* The next call of F: made ready here, sent after the lock. */
static void
prepare(struct wb_file *f, const struct wback_io *io)
{
	f->io = *io;
	f->call_cred = f->cred;
	f->call.cred = &f->call_cred;
	f->call.fh = f->fh;
	f->call.deadline = 0;
	f->call.offset = 0;
	f->call.count = 0;
}

static enum wb_next
to_commit(struct wb_file *f, const struct wback_io *io)
{
	f->state = WB_COMMIT;
	f->commit_seq = f->seq;
	prepare(f, io);
	return WB_SEND_COMMIT;
}

/* The first extent that the server has lost, or NULL. */
static struct extent *
first_lost(const struct wb_file *f)
{
	struct extent *e;

	TAILQ_FOREACH (e, &f->extents.list, link)
		if (e->verf != f->verf)
			break;
	return e;
}

/* In WB_REDO: on to the next extent, or to a COMMIT after the last. */
static enum wb_next
redo(struct wb_file *f, const struct wback_io *io)
{
	struct extent *e = first_lost(f);

	if (e == NULL)
		return to_commit(f, io);
	prepare(f, io);
	f->sending = buf_get(e->buf);
	f->call.offset = e->offset;
	f->call.count = (uint32_t)(e->len < io->iomax ? e->len : io->iomax);
	f->call.data = e->data;
	f->reading = f->compare && !e->lost;
	return WB_SEND_REDO;
}

/* In WB_DRAIN: when the last write has ended, see what became of the file. */
static enum wb_next
drained(struct wb_file *f, const struct wback_io *io)
{
	if (f->state != WB_DRAIN || f->writing > 0)
		return WB_SEND_NOTHING;
	f->state = WB_REDO;
	prepare(f, io);
	return WB_SEND_LOOK;
}

/* After the lock: F is ours as long as its state is not WB_IDLE. */
static void
send(struct wb_file *f, enum wb_next next)
{
	struct nfs_call *c = &f->call;

	if (next == WB_SEND_NOTHING)
		return;
	switch (next) {
	case WB_SEND_NOTHING:
		break;
	case WB_SEND_COMMIT:
		c->proc = NFS_COMMIT;
		c->done = commit_done;
		break;
	case WB_SEND_LOOK:
		c->proc = NFS_GETATTR;
		c->done = look_done;
		break;
	case WB_SEND_REDO:
		c->proc = f->reading ? NFS_READ : NFS_WRITE;
		c->done = redo_done;
		c->stable = f->rounds < WB_ROUNDS_MAX ? NFS_UNSTABLE
						      : NFS_FILE_SYNC;
		if (!f->reading)
			count(rewrites);
		break;
	}
	nfs_submit(f->io.client, c);
}

/* The server will not take it: lost, unless the file itself is gone. */
static void
lose(struct wback *w, struct wb_file *f, int status)
{
	if (status != -ESTALE) {
		static long long last;

		count_add(COUNT_lost_bytes, f->extents.bytes);
		if (log_allowed(&last, 1))
			log_error(
				"%llu acknowledged bytes of an inode are lost: "
				"the server restarted and refuses them now: %s",
				(unsigned long long)f->extents.bytes,
				strerror(-status));
	}
	f->error = status;
	drop_extents(w, f);
}

static void
free_committed(struct wback *w, struct wb_file *f, uint64_t verf)
{
	struct extent *e, *next;

	for (e = TAILQ_FIRST(&f->extents.list); e != NULL; e = next) {
		next = TAILQ_NEXT(e, link);
		if (e->seq <= f->commit_seq && e->verf == verf)
			extents_del(&f->extents, e);
	}
	recount(w, f);
}

static int
any_uncommitted(const struct wb_file *f)
{
	const struct extent *e;

	TAILQ_FOREACH (e, &f->extents.list, link)
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
	if (status == -ESTALE) {
		lose(w, f, status); /* leaves it for those who wait */
		f->commit_seq = f->seq;
		status = 0;
	} else if (status == 0) {
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
		if (f->extents.n == 0)
			f->foreign = 0;
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

static int
is_later(const struct nfs_time *a, const struct nfs_time *b)
{
	return a->sec > b->sec || (a->sec == b->sec && a->nsec > b->nsec);
}

/* True if the data was changed after our own last change: another ctime alone is
 * a chmod, a link or a rename by somebody else. */
static int
is_foreign(const struct wb_file *f, const struct nfs_time *ctime,
	   const struct nfs_time *mtime)
{
	return f->has_seen && is_later(ctime, &f->seen) &&
	       (mtime->sec != f->seen_mtime.sec ||
		mtime->nsec != f->seen_mtime.nsec);
}

static void
saw(struct wb_file *f, const struct nfs_attr *attr)
{
	if (f->has_seen && !is_later(&attr->ctime, &f->seen))
		return;
	f->seen = attr->ctime;
	f->seen_mtime = attr->mtime;
}

/* The first bytes of E were written again. */
static void
rewritten(struct wb_file *f, struct extent *e, const struct nfs_call *c)
{
	/* This change was ours, unless another's came just before it. */
	if (c->has_wcc && is_foreign(f, &c->wcc.ctime, &c->wcc.mtime))
		f->foreign = 1;
	if (c->has_attr)
		saw(f, &c->attr);
	if (c->ret_count == 0 ||
	    extents_split(&f->extents, e, c->ret_count) < 0)
		return; /* all of it is sent again */
	/* Yet another restart: what was sent before is lost again. */
	if (f->verf != c->ret_verf)
		f->rounds++;
	f->verf = c->ret_verf;
	e->verf = c->ret_verf;
	e->lost = 0; /* the next restart asks anew */
	if (c->committed == NFS_FILE_SYNC)
		extents_del(&f->extents, e);
}

static int
all_zero(const char *data, size_t len)
{
	return len == 0 ||
	       (data[0] == 0 && memcmp(data, data + 1, len - 1) == 0);
}

/* The server's bytes in place of the first ones of E were read. */
static void
compared(struct wb_file *f, struct extent *e, const struct nfs_call *c)
{
	static long long last;
	size_t len = c->ret_count < e->len ? c->ret_count : e->len;

	if (len > 0 && extents_split(&f->extents, e, len) < 0)
		return;
	if (len > 0 && memcmp(c->ret_data, e->data, len) == 0) {
		e->verf = f->verf;
		return;
	}
	if (all_zero(c->ret_data, len)) {
		e->lost = 1;
		return;
	}
	count_add(COUNT_lost_bytes, e->len);
	f->error = -EIO;
	if (log_allowed(&last, 1))
		log_warning("the server restarted, and another client changed "
			    "a file where %zu bytes written here were not "
			    "committed yet: theirs stay",
			    e->len);
	extents_del(&f->extents, e);
}

/* Did somebody else change the file after our last change to it? */
static void
look_done(struct nfs_call *c)
{
	struct wb_file *f = container_of(c, struct wb_file, call);
	struct wback *w = f->wback;
	struct wback_io io = f->io;
	struct wback_wait *parked = NULL;
	enum wb_next next;

	if (c->status < 0) {
		redo_done(c);
		return;
	}
	lck_lock(&w->lock);
	f->compare = f->foreign || (c->has_attr && is_foreign(f, &c->attr.ctime,
							      &c->attr.mtime));
	next = redo(f, &io);
	if (f->state != WB_REDO) { /* nothing is lost any more */
		parked = f->parked;
		f->parked = NULL;
	}
	lck_unlock(&w->lock);
	wake_all(parked);
	send(f, next);
}

static void
redo_done(struct nfs_call *c)
{
	struct wb_file *f = container_of(c, struct wb_file, call);
	struct wback *w = f->wback;
	struct wback_io io = f->io;
	struct wback_wait *parked = NULL;
	struct wback_wait *synced = NULL;
	enum wb_next next = WB_SEND_NOTHING;
	struct buf *sent = f->sending;
	struct extent *e;

	f->sending = NULL;
	lck_lock(&w->lock);
	e = first_lost(f);
	if (c->status == 0) {
		/* wback_drop() may have taken the extent meanwhile. */
		if (e != NULL && e->offset == c->offset && f->reading)
			compared(f, e, c);
		else if (e != NULL && e->offset == c->offset)
			rewritten(f, e, c);
		recount(w, f);
		next = redo(f, &io);
	} else if (c->status == -EIO) {
		/* Away: keep the bytes, tell who waits, try again later. */
		f->state = WB_IDLE;
		f->last_write = clock_now();
		synced = take_synced(f, c->status);
	} else {
		lose(w, f, c->status);
		f->state = WB_IDLE;
		f->commit_seq = f->seq;
		synced = take_synced(f, 0);
	}
	if (f->state != WB_REDO) {
		parked = f->parked;
		f->parked = NULL;
	}
	if (f->state == WB_IDLE)
		reap(w, f);
	lck_unlock(&w->lock);
	buf_put(sent);
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
	if (f != NULL && (f->state == WB_DRAIN || f->state == WB_REDO)) {
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
			 (f->extents.bytes >= WB_FILE_BYTES ||
			  f->extents.n >= WB_FILE_EXTENTS))
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
wback_keep(struct wback *w, uint64_t ino, const struct nfs_call *c,
	   struct buf *buf)
{
	struct extent *e = NULL;
	struct wb_file *f;

	lck_lock(&w->lock);
	f = find(w, ino);
	if (f != NULL)
		e = extents_put(&f->extents, c->offset, c->ret_count, buf,
				c->data);
	if (e != NULL) {
		e->seq = ++f->seq;
		e->verf = c->ret_verf;
		f->fh = c->fh;
		f->cred = *c->cred;
		recount(w, f);
	}
	lck_unlock(&w->lock);
	return e != NULL ? 0 : -ENOMEM;
}

void
wback_stable(struct wback *w, uint64_t ino, uint64_t offset, size_t len)
{
	struct wb_file *f;

	lck_lock(&w->lock);
	f = find(w, ino);
	if (f != NULL) {
		(void)extents_cut(&f->extents, offset, offset + len);
		recount(w, f);
	}
	lck_unlock(&w->lock);
}

void
wback_saw(struct wback *w, uint64_t ino, const struct nfs_wcc *before,
	  const struct nfs_attr *after)
{
	struct wb_file *f;

	lck_lock(&w->lock);
	f = find(w, ino);
	if (f != NULL) {
		/* With other writes of ours in flight it may be theirs. */
		if (before != NULL && f->writing <= 1 &&
		    is_foreign(f, &before->ctime, &before->mtime))
			f->foreign = 1;
		saw(f, after);
		f->has_seen = 1;
	}
	lck_unlock(&w->lock);
}

void
wback_unsee(struct wback *w, uint64_t ino)
{
	struct wb_file *f;

	lck_lock(&w->lock);
	f = find(w, ino);
	if (f != NULL)
		f->has_seen = 0;
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
	if (f == NULL || (f->extents.n == 0 && f->state == WB_IDLE &&
			  (f->error == 0 || wait->settles))) {
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
			left += f->extents.n > 0 || f->state != WB_IDLE;
			if (due == NULL && f->state == WB_IDLE &&
			    f->extents.n > 0 && f->last_write < oldest) {
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
