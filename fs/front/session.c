/* SPDX-License-Identifier: Apache-2.0 */
#include <config.h>

#include <errno.h>
#include <fcntl.h>
#include <linux/fuse.h>
#include <spawn.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/ioctl.h>
#include <sys/mount.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/count.h"
#include "base/log.h"
#include "base/mem.h"
#include "front/op.h"
#include "front/session.h"

/* The kernel wakes one worker for a request; it takes what has come meanwhile,
 * but leaves some for the others. */
#define BATCH 16
#define MAX_WRITE (1u << 20)
#define MAX_BACKGROUND 64

struct session {
	struct fuse_session *se; /* own */
	struct fuse_buf buf; /* own: the request being read */
	struct loop_fd src;
	struct worker *w; /* peek */
	int ended;
};

struct fuse_session *
session_fuse(struct session *s)
{
	return s->se;
}

/* --- what we ask of the kernel ------------------------------------------------- */

static void
on_init(void *userdata, struct fuse_conn_info *conn)
{
	(void)userdata;
	conn->max_write = MAX_WRITE;
	conn->max_background = MAX_BACKGROUND;
	conn->congestion_threshold = MAX_BACKGROUND * 3 / 4;
	conn->time_gran = 1;
	/* Without OPEN there is nobody to carry O_TRUNC: the kernel sends a
	 * SETATTR.  It, not we, clears set-id bits on writes.  And every
	 * listing brings attributes: left to guess, the kernel stops asking for
	 * them in a large directory and then looks each name up. */
	conn->want &=
		~(unsigned)(FUSE_CAP_ATOMIC_O_TRUNC | FUSE_CAP_HANDLE_KILLPRIV |
			    FUSE_CAP_SPLICE_READ | FUSE_CAP_SPLICE_WRITE |
			    FUSE_CAP_SPLICE_MOVE | FUSE_CAP_READDIRPLUS_AUTO);
	conn->want |= conn->capable &
		      (FUSE_CAP_AUTO_INVAL_DATA | FUSE_CAP_CACHE_SYMLINKS |
		       FUSE_CAP_READDIRPLUS | FUSE_CAP_PARALLEL_DIROPS |
		       FUSE_CAP_ASYNC_DIO);
}

static const struct fuse_lowlevel_ops session_ops = {
	.init = on_init,
	.lookup = op_lookup,
	.forget = op_forget,
	.forget_multi = op_forget_multi,
	.getattr = op_getattr,
	.setattr = op_setattr,
	.readlink = op_readlink,
	.mknod = op_mknod,
	.mkdir = op_mkdir,
	.unlink = op_unlink,
	.rmdir = op_rmdir,
	.symlink = op_symlink,
	.rename = op_rename,
	.link = op_link,
	.open = op_open,
	.read = op_read,
	.write = op_write,
	.release = op_release,
	.fsync = op_fsync,
	.opendir = op_opendir,
	.readdir = op_readdir,
	.readdirplus = op_readdirplus,
	.releasedir = op_releasedir,
	.statfs = op_statfs,
	.access = op_access,
	.create = op_create,
	/* Not there, so that the kernel does it itself and asks once: flush,
	 * locks (local to the mount), xattrs (EOPNOTSUPP), fallocate, lseek,
	 * copy_file_range, fsyncdir (names are synchronous in NFSv3). */
};

/* --- serving ---------------------------------------------------------------------- */

static void
session_end(struct session *s)
{
	uint64_t one = 1;

	if (s->ended)
		return;
	s->ended = 1;
	loop_del(s->w->loop, &s->src);
	(void)!write(s->w->fs->ended_fd, &one, sizeof(one));
}

static void
on_request(struct loop_fd *src, uint32_t events)
{
	struct session *s = container_of(src, struct session, src);
	int i;

	(void)events;
	for (i = 0; i < BATCH; i++) {
		int r = fuse_session_receive_buf(s->se, &s->buf);

		if (r == -EINTR || r == -ENOENT)
			continue;
		if (r == -EAGAIN)
			return;
		if (r <= 0) { /* unmounted, or the connection was aborted */
			session_end(s);
			return;
		}
		count(fuse_requests);
		fuse_session_process_buf(s->se, &s->buf);
	}
}

