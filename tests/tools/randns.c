/* SPDX-License-Identifier: Apache-2.0
 *
 * randns - random changes of a tree through two mounts, against a model.
 *
 * A and B are two mounts of one export, or twice the same directory.  One
 * process does everything in turn, so what the server has is known at every
 * moment: the last version of each history below.  What a mount may still
 * show is what the promise leaves: a lookup, stat, open or read that begins
 * at t sees each change that was completed before t - T; its own changes and
 * directory listings are exact at once; with T = 0 everything is.
 *
 * So each fact (what a name leads to; mode, links, mtime and bytes of an
 * object) is a history, and each version in it has for each mount the time
 * until which an operation that begins may still see it.  A path is walked
 * through the model as a set: at each component every object that the mount
 * may take the name for.  An answer must be explained by a member of that
 * set, an error likewise.
 *
 * Changes through a mount that may be mistaken about the way to their place
 * have more than one right effect; they are left out and counted.  A mistake
 * about the last name itself is let in where the result tells the effect.
 *
 * Exit status 0 all as promised, 1 not, 2 usage.
 */
#ifndef _GNU_SOURCE
#define _GNU_SOURCE
#endif

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <getopt.h>
#include <limits.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#define DEPTH 4
#define BYTES_MAX 6000
#define SETS 256
#define ALLOW 16
#define HELD 8
#define DIRS_MAX 50
#define RING 60
#define NOTE_MAX 400
#define NEVER INT64_MAX
#define MS 1000000LL

enum { VIEW_A, VIEW_B, VIEW_SERVER }; /* the last one is always exact */
enum kind { KIND_FILE, KIND_DIR, KIND_LINK };

/* Names that have been trouble somewhere; the long one is made at the start. */
static char long_name[NAME_MAX + 1];
static const char *const names[] = {
	"a",           "b",    "c",         "d",         "e",
	"index.html",  ".dot", "two words", "new\nline", "\xff\x80",
	"back\\slash", "-rf",  "*?[a]$",    long_name,
};
#define NAMES ((unsigned)(sizeof(names) / sizeof(names[0])))

struct blob {
	struct blob *next; /* of all, to free them */
	size_t len;
	unsigned char bytes[];
};

/* val: a number, a struct obj * or a struct blob * */
struct ver {
	uintptr_t val;
	int64_t until[2]; /* by A, by B */
};

/* The last version is the truth. */
struct hist {
	struct ver *v;
	unsigned n;
	unsigned cap;
};

struct obj {
	struct obj *next; /* of all, to free them */
	enum kind kind;
	unsigned id;
	bool is_gone; /* the server has it no more */
	bool may_have_extra; /* a hidden link, see obj_lose_name() */
	bool was_moved[2]; /* a directory that the other mount renamed */
	struct obj *parent; /* of a directory */
	struct hist mode;
	struct hist links;
	struct hist mtime; /* ns; 0 = unknown */
	struct hist data;
	struct hist ent[sizeof(names) / sizeof(names[0])];
	char target[64];
	ino_t ino[3]; /* as each view showed it; 0 = not yet */
};

/* A descriptor that stays open over other operations. */
struct held {
	int fd;
	int view;
	struct obj *obj; /* NULL: free */
	struct obj *grave; /* where its last name was */
	bool must_live; /* though it has no name */
};

struct path {
	unsigned comp[DEPTH + 1];
	unsigned n;
	char text[PATH_MAX];
};

/* What a path may lead to, and how the walk may fail. */
struct walk {
	struct obj *set[SETS];
	unsigned n;
	bool may_be_absent;
	bool may_be_notdir;
};

struct run {
	const char *dirs[3];
	int root_fd[3];
	uint64_t seed;
	uint64_t rng;
	uint64_t ops;
	uint64_t op;
	uint64_t check_every;
	uint64_t rest_every; /* operations, on average, between two pauses */
	int64_t window[2]; /* T and slack of A, of B; 0 = always exact */
	int64_t started; /* CLOCK_REALTIME */
	int64_t begun; /* this operation */
	bool is_verbose;
	bool has_one_writer; /* of the bytes of each file */
	struct obj *root;
	struct obj *objs;
	struct blob *blobs;
	unsigned next_id;
	unsigned live_dirs;
	struct held held[HELD];
	unsigned about[2]; /* objects of this operation, for the record */
	int allowed[ALLOW];
	unsigned allowed_n;
	uint64_t left_out;
	uint64_t stale_seen; /* answers that only an older version explains */
	char ring[RING][NOTE_MAX];
};

/* Random choices, time, and the record of what was done. */

static uint64_t
rnd(struct run *r, uint64_t n)
{
	uint64_t z = (r->rng += 0x9e3779b97f4a7c15ULL); /* splitmix64 */

	z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9ULL;
	z = (z ^ (z >> 27)) * 0x94d049bb133111ebULL;
	return (z ^ (z >> 31)) % n;
}

static int64_t
now(void)
{
	struct timespec ts;

	(void)clock_gettime(CLOCK_MONOTONIC, &ts);
	return ts.tv_sec * 1000 * MS + ts.tv_nsec;
}

static void
set_about(struct run *r, const struct obj *one, const struct obj *two)
{
	r->about[0] = one ? one->id : two ? two->id : 0;
	r->about[1] = one && two ? two->id : 0;
}

static int64_t
real_now(void)
{
	struct timespec ts;

	(void)clock_gettime(CLOCK_REALTIME, &ts);
	return ts.tv_sec * 1000 * MS + ts.tv_nsec;
}

/* A path as it may stand in a log: one line, the long name shortened. */
static const char *
show(const char *text)
{
	static char buf[2][200];
	static unsigned turn;
	char *to = buf[turn++ % 2], *at = to;

	for (; *text && at < to + 180; text++) {
		unsigned char c = (unsigned char)*text;

		if (strncmp(text, "xxxxxxxx", 8) == 0) {
			text += strspn(text, "x") - 1;
			at += snprintf(at, 12, "xx..xx");
		} else if (c < ' ' || c > '~' || c == '\\') {
			at += snprintf(at, 12, "\\%03o", c);
		} else {
			*at++ = (char)c;
		}
	}
	*at = '\0';
	return to;
}

__attribute__((format(printf, 2, 3))) static void
note(struct run *r, const char *fmt, ...)
{
	char *at = r->ring[r->op % RING];
	int n = snprintf(at, NOTE_MAX, "%llu %lld.%03lld ",
			 (unsigned long long)r->op,
			 (long long)(r->begun / (1000 * MS) % 10000),
			 (long long)(r->begun / MS % 1000));
	va_list ap;

	va_start(ap, fmt);
	(void)vsnprintf(at + n, (size_t)(NOTE_MAX - n), fmt, ap);
	va_end(ap);
}

static void
note_result(struct run *r, int err)
{
	char *at = r->ring[r->op % RING];
	size_t n = strlen(at);

	(void)snprintf(at + n, NOTE_MAX - n, " = %s",
		       err ? strerrorname_np(err) : "ok");
	for (int i = 0; i < 2 && r->about[i]; i++) {
		n = strlen(at);
		(void)snprintf(at + n, NOTE_MAX - n, " #%u", r->about[i]);
	}
	if (r->is_verbose)
		fprintf(stderr, "%s\n", at);
}

__attribute__((format(printf, 2, 3), noreturn)) static void
die(struct run *r, const char *fmt, ...)
{
	uint64_t i = r->op >= RING ? r->op - RING + 1 : 0;
	va_list ap;

	fprintf(stderr, "randns: the last operations (time in s):\n");
	for (; i <= r->op; i++)
		fprintf(stderr, "  %s\n", r->ring[i % RING]);
	fprintf(stderr, "randns: FAILED: ");
	va_start(ap, fmt);
	(void)vfprintf(stderr, fmt, ap);
	va_end(ap);
	fprintf(stderr,
		"\nrandns: at operation %llu of %llu, seed %llu, "
		"windows %lld and %lld ms\n",
		(unsigned long long)r->op, (unsigned long long)r->ops,
		(unsigned long long)r->seed, (long long)(r->window[0] / MS),
		(long long)(r->window[1] / MS));
	exit(1);
}

