/* SPDX-License-Identifier: Apache-2.0
 *
 * Calls and connections of one loop.
 *
 * A call is in exactly one of these places:
 *   queue   waits for a connection (c->prev set)
 *   parked  JUKEBOX: waits until its timer (c->prev set)
 *   wire    an attempt of it is out (c->wire set)
 *   check   a question about a replay is open (c->check set)
 *   failed  could not be taken on; answered at the end of the turn
 *
 * A connection:   IDLE -> CONNECTING -> UP -> IDLE
 *
 * It is taken down for good reasons only (error, silence, nonsense), never
 * inside a callback of libnfs, and its calls go back to the head of the queue.
 * One connection is made at a time, only while calls wait or all the others are
 * busy; a connection that the server closed for idleness stays closed.
 */
#include <config.h>

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>

#include "base/count.h"
#include "base/log.h"
#include "base/mem.h"
#include "rpc/nfs_client.h"
#include "rpc/nfs_wire.h"

#define BACK_OFF_MIN (100 * NS_MS)
#define BACK_OFF_MAX NS_SEC
/* Calls to a server that is away get this, and op_timeout when it is back. */
#define AWAY_PATIENCE (250 * NS_MS)
#define PAUSE_MIN (100 * NS_MS) /* after JUKEBOX */
#define PAUSE_MAX (2 * NS_SEC)
#define CONNECT_TIMEOUT (5 * NS_SEC)
#define REFUSED_MAX 2 /* attempts that may end in nonsense */

enum conn_state { CONN_IDLE, CONN_CONNECTING, CONN_UP };

struct conn {
	struct loop_fd src;
	struct nfs_client *client; /* peek */
	struct wire *wire; /* own; NULL when IDLE */
	struct nfs_wire *attempts; /* own, oldest first */
	struct nfs_wire **last;
	enum conn_state state;
	unsigned in_flight; /* attempts */
	uint32_t events; /* registered with the loop; 0: none */
	int is_dirty; /* something is encoded and not yet sent */
	int is_broken; /* to be taken down */
	ns_t up; /* since */
	ns_t heard; /* last sign of life, or first sending after none */
	struct timer timer; /* CONNECTING: give up; UP: silence */
};

struct nfs_client {
	struct loop *loop; /* peek */
	const struct nfs_server *server; /* peek */
	struct nfs_limits limits;
	struct nfs_call *queue; /* peek */
	struct nfs_call **queue_last;
	struct nfs_call *parked; /* peek */
	struct nfs_call *failed; /* peek */
	struct deferred flush;
	struct timer retry; /* next attempt to connect */
	ns_t back_off; /* 0: connect at once */
	ns_t retry_at;
	unsigned n_calls;
	unsigned next_conn; /* where the search for the least busy begins */
	int is_fail_fast;
	int is_freed; /* waits for FLUSH to run */
	int is_stopped;
	int is_away; /* a call waited for all its time and nothing was heard */
	ns_t heard; /* last answer */
	unsigned n_conns;
	struct conn conns[];
};

static void flush(struct deferred *d);

/* --- lists of calls ------------------------------------------------------------- */

static void
call_insert(struct nfs_call **at, struct nfs_call *c)
{
	struct nfs_client *cl = c->client;

	c->prev = at;
	c->next = *at;
	if (c->next != NULL)
		c->next->prev = &c->next;
	else if (at == cl->queue_last)
		cl->queue_last = &c->next;
	*at = c;
}

/* No-op for a call that is in no list. */
static void
call_unlink(struct nfs_call *c)
{
	if (c->prev == NULL)
		return;
	*c->prev = c->next;
	if (c->next != NULL)
		c->next->prev = c->prev;
	else if (c->client->queue_last == &c->next)
		c->client->queue_last = c->prev;
	c->prev = NULL;
	c->next = NULL;
}

static void
call_queue(struct nfs_call *c)
{
	call_insert(c->client->queue_last, c);
	loop_defer(c->client->loop, &c->client->flush);
}

/* --- attempts ------------------------------------------------------------------- */

static void
attempt_link(struct conn *k, struct nfs_wire *a)
{
	a->next = NULL;
	a->prev = k->last;
	*k->last = a;
	k->last = &a->next;
	k->in_flight++;
}

static void
attempt_free(struct nfs_wire *a)
{
	struct conn *k = a->owner;

	*a->prev = a->next;
	if (a->next != NULL)
		a->next->prev = a->prev;
	else
		k->last = a->prev;
	k->in_flight--;
	free(a);
}

