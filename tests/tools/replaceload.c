/* SPDX-License-Identifier: Apache-2.0
 *
 * replaceload - many HTTP clients while the file they fetch is being replaced.
 *
 *	replaceload --file=PATH --url=HOST:PORT/PATH [--gets=N] [--clients=N]
 *		[--seconds=S] [--replace-ms=MS] [--stale-ms=MS] [--slack-ms=MS]
 *		[--max-failed=N] [--close]
 *
 * One thread writes version after version of PATH (to a name beside it, then
 * rename) and notes when each rename returned.  The main thread is an epoll
 * loop of clients that fetch the URL, evenly spread over S seconds, and look at
 * each body:
 *
 *   whole    version V says how long it is and what each byte must be;
 *            anything else with status 200 and its full length is "mixed"
 *   fresh    V is too old when V + 1 was in place before the GET began, less
 *            the freshness bound and a slack for the clock and the scheduler
 *   failed   another status, or a connection that ended early: seen by the
 *            client, so it can fetch again
 *
 * Exit status: 0 when nothing was mixed or too old and at most --max-failed
 * failed, 1 otherwise, 2 when it could not run.
 */
#ifndef _GNU_SOURCE
#define _GNU_SOURCE
#endif

#include <errno.h>
#include <fcntl.h>
#include <getopt.h>
#include <netdb.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#define MS 1000000LL /* nanoseconds */
#define BODY_MIN (60 * 1024) /* bytes of a version */
#define BODY_MAX (100 * 1024)
#define HEAD_MAX 4096 /* of an HTTP answer */
#define VERSIONS_MAX 100000
#define MAGIC "replaceload"
#define CLIENT_TIMEOUT (30000 * MS)

struct client {
	int fd; /* -1: not connected */
	int64_t next_at;
	int64_t began; /* 0: idle */
	size_t sent, got;
	char buf[HEAD_MAX + BODY_MAX + 1];
};

/* What one run was asked to do. */
static struct {
	const char *file;
	struct addrinfo *addr;
	char request[1024];
	long gets, clients, seconds, replace_ms, stale_ms, slack_ms, max_failed;
	bool close;
} opt = {
	.gets = 10000,
	.clients = 100,
	.seconds = 10,
	.replace_ms = 100,
	.stale_ms = 1000,
	.slack_ms = 50,
};

/* Version v was in place at done_at[v].  The writer stores the time first and
 * the version after it (release); the reader loads newest (acquire). */
static int64_t done_at[VERSIONS_MAX + 1];
static atomic_uint newest;
static atomic_uint started; /* being written, may be seen already */
static atomic_bool stop;
static atomic_int writer_errno;

static struct {
	long done, failed, mixed, stale, status[6];
	unsigned lowest, highest;
	int64_t oldest; /* worst age beyond its replacement */
	int64_t slowest; /* worst time of a good GET */
} seen = { .lowest = UINT32_MAX };

static int64_t
now(void)
{
	struct timespec ts;

	clock_gettime(CLOCK_MONOTONIC, &ts);
	return ts.tv_sec * 1000 * MS + ts.tv_nsec;
}

/* --- versions -------------------------------------------------------------- */

static size_t
version_size(unsigned v)
{
	return BODY_MIN + (size_t)v * 7919 % (BODY_MAX - BODY_MIN);
}

/* Every eight bytes depend on the version and the offset, so neither a page of
 * another version nor one of another place goes unseen. */
static size_t
version_fill(unsigned v, char *body)
{
	size_t len = version_size(v);
	uint64_t x;

	for (size_t at = 0; at < len; at += sizeof(x)) {
		size_t n = len - at < sizeof(x) ? len - at : sizeof(x);

		x = ((uint64_t)v << 32 | at) * 0x9e3779b97f4a7c15ULL;
		x ^= x >> 29;
		memcpy(body + at, &x, n);
	}
	/* The NUL of snprintf ends the header. */
	snprintf(body, 64, MAGIC " %010u %010zu\n", v, len);
	return len;
}