static void *
must(struct run *r, void *p)
{
	if (!p)
		die(r, "out of memory");
	return p;
}

/* Histories. */

static bool
ver_may_show(const struct run *r, const struct hist *h, unsigned i, int view)
{
	if (i + 1 == h->n)
		return true;
	return view != VIEW_SERVER && h->v[i].until[view] > r->begun;
}

static uintptr_t
hist_now(const struct hist *h)
{
	return h->n ? h->v[h->n - 1].val : 0;
}

/* May the view show VAL? */
static bool
hist_has(struct run *r, const struct hist *h, int view, uintptr_t val)
{
	for (unsigned i = h->n; i-- > 0;) {
		if (ver_may_show(r, h, i, view) && h->v[i].val == val) {
			r->stale_seen += val && val != hist_now(h);
			return true;
		}
	}
	return h->n == 0 && val == 0;
}

/* Can the view only show the truth? */
static bool
hist_is_sure(const struct run *r, const struct hist *h, int view)
{
	for (unsigned i = 0; i + 1 < h->n; i++) {
		if (ver_may_show(r, h, i, view) && h->v[i].val != hist_now(h))
			return false;
	}
	return true;
}

static void
hist_push(struct run *r, struct hist *h, uintptr_t val, int64_t a, int64_t b)
{
	if (h->n == h->cap) {
		h->cap = h->cap ? 2 * h->cap : 2;
		h->v = must(r, realloc(h->v, h->cap * sizeof(*h->v)));
	}
	h->v[h->n++] = (struct ver){ .val = val, .until = { a, b } };
}

/* A change that BY has completed just now; -1 if neither mount need know. */
static void
hist_set(struct run *r, struct hist *h, uintptr_t val, int by)
{
	int64_t at = now();
	unsigned keep = 0;

	if (h->n == 0)
		hist_push(r, h, 0, NEVER, NEVER);
	for (unsigned i = 0; i < h->n; i++) {
		struct ver v = h->v[i];

		for (int view = VIEW_A; view <= VIEW_B; view++) {
			if (view == by)
				v.until[view] = 0;
			else if (v.until[view] == NEVER)
				v.until[view] = r->window[view]
							? at + r->window[view]
							: 0;
		}
		if (v.until[0] > r->begun || v.until[1] > r->begun)
			h->v[keep++] = v;
	}
	h->n = keep;
	hist_push(r, h, val, NEVER, NEVER);
}

/* Objects. */

static struct blob *
blob_new(struct run *r, size_t len)
{
	struct blob *b = must(r, calloc(1, sizeof(*b) + len + 1));

	b->len = len;
	b->next = r->blobs;
	r->blobs = b;
	return b;
}

static struct obj *
obj_new(struct run *r, enum kind kind, unsigned mode)
{
	struct obj *o = must(r, calloc(1, sizeof(*o)));

	o->kind = kind;
	o->id = ++r->next_id;
	o->next = r->objs;
	r->objs = o;
	hist_push(r, &o->mode, mode, NEVER, NEVER);
	hist_push(r, &o->links, 1, NEVER, NEVER);
	hist_push(r, &o->mtime, 0, NEVER, NEVER);
	hist_push(r, &o->data, (uintptr_t)blob_new(r, 0), NEVER, NEVER);
	r->live_dirs += kind == KIND_DIR;
	return o;
}

static struct obj *
ent_now(const struct obj *dir, unsigned name)
{
	return (struct obj *)hist_now(&dir->ent[name]);
}

static bool
dir_is_empty(const struct obj *dir)
{
	for (unsigned i = 0; i < NAMES; i++) {
		if (ent_now(dir, i))
			return false;
	}
	return true;
}

static bool
is_within(const struct obj *dir, const struct obj *top)
{
	for (; dir; dir = dir->parent) {
		if (dir == top)
			return true;
	}
	return false;
}

/* Is a file without a name, but held open by another view, kept in DIR? */
static bool
has_graves(const struct run *r, const struct obj *dir, int but_not_of)
{
	for (int i = 0; i < HELD; i++) {
		const struct held *h = &r->held[i];

		if (h->obj && h->grave == dir && h->view != but_not_of)
			return true;
	}
	return false;
}

/* One name of O in DIR is gone.  A view that took it for another object cannot
 * know that the links of this one have changed. */
static void
obj_lose_name(struct run *r, struct obj *o, struct obj *dir, int by,
	      bool was_sure)
{
	uintptr_t links = hist_now(&o->links) - 1;

	/* Who does not know of another link yet keeps the file by a hidden one
	 * as long as it has it open. */
	if (links > 0 && !hist_is_sure(r, &o->links, by))
		o->may_have_extra = true;
	hist_set(r, &o->links, links, was_sure ? by : -1);
	if (links > 0)
		return;
	o->is_gone = true;
	r->live_dirs -= o->kind == KIND_DIR;
	for (int i = 0; i < HELD; i++) {
		struct held *h = &r->held[i];

		if (h->obj && h->obj == o) {
			h->must_live = h->view == by && was_sure;
			h->grave = dir;
		}
		/* Its hidden name goes with the directory. */
		if (h->obj && h->grave == o)
			h->must_live = false;
	}
}

/* Bytes. */

struct edit {
	bool with_trunc; /* to trunc, before the rest */
	size_t trunc;
	size_t off;
	size_t len;
	unsigned char bytes[BYTES_MAX];
};

static struct blob *
blob_edit(struct run *r, const struct blob *b, const struct edit *e)
{
	size_t keep = e->with_trunc && e->trunc < b->len ? e->trunc : b->len;
	size_t len = e->with_trunc ? e->trunc : b->len;
	struct blob *to;

	if (e->len && e->off + e->len > len)
		len = e->off + e->len;
	to = blob_new(r, len);
	memcpy(to->bytes, b->bytes, keep);
	memcpy(to->bytes + e->off, e->bytes, e->len);
	return to;
}

/* What BY may still have been showing, it may go on showing with the edit in
 * it: its pages are older than those bytes. */
static void
obj_edit(struct run *r, struct obj *o, const struct edit *e, int by)
{
	struct hist *h = &o->data;
	struct ver keep[SETS];
	unsigned n = 0;
	const struct blob *was = (const struct blob *)hist_now(h);

	if (!e->with_trunc && e->len == 0)
		return; /* a write of nothing changes nothing */
	for (unsigned i = 0; i + 1 < h->n && n < SETS; i++) {
		if (!ver_may_show(r, h, i, by))
			continue;
		keep[n].val = (uintptr_t)blob_edit(
			r, (const struct blob *)h->v[i].val, e);
		keep[n].until[by] = h->v[i].until[by];
		keep[n++].until[1 - by] = 0;
	}
	hist_set(r, h, (uintptr_t)blob_edit(r, was, e), by);
	for (unsigned i = 0; i < n; i++) {
		struct ver last = h->v[h->n - 1];

		h->v[h->n - 1] = keep[i];
		hist_push(r, h, last.val, NEVER, NEVER);
	}
	hist_set(r, &o->mtime, 0, by);
}

static void
edit_fill(struct run *r, struct edit *e, size_t off, size_t len)
{
	e->off = off;
	e->len = len;
	for (size_t i = 0; i < len; i++)
		e->bytes[i] = (unsigned char)('!' + rnd(r, 90));
}

/* Each byte must be one that some version has there; where the file was cut
 * and grows again a page of the time between may show zeros. */
