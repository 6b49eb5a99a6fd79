/* SPDX-License-Identifier: Apache-2.0 */
#include <config.h>

#include <errno.h>
#include <poll.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/eventfd.h>
#include <sys/random.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "base/count.h"
#include "base/mem.h"
#include "front/fs.h"
#include "front/fresh.h"
#include "front/notify.h"
#include "front/op.h"
#include "front/session.h"
#include "front/who.h"
#include "meta/dirs.h"

/* Room for every file handle that a pod can meet: some 50 million. */
#define SLAB_MAX (16ull << 30)
#define KEPT_MAX (8u << 20)
/* Small files fetched with their lookup wait this long for their READs. */
#define KEPT_TIME (5 * NS_SEC)
/* A COMMIT follows the last write to a file by this much. */
#define COMMIT_DELAY (200 * NS_MS)
/* The kernel counts its timeouts in ticks of up to 10 ms, from when it gets the
 * answer: that much is taken off what it may trust. */
#define KERNEL_TICK (10 * NS_MS)

double
fs_left(const struct fs *fs, ns_t sent)
{
	ns_t left;

	if (sent == 0)
		return 0;
	left = sent + fs->limits.max_staleness - KERNEL_TICK - clock_now();
	return left <= 0 ? 0 : (double)left / (double)NS_SEC;
}

int
fs_maps_ids(const struct fs *fs)
{
	return fs->map_uid >= 0 || fs->map_gid >= 0;
}

/* --- workers ------------------------------------------------------------------ */

static void
worker_tick(struct timer *t)
{
	struct worker *w = container_of(t, struct worker, tick);
	ns_t now = clock_now();
	unsigned left;

	left = wback_tick(w->fs->wback, &w->io, now - COMMIT_DELAY);
	left += kept_expire(w->fs->kept, now - KEPT_TIME);
	if (left > 0)
		fs_arm(w);
}

void
fs_arm(struct worker *w)
{
	if (w->tick.pos == 0)
		(void)timer_set(w->loop, &w->tick, clock_now() + COMMIT_DELAY);
}

static void
worker_free(struct worker *w)
{
	if (w == NULL)
		return;
	nfs_client_free(w->client);
	loop_free(w->loop);
	who_free(w->who);
	fresh_free(w->fresh);
	free(w);
}

static struct worker *
worker_new(struct fs *fs, unsigned id)
{
	struct nfs_limits limits = {
		.connections = fs->limits.connections,
		.op_timeout = fs->limits.op_timeout,
		.server_timeout = fs->limits.server_timeout,
	};
	struct worker *w = calloc(1, sizeof(*w));

	if (w == NULL)
		return NULL;
	w->fs = fs;
	w->id = id;
	w->tick.fn = worker_tick;
	w->loop = loop_new();
	w->who = who_new();
	w->fresh = fresh_new(w);
	if (w->loop != NULL)
		w->client = nfs_client_new(w->loop, &fs->server, &limits);
	if (w->client == NULL || w->who == NULL || w->fresh == NULL) {
		worker_free(w);
		return NULL;
	}
	w->io.client = w->client;
	w->io.loop = w->loop;
	w->io.iomax = fs->limits.wsize < fs->limits.rsize ? fs->limits.wsize
							  : fs->limits.rsize;
	return w;
}

/* Somebody waits for each of our answers, and each costs some microseconds: ask
 * not to be queued behind those who compute.  Short slices need no privilege
 * (Linux 6.12, kernel/sched/syscalls.c), a better nice value does.  Nothing
 * depends on either: with them fewer of those who find a name's time over at
 * once come to ask while the first one is being answered. */
#define WORKER_NICE (-15)
#define WORKER_SLICE (100 * 1000) /* ns */

static void
ask_for_short_waits(void)
{
	struct {
		uint32_t size, policy;
		uint64_t flags;
		int32_t nice;
		uint32_t priority;
		uint64_t runtime, deadline, period;
	} attr;

	memset(&attr, 0, sizeof(attr));
	attr.size = sizeof(attr);
	attr.policy = SCHED_OTHER;
	attr.nice = WORKER_NICE;
	attr.runtime = WORKER_SLICE;
	if (syscall(SYS_sched_setattr, 0, &attr, 0) == 0)
		return;
	attr.nice = getpriority(PRIO_PROCESS, 0);
	(void)syscall(SYS_sched_setattr, 0, &attr, 0);
}

static void *
worker_thread(void *arg)
{
	struct worker *w = arg;

	ask_for_short_waits();
	loop_run(w->loop);
	return NULL;
}

/* --- life ------------------------------------------------------------------------ */

static int
make_tables(struct fs *fs)
{
	fs->slab = slab_new(SLAB_MAX);
	if (fs->slab != NULL)
		fs->itable = itable_new(fs->slab, &fs->server.root);
	fs->wback = wback_new(fs->limits.max_dirty);
	fs->kept = kept_new(KEPT_MAX);
	fs->dirs = dirs_new();
	fs->notify = notify_new();
	fs->ended_fd = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
	if (fs->itable == NULL || fs->wback == NULL || fs->kept == NULL ||
	    fs->dirs == NULL || fs->notify == NULL || fs->ended_fd < 0)
		return -ENOMEM;
	return 0;
}

