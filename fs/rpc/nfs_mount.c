/* SPDX-License-Identifier: Apache-2.0
 *
 * Mounting is a list of steps, each one call.  A step asks on one of three
 * connections (portmapper, MOUNT, NFS), all on a loop of our own; the answer
 * moves on to the next step that has something to ask.
 */
#include <config.h>

#include <errno.h>
#include <netdb.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>

#include "base/mem.h"
#include "rpc/nfs_client.h"
#include "rpc/nfs_err.h"
#include "rpc/nfs_wire.h"

#define PMAP_PORT_NO 111
#define PROG_NFS 100003
#define PROG_MOUNT 100005
#define XFER_MIN 4096
#define XFER_MAX (1024 * 1024)

enum peer { PEER_PMAP, PEER_MOUNT, PEER_NFS, PEER_MAX };

static const char *const peer_names[PEER_MAX] = { "the portmapper", "MOUNT",
						  "NFS" };

struct mounter {
	const struct nfs_where *where; /* peek */
	struct err *err; /* peek, may be NULL */
	struct loop *loop; /* own */
	struct wire_setup ask;
	struct nfs_server peers[PEER_MAX]; /* only addr and port */
	struct nfs_client *clients[PEER_MAX]; /* own */
	struct nfs_server found;
	int is_ipv6;
	ns_t deadline;
	size_t step;
	enum peer peer; /* who is asked now */
	const char *path; /* peek: what is left of subdir */
	char name[NFS_NAME_MAX + 1];
	int result;
	int is_final; /* another address would say the same */
};

struct step {
	int (*ask)(struct mounter *m); /* 1: asked; 0: nothing to; or -errno */
	int (*take)(struct mounter *m); /* 1: ask once more; 0; or -errno */
};

static void on_answer(struct nfs_call *c);

static int
fail(struct mounter *m, int code, const char *what)
{
	const struct nfs_where *w = m->where;

	return err_set(m->err, code, "mount %s:%s: %s", w->host, w->export,
		       what);
}

/* The connection could not be made, or broke, or nobody answered. */
static int
fail_peer(struct mounter *m, int code)
{
	const struct nfs_server *s = &m->peers[m->peer];
	const char *why = strerror(-code);
	char text[512];

	if (code == -EIO) /* the deadline */
		code = -ETIMEDOUT;
	if (code == -ETIMEDOUT)
		why = "no answer in time (is the address right, does a "
		      "firewall "
		      "or security group allow it?)";
	else if (code == -ECONNREFUSED)
		why = "connection refused (does the server run NFS, is the "
		      "port right?)";
	else if (code == -EPROTONOSUPPORT)
		why = "the program or its version 3 is not served there";
	(void)snprintf(text, sizeof(text), "%s at %s port %u: %s",
		       peer_names[m->peer], s->addr, s->port, why);
	return fail(m, code, text);
}

/* --- asking -------------------------------------------------------------------- */

static int
submit(struct mounter *m, enum peer peer, int proc)
{
	static const struct nfs_limits limits = { .connections = 1,
						  .op_timeout = NS_NEVER / 4,
						  .server_timeout =
							  60 * NS_SEC };

	m->peer = peer;
	if (m->clients[peer] == NULL) {
		m->clients[peer] =
			nfs_client_new(m->loop, &m->peers[peer], &limits);
		if (m->clients[peer] == NULL)
			return fail(m, -ENOMEM, "no memory");
		nfs_client_fail_fast(m->clients[peer]);
	}
	m->ask.call.proc = (enum nfs_proc)proc;
	m->ask.call.done = on_answer;
	m->ask.call.cred = &m->where->cred;
	m->ask.call.deadline = m->deadline;
	m->ask.call.fh = m->found.root;
	nfs_submit(m->clients[peer], &m->ask.call);
	return 1;
}

static int
ask_port(struct mounter *m, unsigned prog)
{
	m->ask.prog = prog;
	m->ask.vers = 3;
	return submit(m, PEER_PMAP, m->is_ipv6 ? WIRE_GETADDR : WIRE_GETPORT);
}