static bool
bytes_may_be(struct run *r, const struct obj *o, int view,
	     const unsigned char *got, size_t len, size_t *ret_bad)
{
	const struct blob *truth = (const struct blob *)hist_now(&o->data);
	bool is_sure = hist_is_sure(r, &o->data, view);

	for (size_t at = 0; at < len; at++) {
		bool is_fine = at < truth->len && truth->bytes[at] == got[at];

		for (unsigned i = 0; !is_fine && i < o->data.n; i++) {
			const struct blob *b =
				(const struct blob *)o->data.v[i].val;

			if (!ver_may_show(r, &o->data, i, view))
				continue;
			is_fine = at < b->len ? b->bytes[at] == got[at]
					      : !is_sure && got[at] == 0;
		}
		if (!is_fine) {
			*ret_bad = at;
			return false;
		}
	}
	return true;
}

static bool
size_may_be(struct run *r, const struct obj *o, int view, size_t size)
{
	for (unsigned i = o->data.n; i-- > 0;) {
		const struct blob *b = (const struct blob *)o->data.v[i].val;

		if (ver_may_show(r, &o->data, i, view) && b->len == size) {
			r->stale_seen += i + 1 < o->data.n;
			return true;
		}
	}
	return false;
}

/* Paths. */

static void
path_add(struct path *p, unsigned name)
{
	size_t n = strlen(p->text);

	p->comp[p->n++] = name;
	(void)snprintf(p->text + n, sizeof(p->text) - n, "%s%s", n ? "/" : "",
		       names[name]);
}

static void
path_drop(struct path *p)
{
	p->n--;
	p->text[strlen(p->text) - strlen(names[p->comp[p->n]])] = '\0';
	if (p->n)
		p->text[strlen(p->text) - 1] = '\0';
}

/* What the last name of a path should be, where there is one like that. */
enum wish { WISH_USED, WISH_FREE, WISH_FILE, WISH_DIR };

static bool
is_wished(const struct obj *o, enum wish wish)
{
	if (!o)
		return wish == WISH_FREE;
	if (wish == WISH_FILE)
		return o->kind == KIND_FILE;
	if (wish == WISH_DIR)
		return o->kind == KIND_DIR;
	return wish == WISH_USED;
}

static unsigned
pick_name(struct run *r, const struct obj *dir, enum wish wish)
{
	unsigned from = (unsigned)rnd(r, NAMES);

	for (unsigned i = 0; i < NAMES; i++) {
		unsigned name = (from + i) % NAMES;

		if (is_wished(ent_now(dir, name), wish))
			return name;
	}
	return from;
}

static void
pick_path(struct run *r, struct path *p, enum wish wish)
{
	const struct obj *dir = r->root;
	unsigned depth = (unsigned)rnd(r, DEPTH);
	unsigned name;

	p->n = 0;
	p->text[0] = '\0';
	while (p->n < depth && dir) {
		struct obj *o;

		if (rnd(r, 40) == 0) /* perhaps not a directory, or nothing */
			name = (unsigned)rnd(r, NAMES);
		else
			name = pick_name(r, dir, WISH_DIR);
		o = ent_now(dir, name);
		if (!o && rnd(r, 10) != 0)
			break;
		path_add(p, name);
		dir = o && o->kind == KIND_DIR ? o : NULL;
	}
	if (dir && rnd(r, 4) != 0)
		path_add(p, pick_name(r, dir, wish));
	else
		path_add(p, (unsigned)rnd(r, NAMES));
}

static void
walk_add(struct run *r, struct walk *w, struct obj *o)
{
	for (unsigned i = 0; i < w->n; i++) {
		if (w->set[i] == o)
			return;
	}
	if (w->n == SETS)
		die(r, "more than %d ways to understand a path", SETS);
	w->set[w->n++] = o;
}

/* A link in the middle leads nowhere: no target exists. */
static void
walk_step(struct run *r, struct walk *w, int view, unsigned name)
{
	struct walk from = *w;

	w->n = 0;
	for (unsigned i = 0; i < from.n; i++) {
		struct obj *dir = from.set[i];
		struct hist *h = &dir->ent[name];

		if (dir->kind == KIND_FILE)
			w->may_be_notdir = true;
		if (dir->kind == KIND_LINK || dir->is_gone || h->n == 0)
			w->may_be_absent = true;
		for (unsigned v = 0; dir->kind == KIND_DIR && v < h->n; v++) {
			if (!ver_may_show(r, h, v, view))
				continue;
			if (h->v[v].val)
				walk_add(r, w, (struct obj *)h->v[v].val);
			else
				w->may_be_absent = true;
		}
	}
}

/* The first N components. */
static void
walk_path(struct run *r, struct walk *w, int view, const struct path *p,
	  unsigned n)
{
	*w = (struct walk){ .n = 1, .set = { r->root } };
	for (unsigned i = 0; i < n; i++)
		walk_step(r, w, view, p->comp[i]);
}

/* Outcomes: allowed errors, 0 is success. */

static bool
is_allowed(const struct run *r, int err)
{
	for (unsigned i = 0; i < r->allowed_n; i++) {
		if (r->allowed[i] == err)
			return true;
	}
	return false;
}

static void
allow(struct run *r, int err)
{
	if (!is_allowed(r, err) && r->allowed_n < ALLOW)
		r->allowed[r->allowed_n++] = err;
}

static void
allow_walk_errors(struct run *r, const struct walk *w)
{
	if (w->may_be_absent)
		allow(r, ENOENT);
	if (w->may_be_notdir)
		allow(r, ENOTDIR);
}

/* Was the outcome allowed?  Returns whether the operation took place. */
static bool
judge(struct run *r, int err)
{
	char list[200] = "";

	note_result(r, err);
	if (is_allowed(r, err))
		return err == 0;
	for (unsigned i = 0; i < r->allowed_n; i++) {
		size_t n = strlen(list);
		int e = r->allowed[i];

		(void)snprintf(list + n, sizeof(list) - n, " %s",
			       e ? strerrorname_np(e) : "success");
	}
	die(r, "the result is %s, only these can be explained:%s",
	    err ? strerror(err) : "success", list);
}

static int
err_of(int rc)
{
	return rc < 0 ? errno : 0;
}

/* The way to where a change happens. */
enum way {
	WAY_SURE, /* *ret_dir is the directory */
	WAY_ERROR, /* it must fail; the errors are allowed */
	WAY_UNSURE, /* leave it out */
};

static enum way
find_way(struct run *r, int view, const struct path *p, struct obj **ret_dir)
{
	struct walk w;

	walk_path(r, &w, view, p, p->n - 1);
	if (w.n == 0) {
		allow_walk_errors(r, &w);
		return WAY_ERROR;
	}
	if (w.n > 1 || w.may_be_absent || w.may_be_notdir)
		return WAY_UNSURE;
	if (w.set[0]->kind == KIND_FILE) {
		allow(r, ENOTDIR);
		return WAY_ERROR;
	}
	if (w.set[0]->kind == KIND_LINK) {
		allow(r, ENOENT);
		return WAY_ERROR;
	}
	*ret_dir = w.set[0];
	return WAY_SURE;
}

static void
leave_out(struct run *r)
{
	r->left_out++;
	note(r, "left out");
}

static unsigned
last_of(const struct path *p)
{
	return p->comp[p->n - 1];
}

/* Changes. */

static const char *
view_name(int view)
{
	return view == VIEW_A ? "A" : view == VIEW_B ? "B" : "server";
}

static int
do_make(struct run *r, int view, enum kind kind, const struct path *p,
	unsigned mode, const char *target)
{
	int fd;

	if (kind == KIND_DIR)
		return err_of(mkdirat(r->root_fd[view], p->text, mode));
	if (kind == KIND_LINK)
		return err_of(symlinkat(target, r->root_fd[view], p->text));
	fd = openat(r->root_fd[view], p->text,
		    O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, mode);
	return fd < 0 ? errno : err_of(close(fd));
}

