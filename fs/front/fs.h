/* SPDX-License-Identifier: Apache-2.0
 *
 * fs - one mounted filesystem, and the workers that serve it.
 *
 * Each worker is a thread with one loop, one clone of the fuse descriptor, one
 * libfuse session and its own connections.  A request lives and dies on the
 * worker that read it.
 *
 * Threading   struct fs is const once the workers run; what it points to has
 *             its own locks.  A struct worker belongs to its thread.
 */
#ifndef FS_FRONT_FS_H
#define FS_FRONT_FS_H

#include <pthread.h>

#include "base/loop.h"
#include "data/kept.h"
#include "data/wback.h"
#include "meta/itable.h"
#include "rpc/nfs.h"

#define WORKERS_MAX 16

struct notify;
struct dirs;
struct fresh;
struct session;
struct who;
struct worker;

struct fs_limits {
	ns_t max_staleness;
	ns_t op_timeout;
	ns_t server_timeout;
	uint32_t rsize, wsize; /* already bounded by the server's */
	uint64_t max_dirty;
	unsigned workers;
	unsigned connections; /* of each worker */
};

struct fs {
	struct fs_limits limits;
	struct nfs_server server;
	int read_only;
	int show_snapshots;
	int64_t map_uid; /* sent instead of the caller's; -1: not */
	int64_t map_gid;
	uint64_t mount_id; /* random: in hidden names and verifiers */
	uint64_t next_id; /* atomic */
	struct slab *slab; /* own */
	struct itable *itable; /* own */
	struct wback *wback; /* own */
	struct kept *kept; /* own */
	struct dirs *dirs; /* own */
	struct notify *notify; /* own */
	struct worker *workers[WORKERS_MAX]; /* own */
	int ended_fd; /* eventfd: the kernel let go of us */
};

struct worker {
	struct fs *fs; /* peek, const */
	unsigned id; /* const */
	pthread_t thread;
	int running; /* main thread: THREAD is to be joined */
	struct loop *loop; /* own */
	struct nfs_client *client; /* own */
	struct wback_io io;
	struct session *session; /* own */
	struct who *who; /* own */
	struct fresh *fresh; /* own */
	struct timer tick; /* COMMITs that are due */
	struct mail quit;
	struct timer quit_timer;
	unsigned quit_turns;
};

/* Tables, workers with loops and clients; no session yet.  NULL: no memory. */
struct fs *fs_new(const struct fs_limits *limits,
		  const struct nfs_server *server);

/* After fs_stop(). */
void fs_free(struct fs *fs);

/* Run the workers.  Returns 0 or -errno. */
int fs_start(struct fs *fs);

/* Finish what is open, COMMIT what was written, remove what is hidden, for at
 * most PATIENCE; then stop and join the workers.  Returns the number of requests
 * that were not answered. */
uint64_t fs_stop(struct fs *fs, ns_t patience);

/* True if callers are mapped: then the server, not the kernel, checks rights. */
int fs_maps_ids(const struct fs *fs);

/* " inodes=... lookups_owed=...", then every counter. */
void fs_print(struct fs *fs, char *buf, size_t size);

/* Seconds that the kernel may trust what was asked for at SENT. */
double fs_left(const struct fs *fs, ns_t sent);

/* Written or kept data wants worker W's timer. */
void fs_arm(struct worker *w);

#endif