static int
take_port(struct mounter *m, enum peer peer)
{
	char text[256];

	if (m->ask.call.status < 0)
		return fail_peer(m, m->ask.call.status);
	m->peers[peer].port = m->ask.ret_port;
	if (m->ask.ret_port != 0)
		return 0;
	(void)snprintf(text, sizeof(text),
		       "the portmapper at %s does not know %s version 3 over "
		       "TCP: NFSv3 is not served, or give port= and mountport=",
		       m->peers[peer].addr, peer_names[peer]);
	return fail(m, -EPROTONOSUPPORT, text);
}

static int
ask_mount_port(struct mounter *m)
{
	m->peers[PEER_MOUNT].port = m->where->mountport;
	return m->where->mountport != 0 ? 0 : ask_port(m, PROG_MOUNT);
}

static int
take_mount_port(struct mounter *m)
{
	return take_port(m, PEER_MOUNT);
}

static int
ask_nfs_port(struct mounter *m)
{
	m->peers[PEER_NFS].port = m->where->port;
	return m->where->port != 0 ? 0 : ask_port(m, PROG_NFS);
}

static int
take_nfs_port(struct mounter *m)
{
	return take_port(m, PEER_NFS);
}

/* --- MOUNT ------------------------------------------------------------------------ */

static int
ask_mnt(struct mounter *m)
{
	m->ask.call.name = m->where->export;
	m->ask.ret_mount_stat = 0;
	return submit(m, PEER_MOUNT, WIRE_MNT);
}

static int
fail_mnt(struct mounter *m, int code, uint32_t stat)
{
	const char *why = "refused";
	char text[400];

	switch (code) {
	case -EACCES: /* nfs-ganesha says so of exports it does not have */
	case -EPERM:
		why = "access denied: the export policy does not let this "
		      "address in, or the server wants a source port below "
		      "1024 (root or CAP_NET_BIND_SERVICE), or it has no such "
		      "export";
		break;
	case -ENOENT:
		why = "the server has no such export (ONTAP: the junction "
		      "path, "
		      "not the name, of the volume)";
		break;
	case -ENOTDIR:
		why = "the export is not a directory";
		break;
	}
	(void)snprintf(text, sizeof(text), "%s (%s)", why,
		       nfs_err_mount_name(stat));
	m->is_final = 1;
	return fail(m, code, text);
}

static int
take_mnt(struct mounter *m)
{
	const struct nfs_call *c = &m->ask.call;

	if (m->ask.ret_mount_stat != 0)
		return fail_mnt(m, c->status, m->ask.ret_mount_stat);
	if (c->status == -EACCES)
		return fail(m, c->status,
			    "the MOUNT server refuses our "
			    "credential (AUTH_SYS)");
	if (c->status < 0)
		return fail_peer(m, c->status);
	m->is_final = 1;
	if (m->ask.ret_sys_refused)
		return fail(m, -EACCES,
			    "the export wants Kerberos: allow security flavor "
			    "sys in the export policy");
	m->found.root = c->ret_fh;
	return 0;
}

/* --- NFS -------------------------------------------------------------------------- */

static int
fail_nfs(struct mounter *m, const char *what)
{
	int code = m->ask.call.status;
	char text[NFS_NAME_MAX + 160];

	if (code == -EIO || code == -ETIMEDOUT || code == -ECONNREFUSED ||
	    code == -ECONNRESET || code == -EPROTONOSUPPORT)
		return fail_peer(m, code);
	(void)snprintf(text, sizeof(text), "%s: %s", what, strerror(-code));
	return fail(m, code, text);
}

static int
ask_fsinfo(struct mounter *m)
{
	return submit(m, PEER_NFS, WIRE_FSINFO);
}

/* Sizes that the server may have made up, as ones we can work with. */
static uint32_t
xfer_size(uint32_t size, uint32_t max)
{
	if (size > max)
		size = max;
	return size < XFER_MIN ? XFER_MIN : size - size % XFER_MIN;
}