static void
op_make(struct run *r, int view)
{
	static const char *const what[] = { "create", "mkdir", "symlink" };
	enum kind kind = (enum kind)(rnd(r, 8) % 6 % 3);
	unsigned mode = (unsigned)rnd(r, 01000) | 0200;
	struct obj *dir = NULL, *o;
	char target[64];
	struct path p;
	enum way way;

	pick_path(r, &p, WISH_FREE);
	if (kind == KIND_DIR && r->live_dirs >= DIRS_MAX)
		kind = KIND_FILE;
	(void)snprintf(target, sizeof(target), "nowhere/%0*u",
		       (int)rnd(r, 40) + 1, r->next_id);
	way = find_way(r, view, &p, &dir);
	if (way == WAY_UNSURE) {
		leave_out(r);
		return;
	}
	if (way == WAY_SURE) {
		const struct hist *h = &dir->ent[last_of(&p)];

		set_about(r, dir, ent_now(dir, last_of(&p)));

		if (!hist_now(h))
			allow(r, 0);
		if (hist_now(h) || !hist_is_sure(r, h, view))
			allow(r, EEXIST);
	}
	note(r, "%s %s %s", view_name(view), what[kind], show(p.text));
	if (!judge(r, do_make(r, view, kind, &p, mode, target)))
		return;
	o = obj_new(r, kind, mode);
	o->parent = dir;
	memcpy(o->target, target, sizeof(target));
	hist_set(r, &dir->ent[last_of(&p)], (uintptr_t)o, view);
}

/* What removing a name may answer to a mount that takes it for O. */
static void
allow_remove(struct run *r, const struct obj *o, bool is_rmdir)
{
	if (!o)
		allow(r, ENOENT);
	else if (is_rmdir && o->kind != KIND_DIR)
		allow(r, ENOTDIR);
	else if (!is_rmdir && o->kind == KIND_DIR)
		allow(r, EISDIR);
}

static void
op_remove(struct run *r, int view)
{
	struct obj *dir = NULL, *o;
	bool is_rmdir, is_sure;
	struct path p;
	struct hist *h;
	enum way way;

	pick_path(r, &p, rnd(r, 3) ? WISH_USED : WISH_DIR);
	is_rmdir = rnd(r, 2) == 0;
	way = find_way(r, view, &p, &dir);
	if (way == WAY_UNSURE) {
		leave_out(r);
		return;
	}
	h = way == WAY_SURE ? &dir->ent[last_of(&p)] : NULL;
	o = h ? (struct obj *)hist_now(h) : NULL;
	set_about(r, o, dir);
	if (o && rnd(r, 8) != 0) /* mostly what fits */
		is_rmdir = o->kind == KIND_DIR;
	for (unsigned i = 0; h && i < h->n; i++) {
		if (ver_may_show(r, h, i, view))
			allow_remove(r, (struct obj *)h->v[i].val, is_rmdir);
	}
	if (h)
		allow_remove(r, o, is_rmdir);
	if (o && is_rmdir == (o->kind == KIND_DIR)) {
		if (!is_rmdir || dir_is_empty(o))
			allow(r, 0);
		if (is_rmdir && (!dir_is_empty(o) || has_graves(r, o, view)))
			allow(r, ENOTEMPTY);
	}
	note(r, "%s %s %s", view_name(view), is_rmdir ? "rmdir" : "unlink",
	     show(p.text));
	if (!judge(r, err_of(unlinkat(r->root_fd[view], p.text,
				      is_rmdir ? AT_REMOVEDIR : 0))))
		return;
	is_sure = hist_is_sure(r, h, view);
	hist_set(r, h, 0, view);
	obj_lose_name(r, o, dir, view, is_sure);
}

struct move {
	int view;
	bool is_noreplace;
	struct path from, to;
	struct obj *from_dir, *to_dir;
	struct obj *obj; /* what moves */
};

/* What the kernel of a mount that takes the target for D says itself. */
static bool
allow_rename_errors(struct run *r, const struct move *m, const struct obj *d)
{
	unsigned before = r->allowed_n;
	bool is_dir = m->obj->kind == KIND_DIR;

	/* The kernel that knows a directory under its old name cannot give it
	 * the new one while it holds the lock of renames (d_splice_alias). */
	if (m->from_dir != m->to_dir &&
	    (m->obj->was_moved[m->view] || (d && d->was_moved[m->view])))
		allow(r, ESTALE);
	before = r->allowed_n;
	if (m->is_noreplace && d)
		allow(r, EEXIST);
	if (is_dir && is_within(m->to_dir, m->obj))
		allow(r, EINVAL);
	if (d && d->kind == KIND_DIR && is_within(m->from_dir, d))
		allow(r, ENOTEMPTY);
	if (d && d != m->obj && is_dir && d->kind != KIND_DIR)
		allow(r, ENOTDIR);
	if (d && d != m->obj && !is_dir && d->kind == KIND_DIR)
		allow(r, EISDIR);
	return r->allowed_n > before;
}

/* False: the effect could not be told from the result. */
static bool
allow_rename(struct run *r, const struct move *m)
{
	const struct hist *h = &m->to_dir->ent[last_of(&m->to)];
	const struct obj *d = (const struct obj *)hist_now(h);

	for (unsigned i = 0; i + 1 < h->n; i++) {
		if (!ver_may_show(r, h, i, m->view) ||
		    h->v[i].val == (uintptr_t)d)
			continue;
		if ((struct obj *)h->v[i].val == m->obj)
			return false;
		(void)allow_rename_errors(r, m, (struct obj *)h->v[i].val);
		if (d) { /* the server's word for the same trouble */
			allow(r, EEXIST);
			allow(r, ENOTEMPTY);
		}
	}
	if (allow_rename_errors(r, m, d))
		return true;
	if (d && d != m->obj && d->kind == KIND_DIR) {
		if (!dir_is_empty(d) || has_graves(r, d, -1)) {
			allow(r, ENOTEMPTY);
			allow(r, EEXIST);
		}
		if (!dir_is_empty(d))
			return true;
	}
	allow(r, 0);
	return true;
}

static void
rename_done(struct run *r, const struct move *m)
{
	struct hist *from = &m->from_dir->ent[last_of(&m->from)];
	struct hist *to = &m->to_dir->ent[last_of(&m->to)];
	struct obj *victim = (struct obj *)hist_now(to);
	bool is_sure = hist_is_sure(r, to, m->view);

	if (victim == m->obj)
		return; /* two names of one object: nothing happens */
	hist_set(r, to, (uintptr_t)m->obj, m->view);
	hist_set(r, from, 0, m->view);
	if (m->obj->kind == KIND_DIR) {
		m->obj->parent = m->to_dir;
		m->obj->was_moved[1 - m->view] = true;
	}
	if (victim)
		obj_lose_name(r, victim, m->to_dir, m->view, is_sure);
}

static void
op_rename(struct run *r, int view)
{
	struct move m = { .view = view, .is_noreplace = rnd(r, 4) == 0 };
	enum way from, to = WAY_SURE;
	const struct hist *h;

	pick_path(r, &m.from, WISH_USED);
	pick_path(r, &m.to, rnd(r, 2) ? WISH_FREE : WISH_USED);
	from = find_way(r, view, &m.from, &m.from_dir);
	if (from == WAY_SURE)
		to = find_way(r, view, &m.to, &m.to_dir);
	if (from == WAY_UNSURE || to == WAY_UNSURE) {
		leave_out(r);
		return;
	}
	if (from == WAY_SURE && to == WAY_SURE) {
		h = &m.from_dir->ent[last_of(&m.from)];
		m.obj = (struct obj *)hist_now(h);
		set_about(r, m.obj, ent_now(m.to_dir, last_of(&m.to)));
		if (!hist_is_sure(r, h, view) ||
		    (m.obj && !allow_rename(r, &m))) {
			leave_out(r);
			return;
		}
		if (!m.obj)
			allow(r, ENOENT);
	}
	note(r, "%s rename%s %s -> %s", view_name(view),
	     m.is_noreplace ? " NOREPLACE" : "", show(m.from.text),
	     show(m.to.text));
	if (judge(r, err_of(renameat2(r->root_fd[view], m.from.text,
				      r->root_fd[view], m.to.text,
				      m.is_noreplace ? RENAME_NOREPLACE : 0))))
		rename_done(r, &m);
}