/* Nobody waits for this attempt any more; libnfs may still hold it. */
static void
call_detach(struct nfs_call *c)
{
	if (c->wire == NULL)
		return;
	c->wire->call = NULL;
	c->wire = NULL;
}

/* --- how a call ends -------------------------------------------------------------- */

void
nfs_call_end(struct nfs_call *c)
{
	call_unlink(c);
	call_detach(c);
	nfs_replay_drop(c);
	timer_clear(c->client->loop, &c->timer);
	c->client->n_calls--;
	if (c->status == -ESTALE)
		count(rpc_stale);
	c->done(c);
}

static void
call_fail(struct nfs_call *c, int status)
{
	c->status = status;
	nfs_call_end(c);
}

static void
call_answered(struct nfs_call *c)
{
	c->client->heard = clock_now();
	c->client->is_away = 0;
	if (c->resent && c->status < 0 && nfs_replay_check(c))
		return;
	nfs_call_end(c);
}

/* The server (or its program) is not ready: ask again after a pause. */
static void
call_pause(struct nfs_call *c)
{
	struct nfs_client *cl = c->client;
	ns_t at;

	count(rpc_jukebox);
	/* nfs-ganesha 4 was seen to answer this to a change that it had made.
	 * For these a second success cannot be mistaken for another's. */
	if (c->proc == NFS_REMOVE || c->proc == NFS_RMDIR ||
	    c->proc == NFS_RENAME)
		c->resent = 1;
	c->pause = c->pause == 0 ? PAUSE_MIN : 2 * c->pause;
	if (c->pause > PAUSE_MAX)
		c->pause = PAUSE_MAX;
	at = clock_now() + c->pause;
	call_insert(&cl->parked, c);
	if (timer_set(cl->loop, &c->timer, at < c->deadline ? at : c->deadline))
		call_fail(c, -ENOMEM);
}

/* True if no answer came from the server in all the time that C waited. */
static int
client_is_silent(const struct nfs_call *c)
{
	return c->client->heard < c->since;
}

static void
on_call_timer(struct timer *t)
{
	struct nfs_call *c = container_of(t, struct nfs_call, timer);

	if (clock_now() >= c->deadline) {
		count(rpc_timeouts);
		if (client_is_silent(c))
			c->client->is_away = 1;
		call_fail(c, -EIO);
		return;
	}
	call_unlink(c);
	if (timer_set(c->client->loop, t, c->deadline) < 0)
		call_fail(c, -ENOMEM);
	else
		call_queue(c);
}

/* --- connections -------------------------------------------------------------------- */

static void
conn_watch(struct conn *k)
{
	struct loop *loop = k->client->loop;
	uint32_t events = wire_events(k->wire);
	int fd = wire_fd(k->wire);
	int r = 0;

	if (k->events != 0 && k->src.fd != fd) {
		loop_del(loop, &k->src);
		k->events = 0;
	}
	if (k->events == events)
		return;
	k->src.fd = fd;
	r = k->events == 0 ? loop_add(loop, &k->src, events)
			   : loop_mod(loop, &k->src, events);
	k->events = events;
	if (r < 0)
		k->is_broken = 1;
}

/* Back to the head of the queue, in their order. */
static void
conn_requeue(struct conn *k)
{
	struct nfs_call **at = &k->client->queue;
	struct nfs_wire *a, *next;

	for (a = k->attempts; a != NULL; a = next) {
		struct nfs_call *c = a->call;

		next = a->next;
		if (c != NULL) {
			call_detach(c);
			c->resent = 1;
			call_insert(at, c);
			at = &c->next;
		}
		if (a->is_over)
			attempt_free(a);
	}
}

static void
client_back_off(struct nfs_client *cl)
{
	cl->back_off *= 2;
	if (cl->back_off < BACK_OFF_MIN)
		cl->back_off = BACK_OFF_MIN;
	if (cl->back_off > BACK_OFF_MAX)
		cl->back_off = BACK_OFF_MAX;
	cl->retry_at = clock_now() + cl->back_off;
}

static void
client_fail_all(struct nfs_client *cl, int error)
{
	struct nfs_call *c;

	while ((c = cl->queue) != NULL)
		call_fail(c, error);
}