static int
take_fsinfo(struct mounter *m)
{
	const struct nfs_server *s = &m->ask.ret_server;
	struct nfs_server *f = &m->found;

	if (m->ask.call.status < 0)
		return fail_nfs(m, "FSINFO");
	f->rtmax = xfer_size(s->rtmax, XFER_MAX);
	f->wtmax = xfer_size(s->wtmax, XFER_MAX);
	f->dtpref = xfer_size(s->dtpref, XFER_MAX);
	f->rtpref = xfer_size(s->rtpref, f->rtmax);
	f->wtpref = xfer_size(s->wtpref, f->wtmax);
	f->maxfilesize = s->maxfilesize > 0 ? s->maxfilesize : INT64_MAX;
	f->properties = s->properties;
	return 0;
}

static int
ask_pathconf(struct mounter *m)
{
	return submit(m, PEER_NFS, WIRE_PATHCONF);
}

/* Optional: a server that does not say has the usual limits. */
static int
take_pathconf(struct mounter *m)
{
	const struct nfs_server *s = &m->ask.ret_server;

	m->found.name_max = NFS_NAME_MAX;
	if (m->ask.call.status < 0)
		return m->ask.call.status == -EIO ? fail_nfs(m, "PATHCONF") : 0;
	if (s->name_max > 0 && s->name_max < NFS_NAME_MAX)
		m->found.name_max = s->name_max;
	m->found.link_max = s->link_max;
	m->found.no_trunc = s->no_trunc;
	return 0;
}

/* The next component of subdir into m->name.  0: none left. */
static int
next_name(struct mounter *m)
{
	size_t len;

	if (m->path == NULL)
		return 0;
	m->path += strspn(m->path, "/");
	len = strcspn(m->path, "/");
	if (len == 0)
		return 0;
	if (len > NFS_NAME_MAX)
		return fail(m, -ENAMETOOLONG, "subdir has too long a name");
	memcpy(m->name, m->path, len);
	m->name[len] = '\0';
	m->path += len;
	if (strcmp(m->name, ".") == 0 || strcmp(m->name, "..") == 0)
		return fail(m, -EINVAL, "subdir must not contain '.' or '..'");
	return 1;
}

static int
ask_subdir(struct mounter *m)
{
	int r = next_name(m);

	if (r <= 0)
		return r;
	m->ask.call.name = m->name;
	return submit(m, PEER_NFS, NFS_LOOKUP);
}

static int
take_subdir(struct mounter *m)
{
	const struct nfs_call *c = &m->ask.call;
	char what[NFS_NAME_MAX + 32];

	(void)snprintf(what, sizeof(what), "subdir component '%s'", m->name);
	if (c->status < 0)
		return fail_nfs(m, what);
	if (c->has_attr && !S_ISDIR(c->attr.mode)) {
		m->ask.call.status = -ENOTDIR;
		return fail_nfs(m, what);
	}
	m->found.root = c->ret_fh;
	return 1;
}

static int
ask_root(struct mounter *m)
{
	return submit(m, PEER_NFS, NFS_GETATTR);
}

static int
take_root(struct mounter *m)
{
	if (m->ask.call.status == 0 && !S_ISDIR(m->ask.call.attr.mode))
		m->ask.call.status = -ENOTDIR;
	if (m->ask.call.status < 0)
		return fail_nfs(m, "attributes of the root");
	m->found.root_attr = m->ask.call.attr;
	return 0;
}

/* --- the steps ------------------------------------------------------------------- */

static const struct step steps[] = {
	{ ask_mount_port, take_mount_port },
	{ ask_nfs_port, take_nfs_port },
	{ ask_mnt, take_mnt },
	{ ask_fsinfo, take_fsinfo },
	{ ask_pathconf, take_pathconf },
	{ ask_subdir, take_subdir },
	{ ask_root, take_root },
};

#define N_STEPS (sizeof(steps) / sizeof(steps[0]))