static void
op_link(struct run *r, int view)
{
	struct move m = { .view = view };
	enum way from, to = WAY_SURE;
	struct hist *h = NULL;

	pick_path(r, &m.from, WISH_FILE);
	pick_path(r, &m.to, WISH_FREE);
	from = find_way(r, view, &m.from, &m.from_dir);
	if (from == WAY_SURE) {
		h = &m.from_dir->ent[last_of(&m.from)];
		m.obj = (struct obj *)hist_now(h);
		if (!hist_is_sure(r, h, view))
			from = WAY_UNSURE;
		else if (!m.obj)
			allow(r, ENOENT);
		else
			to = find_way(r, view, &m.to, &m.to_dir);
	}
	if (from == WAY_UNSURE || to == WAY_UNSURE) {
		leave_out(r);
		return;
	}
	if (m.obj && to == WAY_SURE) {
		set_about(r, m.obj, m.to_dir);
		h = &m.to_dir->ent[last_of(&m.to)];
		if (hist_now(h) || !hist_is_sure(r, h, view))
			allow(r, EEXIST);
		if (m.obj->kind == KIND_DIR)
			allow(r, EPERM);
		else if (!hist_now(h))
			allow(r, 0);
	}
	note(r, "%s link %s -> %s", view_name(view), show(m.from.text),
	     show(m.to.text));
	if (!judge(r, err_of(linkat(r->root_fd[view], m.from.text,
				    r->root_fd[view], m.to.text, 0))))
		return;
	hist_set(r, h, (uintptr_t)m.obj, view);
	hist_set(r, &m.obj->links, hist_now(&m.obj->links) + 1, view);
}

/* The object that a change is about, known for sure.  False: leave it out.
 * *ret may be NULL, then the errors are allowed already. */
static bool
find_obj(struct run *r, int view, const struct path *p, struct obj **ret)
{
	struct obj *dir = NULL;
	enum way way = find_way(r, view, p, &dir);

	*ret = NULL;
	if (way == WAY_UNSURE ||
	    (way == WAY_SURE &&
	     !hist_is_sure(r, &dir->ent[last_of(p)], view))) {
		leave_out(r);
		return false;
	}
	if (way == WAY_SURE)
		*ret = ent_now(dir, last_of(p));
	set_about(r, *ret, dir);
	if (way == WAY_SURE && !*ret)
		allow(r, ENOENT);
	return true;
}

static void
op_chmod(struct run *r, int view)
{
	unsigned mode = (unsigned)rnd(r, 01000);
	struct path p;
	struct obj *o;

	pick_path(r, &p, WISH_USED);
	if (!find_obj(r, view, &p, &o) || (o && o->kind == KIND_LINK))
		return;
	if (o)
		allow(r, 0);
	note(r, "%s chmod %03o %s", view_name(view), mode, show(p.text));
	if (judge(r, err_of(fchmodat(r->root_fd[view], p.text, mode, 0))))
		hist_set(r, &o->mode, mode, view);
}

static void
set_mtime(struct run *r, struct obj *o, int64_t ns, int by)
{
	hist_set(r, &o->mtime, (uintptr_t)ns, by);
}

/* A server that died may have lost what a mount wrote last, so that mount writes
 * it again; NFSv3 cannot tell it that another changed the file meanwhile. */
static bool
may_write(const struct run *r, const struct obj *o, int view)
{
	return !o || !r->has_one_writer || (int)(o->id % 2) == view;
}

static void
op_utimens(struct run *r, int view)
{
	int64_t s = (int64_t)rnd(r, 2000000000) + 1, ns;
	struct timespec ts[2];
	struct path p;
	struct obj *o;

	ns = (int64_t)rnd(r, 1000000000);
	ts[0] = ts[1] = (struct timespec){ .tv_sec = s, .tv_nsec = ns };
	pick_path(r, &p, WISH_FILE);
	/* ganesha says yes to times of a symbolic link, but keeps the old. */
	if (!find_obj(r, view, &p, &o) || (o && o->kind != KIND_FILE) ||
	    !may_write(r, o, view))
		return;
	if (o)
		allow(r, 0);
	note(r, "%s utimens %lld.%09lld %s", view_name(view), (long long)s,
	     (long long)ns, show(p.text));
	if (judge(r, err_of(utimensat(r->root_fd[view], p.text, ts,
				      AT_SYMLINK_NOFOLLOW))))
		set_mtime(r, o, s * 1000 * MS + ns, view);
}

static void
op_truncate(struct run *r, int view)
{
	struct edit e = { .with_trunc = true, .trunc = rnd(r, BYTES_MAX) };
	struct path p;
	struct obj *o;
	int fd, err;

	pick_path(r, &p, WISH_FILE);
	if (!find_obj(r, view, &p, &o) || (o && o->kind == KIND_LINK) ||
	    !may_write(r, o, view))
		return;
	if (o)
		allow(r, o->kind == KIND_DIR ? EISDIR : 0);
	note(r, "%s truncate to %zu %s", view_name(view), e.trunc,
	     show(p.text));
	fd = openat(r->root_fd[view], p.text, O_WRONLY | O_CLOEXEC);
	err = fd < 0 ? errno : err_of(ftruncate(fd, (off_t)e.trunc));
	if (fd >= 0)
		(void)close(fd);
	if (judge(r, err))
		obj_edit(r, o, &e, view);
}

/* Ways to write. */
enum how {
	HOW_ANEW, /* O_TRUNC and all bytes */
	HOW_PIECE, /* somewhere in the middle, or a hole behind the end */
	HOW_APPEND,
	HOW_SNEAKY, /* in place, size and mtime as before */
};

static int
do_write(struct run *r, int fd, const struct edit *e, enum how how)
{
	const struct timespec omit = { .tv_nsec = UTIME_OMIT };
	struct stat st;
	ssize_t n;

	if (fstat(fd, &st) < 0)
		return errno;
	n = how == HOW_APPEND ? write(fd, e->bytes, e->len)
			      : pwrite(fd, e->bytes, e->len, (off_t)e->off);
	if (n < 0)
		return errno;
	if ((size_t)n != e->len)
		die(r, "a write of %zu bytes wrote %zd", e->len, n);
	if (how == HOW_SNEAKY) {
		struct timespec ts[2] = { omit, st.st_mtim };

		return err_of(futimens(fd, ts));
	}
	return 0;
}

static void
plan_write(struct run *r, struct edit *e, enum how how, const struct obj *o)
{
	size_t size = ((const struct blob *)hist_now(&o->data))->len;
	size_t len = rnd(r, 1500) + 1, off = rnd(r, size + 100);

	e->with_trunc = how == HOW_ANEW;
	if (how == HOW_APPEND)
		off = size;
	if (how == HOW_ANEW)
		off = 0;
	if (how == HOW_SNEAKY)
		off = 0, len = size < BYTES_MAX ? size : BYTES_MAX;
	if (off + len > BYTES_MAX)
		len = off < BYTES_MAX ? BYTES_MAX - off : 0;
	edit_fill(r, e, off, len);
}