static void
conn_note(const struct conn *k, int error)
{
	static long long last;
	const struct nfs_server *s = k->client->server;

	if (k->client->n_calls > 0 && !k->client->is_fail_fast &&
	    log_allowed(&last, 10))
		log_warning("server %s port %u: %s, connecting again", s->addr,
			    s->port, strerror(-error));
}

static void
conn_down(struct conn *k, int error)
{
	struct nfs_client *cl = k->client;
	enum conn_state was = k->state;

	if (was == CONN_IDLE)
		return;
	conn_note(k, error);
	timer_clear(cl->loop, &k->timer);
	if (k->events != 0)
		loop_del(cl->loop, &k->src);
	k->events = 0;
	conn_requeue(k);
	k->state = CONN_IDLE;
	wire_free(k->wire);
	k->wire = NULL;
	k->is_dirty = 0;
	k->is_broken = 0;
	/* One that worked for a while is replaced at once. */
	if (was == CONN_UP && clock_now() - k->up >= BACK_OFF_MAX) {
		cl->back_off = 0;
		cl->retry_at = 0;
	} else {
		client_back_off(cl);
	}
	if (cl->is_fail_fast)
		client_fail_all(cl, error);
	else if (cl->queue != NULL)
		loop_defer(cl->loop, &cl->flush);
}

/* Attempts that ended in an RPC error while the connection lives. */
static void
conn_sort_out(struct conn *k)
{
	struct nfs_wire *a, *next;

	for (a = k->attempts; a != NULL; a = next) {
		struct nfs_call *c = a->call;
		int error = a->error;

		next = a->next;
		if (!a->is_over)
			continue;
		if (c != NULL)
			call_detach(c);
		attempt_free(a);
		if (c == NULL)
			continue;
		if (error == -EPROTONOSUPPORT && !k->client->is_fail_fast) {
			call_pause(c);
		} else if (error != -EIO || ++c->refused >= REFUSED_MAX) {
			call_fail(c, error);
		} else {
			k->is_broken = 1;
			c->resent = 1;
			call_queue(c);
		}
	}
}

static void
conn_came_up(struct conn *k)
{
	k->state = CONN_UP;
	k->up = clock_now();
	timer_clear(k->client->loop, &k->timer);
	count(rpc_connects);
}

static void
conn_service(struct conn *k, uint32_t events)
{
	struct nfs_client *cl = k->client;
	int r;

	if (events & EPOLLIN)
		k->heard = clock_now();
	k->is_dirty = 0;
	r = wire_service(k->wire, events);
	if (r == 0)
		conn_sort_out(k);
	if (r == 0 && k->state == CONN_CONNECTING && wire_is_up(k->wire))
		conn_came_up(k);
	if (r == 0 && !k->is_broken)
		conn_watch(k);
	if (r < 0 || k->is_broken)
		conn_down(k, r < 0 ? r : -EPROTO);
	if (cl->queue != NULL)
		loop_defer(cl->loop, &cl->flush);
}

static void
on_conn(struct loop_fd *src, uint32_t events)
{
	conn_service(container_of(src, struct conn, src), events);
}

static void
on_conn_timer(struct timer *t)
{
	struct conn *k = container_of(t, struct conn, timer);
	ns_t end = k->heard + k->client->limits.server_timeout;

	if (k->state == CONN_UP && k->in_flight == 0)
		return;
	if (k->state == CONN_CONNECTING || clock_now() >= end)
		conn_down(k, -ETIMEDOUT);
	else if (timer_set(k->client->loop, t, end) < 0)
		conn_down(k, -ENOMEM);
}

/* libnfs calls back, from wire_service() or wire_free(). */
static void
on_answer(struct nfs_wire *a, enum wire_got got)
{
	struct nfs_call *c = a->call;

	if (got == WIRE_FAILED && c != NULL)
		return; /* IS_OVER; seen to when libnfs is done */
	if (c != NULL) {
		c->sent = a->sent;
		call_detach(c);
	}
	attempt_free(a);
	if (c == NULL)
		return;
	if (got == WIRE_JUKEBOX)
		call_pause(c);
	else
		call_answered(c);
}