/* --- mounting ----------------------------------------------------------------------- */

static int
add_opt(char **opts, const char *opt)
{
	return fuse_opt_add_opt_escaped(opts, opt) == 0 ? 0 : -ENOMEM;
}

/* The kernel's mount options.  Unless callers are mapped the kernel checks
 * modes itself: it must, since opens and cached reads do not come to us. */
static char *
mount_options(const struct fs *fs, const struct session_opts *o)
{
	AUTO(mem_drop) char *fsname = NULL;
	char *opts = NULL;
	int r;

	if (asprintf(&fsname, "fsname=%s", o->source) < 0) {
		fsname = NULL;
		return NULL;
	}
	r = add_opt(&opts, fsname);
	if (r == 0)
		r = add_opt(&opts, "subtype=podfs");
	if (r == 0 && !fs_maps_ids(fs))
		r = add_opt(&opts, "default_permissions");
	if (r == 0 && o->allow_other)
		r = add_opt(&opts, "allow_other");
	if (r == 0 && fs->read_only)
		r = add_opt(&opts, "ro");
	if (r == 0 && o->mount_opts[0] != '\0')
		r = fuse_opt_add_opt(&opts, o->mount_opts) == 0 ? 0 : -ENOMEM;
	if (r < 0) {
		free(opts);
		return NULL;
	}
	return opts;
}

static struct session *
session_new(struct worker *w, const char *opts, int debug)
{
	struct fuse_args args = FUSE_ARGS_INIT(0, NULL);
	struct session *s = calloc(1, sizeof(*s));
	int r;

	if (s == NULL)
		return NULL;
	s->w = w;
	s->src.fd = -1;
	r = fuse_opt_add_arg(&args, "podfs");
	if (r == 0 && opts != NULL) {
		r = fuse_opt_add_arg(&args, "-o");
		if (r == 0)
			r = fuse_opt_add_arg(&args, opts);
	}
	if (r == 0 && debug)
		r = fuse_opt_add_arg(&args, "-d");
	if (r == 0)
		s->se = fuse_session_new(&args, &session_ops,
					 sizeof(session_ops), w);
	fuse_opt_free_args(&args);
	if (s->se == NULL) {
		free(s);
		return NULL;
	}
	return s;
}

static void
session_free(struct session *s)
{
	if (s == NULL)
		return;
	fuse_session_destroy(s->se); /* closes its descriptor */
	free(s->buf.mem);
	free(s);
}

void
session_free_all(struct fs *fs)
{
	unsigned i;

	for (i = 0; i < fs->limits.workers; i++) {
		session_free(fs->workers[i]->session);
		fs->workers[i]->session = NULL;
	}
}

/* Another descriptor for the connection of FD.  Without rights on /dev/fuse a
 * duplicate does: the workers then share one queue of requests in flight. */
static int
clone_fd(int fd)
{
	AUTO(fd_drop) int clone = open("/dev/fuse", O_RDWR | O_CLOEXEC);
	uint32_t from = (uint32_t)fd;

	if (clone >= 0 && ioctl(clone, FUSE_DEV_IOC_CLONE, &from) == 0)
		return fd_take(&clone);
	return fcntl(fd, F_DUPFD_CLOEXEC, 0);
}

/* A session for W on a clone of FD, primed with the INIT that was answered. */
static int
session_clone(struct worker *w, int fd, const struct fuse_buf *init, int debug)
{
	AUTO(fd_drop) int clone = clone_fd(fd);
	struct fuse_buf copy = *init;
	char path[32];

	if (clone < 0)
		return -errno;
	w->session = session_new(w, NULL, debug);
	if (w->session == NULL)
		return -ENOMEM;
	(void)snprintf(path, sizeof(path), "/dev/fd/%d", clone);
	if (fuse_session_mount(w->session->se, path) != 0)
		return -EIO;
	(void)fd_take(&clone);
	fuse_session_process_buf(w->session->se, &copy);
	return 0;
}