static void
op_write(struct run *r, int view)
{
	static const char *const what[] = { "write anew", "write piece",
					    "append", "write sneakily" };
	enum how how = (enum how)rnd(r, 4);
	int flags = O_WRONLY | O_NOFOLLOW | O_CLOEXEC, fd, err;
	uintptr_t mtime;
	struct edit e;
	struct path p;
	struct obj *o;

	pick_path(r, &p, WISH_FILE);
	if (!find_obj(r, view, &p, &o) || !may_write(r, o, view))
		return;
	memset(&e, 0, sizeof(e));
	if (o)
		plan_write(r, &e, how, o);
	if (o && how != HOW_ANEW && !hist_is_sure(r, &o->mtime, view))
		how = HOW_ANEW, plan_write(r, &e, how, o);
	/* An append through a mount that may not know the end yet may land
	 * elsewhere: NFSv3 has no append. */
	if (o && how == HOW_APPEND && !hist_is_sure(r, &o->data, view)) {
		leave_out(r);
		return;
	}
	if (o)
		allow(r, o->kind == KIND_DIR    ? EISDIR
			 : o->kind == KIND_LINK ? ELOOP
						: 0);
	flags |= how == HOW_ANEW ? O_TRUNC : how == HOW_APPEND ? O_APPEND : 0;
	note(r, "%s %s off %zu len %zu %s", view_name(view), what[how], e.off,
	     e.len, show(p.text));
	fd = openat(r->root_fd[view], p.text, flags);
	err = fd < 0 ? errno : do_write(r, fd, &e, how);
	if (fd >= 0)
		(void)close(fd);
	if (!judge(r, err))
		return;
	mtime = hist_now(&o->mtime);
	obj_edit(r, o, &e, view);
	if (how == HOW_SNEAKY && mtime)
		set_mtime(r, o, (int64_t)mtime, view);
}

/* Looks.  Each returns NULL if O explains what was seen, else why not. */

/* Where the model does not know it, it is a time of this run. */
static bool
mtime_may_be(struct run *r, const struct obj *o, int view, int64_t ns)
{
	const int64_t slack = 3000 * MS;

	if (hist_has(r, &o->mtime, view, (uintptr_t)ns))
		return true;
	return hist_has(r, &o->mtime, view, 0) && ns > r->started - slack &&
	       ns < real_now() + slack;
}

static const char *
stat_differs(struct run *r, int view, struct obj *o, const struct stat *st)
{
	static const mode_t type[] = { S_IFREG, S_IFDIR, S_IFLNK };
	int64_t mtime = st->st_mtim.tv_sec * 1000 * MS + st->st_mtim.tv_nsec;

	if ((st->st_mode & S_IFMT) != type[o->kind])
		return "type";
	if (o->kind != KIND_LINK &&
	    !hist_has(r, &o->mode, view, st->st_mode & 07777))
		return "mode";
	if (o->kind != KIND_DIR && !o->is_gone &&
	    !hist_has(r, &o->links, view, st->st_nlink) &&
	    !(o->may_have_extra &&
	      hist_has(r, &o->links, view, st->st_nlink - 1)))
		return "number of links";
	if (o->kind == KIND_LINK && (size_t)st->st_size != strlen(o->target))
		return "size of a symbolic link";
	if (o->kind == KIND_FILE &&
	    !size_may_be(r, o, view, (size_t)st->st_size))
		return "size";
	if (o->kind != KIND_DIR && !mtime_may_be(r, o, view, mtime))
		return "mtime";
	if (o->ino[view] && o->ino[view] != st->st_ino)
		return "inode number";
	return NULL;
}

__attribute__((noreturn)) static void
die_stat(struct run *r, const struct walk *w, const char *why,
	 const struct stat *st)
{
	for (unsigned i = 0; i < w->n; i++) {
		const struct obj *o = w->set[i];
		const struct blob *b = (const struct blob *)hist_now(&o->data);

		fprintf(stderr,
			"randns: may be object %u: kind %d mode %03lo links "
			"%lu size %zu mtime %lu\n",
			o->id, (int)o->kind, (long)hist_now(&o->mode),
			(long)hist_now(&o->links), b->len,
			(long)hist_now(&o->mtime));
	}
	die(r,
	    "wrong %s; got mode %o links %lu size %lld mtime %lld.%09ld "
	    "inode %lu",
	    why, st->st_mode, (long)st->st_nlink, (long long)st->st_size,
	    (long long)st->st_mtim.tv_sec, st->st_mtim.tv_nsec,
	    (long)st->st_ino);
}

static void
look_stat(struct run *r, int view, const struct path *p)
{
	const char *why = NULL;
	uint64_t seen;
	struct stat st;
	struct walk w;

	r->allowed_n = 0;
	walk_path(r, &w, view, p, p->n);
	set_about(r, w.n ? w.set[0] : NULL, w.n > 1 ? w.set[1] : NULL);
	allow_walk_errors(r, &w);
	if (w.n)
		allow(r, 0);
	note(r, "%s stat %s", view_name(view), show(p->text));
	if (!judge(r, err_of(fstatat(r->root_fd[view], p->text, &st,
				     AT_SYMLINK_NOFOLLOW))))
		return;
	for (unsigned i = 0; i < w.n; i++) {
		seen = r->stale_seen;
		why = stat_differs(r, view, w.set[i], &st);
		if (why)
			r->stale_seen = seen;
		if (!why) {
			if (w.n == 1)
				w.set[0]->ino[view] = st.st_ino;
			return;
		}
	}
	die_stat(r, &w, why, &st);
}

static void
op_stat(struct run *r, int view)
{
	struct path p;

	pick_path(r, &p, WISH_USED);
	look_stat(r, view, &p);
}

/* What was read of a file that is certainly O. */
static void
check_bytes(struct run *r, int view, const struct obj *o,
	    const unsigned char *got, size_t len)
{
	const struct blob *truth = (const struct blob *)hist_now(&o->data);
	size_t bad = 0;

	if (!size_may_be(r, o, view, len))
		die(r, "read %zu bytes of object %u, expected %zu", len, o->id,
		    truth->len);
	if (!bytes_may_be(r, o, view, got, len, &bad))
		die(r,
		    "object %u: the byte at %zu of %zu is %02x, expected %02x",
		    o->id, bad, len, got[bad],
		    bad < truth->len ? truth->bytes[bad] : 0);
}

static void
match_bytes(struct run *r, int view, const struct walk *w,
	    const unsigned char *got, size_t len)
{
	size_t bad;

	for (unsigned i = 0; i < w->n; i++) {
		if (w->set[i]->kind == KIND_FILE &&
		    size_may_be(r, w->set[i], view, len) &&
		    bytes_may_be(r, w->set[i], view, got, len, &bad))
			return;
	}
	for (unsigned i = 0; i < w->n; i++) {
		if (w->set[i]->kind == KIND_FILE)
			check_bytes(r, view, w->set[i], got, len);
	}
	die(r, "read %zu bytes of what is no file", len);
}

static void
look_read(struct run *r, int view, const struct path *p)
{
	unsigned char got[2 * BYTES_MAX];
	ssize_t n = 0;
	struct walk w;
	int fd, err;

	r->allowed_n = 0;
	walk_path(r, &w, view, p, p->n);
	set_about(r, w.n ? w.set[0] : NULL, w.n > 1 ? w.set[1] : NULL);
	allow_walk_errors(r, &w);
	for (unsigned i = 0; i < w.n; i++) {
		enum kind kind = w.set[i]->kind;

		allow(r, kind == KIND_DIR    ? EISDIR
			 : kind == KIND_LINK ? ELOOP
					     : 0);
		if (w.set[i]->is_gone) /* NFSv3 cannot read what is deleted */
			allow(r, ESTALE);
	}
	note(r, "%s read %s", view_name(view), show(p->text));
	fd = openat(r->root_fd[view], p->text,
		    O_RDONLY | O_NOFOLLOW | O_CLOEXEC);
	err = err_of(fd);
	if (fd >= 0) {
		n = read(fd, got, sizeof(got));
		err = n < 0 ? errno : 0;
		(void)close(fd);
	}
	if (judge(r, err))
		match_bytes(r, view, &w, got, (size_t)n);
}

static void
op_read(struct run *r, int view)
{
	struct path p;

	pick_path(r, &p, WISH_FILE);
	look_read(r, view, &p);
}