/* The version that BODY is from its first to its last byte, or 0. */
static unsigned
version_of(const char *body, size_t len)
{
	static char want[BODY_MAX];
	unsigned v = 0;

	if (len < BODY_MIN || sscanf(body, MAGIC " %10u", &v) != 1 || v == 0 ||
	    v > VERSIONS_MAX)
		return 0;
	if (version_fill(v, want) != len || memcmp(want, body, len) != 0)
		return 0;
	return v;
}

/* --- the writer ------------------------------------------------------------ */

static int
replace_file(unsigned v)
{
	static char body[BODY_MAX];
	size_t len = version_fill(v, body), off = 0;
	char tmp[4096];
	int fd, err;

	if ((size_t)snprintf(tmp, sizeof(tmp), "%s.new", opt.file) >=
	    sizeof(tmp))
		return -ENAMETOOLONG;
	fd = open(tmp, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0644);
	if (fd < 0)
		return -errno;
	while (off < len) {
		ssize_t n = write(fd, body + off, len - off);

		if (n < 0) {
			err = -errno;
			close(fd);
			return err;
		}
		off += (size_t)n;
	}
	if (close(fd) < 0)
		return -errno;
	atomic_store(&started, v);
	if (rename(tmp, opt.file) < 0)
		return -errno;
	done_at[v] = now();
	atomic_store_explicit(&newest, v, memory_order_release);
	return 0;
}

static void *
writer_main(void *arg)
{
	int64_t next = now();
	int r;

	(void)arg;
	for (unsigned v = 2; v <= VERSIONS_MAX && !atomic_load(&stop); v++) {
		struct timespec ts;

		next += opt.replace_ms * MS;
		if (next < now())
			next = now(); /* late: no burst to catch up */
		ts.tv_sec = next / (1000 * MS);
		ts.tv_nsec = next % (1000 * MS);
		clock_nanosleep(CLOCK_MONOTONIC, TIMER_ABSTIME, &ts, NULL);
		r = replace_file(v);
		if (r < 0) {
			atomic_store(&writer_errno, -r);
			break;
		}
	}
	return NULL;
}

/* --- judging --------------------------------------------------------------- */

static void
judge_body(const struct client *c, const char *body, size_t len)
{
	unsigned v = version_of(body, len);
	int64_t age, took = now() - c->began;

	if (v == 0 || v > atomic_load(&started)) {
		seen.mixed++;
		printf("# mixed: %zu bytes, header %.35s\n", len, body);
		return;
	}
	if (v < seen.lowest)
		seen.lowest = v;
	if (v > seen.highest)
		seen.highest = v;
	if (took > seen.slowest)
		seen.slowest = took;
	if (v >= atomic_load_explicit(&newest, memory_order_acquire))
		return;
	age = c->began - done_at[v + 1];
	if (age > seen.oldest)
		seen.oldest = age;
	if (age > (opt.stale_ms + opt.slack_ms) * MS) {
		seen.stale++;
		printf("# stale: version %u, replaced %lld ms before the GET\n",
		       v, (long long)(age / MS));
	}
}

/* --- clients --------------------------------------------------------------- */

static void
client_close(struct client *c)
{
	if (c->fd >= 0)
		close(c->fd);
	c->fd = -1;
}

static void
client_done(struct client *c, bool failed)
{
	seen.done++;
	seen.failed += failed;
	if (failed || opt.close)
		client_close(c);
	c->began = 0;
	c->sent = c->got = 0;
}

