/* SPDX-License-Identifier: Apache-2.0
 *
 * A context of libnfs is one connection: it connects, queues what is encoded,
 * matches answers by xid.  Its own reconnecting and its timeouts stay off.
 *
 * Things about libnfs 4.0 that matter here: rpc_connect_async() tries reserved
 * ports with a static counter, and rpc_init_context() has a static xid salt,
 * hence the lock; after an error it forgets to close its descriptor, so we take
 * it away and close it; rpc_set_auth() replaces the credential of what is
 * encoded from then on.
 */
#include <config.h>

#include <errno.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/random.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/lck.h"
#include "base/mem.h"
#include "rpc/nfs_libnfs.h"

struct wire {
	struct rpc_context *rpc; /* own */
	wire_answer_fn *answer;
	struct nfs_cred cred; /* of what is encoded next, if HAS_CRED */
	int has_cred;
	int is_up;
	int is_ending; /* inside wire_free() */
	char host[64]; /* our name, for AUTH_SYS */
};

static struct lck libnfs_lock;
static pthread_once_t libnfs_once = PTHREAD_ONCE_INIT;

static void
init_lock(void)
{
	lck_init(&libnfs_lock, LCK_libnfs);
}

/* --- answers ------------------------------------------------------------------- */

/* libnfs only says in words why a call failed. */
static int
reply_error(const char *why)
{
	static const struct {
		const char *text;
		int err;
	} known[] = {
		{ "RPC Packet not accepted", -EACCES },
		{ "Procedure not available", -EOPNOTSUPP },
		{ "Program not available", -EPROTONOSUPPORT },
		{ "Program version mismatch", -EPROTONOSUPPORT },
	};
	size_t i;

	for (i = 0; why != NULL && i < sizeof(known) / sizeof(known[0]); i++)
		if (strstr(why, known[i].text) != NULL)
			return known[i].err;
	return -EIO;
}

void
wire_reply(struct rpc_context *rpc, int status, void *data, void *priv)
{
	AUTO(mem_drop) void *garbage = NULL;
	AUTO(mem_drop) void *buf = NULL;
	struct nfs_wire *a = priv;
	enum wire_got got = WIRE_FAILED;

	(void)rpc;
	buf = a->buf;
	a->is_over = 1;
	a->error = -EIO;
	if (status == RPC_STATUS_SUCCESS && data != NULL)
		got = a->call == NULL ? WIRE_ANSWERED
				      : take_answer(a, data, &garbage);
	else if (status == RPC_STATUS_ERROR)
		a->error = reply_error(data);
	a->buf = NULL;
	a->wire->answer(a, got);
}

static void
on_connect(struct rpc_context *rpc, int status, void *data, void *priv)
{
	struct wire *w = priv;

	(void)rpc;
	(void)data;
	if (status == RPC_STATUS_SUCCESS && !w->is_ending)
		w->is_up = 1;
}

/* --- connecting ------------------------------------------------------------------ */

static void
set_option(int fd, int level, int option, int value)
{
	(void)setsockopt(fd, level, option, &value, sizeof(value));
}

/* Best effort: without one of them a dead peer is only found later. */
static void
set_options(int fd, ns_t quiet)
{
	(void)fcntl(fd, F_SETFD, FD_CLOEXEC);
	set_option(fd, IPPROTO_TCP, TCP_NODELAY, 1);
	set_option(fd, SOL_SOCKET, SO_KEEPALIVE, 1);
	set_option(fd, IPPROTO_TCP, TCP_KEEPIDLE, 60);
	set_option(fd, IPPROTO_TCP, TCP_KEEPINTVL, 20);
	set_option(fd, IPPROTO_TCP, TCP_KEEPCNT, 3);
	if (quiet > 0)
		set_option(fd, IPPROTO_TCP, TCP_USER_TIMEOUT,
			   (int)(quiet / NS_MS));
}