static void
look_readlink(struct run *r, int view, const struct path *p)
{
	char got[PATH_MAX] = "";
	struct walk w;
	ssize_t n;

	r->allowed_n = 0;
	walk_path(r, &w, view, p, p->n);
	set_about(r, w.n ? w.set[0] : NULL, w.n > 1 ? w.set[1] : NULL);
	allow_walk_errors(r, &w);
	for (unsigned i = 0; i < w.n; i++) {
		allow(r, w.set[i]->kind == KIND_LINK ? 0 : EINVAL);
		if (w.set[i]->is_gone)
			allow(r, ESTALE);
	}
	note(r, "%s readlink %s", view_name(view), show(p->text));
	n = readlinkat(r->root_fd[view], p->text, got, sizeof(got) - 1);
	if (!judge(r, n < 0 ? errno : 0))
		return;
	for (unsigned i = 0; i < w.n; i++) {
		if (w.set[i]->kind == KIND_LINK &&
		    strcmp(w.set[i]->target, got) == 0)
			return;
	}
	die(r, "readlink says '%s'", got);
}

static void
op_readlink(struct run *r, int view)
{
	struct path p;

	pick_path(r, &p, WISH_USED);
	look_readlink(r, view, &p);
}

/* A listing is always the truth of now. */

static const char *
entry_differs(int view, const struct obj *dir, const struct dirent *d,
	      unsigned *seen)
{
	static const unsigned char type[] = { DT_REG, DT_DIR, DT_LNK };
	const struct obj *o;

	for (unsigned i = 0; i < NAMES; i++) {
		if (strcmp(names[i], d->d_name) != 0)
			continue;
		o = ent_now(dir, i);
		if (!o)
			return "a name that is not there";
		if (*seen & (1u << i))
			return "a name twice";
		if (d->d_type != DT_UNKNOWN && d->d_type != type[o->kind])
			return "a wrong type";
		if (o->ino[view] && o->ino[view] != d->d_ino)
			return "a wrong inode number";
		*seen |= 1u << i;
		return NULL;
	}
	return "an unknown name";
}

/* NULL, or what is wrong with the listing; *ret_name is about which name. */
static const char *
list_differs(int view, const struct obj *dir, DIR *dp, const char **ret_name)
{
	static char name[NAME_MAX + 1];
	const char *why;
	struct dirent *d;
	unsigned seen = 0;

	*ret_name = name;
	rewinddir(dp);
	while ((d = readdir(dp))) {
		if (strcmp(d->d_name, ".") == 0 || strcmp(d->d_name, "..") == 0)
			continue;
		why = entry_differs(view, dir, d, &seen);
		if (why) {
			(void)snprintf(name, sizeof(name), "%s", d->d_name);
			return why;
		}
	}
	for (unsigned i = 0; i < NAMES; i++) {
		if (ent_now(dir, i) && !(seen & (1u << i))) {
			(void)snprintf(name, sizeof(name), "%s", names[i]);
			return "a missing name";
		}
	}
	return NULL;
}

static void
match_list(struct run *r, int view, const struct walk *w, DIR *dp)
{
	const struct timespec pause = { .tv_nsec = 20 * MS };
	/* At the server what stood in for removed files may go a bit later. */
	int tries = view == VIEW_SERVER ? 250 : 1;
	const char *why = NULL, *name = "";

	while (tries-- > 0) {
		for (unsigned i = 0; i < w->n; i++) {
			if (w->set[i]->kind != KIND_DIR)
				continue;
			why = list_differs(view, w->set[i], dp, &name);
			if (!why)
				return;
		}
		if (tries > 0)
			(void)nanosleep(&pause, NULL);
	}
	die(r, "the listing has %s: %s", why, show(name));
}