/* Ask the next question that there is. */
static void
advance(struct mounter *m)
{
	for (; m->step < N_STEPS; m->step++) {
		int r = steps[m->step].ask(m);

		if (r > 0)
			return;
		m->result = r;
		if (r < 0)
			break;
	}
	loop_stop(m->loop);
}

static void
on_answer(struct nfs_call *c)
{
	struct mounter *m = container_of(
		container_of(c, struct wire_setup, call), struct mounter, ask);
	int r = steps[m->step].take(m);

	if (r < 0) {
		m->result = r;
		loop_stop(m->loop);
		return;
	}
	if (r == 0)
		m->step++;
	advance(m);
}

/* --- addresses -------------------------------------------------------------------- */

static void
mounter_drop(struct mounter *m)
{
	int i;

	for (i = 0; i < PEER_MAX; i++)
		nfs_client_free(m->clients[i]);
	loop_free(m->loop);
}

static int
mounter_init(struct mounter *m, const struct addrinfo *ai)
{
	char addr[sizeof(m->found.addr)];
	int i;

	m->loop = loop_new();
	if (m->loop == NULL)
		return fail(m, -errno, "event loop");
	if (getnameinfo(ai->ai_addr, ai->ai_addrlen, addr, sizeof(addr), NULL,
			0, NI_NUMERICHOST) != 0)
		return fail(m, -EINVAL, "address");
	m->is_ipv6 = ai->ai_family == AF_INET6;
	m->path = m->where->subdir;
	for (i = 0; i < PEER_MAX; i++)
		memcpy(m->peers[i].addr, addr, sizeof(addr));
	m->peers[PEER_PMAP].port = PMAP_PORT_NO;
	return 0;
}

static int
mount_at(const struct nfs_where *where, const struct addrinfo *ai,
	 ns_t deadline, struct nfs_server *ret, int *ret_final, struct err *err)
{
	AUTO(mounter_drop)
	struct mounter m = { .where = where, .err = err, .deadline = deadline };
	int r = mounter_init(&m, ai);

	if (r < 0)
		return r;
	advance(&m);
	loop_run(m.loop);
	*ret_final = m.is_final;
	if (m.result < 0)
		return m.result;
	memcpy(m.found.addr, m.peers[PEER_NFS].addr, sizeof(m.found.addr));
	m.found.port = m.peers[PEER_NFS].port;
	*ret = m.found;
	return 0;
}

static int
resolve(const struct nfs_where *where, struct addrinfo **ret, struct err *err)
{
	struct addrinfo hints = { .ai_socktype = SOCK_STREAM };
	int r = getaddrinfo(where->host, NULL, &hints, ret);

	if (r == 0)
		return 0;
	*ret = NULL;
	return err_set(err, r == EAI_AGAIN ? -EAGAIN : -EHOSTUNREACH,
		       "mount %s:%s: cannot find the address of '%s': %s",
		       where->host, where->export, where->host,
		       r == EAI_SYSTEM ? strerror(errno) : gai_strerror(r));
}

static void
addrinfo_drop(struct addrinfo **ai)
{
	if (*ai != NULL)
		freeaddrinfo(*ai);
}

int
nfs_mount(const struct nfs_where *where, struct nfs_server *ret,
	  struct err *err)
{
	AUTO(addrinfo_drop) struct addrinfo *list = NULL;
	const struct addrinfo *ai;
	ns_t end = clock_now() + where->timeout;
	int n_left = 0;
	int is_final = 0;
	int r = resolve(where, &list, err);

	if (r < 0)
		return r;
	for (ai = list; ai != NULL; ai = ai->ai_next)
		n_left++;
	r = -EHOSTUNREACH;
	/* A dead address must not use up the time of the ones after it. */
	for (ai = list; ai != NULL && r < 0 && !is_final; ai = ai->ai_next) {
		ns_t now = clock_now();

		r = mount_at(where, ai, now + (end - now) / n_left, ret,
			     &is_final, err);
		n_left--;
	}
	return r;
}
