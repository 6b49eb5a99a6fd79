/* SPDX-License-Identifier: Apache-2.0
 *
 * podfs - mount an NFS export through FUSE.  See podfs(8).
 */
#include <config.h>

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/signalfd.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/count.h"
#include "base/log.h"
#include "base/mem.h"
#include "conf/conf.h"
#include "front/fs.h"
#include "front/session.h"

#define WORKERS_DEFAULT_MAX 4
/* What must be done after SIGTERM is done by then (design.md P3: 5 s). */
#define STOP_PATIENCE (4 * NS_SEC)

/* --- the background -------------------------------------------------------------- */

/* Fork; the parent exits with the status that the child reports.  Returns the
 * descriptor to report on, in the child. */
static int
background(struct err *err)
{
	int fds[2];
	char status = 1;
	pid_t pid;

	if (pipe2(fds, O_CLOEXEC) < 0 || (pid = fork()) < 0)
		return err_set(err, -errno, "go to the background: %s",
			       strerror(errno));
	if (pid > 0) {
		(void)close(fds[1]);
		while (read(fds[0], &status, 1) < 0 && errno == EINTR)
			;
		_exit(status);
	}
	(void)close(fds[0]);
	return fds[1];
}

/* The mount works: let go of the terminal and the parent. */
static void
detach(int report_fd)
{
	AUTO(fd_drop) int null = open("/dev/null", O_RDWR | O_CLOEXEC);
	int fd;

	(void)setsid();
	(void)!chdir("/");
	for (fd = 0; fd <= STDERR_FILENO; fd++)
		(void)dup2(null, fd);
	(void)!write(report_fd, "", 1);
	(void)close(report_fd);
}

/* --- from configuration to a mount ------------------------------------------------ */

static unsigned
n_workers(const struct conf *conf)
{
	cpu_set_t cpus;
	unsigned n = conf->threads;

	if (n == 0 && sched_getaffinity(0, sizeof(cpus), &cpus) == 0) {
		n = (unsigned)CPU_COUNT(&cpus);
		if (n > WORKERS_DEFAULT_MAX)
			n = WORKERS_DEFAULT_MAX;
	}
	/* Each has a connection of its own at least. */
	if (n > conf->nconnect)
		n = conf->nconnect;
	return n > 0 ? n : 1;
}

static uint32_t
io_size(uint64_t asked, uint32_t server_max)
{
	if (asked == 0 || asked > server_max)
		return server_max;
	return asked < 4096 ? 4096 : (uint32_t)asked;
}

static struct fs *
make_fs(const struct conf *conf, const struct nfs_server *server)
{
	struct fs_limits limits = {
		.max_staleness = conf->max_staleness,
		.op_timeout = conf->op_timeout,
		.server_timeout = conf->server_timeout,
		.rsize = io_size(conf->rsize, server->rtmax),
		.wsize = io_size(conf->wsize, server->wtmax),
		.max_dirty = conf->max_dirty,
		.workers = n_workers(conf),
	};
	struct fs *fs;

	limits.connections =
		(conf->nconnect + limits.workers - 1) / limits.workers;
	fs = fs_new(&limits, server);
	if (fs == NULL)
		return NULL;
	fs->read_only = conf->ro;
	fs->show_snapshots = conf->show_snapshots;
	fs->map_uid = conf->uid;
	fs->map_gid = conf->gid;
	return fs;
}

static int
find_server(const struct conf *conf, struct nfs_server *ret, struct err *err)
{
	struct nfs_where where = {
		.host = conf->host,
		.export = conf->export,
		.subdir = conf->subdir,
		.port = conf->port,
		.mountport = conf->mountport,
		.timeout = conf->op_timeout,
	};

	where.cred.uid = conf->uid >= 0 ? (uint32_t)conf->uid : geteuid();
	where.cred.gid = conf->gid >= 0 ? (uint32_t)conf->gid : getegid();
	return nfs_mount(&where, ret, err);
}

static int
mount_fs(const struct conf *conf, struct fs **ret, struct err *err)
{
	struct session_opts opts = {
		.source = conf->source,
		.mountpoint = conf->mountpoint,
		.mount_opts = conf->mount_opts,
		.allow_other = conf->allow_other,
		.debug = conf->debug,
	};
	struct nfs_server server;
	struct fs *fs;
	int r;

	memset(&server, 0, sizeof(server));
	r = find_server(conf, &server, err);
	if (r < 0)
		return r;
	fs = make_fs(conf, &server);
	if (fs == NULL)
		return err_set(err, -ENOMEM, "start: no memory");
	r = session_mount(fs, &opts, err);
	if (r < 0) {
		fs_free(fs);
		return r;
	}
	r = fs_start(fs);
	if (r < 0) {
		(void)session_unmount(fs, conf->mountpoint);
		(void)fs_stop(fs, 0);
		session_free_all(fs);
		fs_free(fs);
		return err_set(err, r, "start threads: %s", strerror(-r));
	}
	*ret = fs;
	return 0;
}