static void
look_list(struct run *r, int view, const struct path *p)
{
	DIR *dp = NULL;
	struct walk w;
	int fd;

	r->allowed_n = 0;
	walk_path(r, &w, view, p, p->n);
	set_about(r, w.n ? w.set[0] : NULL, w.n > 1 ? w.set[1] : NULL);
	allow_walk_errors(r, &w);
	for (unsigned i = 0; i < w.n; i++) {
		allow(r, w.set[i]->kind == KIND_DIR ? 0 : ENOTDIR);
		if (w.set[i]->kind == KIND_LINK)
			allow(r, ELOOP);
		if (w.set[i]->is_gone)
			allow(r, ESTALE);
	}
	note(r, "%s list %s", view_name(view), show(p->text));
	fd = openat(r->root_fd[view], p->n ? p->text : ".",
		    O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
	if (fd >= 0)
		dp = fdopendir(fd);
	if (!judge(r, dp ? 0 : errno))
		return;
	match_list(r, view, &w, dp);
	(void)closedir(dp);
}

static void
op_list(struct run *r, int view)
{
	struct path p;

	pick_path(r, &p, WISH_DIR);
	if (rnd(r, 4) != 0)
		path_drop(&p);
	look_list(r, view, &p);
}

/* Descriptors that stay open. */

static void
op_hold(struct run *r, int view)
{
	struct held *h = &r->held[rnd(r, HELD)];
	struct path p;
	struct obj *o;
	int fd;

	if (h->obj) {
		set_about(r, h->obj, NULL);
		note(r, "%s close of held object %u", view_name(h->view),
		     h->obj->id);
		allow(r, 0);
		(void)judge(r, err_of(close(h->fd)));
		h->obj = NULL;
		return;
	}
	pick_path(r, &p, WISH_FILE);
	if (!find_obj(r, view, &p, &o))
		return;
	if (o)
		allow(r, o->kind == KIND_DIR    ? EISDIR
			 : o->kind == KIND_LINK ? ELOOP
						: 0);
	note(r, "%s open and hold %s", view_name(view), show(p.text));
	fd = openat(r->root_fd[view], p.text, O_RDWR | O_NOFOLLOW | O_CLOEXEC);
	if (judge(r, err_of(fd)))
		*h = (struct held){ .fd = fd, .view = view, .obj = o };
}

static void
op_use_held(struct run *r, int view)
{
	struct held *h = &r->held[rnd(r, HELD)];
	bool is_write = rnd(r, 3) == 0;
	unsigned char got[2 * BYTES_MAX];
	struct edit e = { .len = 0 };
	ssize_t n;

	(void)view;
	if (!h->obj || (is_write && !may_write(r, h->obj, h->view)))
		return;
	allow(r, 0);
	if (h->obj->is_gone && !h->must_live)
		allow(r, ESTALE);
	if (is_write)
		plan_write(r, &e, HOW_PIECE, h->obj);
	note(r, "%s %s held object %u%s", view_name(h->view),
	     is_write ? "write to" : "read of", h->obj->id,
	     h->must_live ? ", removed here" : "");
	if (is_write)
		n = pwrite(h->fd, e.bytes, e.len, (off_t)e.off);
	else
		n = pread(h->fd, got, sizeof(got), 0);
	if (!judge(r, n < 0 ? errno : 0))
		return;
	if (!is_write)
		check_bytes(r, h->view, h->obj, got, (size_t)n);
	else if ((size_t)n != e.len)
		die(r, "a write of %zu bytes wrote %zd", e.len, n);
	else
		obj_edit(r, h->obj, &e, h->view);
}

/* The run as a whole. */

static void
compare_tree(struct run *r, int view, struct path *p, const struct obj *dir)
{
	r->begun = now();
	look_list(r, view, p);
	for (unsigned i = 0; i < NAMES; i++) {
		const struct obj *o = ent_now(dir, i);

		if (!o || p->n > DEPTH)
			continue;
		path_add(p, i);
		r->begun = now();
		look_stat(r, view, p);
		if (o->kind == KIND_FILE)
			look_read(r, view, p);
		else if (o->kind == KIND_LINK)
			look_readlink(r, view, p);
		else
			compare_tree(r, view, p, o);
		path_drop(p);
	}
}

static void
compare_all(struct run *r, int view)
{
	struct path p = { .n = 0 };

	compare_tree(r, view, &p, r->root);
}

static int64_t
longest_window(const struct run *r)
{
	return r->window[0] > r->window[1] ? r->window[0] : r->window[1];
}

static void
pause_for(int64_t ns)
{
	struct timespec ts = { .tv_sec = ns / (1000 * MS),
			       .tv_nsec = ns % (1000 * MS) };

	(void)nanosleep(&ts, NULL);
}

static void
finish(struct run *r)
{

	r->op = r->ops;
	for (int i = 0; i < HELD; i++) {
		if (r->held[i].obj)
			(void)close(r->held[i].fd);
		r->held[i].obj = NULL;
	}
	pause_for(longest_window(r));
	compare_all(r, VIEW_A);
	compare_all(r, VIEW_B);
	if (r->dirs[VIEW_SERVER])
		compare_all(r, VIEW_SERVER);
	printf("randns: ok: %llu operations, seed %llu, windows %lld and %lld "
	       "ms, %llu objects made, %llu changes left out, %llu older "
	       "states seen\n",
	       (unsigned long long)r->ops, (unsigned long long)r->seed,
	       (long long)(r->window[0] / MS), (long long)(r->window[1] / MS),
	       (unsigned long long)r->next_id, (unsigned long long)r->left_out,
	       (unsigned long long)r->stale_seen);
}

static const struct op_kind {
	unsigned weight;
	void (*run)(struct run *r, int view);
} op_kinds[] = {
	{ 14, op_make },    { 8, op_remove },   { 8, op_rename },
	{ 4, op_link },     { 4, op_chmod },    { 3, op_utimens },
	{ 3, op_truncate }, { 10, op_write },   { 14, op_stat },
	{ 12, op_read },    { 2, op_readlink }, { 8, op_list },
	{ 4, op_hold },     { 6, op_use_held },
};

static void
run_one(struct run *r)
{
	unsigned sum = 0;
	size_t i, pick;

	for (i = 0; i < sizeof(op_kinds) / sizeof(op_kinds[0]); i++)
		sum += op_kinds[i].weight;
	pick = rnd(r, sum);
	for (i = 0; pick >= op_kinds[i].weight; i++)
		pick -= op_kinds[i].weight;
	r->allowed_n = 0;
	r->begun = now();
	set_about(r, NULL, NULL);
	note(r, "nothing");
	op_kinds[i].run(r, rnd(r, 2) ? VIEW_B : VIEW_A);
}

/* So that there are facts of every age, and some that must be known by now. */
static void
rest(struct run *r)
{
	uint64_t window = (uint64_t)longest_window(r);

	if (!window || rnd(r, r->rest_every) != 0)
		return;
	pause_for((int64_t)rnd(r, window + window / 2));
	if (rnd(r, 2))
		compare_all(r, rnd(r, 2) ? VIEW_B : VIEW_A);
}

static void
run_all(struct run *r)
{
	r->root = obj_new(r, KIND_DIR, 0755);
	for (r->op = 1; r->op <= r->ops; r->op++) {
		run_one(r);
		rest(r);
		if (r->op % r->check_every == 0)
			compare_all(r, r->op / r->check_every % 2 ? VIEW_A
								  : VIEW_B);
	}
	finish(r);
}

static void
free_all(struct run *r)
{
	while (r->objs) {
		struct obj *o = r->objs;

		r->objs = o->next;
		free(o->mode.v);
		free(o->links.v);
		free(o->mtime.v);
		free(o->data.v);
		for (unsigned i = 0; i < NAMES; i++)
			free(o->ent[i].v);
		free(o);
	}
	while (r->blobs) {
		struct blob *b = r->blobs;

		r->blobs = b->next;
		free(b);
	}
}

static int
usage(FILE *to)
{
	fprintf(to,
		"usage: randns [options] DIR-A DIR-B\n"
		"  --ops N          operations (20000)\n"
		"  --seed N         of the random choices (the time)\n"
		"  --staleness S    T in seconds, e.g. 0.5 (0)\n"
		"  --staleness-b S  another T for B\n"
		"  --slack MS       on top of T when it is not 0 (50)\n"
		"  --rest-every N   operations between pauses, if T is not 0 "
		"(200)\n"
		"  --check-dir D    the server's directory; compared at the "
		"end\n"
		"  --check-every N  operations between comparisons of the "
		"whole (1000)\n"
		"  --one-writer     only one mount writes to each file\n"
		"  --verbose        print each operation\n"
		"The directories must be empty.\n");
	return to == stdout ? 0 : 2;
}

static bool
parse(struct run *r, int argc, char **argv)
{
	static const struct option longs[] = {
		{ "ops", required_argument, NULL, 'o' },
		{ "seed", required_argument, NULL, 's' },
		{ "staleness", required_argument, NULL, 't' },
		{ "staleness-b", required_argument, NULL, 'b' },
		{ "slack", required_argument, NULL, 'l' },
		{ "check-dir", required_argument, NULL, 'c' },
		{ "check-every", required_argument, NULL, 'e' },
		{ "rest-every", required_argument, NULL, 'r' },
		{ "one-writer", no_argument, NULL, 'w' },
		{ "verbose", no_argument, NULL, 'v' },
		{ NULL, 0, NULL, 0 }
	};
	double staleness[2] = { 0, -1 }, slack_ms = 50;
	int c;

	while ((c = getopt_long(argc, argv, "v", longs, NULL)) != -1) {
		if (c == 'o')
			r->ops = strtoull(optarg, NULL, 0);
		else if (c == 's')
			r->seed = strtoull(optarg, NULL, 0);
		else if (c == 't')
			staleness[0] = strtod(optarg, NULL);
		else if (c == 'b')
			staleness[1] = strtod(optarg, NULL);
		else if (c == 'l')
			slack_ms = strtod(optarg, NULL);
		else if (c == 'c')
			r->dirs[VIEW_SERVER] = optarg;
		else if (c == 'e')
			r->check_every = strtoull(optarg, NULL, 0);
		else if (c == 'r')
			r->rest_every = strtoull(optarg, NULL, 0);
		else if (c == 'w')
			r->has_one_writer = true;
		else if (c == 'v')
			r->is_verbose = true;
		else
			return false;
	}
	if (optind + 2 != argc || !r->check_every || !r->rest_every)
		return false;
	r->dirs[VIEW_A] = argv[optind];
	r->dirs[VIEW_B] = argv[optind + 1];
	if (staleness[1] < 0)
		staleness[1] = staleness[0];
	for (int i = 0; i < 2; i++) {
		if (staleness[i] > 0)
			r->window[i] =
				(int64_t)((staleness[i] * 1000 + slack_ms) *
					  MS);
	}
	return true;
}

int
main(int argc, char **argv)
{
	static struct run r = { .ops = 20000,
				.check_every = 1000,
				.rest_every = 200 };

	if (argc == 2 && strcmp(argv[1], "--help") == 0)
		return usage(stdout);
	r.seed = (uint64_t)time(NULL) * 1000 + (uint64_t)getpid() % 1000;
	if (!parse(&r, argc, argv))
		return usage(stderr);
	r.rng = r.seed;
	r.started = real_now();
	memset(long_name, 'x', NAME_MAX);
	(void)umask(0);
	for (int i = 0; i < 3; i++) {
		r.root_fd[i] = -1;
		if (!r.dirs[i])
			continue;
		r.root_fd[i] =
			open(r.dirs[i], O_RDONLY | O_DIRECTORY | O_CLOEXEC);
		if (r.root_fd[i] < 0) {
			perror(r.dirs[i]);
			return 2;
		}
	}
	printf("randns: seed %llu\n", (unsigned long long)r.seed);
	(void)fflush(stdout);
	run_all(&r);
	free_all(&r);
	return 0;
}