static void
conn_connect(struct conn *k)
{
	struct nfs_client *cl = k->client;
	ns_t limit = cl->limits.server_timeout;
	int r = 0;

	if (limit > CONNECT_TIMEOUT)
		limit = CONNECT_TIMEOUT;
	k->wire = wire_new(cl->server->addr, cl->server->port,
			   cl->limits.server_timeout, on_answer, &r);
	if (k->wire == NULL) {
		client_back_off(cl);
		if (cl->is_fail_fast)
			client_fail_all(cl, r);
		return;
	}
	k->state = CONN_CONNECTING;
	if (timer_set(cl->loop, &k->timer, clock_now() + limit) < 0)
		k->is_broken = 1;
	else
		conn_watch(k);
	if (k->is_broken)
		conn_down(k, -ENOMEM);
}

/* --- sending --------------------------------------------------------------------------- */

/* The first sending after a pause: silence is counted from here. */
static void
conn_expect(struct conn *k)
{
	struct nfs_client *cl = k->client;

	if (k->in_flight > 0)
		return;
	k->heard = clock_now();
	if (k->timer.pos == 0)
		(void)timer_set(cl->loop, &k->timer,
				k->heard + cl->limits.server_timeout);
}

static void
conn_send(struct conn *k, struct nfs_call *c)
{
	struct nfs_wire *a = calloc(1, sizeof(*a));
	int r;

	if (a == NULL) {
		call_fail(c, -ENOMEM);
		return;
	}
	conn_expect(k);
	a->call = c;
	a->owner = k;
	a->sent = clock_now();
	r = wire_submit(k->wire, a);
	if (r < 0) {
		free(a);
		call_fail(c, r);
		return;
	}
	attempt_link(k, a);
	c->wire = a;
	k->is_dirty = 1;
	count(rpc_calls);
	/* count.def has them in the order of enum nfs_proc. */
	count_add(COUNT_rpc_GETATTR + (enum count_id)c->proc, 1);
	if (c->tries++ > 0)
		count(rpc_resent);
}

/* The least busy one that is up; ties go round. */
static struct conn *
pick_conn(struct nfs_client *cl)
{
	struct conn *best = NULL;
	unsigned i;

	for (i = 0; i < cl->n_conns; i++) {
		struct conn *k = &cl->conns[(cl->next_conn + i) % cl->n_conns];

		if (k->state == CONN_UP && !k->is_broken &&
		    (best == NULL || k->in_flight < best->in_flight))
			best = k;
	}
	if (best != NULL)
		cl->next_conn = (unsigned)(best - cl->conns) + 1;
	return best;
}

/* One more connection, unless one is on its way or it is too early. */
static void
connect_more(struct nfs_client *cl)
{
	struct conn *idle = NULL;
	unsigned i;

	for (i = 0; i < cl->n_conns; i++) {
		if (cl->conns[i].state == CONN_CONNECTING)
			return;
		if (cl->conns[i].state == CONN_IDLE && idle == NULL)
			idle = &cl->conns[i];
	}
	if (idle != NULL && cl->retry_at <= clock_now())
		conn_connect(idle);
	/* Still idle: later, if anybody waits. */
	if (idle != NULL && idle->state == CONN_IDLE && cl->queue != NULL &&
	    timer_set(cl->loop, &cl->retry, cl->retry_at) < 0)
		client_fail_all(cl, -ENOMEM);
}

/* Let the deadlines of LIST's calls be now: they end as all late calls do. */
static void
expire_list(struct nfs_call *list)
{
	for (; list != NULL; list = list->next) {
		list->deadline = 0;
		(void)timer_set(list->client->loop, &list->timer, 0);
	}
}

void
nfs_client_stop(struct nfs_client *cl)
{
	unsigned i;

	cl->is_stopped = 1;
	expire_list(cl->queue);
	expire_list(cl->parked);
	for (i = 0; i < cl->n_conns; i++) {
		struct nfs_wire *a;

		for (a = cl->conns[i].attempts; a != NULL; a = a->next)
			if (a->call != NULL) {
				a->call->deadline = 0;
				(void)timer_set(cl->loop, &a->call->timer, 0);
			}
	}
}

static void
on_retry(struct timer *t)
{
	struct nfs_client *cl = container_of(t, struct nfs_client, retry);

	if (cl->queue != NULL)
		loop_defer(cl->loop, &cl->flush);
}

