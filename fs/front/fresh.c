/* SPDX-License-Identifier: Apache-2.0 */
#include <config.h>

#include <stdlib.h>
#include <string.h>

#include "base/count.h"
#include "base/mem.h"
#include "front/fresh.h"
#include "front/op.h"

/* Names that one worker keeps fresh: what is asked for in every moment of a web
 * server's life are some pictures and their directories.  More would cost
 * nothing but the server's time when they fall out of use. */
#define SLOTS 64u
/* How long before its end a name is looked up again: some round trips, and few
 * enough not to ask the server noticeably more often. */
#define LEAD (20 * NS_MS)
/* Below this T there is no time to be ahead. */
#define T_MIN (200 * NS_MS)

struct slot {
	struct fresh *fresh; /* peek, const */
	struct timer timer; /* set: the name is to be looked up then */
	ino_num ino; /* its attributes, or the directory of NAME; 0: empty */
	struct nfs_cred cred; /* whoever asked first */
	char name[NFS_NAME_MAX + 1]; /* "": INO itself */
};

struct fresh {
	struct worker *w; /* peek */
	struct slot slots[SLOTS];
};

/* --- looking up ----------------------------------------------------------------- */

static void
attr_done(struct nfs_call *c)
{
	struct op *op = op_of(c);

	if (c->status == 0 && c->has_attr)
		(void)itable_learn(op->w->fs->itable, op->ino, &c->attr,
				   c->sent);
	op_end(op);
}

static void
name_done(struct nfs_call *c)
{
	struct op *op = op_of(c);
	struct itable *t = op->w->fs->itable;
	ino_num ino;

	/* Another file, or none: the kernel's own lookup will see to that. */
	if (c->status == 0 && c->has_attr &&
	    itable_confirm(t, op->ino, op->name, &c->ret_fh, c->sent, &ino) ==
		    0)
		(void)itable_learn(t, ino, &c->attr, c->sent);
	if (c->has_dir_attr)
		(void)itable_learn(t, op->ino, &c->dir_attr, c->sent);
	op_end(op);
}

/* True if another worker, or another answer, has been there first. */
static int
is_fresh(const struct slot *s)
{
	const struct fs *fs = s->fresh->w->fs;
	ns_t young = clock_now() - fs->limits.max_staleness / 2;
	struct itable_recent recent;
	struct nfs_attr attr;
	ns_t sent;

	if (s->name[0] == '\0')
		return itable_attr(fs->itable, s->ino, young, &attr, &sent) ==
		       0;
	return itable_recent(fs->itable, s->ino, s->name, young, &recent) == 0;
}

static void
slot_look(struct timer *timer)
{
	struct slot *s = container_of(timer, struct slot, timer);
	struct worker *w = s->fresh->w;
	struct op *op;
	int r;

	if (is_fresh(s))
		return;
	op = op_new_quiet(w, &s->cred, sizeof(*op));
	if (op == NULL)
		return;
	op->ino = s->ino;
	memcpy(op->name, s->name, sizeof(op->name));
	if (s->name[0] == '\0')
		r = op_call(op, NFS_GETATTR, s->ino, attr_done);
	else
		r = op_call(op, NFS_LOOKUP, s->ino, name_done);
	if (r < 0) {
		op_end(op);
		return;
	}
	count(fresh_calls);
	op_submit(op);
}

/* --- being asked ------------------------------------------------------------------ */

struct fresh *
fresh_new(struct worker *w)
{
	struct fresh *f = calloc(1, sizeof(*f));
	unsigned i;

	if (f == NULL)
		return NULL;
	f->w = w;
	for (i = 0; i < SLOTS; i++) {
		f->slots[i].fresh = f;
		f->slots[i].timer.fn = slot_look;
	}
	return f;
}

void
fresh_free(struct fresh *f)
{
	free(f);
}

/* The slot of INO/NAME, or one that nobody waits for, or NULL. */
static struct slot *
slot_for(struct fresh *f, ino_num ino, const char *name)
{
	struct slot *unused = NULL;
	unsigned i;

	for (i = 0; i < SLOTS; i++) {
		struct slot *s = &f->slots[i];

		if (s->ino == ino && strcmp(s->name, name) == 0)
			return s;
		if (s->timer.pos == 0 && (unused == NULL || s->ino == 0))
			unused = s;
	}
	return unused;
}

/* True if somebody waited for the end of what was looked up at CHECKED, or was
 * given a young answer, as only a name in constant use is. */
static int
in_constant_use(ns_t checked, ns_t t, ns_t now)
{
	ns_t age = now - checked;

	return checked != 0 &&
	       ((age > t - LEAD && age < t + t / 10) || age < 2 * LEAD);
}

void
fresh_asked(struct fresh *f, struct op *op, const char *name, ns_t checked)
{
	ns_t t = f->w->fs->limits.max_staleness;
	ns_t now = clock_now();
	struct slot *s;

	if (t < T_MIN || !in_constant_use(checked, t, now))
		return;
	s = slot_for(f, op->ino, name);
	if (s == NULL || s->timer.pos != 0)
		return;
	if (s->ino != op->ino || strcmp(s->name, name) != 0) {
		s->ino = op->ino;
		s->cred = *op_cred(op);
		memcpy(s->name, name, strlen(name) + 1);
	}
	/* A young answer ends a T after its time, an old one is renewed now. */
	(void)timer_set(f->w->loop, &s->timer,
			(now - checked < 2 * LEAD ? checked : now) + t - LEAD);
}