/* --- until the end -------------------------------------------------------------------- */

static void
log_counters(struct fs *fs, const char *when)
{
	char line[1500];

	fs_print(fs, line, sizeof(line));
	log_info("%s:%s", when, line);
}

/* Wait for a signal that ends us, or for the kernel to let go. */
static void
wait_for_end(struct fs *fs, const struct conf *conf, int signal_fd)
{
	struct pollfd fds[2] = {
		{ .fd = signal_fd, .events = POLLIN },
		{ .fd = fs->ended_fd, .events = POLLIN },
	};
	struct signalfd_siginfo si;
	int r;

	for (;;) {
		if (poll(fds, 2, -1) < 0)
			continue;
		if (fds[1].revents) {
			log_info("'%s' was unmounted", conf->mountpoint);
			return;
		}
		if (read(signal_fd, &si, sizeof(si)) != sizeof(si))
			continue;
		if (si.ssi_signo == SIGUSR1) {
			log_counters(fs, "counters");
			continue;
		}
		log_info("signal %u: unmounting '%s'", si.ssi_signo,
			 conf->mountpoint);
		r = session_unmount(fs, conf->mountpoint);
		if (r < 0 && r != -EINVAL)
			log_warning("unmount '%s': %s", conf->mountpoint,
				    strerror(-r));
		return;
	}
}

static int
serve(struct fs *fs, const struct conf *conf, int signal_fd)
{
	uint64_t open;

	log_info("mounted %s on '%s': %u workers, %u connections, rsize %u, "
		 "wsize %u, max_staleness %lld ms",
		 conf->source, conf->mountpoint, fs->limits.workers,
		 fs->limits.workers * fs->limits.connections, fs->limits.rsize,
		 fs->limits.wsize,
		 (long long)(fs->limits.max_staleness / NS_MS));
	wait_for_end(fs, conf, signal_fd);
	open = fs_stop(fs, STOP_PATIENCE);
	if (open > 0 || wback_bytes(fs->wback) > 0)
		log_warning("ended with %llu requests not answered and %llu "
			    "bytes not committed",
			    (unsigned long long)open,
			    (unsigned long long)wback_bytes(fs->wback));
	log_counters(fs, "ended");
	session_free_all(fs);
	fs_free(fs);
	return 0;
}

static int
run(const struct conf *conf)
{
	struct err err = { 0, "" };
	struct fs *fs = NULL;
	int report_fd = -1;
	int signal_fd;
	sigset_t set;
	int r = 0;

	(void)sigemptyset(&set);
	(void)sigaddset(&set, SIGTERM);
	(void)sigaddset(&set, SIGINT);
	(void)sigaddset(&set, SIGHUP);
	(void)sigaddset(&set, SIGUSR1);
	(void)sigprocmask(SIG_BLOCK, &set, NULL);
	(void)signal(SIGPIPE, SIG_IGN);
	if (!conf->foreground)
		r = report_fd = background(&err);
	signal_fd = signalfd(-1, &set, SFD_CLOEXEC);
	if (r >= 0)
		r = mount_fs(conf, &fs, &err);
	if (r < 0 || signal_fd < 0) {
		log_error("%s", err.msg);
		return 1;
	}
	if (report_fd >= 0) {
		log_init(LOG_LVL_INFO, 1);
		detach(report_fd);
	}
	return serve(fs, conf, signal_fd);
}

int
main(int argc, char **argv)
{
	enum conf_action action = CONF_MOUNT;
	struct err err = { 0, "" };
	struct conf conf;
	int status = 0;

	if (conf_parse(argc, argv, &conf, &action, &err) < 0) {
		fprintf(stderr, "podfs: error: %s\n", err.msg);
		conf_fini(&conf);
		return 2;
	}
	log_init(conf.debug ? LOG_LVL_DEBUG : LOG_LVL_INFO, 0);
	switch (action) {
	case CONF_HELP:
		fputs(conf_usage(), stdout);
		break;
	case CONF_VERSION:
		puts("podfs " PACKAGE_VERSION);
		break;
	case CONF_NOTHING:
		break;
	case CONF_MOUNT:
		status = run(&conf);
		break;
	}
	conf_fini(&conf);
	return status;
}