/* Everything that was submitted in this turn: encode, then send at once. */
static void
flush(struct deferred *d)
{
	struct nfs_client *cl = container_of(d, struct nfs_client, flush);
	struct conn *k;
	int is_crowded = 0;
	unsigned i;

	if (cl->is_freed) {
		free(cl);
		return;
	}
	while (cl->failed != NULL)
		call_fail(cl->failed, -ENOMEM);
	while (cl->queue != NULL && (k = pick_conn(cl)) != NULL) {
		struct nfs_call *c = cl->queue;

		is_crowded |= k->in_flight > 0;
		call_unlink(c);
		conn_send(k, c);
	}
	if (is_crowded || cl->queue != NULL)
		connect_more(cl);
	for (i = 0; i < cl->n_conns; i++)
		if (cl->conns[i].is_dirty)
			conn_service(&cl->conns[i], EPOLLOUT);
}

/* --- the interface ------------------------------------------------------------------------ */

struct nfs_client *
nfs_client_new(struct loop *loop, const struct nfs_server *server,
	       const struct nfs_limits *limits)
{
	unsigned n = limits->connections > 0 ? limits->connections : 1;
	struct nfs_client *cl =
		calloc(1, sizeof(*cl) + n * sizeof(cl->conns[0]));
	unsigned i;

	if (cl == NULL)
		return NULL;
	cl->loop = loop;
	cl->server = server;
	cl->limits = *limits;
	cl->queue_last = &cl->queue;
	cl->flush.fn = flush;
	cl->retry.fn = on_retry;
	cl->n_conns = n;
	for (i = 0; i < n; i++) {
		struct conn *k = &cl->conns[i];

		k->client = cl;
		k->last = &k->attempts;
		k->src.fn = on_conn;
		k->timer.fn = on_conn_timer;
	}
	return cl;
}

void
nfs_client_fail_fast(struct nfs_client *cl)
{
	cl->is_fail_fast = 1;
}

static void
conn_close(struct conn *k)
{
	struct nfs_wire *a, *next;

	for (a = k->attempts; a != NULL; a = next) {
		next = a->next;
		if (a->call != NULL)
			nfs_cancel(nfs_replay_of(a->call));
		if (a->is_over)
			attempt_free(a);
	}
	timer_clear(k->client->loop, &k->timer);
	if (k->events != 0)
		loop_del(k->client->loop, &k->src);
	wire_free(k->wire);
}

void
nfs_client_free(struct nfs_client *cl)
{
	unsigned i;

	if (cl == NULL)
		return;
	while (cl->queue != NULL)
		nfs_cancel(nfs_replay_of(cl->queue));
	while (cl->parked != NULL)
		nfs_cancel(nfs_replay_of(cl->parked));
	while (cl->failed != NULL)
		nfs_cancel(nfs_replay_of(cl->failed));
	for (i = 0; i < cl->n_conns; i++)
		conn_close(&cl->conns[i]);
	timer_clear(cl->loop, &cl->retry);
	if (cl->flush.queued)
		cl->is_freed = 1; /* the loop has it in its list */
	else
		free(cl);
}

void
nfs_submit(struct nfs_client *cl, struct nfs_call *c)
{
	c->client = cl;
	c->wire = NULL;
	c->next = NULL;
	c->prev = NULL;
	c->check = NULL;
	c->tries = 0;
	c->refused = 0;
	c->pause = 0;
	c->resent = 0;
	c->status = 0;
	c->timer.pos = 0;
	c->timer.fn = on_call_timer;
	if (c->deadline == 0 && !cl->is_stopped)
		c->deadline = clock_now() + cl->limits.op_timeout;
	else if (cl->is_stopped)
		c->deadline = 0;
	/* One caller has waited for this server long enough: the next ones, which
	 * may queue behind each other in the kernel, only try. */
	c->since = clock_now();
	if (cl->is_away && c->deadline > c->since + AWAY_PATIENCE)
		c->deadline = c->since + AWAY_PATIENCE;
	cl->n_calls++;
	if (timer_set(cl->loop, &c->timer, c->deadline) < 0) {
		call_insert(&cl->failed, c);
		loop_defer(cl->loop, &cl->flush);
		return;
	}
	call_queue(c);
}

void
nfs_cancel(struct nfs_call *c)
{
	call_unlink(c);
	call_detach(c);
	nfs_replay_drop(c);
	timer_clear(c->client->loop, &c->timer);
	c->client->n_calls--;
}

unsigned
nfs_in_flight(const struct nfs_client *cl)
{
	return cl->n_calls;
}

int
nfs_fh_equal(const struct nfs_fh *a, const struct nfs_fh *b)
{
	return a->len == b->len && memcmp(a->data, b->data, a->len) == 0;
}