struct fs *
fs_new(const struct fs_limits *limits, const struct nfs_server *server)
{
	struct fs *fs = calloc(1, sizeof(*fs));
	unsigned i;

	if (fs == NULL)
		return NULL;
	fs->limits = *limits;
	fs->server = *server;
	fs->map_uid = -1;
	fs->map_gid = -1;
	fs->ended_fd = -1;
	(void)!getrandom(&fs->mount_id, sizeof(fs->mount_id), 0);
	if (make_tables(fs) < 0) {
		fs_free(fs);
		return NULL;
	}
	(void)itable_learn(fs->itable, ITABLE_ROOT, &server->root_attr,
			   clock_now());
	for (i = 0; i < limits->workers; i++) {
		fs->workers[i] = worker_new(fs, i);
		if (fs->workers[i] == NULL) {
			fs_free(fs);
			return NULL;
		}
	}
	return fs;
}

void
fs_free(struct fs *fs)
{
	unsigned i;

	if (fs == NULL)
		return;
	for (i = 0; i < WORKERS_MAX; i++)
		worker_free(fs->workers[i]);
	notify_free(fs->notify);
	dirs_free(fs->dirs);
	kept_free(fs->kept);
	wback_free(fs->wback);
	itable_free(fs->itable);
	slab_free(fs->slab);
	fd_drop(&fs->ended_fd);
	free(fs);
}

int
fs_start(struct fs *fs)
{
	sigset_t all, old;
	unsigned i;
	int r = 0;

	/* Signals are the main thread's. */
	(void)sigfillset(&all);
	(void)pthread_sigmask(SIG_BLOCK, &all, &old);
	r = notify_start(fs->notify, session_fuse(fs->workers[0]->session));
	for (i = 0; i < fs->limits.workers && r == 0; i++) {
		struct worker *w = fs->workers[i];

		r = -pthread_create(&w->thread, NULL, worker_thread, w);
		w->running = r == 0;
	}
	(void)pthread_sigmask(SIG_SETMASK, &old, NULL);
	return r;
}

/* --- the end ------------------------------------------------------------------------- */

/* Runs on the first worker until there is nothing left to do. */
struct finish {
	struct fs *fs;
	struct mail mail;
	struct timer timer;
	int done_fd;
};

#define FINISH_PAUSE (5 * NS_MS)

static uint64_t
ops_open(void)
{
	uint64_t ended = count_get(COUNT_ops_ended);

	return count_get(COUNT_ops_started) - ended;
}

static void
finish_step(struct finish *f)
{
	struct fs *fs = f->fs;
	struct worker *w = fs->workers[0];
	struct itable_hidden hidden;
	uint64_t one = 1;
	size_t n = 0;

	while (itable_hidden(fs->itable, 0, n, &hidden) == 0) {
		n++;
		if (!hidden.forgotten &&
		    itable_forget(fs->itable, hidden.ino, UINT64_MAX))
			op_hide_remove(w, hidden.ino);
	}
	if (wback_tick(fs->wback, &w->io, NS_NEVER) == 0 && n == 0 &&
	    ops_open() == 0) {
		(void)!write(f->done_fd, &one, sizeof(one));
		return;
	}
	(void)timer_set(w->loop, &f->timer, clock_now() + FINISH_PAUSE);
}

static void
finish_timer(struct timer *t)
{
	finish_step(container_of(t, struct finish, timer));
}

static void
finish_mail(struct mail *m)
{
	finish_step(container_of(m, struct finish, mail));
}

/* What is still open now gets EIO, then the loop ends. */
#define QUIT_TURNS 100

static void
quit_timer(struct timer *t)
{
	struct worker *w = container_of(t, struct worker, quit_timer);

	if (nfs_in_flight(w->client) == 0 || ++w->quit_turns > QUIT_TURNS)
		loop_stop(w->loop);
	else
		(void)timer_set(w->loop, t, clock_now() + NS_MS);
}

static void
quit_mail(struct mail *m)
{
	struct worker *w = container_of(m, struct worker, quit);

	nfs_client_stop(w->client);
	w->quit_timer.fn = quit_timer;
	if (timer_set(w->loop, &w->quit_timer, clock_now() + NS_MS) < 0)
		loop_stop(w->loop);
}

static void
worker_quit(struct worker *w)
{
	w->quit.fn = quit_mail;
	if (w->running)
		loop_post(w->loop, &w->quit);
}

uint64_t
fs_stop(struct fs *fs, ns_t patience)
{
	struct finish f = { .fs = fs, .done_fd = -1 };
	struct pollfd pfd;
	uint64_t open;
	unsigned i;

	f.mail.fn = finish_mail;
	f.timer.fn = finish_timer;
	f.done_fd = eventfd(0, EFD_CLOEXEC);
	pfd.fd = f.done_fd;
	pfd.events = POLLIN;
	if (fs->workers[0]->running && f.done_fd >= 0) {
		loop_post(fs->workers[0]->loop, &f.mail);
		(void)poll(&pfd, 1, (int)(patience / NS_MS));
	}
	open = ops_open();
	for (i = 0; i < fs->limits.workers; i++)
		worker_quit(fs->workers[i]);
	for (i = 0; i < fs->limits.workers; i++)
		if (fs->workers[i]->running)
			(void)pthread_join(fs->workers[i]->thread, NULL);
	notify_stop(fs->notify);
	fd_drop(&f.done_fd);
	return open;
}

void
fs_print(struct fs *fs, char *buf, size_t size)
{
	struct itable_stat st;
	int len;

	itable_stat(fs->itable, &st);
	len = snprintf(
		buf, size,
		" inodes=%llu lookups_owed=%llu hidden=%llu "
		"ops_open=%llu dirty_bytes=%llu table_bytes=%llu",
		(unsigned long long)st.inodes, (unsigned long long)st.lookups,
		(unsigned long long)st.hidden, (unsigned long long)ops_open(),
		(unsigned long long)wback_bytes(fs->wback),
		(unsigned long long)slab_used(fs->slab));
	if (len > 0 && (size_t)len < size)
		count_print(buf + len, size - (size_t)len);
}