static int
connect_locked(struct wire *w, const char *addr, unsigned port)
{
	uint32_t xid;

	w->rpc = rpc_init_context();
	if (w->rpc == NULL)
		return -ENOMEM;
	/* A server that caches replies by xid must not mix up connections. */
	if (getrandom(&xid, sizeof(xid), GRND_NONBLOCK) == sizeof(xid))
		rpc_set_next_xid(w->rpc, xid);
	errno = 0;
	if (rpc_connect_async(w->rpc, addr, (int)port, on_connect, w) == 0)
		return 0;
	return errno != 0 ? -errno : -EIO;
}

struct wire *
wire_new(const char *addr, unsigned port, ns_t quiet, wire_answer_fn *answer,
	 int *ret_error)
{
	struct wire *w = calloc(1, sizeof(*w));
	int r;

	if (w == NULL) {
		*ret_error = -ENOMEM;
		return NULL;
	}
	w->answer = answer;
	if (gethostname(w->host, sizeof(w->host) - 1) != 0)
		w->host[0] = '\0';
	(void)pthread_once(&libnfs_once, init_lock);
	lck_lock(&libnfs_lock);
	r = connect_locked(w, addr, port);
	lck_unlock(&libnfs_lock);
	if (r < 0) {
		wire_free(w);
		*ret_error = r;
		return NULL;
	}
	set_options(wire_fd(w), quiet);
	return w;
}

void
wire_free(struct wire *w)
{
	AUTO(fd_drop) int fd = -1;

	if (w == NULL)
		return;
	w->is_ending = 1;
	if (w->rpc != NULL) {
		fd = rpc_get_fd(w->rpc);
		rpc_set_fd(w->rpc, -1);
		rpc_destroy_context(w->rpc);
	}
	free(w);
}

int
wire_fd(const struct wire *w)
{
	return rpc_get_fd(w->rpc);
}

int
wire_is_up(const struct wire *w)
{
	return w->is_up;
}

uint32_t
wire_events(const struct wire *w)
{
	int events = rpc_which_events(w->rpc);

	return (events & POLLIN ? (uint32_t)EPOLLIN : 0) |
	       (events & POLLOUT ? (uint32_t)EPOLLOUT : 0);
}

/* --- work ------------------------------------------------------------------------ */

/* The errno of a connection that could not be made; libnfs only has words. */
static int
connect_error(const struct wire *w)
{
	socklen_t len = sizeof(int);
	int err = 0;

	if (getsockopt(wire_fd(w), SOL_SOCKET, SO_ERROR, &err, &len) != 0)
		return -errno;
	return -err;
}

int
wire_service(struct wire *w, uint32_t events)
{
	int revents = (events & EPOLLIN ? POLLIN : 0) |
		      (events & EPOLLOUT ? POLLOUT : 0) |
		      (events & EPOLLERR ? POLLERR : 0) |
		      (events & EPOLLHUP ? POLLHUP : 0);

	if (!w->is_up) {
		int r = connect_error(w);

		if (r < 0)
			return r;
	}
	return rpc_service(w->rpc, revents) < 0 ? -ECONNRESET : 0;
}

static int
cred_equal(const struct nfs_cred *a, const struct nfs_cred *b)
{
	return a->uid == b->uid && a->gid == b->gid &&
	       a->n_groups == b->n_groups &&
	       memcmp(a->groups, b->groups,
		      a->n_groups * sizeof(a->groups[0])) == 0;
}

static int
set_cred(struct wire *w, const struct nfs_cred *cred)
{
	struct AUTH *auth;

	if (cred == NULL || (w->has_cred && cred_equal(&w->cred, cred)))
		return 0;
	w->cred = *cred;
	if (w->cred.n_groups > NFS_GROUPS_MAX)
		w->cred.n_groups = NFS_GROUPS_MAX;
	auth = libnfs_authunix_create(w->host, cred->uid, cred->gid,
				      w->cred.n_groups, w->cred.groups);
	if (auth == NULL)
		return -ENOMEM;
	rpc_set_auth(w->rpc, auth);
	w->has_cred = 1;
	return 0;
}

int
wire_submit(struct wire *w, struct nfs_wire *a)
{
	int r = set_cred(w, a->call->cred);

	a->wire = w;
	a->is_over = 0;
	a->buf = NULL;
	if (r == 0)
		r = ask_send(w->rpc, a);
	if (r < 0) {
		free(a->buf);
		a->buf = NULL;
	}
	return r;
}