static int
client_connect(struct client *c, int ep)
{
	struct epoll_event ev = { .events = EPOLLIN | EPOLLOUT | EPOLLET,
				  .data.ptr = c };

	c->fd = socket(opt.addr->ai_family,
		       SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
	if (c->fd < 0)
		return -errno;
	if (connect(c->fd, opt.addr->ai_addr, opt.addr->ai_addrlen) < 0 &&
	    errno != EINPROGRESS)
		return -errno;
	if (epoll_ctl(ep, EPOLL_CTL_ADD, c->fd, &ev) < 0)
		return -errno;
	return 0;
}

/* Sends what is left of the request; false when the connection is broken. */
static bool
client_send(struct client *c)
{
	size_t len = strlen(opt.request);

	while (c->sent < len) {
		ssize_t n = send(c->fd, opt.request + c->sent, len - c->sent,
				 MSG_NOSIGNAL);

		if (n < 0)
			return errno == EAGAIN || errno == ENOTCONN;
		c->sent += (size_t)n;
	}
	return true;
}

/* Looks at what came so far: 1 an answer is complete, 0 more must come, -1 it
 * is not an answer that can be used. */
static int
client_parse(struct client *c)
{
	char *end, *field;
	size_t len, head;
	int status;

	c->buf[c->got] = 0;
	end = strstr(c->buf, "\r\n\r\n");
	if (!end)
		return c->got < HEAD_MAX ? 0 : -1;
	*end = 0; /* put back below: the header is looked at again */
	field = strcasestr(c->buf, "\r\nContent-Length:");
	if (sscanf(c->buf, "HTTP/1.1 %d", &status) != 1 || !field) {
		*end = '\r';
		return -1;
	}
	len = strtoul(field + 17, NULL, 10);
	*end = '\r';
	head = (size_t)(end - c->buf) + 4;
	if (status != 200) {
		seen.status[status / 100 % 6]++;
		return -1;
	}
	if (len > BODY_MAX || c->got > head + len) {
		seen.mixed++;
		return -1;
	}
	if (c->got < head + len)
		return 0;
	judge_body(c, c->buf + head, len);
	return 1;
}

static void
client_event(struct client *c)
{
	if (c->fd < 0 || !c->began)
		return; /* nothing asked: the next GET finds it closed */
	if (!client_send(c)) {
		client_done(c, true);
		return;
	}
	for (;;) {
		ssize_t n = recv(c->fd, c->buf + c->got,
				 sizeof(c->buf) - 1 - c->got, 0);
		int r;

		if (n < 0 && (errno == EAGAIN || errno == ENOTCONN))
			return;
		if (n <= 0) {
			client_done(c, true);
			return;
		}
		c->got += (size_t)n;
		r = client_parse(c);
		if (r != 0) {
			client_done(c, r < 0);
			return;
		}
	}
}

static int
client_begin(struct client *c, int ep)
{
	int r;
	char probe;

	/* The server may have closed an idle connection; that is no failure. */
	if (c->fd >= 0 && recv(c->fd, &probe, 1, MSG_PEEK) == 0)
		client_close(c);
	c->began = now();
	if (c->fd < 0) {
		r = client_connect(c, ep);
		if (r < 0)
			return r;
	}
	client_event(c);
	return 0;
}

/* Begins what is due and returns the milliseconds until something will be. */
static int
begin_due(struct client *cl, int ep, long *begun)
{
	int64_t t = now(), next = t + 1000 * MS;
	int64_t period = opt.seconds * 1000 * MS * opt.clients / opt.gets;

	for (long i = 0; i < opt.clients; i++) {
		struct client *c = &cl[i];

		if (c->began && t - c->began > CLIENT_TIMEOUT) {
			printf("# no answer for %lld s\n",
			       CLIENT_TIMEOUT / MS / 1000);
			client_done(c, true);
		}
		if (c->began || *begun >= opt.gets)
			continue;
		if (c->next_at <= t) {
			c->next_at += period;
			if (c->next_at < t)
				c->next_at = t;
			++*begun;
			if (client_begin(c, ep) < 0)
				client_done(c, true);
		}
		if (c->next_at < next)
			next = c->next_at;
	}
	return next > t ? (int)((next - t) / MS) : 0;
}

static int
clients_run(void)
{
	struct client *cl = calloc((size_t)opt.clients, sizeof(*cl));
	struct epoll_event ev[64];
	int ep = epoll_create1(EPOLL_CLOEXEC);
	int64_t start = now();
	long begun = 0;

	if (!cl || ep < 0)
		return -1;
	for (long i = 0; i < opt.clients; i++) {
		cl[i].fd = -1;
		cl[i].next_at = start + opt.seconds * 1000 * MS * i / opt.gets;
	}
	while (seen.done < opt.gets && !atomic_load(&writer_errno)) {
		int wait = begin_due(cl, ep, &begun);
		int n = epoll_wait(ep, ev, 64, wait > 0 ? wait : 1);

		for (int i = 0; i < n; i++)
			client_event(ev[i].data.ptr);
	}
	for (long i = 0; i < opt.clients; i++)
		client_close(&cl[i]);
	close(ep);
	free(cl);
	return 0;
}

/* --- options --------------------------------------------------------------- */

static int
parse_url(char *url)
{
	struct addrinfo hints = { .ai_socktype = SOCK_STREAM };
	char *path = strchr(url, '/'), *port;

	if (!path)
		return -1;
	snprintf(opt.request, sizeof(opt.request),
		 "GET %s HTTP/1.1\r\nHost: replaceload\r\n%s\r\n", path,
		 opt.close ? "Connection: close\r\n" : "");
	*path = 0;
	port = strrchr(url, ':');
	if (!port)
		return -1;
	*port++ = 0;
	return getaddrinfo(url, port, &hints, &opt.addr) == 0 ? 0 : -1;
}

/* A whole number from 0 on, or -1. */
static long
parse_number(const char *text)
{
	char *end;
	long n = strtol(text, &end, 10);

	return *text && !*end && n >= 0 ? n : -1;
}

static int
parse_options(int argc, char **argv)
{
	static const struct option longs[] = {
		{ "gets", 1, NULL, 0 },       { "clients", 1, NULL, 1 },
		{ "seconds", 1, NULL, 2 },    { "replace-ms", 1, NULL, 3 },
		{ "stale-ms", 1, NULL, 4 },   { "slack-ms", 1, NULL, 5 },
		{ "max-failed", 1, NULL, 6 }, { "file", 1, NULL, 'f' },
		{ "url", 1, NULL, 'u' },      { "close", 0, NULL, 'k' },
		{ NULL, 0, NULL, 0 },
	};
	long *const numbers[] = { &opt.gets,       &opt.clients,  &opt.seconds,
				  &opt.replace_ms, &opt.stale_ms, &opt.slack_ms,
				  &opt.max_failed };
	char *url = NULL;
	int o;

	while ((o = getopt_long(argc, argv, "", longs, NULL)) != -1) {
		if (o == 'f')
			opt.file = optarg;
		else if (o == 'u')
			url = optarg;
		else if (o == 'k')
			opt.close = true;
		else if (o > 6)
			return -1;
		else if ((*numbers[o] = parse_number(optarg)) < 0)
			return -1;
	}
	if (!opt.file || !url || opt.gets < 1 || opt.clients < 1 ||
	    opt.seconds < 1 || opt.replace_ms < 1)
		return -1;
	return parse_url(url);
}

static void
report(void)
{
	printf("# %ld GETs by %ld clients, %u versions in place, versions %u "
	       "to %u served\n",
	       seen.done, opt.clients, atomic_load(&newest), seen.lowest,
	       seen.highest);
	printf("# failed visibly %ld (3xx %ld, 4xx %ld, 5xx %ld, cut off %ld), "
	       "mixed %ld, too old %ld\n",
	       seen.failed, seen.status[3], seen.status[4], seen.status[5],
	       seen.failed - seen.status[3] - seen.status[4] - seen.status[5],
	       seen.mixed, seen.stale);
	printf("# oldest: a version replaced %lld ms before the GET began; "
	       "slowest GET %lld ms\n",
	       (long long)(seen.oldest / MS), (long long)(seen.slowest / MS));
}

int
main(int argc, char **argv)
{
	pthread_t writer;
	int r;

	if (parse_options(argc, argv) < 0) {
		fprintf(stderr, "usage: replaceload --file=PATH "
				"--url=HOST:PORT/PATH [--gets=N] ...\n");
		return 2;
	}
	/* The GETs begin with a version that has always been there. */
	r = replace_file(1);
	if (r < 0) {
		fprintf(stderr, "replaceload: %s: %s\n", opt.file,
			strerror(-r));
		return 2;
	}
	usleep((useconds_t)(opt.stale_ms + opt.slack_ms) * 1000);
	if (pthread_create(&writer, NULL, writer_main, NULL) != 0)
		return 2;
	r = clients_run();
	atomic_store(&stop, true);
	pthread_join(writer, NULL);
	freeaddrinfo(opt.addr);
	report();
	if (r < 0 || atomic_load(&writer_errno)) {
		printf("# the writer failed: %s\n",
		       strerror(atomic_load(&writer_errno)));
		return 2;
	}
	return seen.mixed || seen.stale || seen.failed > opt.max_failed;
}