static int
session_serve(struct session *s)
{
	int flags;

	s->src.fd = fuse_session_fd(s->se);
	s->src.fn = on_request;
	flags = fcntl(s->src.fd, F_GETFL);
	if (flags < 0 || fcntl(s->src.fd, F_SETFL, flags | O_NONBLOCK) < 0)
		return -errno;
	return loop_add(s->w->loop, &s->src, EPOLLIN | EPOLLEXCLUSIVE);
}

/* libfuse tells what went wrong only through its log. */
static char fuse_said[512];

static void on_fuse_log(enum fuse_log_level level, const char *fmt, va_list ap)
	__attribute__((format(printf, 2, 0)));

static void
on_fuse_log(enum fuse_log_level level, const char *fmt, va_list ap)
{
	char line[512];
	size_t len;

	(void)vsnprintf(line, sizeof(line), fmt, ap);
	len = strlen(line);
	if (len > 0 && line[len - 1] == '\n')
		line[len - 1] = '\0';
	if (level <= FUSE_LOG_ERR && fuse_said[0] == '\0')
		memcpy(fuse_said, line, sizeof(fuse_said));
	log_debug("libfuse: %s", line);
}

static int
first_session(struct fs *fs, const struct session_opts *o,
	      struct fuse_buf *ret_init, struct err *err)
{
	AUTO(mem_drop) char *opts = mount_options(fs, o);
	struct worker *w = fs->workers[0];
	int r;

	fuse_set_log_func(on_fuse_log);
	if (opts != NULL)
		w->session = session_new(w, opts, o->debug);
	if (w->session == NULL)
		return err_set(err, -EINVAL, "mount options '%s': %s",
			       opts ? opts : "", fuse_said);
	if (fuse_session_mount(w->session->se, o->mountpoint) != 0)
		return err_set(err, -EIO, "mount on '%s': %s", o->mountpoint,
			       fuse_said[0] ? fuse_said : strerror(errno));
	do {
		r = fuse_session_receive_buf(w->session->se, ret_init);
	} while (r == -EINTR || r == -EAGAIN);
	if (r <= 0)
		return err_set(err, -EIO, "no FUSE_INIT from the kernel: %s",
			       strerror(-r));
	return 0;
}

int
session_mount(struct fs *fs, const struct session_opts *o, struct err *err)
{
	struct fuse_buf init;
	struct fuse_buf copy;
	struct session *first;
	unsigned i;
	int r;

	memset(&init, 0, sizeof(init));
	r = first_session(fs, o, &init, err);
	if (r < 0) {
		free(init.mem);
		session_free_all(fs);
		return r;
	}
	first = fs->workers[0]->session;
	copy = init;
	fuse_session_process_buf(first->se, &copy);
	for (i = 1; i < fs->limits.workers && r == 0; i++)
		r = session_clone(fs->workers[i], fuse_session_fd(first->se),
				  &init, o->debug);
	for (i = 0; i < fs->limits.workers && r == 0; i++)
		r = session_serve(fs->workers[i]->session);
	free(init.mem);
	if (r < 0) {
		(void)session_unmount(fs, o->mountpoint);
		session_free_all(fs);
		return err_set(err, r, "sessions of the workers: %s",
			       strerror(-r));
	}
	return 0;
}

/* --- unmounting ----------------------------------------------------------------------- */

static int
fusermount(const char *mountpoint)
{
	char *argv[] = { (char *)(uintptr_t) "fusermount3",
			 (char *)(uintptr_t) "-u",
			 (char *)(uintptr_t) "-q",
			 (char *)(uintptr_t) "-z",
			 (char *)(uintptr_t) "--",
			 (char *)(uintptr_t)mountpoint,
			 NULL };
	int status;
	pid_t pid;

	if (posix_spawnp(&pid, argv[0], NULL, NULL, argv, environ) != 0)
		return -ENOENT;
	while (waitpid(pid, &status, 0) < 0)
		if (errno != EINTR)
			return -errno;
	return WIFEXITED(status) && WEXITSTATUS(status) == 0 ? 0 : -EPERM;
}

int
session_unmount(struct fs *fs, const char *mountpoint)
{
	(void)fs;
	if (umount2(mountpoint, MNT_DETACH | UMOUNT_NOFOLLOW) == 0)
		return 0;
	if (errno != EPERM)
		return -errno;
	return fusermount(mountpoint);
}
