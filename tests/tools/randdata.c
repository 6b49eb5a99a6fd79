/* SPDX-License-Identifier: Apache-2.0
 *
 * randdata - random reads and writes of one file, checked against a model.
 *
 * The model is a byte array.  Every operation that reads compares each byte
 * with it; every operation that writes changes both.  What is written carries
 * the number of the operation in every second 32-bit word, so a wrong byte in
 * a report tells which write it came from.  All choices come from the seed:
 * neither --check-dir nor what the filesystem answers changes the sequence,
 * so a run can be replayed without its checks.
 *
 * With --check-dir the same file is looked at through a second path, such as
 * the export directory on the server: after every fourth write() the bytes
 * just written, at intervals and at the end the whole file.  Pages dirtied by
 * a mapping need not be there before msync() or fsync(), so a fsync goes
 * before a comparison of the whole when there are any.
 *
 * Exit status 0 all equal, 1 a difference or a failed call, 2 usage.
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
#include <sys/mman.h>
#include <sys/sendfile.h>
#include <sys/stat.h>
#include <sys/uio.h>
#include <time.h>
#include <unistd.h>

#define LEN_MAX (256 * 1024)
#define PAGE 4096
#define RING 50
#define NOTE_MAX 160
#define NVEC 4

struct run {
	const char *dir;
	const char *name;
	const char *check_dir; /* NULL without one */
	uint64_t seed;
	uint64_t rng;
	uint64_t ops;
	uint64_t op; /* number of the running operation, from 1 */
	uint64_t check_every;
	size_t max_size;
	bool is_verbose;

	char path[PATH_MAX];
	char tmp_path[PATH_MAX];
	char check_path[PATH_MAX];
	int fd[2];
	int append_fd;
	int direct_fd; /* -1 where O_DIRECT does not work */
	bool has_dirty_map; /* a mapping was written and not synced */
	unsigned names_before;

	unsigned char *model; /* [max_size], zero from size on */
	unsigned char *old; /* the model of a file that has lost its name */
	unsigned char *buf; /* [max_size], page aligned */
	size_t size;
	size_t old_size;
	uint64_t refused_fallocate;
	uint64_t server_checks;
	char ring[RING][NOTE_MAX];
};

/* Random choices and the record of what was done. */

static uint64_t
rnd(struct run *r)
{
	uint64_t z = (r->rng += 0x9e3779b97f4a7c15ULL); /* splitmix64 */

	z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9ULL;
	z = (z ^ (z >> 27)) * 0x94d049bb133111ebULL;
	return z ^ (z >> 31);
}

/* A number in [lo, hi]. */
static size_t
rnd_in(struct run *r, size_t lo, size_t hi)
{
	return lo + (size_t)(rnd(r) % (hi - lo + 1));
}

static bool
one_in(struct run *r, unsigned n)
{
	return rnd(r) % n == 0;
}

__attribute__((format(printf, 2, 3))) static void
note(struct run *r, const char *fmt, ...)
{
	char *at = r->ring[r->op % RING];
	int n = snprintf(at, NOTE_MAX, "%llu ", (unsigned long long)r->op);
	va_list ap;

	va_start(ap, fmt);
	(void)vsnprintf(at + n, (size_t)(NOTE_MAX - n), fmt, ap);
	va_end(ap);
	if (r->is_verbose)
		fprintf(stderr, "%s\n", at);
}

__attribute__((format(printf, 2, 3), noreturn)) static void
die(struct run *r, const char *fmt, ...)
{
	uint64_t i = r->op >= RING ? r->op - RING + 1 : 0;
	va_list ap;

	fprintf(stderr, "randdata: the last operations:\n");
	for (; i <= r->op; i++)
		fprintf(stderr, "  %s\n", r->ring[i % RING]);
	fprintf(stderr, "randdata: FAILED: ");
	va_start(ap, fmt);
	(void)vfprintf(stderr, fmt, ap);
	va_end(ap);
	fprintf(stderr,
		"\nranddata: at operation %llu of %llu, size %zu; replay with "
		"--seed %llu --ops %llu --max-size %zu\n",
		(unsigned long long)r->op, (unsigned long long)r->ops, r->size,
		(unsigned long long)r->seed, (unsigned long long)r->ops,
		r->max_size);
	exit(1);
}

__attribute__((noreturn)) static void
die_errno(struct run *r, const char *what)
{
	die(r, "%s: %s", what, strerror(errno));
}

/* A wrong byte: show it as each way of reading sees it now. */
static void
show_view(const char *what, int fd, size_t off, size_t len)
{
	unsigned char raw[2 * PAGE] __attribute__((aligned(PAGE)));
	size_t base = off & ~(size_t)(PAGE - 1);
	ssize_t n = fd < 0 ? -1 : pread(fd, raw, sizeof(raw), (off_t)base);

	fprintf(stderr, "  %-16s", what);
	if (n < 0)
		fprintf(stderr, " %s", strerror(errno));
	for (size_t i = 0; n >= 0 && i < len; i++) {
		if (off - base + i < (size_t)n)
			fprintf(stderr, " %02x", raw[off - base + i]);
		else
			fprintf(stderr, " --");
	}
	fprintf(stderr, "\n");
}

static void
show_views(struct run *r, size_t off)
{
	int fresh = open(r->path, O_RDONLY | O_CLOEXEC);
	int other = open(r->check_path, O_RDONLY | O_CLOEXEC);

	fprintf(stderr, "randdata: now at offset %zu:\n", off);
	show_view("first fd", r->fd[0], off, 16);
	show_view("second fd", r->fd[1], off, 16);
	show_view("O_DIRECT", r->direct_fd, off, 16);
	show_view("opened now", fresh, off, 16);
	show_view("the other path", other, off, 16);
	if (fresh >= 0)
		(void)close(fresh);
	if (other >= 0)
		(void)close(other);
}

__attribute__((noreturn)) static void
die_differs(struct run *r, const char *what, size_t off,
	    const unsigned char *want, const unsigned char *got, size_t len)
{
	size_t i = 0, last = 0, wrong = 0;

	while (want[i] == got[i])
		i++;
	for (size_t j = i; j < len; j++) {
		if (want[j] != got[j]) {
			wrong++;
			last = j;
		}
	}
	fprintf(stderr, "randdata: expected from offset %zu:", off + i);
	for (size_t j = i; j < len && j < i + 16; j++)
		fprintf(stderr, " %02x", want[j]);
	fprintf(stderr, "\nranddata: got      from offset %zu:", off + i);
	for (size_t j = i; j < len && j < i + 16; j++)
		fprintf(stderr, " %02x", got[j]);
	fprintf(stderr, "\n");
	show_views(r, off + i);
	die(r,
	    "%s of %zu bytes at %zu: first wrong byte at offset %zu: "
	    "expected %02x, got %02x; %zu wrong up to offset %zu",
	    what, len, off, off + i, want[i], got[i], wrong, off + last);
}

static void
same(struct run *r, const char *what, size_t off, const void *got, size_t len)
{
	if (memcmp(r->model + off, got, len) != 0)
		die_differs(r, what, off, r->model + off, got, len);
}

/* The model. */

static size_t
readable(const struct run *r, size_t off, size_t len)
{
	if (off >= r->size)
		return 0;
	return len < r->size - off ? len : r->size - off;
}

/* The bytes that operation OP writes at OFF: its number and a hash. */
static void
fill(struct run *r, unsigned char *to, size_t off, size_t len)
{
	for (size_t i = 0; i < len;) {
		uint64_t at = (off + i) / 8, h = (at ^ r->op) * 0x9e3779b1u;
		uint64_t word = (h << 32) | (uint32_t)r->op;
		size_t skip = (off + i) % 8;
		size_t n = 8 - skip < len - i ? 8 - skip : len - i;

		memcpy(to + i, (unsigned char *)&word + skip, n);
		i += n;
	}
}

static void
model_write(struct run *r, size_t off, const void *from, size_t len)
{
	memcpy(r->model + off, from, len);
	if (off + len > r->size)
		r->size = off + len;
}

static void
model_resize(struct run *r, size_t size)
{
	if (size < r->size)
		memset(r->model + size, 0, r->size - size);
	r->size = size;
}

/* Keep the model of the file that is about to lose its name. */
static void
model_retire(struct run *r)
{
	unsigned char *t = r->old;

	r->old = r->model;
	r->old_size = r->size;
	r->model = t;
	memset(r->model, 0, r->max_size);
	r->size = 0;
}

/* Lengths of every magnitude, offsets often at or beside a page boundary. */
static size_t
pick_len(struct run *r)
{
	static const size_t top[] = { 64, PAGE, 64 * 1024, LEN_MAX };

	return rnd_in(r, 1, top[rnd(r) % 4]);
}

static size_t
pick_off(struct run *r, size_t limit)
{
	size_t off = limit ? rnd(r) % limit : 0;
	size_t jitter = rnd_in(r, 0, 2);
	unsigned how = rnd(r) % 4;

	if (how == 0)
		off &= ~(size_t)(PAGE - 1);
	if (how == 1)
		off = (off & ~(size_t)(64 * 1024 - 1)) + jitter;
	return off < limit ? off : 0;
}

/* A range to write: may begin behind the end, never passes max_size. */
static void
pick_write(struct run *r, size_t *ret_off, size_t *ret_len)
{
	size_t reach = r->size + LEN_MAX / 2;
	size_t off = pick_off(r, reach < r->max_size ? reach : r->max_size);
	size_t len = pick_len(r);

	*ret_off = off;
	*ret_len = len < r->max_size - off ? len : r->max_size - off;
}

/* A range to read: may begin at or behind the end. */
static void
pick_read(struct run *r, size_t *ret_off, size_t *ret_len)
{
	size_t len = pick_len(r);

	*ret_off = pick_off(r, r->size + r->size / 16 + 1);
	*ret_len = len < r->max_size ? len : r->max_size;
}

/* A range inside the file; false for an empty file. */
static bool
pick_inside(struct run *r, size_t *ret_off, size_t *ret_len)
{
	size_t off = pick_off(r, r->size);
	size_t len = pick_len(r);

	if (r->size == 0)
		return false;
	*ret_off = off;
	*ret_len = readable(r, off, len);
	return true;
}

/* Looking through the second path. */

static void
check_size(struct run *r, const char *what, size_t got)
{
	if (got != r->size)
		die(r, "%s says size %zu, expected %zu", what, got, r->size);
}

static void
check_server(struct run *r, size_t off, size_t len)
{
	unsigned char *got;
	struct stat st;
	ssize_t n;
	int fd;

	if (!r->check_dir)
		return;
	r->server_checks++;
	fd = open(r->check_path, O_RDONLY | O_CLOEXEC);
	if (fd < 0)
		die_errno(r, "open through the other path");
	got = malloc(len + 1);
	if (!got || fstat(fd, &st) < 0)
		die_errno(r, "stat through the other path");
	check_size(r, "the other path", (size_t)st.st_size);
	n = pread(fd, got, len, (off_t)off);
	if (n != (ssize_t)readable(r, off, len))
		die(r, "read of %zu at %zu through the other path: %zd", len,
		    off, n);
	same(r, "read through the other path", off, got, (size_t)n);
	free(got);
	(void)close(fd);
}

/* After a write() of this range: what is promised without any fsync. */
static void
wrote(struct run *r, size_t off, size_t len)
{
	model_write(r, off, r->buf, len);
	if (r->op % 4 == 0)
		check_server(r, off, len);
}

static void
check_whole(struct run *r)
{
	ssize_t n;

	if (r->has_dirty_map && fsync(r->fd[0]) < 0)
		die_errno(r, "fsync before the comparison");
	r->has_dirty_map = false;
	n = pread(r->fd[1], r->buf, r->max_size, 0);
	if (n != (ssize_t)r->size)
		die(r, "read of the whole: %zd, expected %zu", n, r->size);
	same(r, "read of the whole", 0, r->buf, r->size);
	check_server(r, 0, r->size);
}

/* Descriptors. */

static void
open_all(struct run *r, int flags)
{
	for (int i = 0; i < 2; i++) {
		r->fd[i] = open(r->path, O_RDWR | O_CLOEXEC | flags, 0644);
		if (r->fd[i] < 0)
			die_errno(r, "open");
		flags &= ~(O_EXCL | O_CREAT);
	}
	r->append_fd = open(r->path, O_WRONLY | O_APPEND | O_CLOEXEC);
	if (r->append_fd < 0)
		die_errno(r, "open O_APPEND");
	r->direct_fd = open(r->path, O_RDWR | O_DIRECT | O_CLOEXEC);
	if (r->direct_fd < 0 && errno != EINVAL)
		die_errno(r, "open O_DIRECT");
}

static void
close_all(struct run *r)
{
	int all[] = { r->fd[0], r->fd[1], r->append_fd, r->direct_fd };

	for (int i = 0; i < 4; i++) {
		if (all[i] >= 0 && close(all[i]) < 0)
			die_errno(r, "close");
	}
}

/* Operations that read. */

static void
read_at(struct run *r, int fd, size_t off, size_t len)
{
	ssize_t n = pread(fd, r->buf, len, (off_t)off);

	if (n < 0)
		die_errno(r, "pread");
	if ((size_t)n != readable(r, off, len))
		die(r, "pread of %zu at %zu: %zd, expected %zu", len, off, n,
		    readable(r, off, len));
	same(r, "pread", off, r->buf, (size_t)n);
}

static void
op_pread(struct run *r)
{
	size_t off, len, which = rnd_in(r, 0, 1);

	pick_read(r, &off, &len);
	note(r, "pread fd%zu off %zu len %zu", which, off, len);
	read_at(r, r->fd[which], off, len);
}

/* By the file position, in two pieces. */
static void
op_read(struct run *r)
{
	size_t off, len, half, want;
	ssize_t n, m;

	pick_read(r, &off, &len);
	half = len / 2;
	want = readable(r, off, len);
	note(r, "lseek %zu + read %zu + read %zu", off, half, len - half);
	if (lseek(r->fd[0], (off_t)off, SEEK_SET) != (off_t)off)
		die_errno(r, "lseek");
	n = read(r->fd[0], r->buf, half);
	m = n < 0 ? -1 : read(r->fd[0], r->buf + n, len - half);
	if (m < 0)
		die_errno(r, "read");
	if (readable(r, off, half) != (size_t)n ||
	    readable(r, off + (size_t)n, len - half) != (size_t)m)
		die(r, "read at %zu: %zd + %zd, expected %zu in all", off, n, m,
		    want);
	same(r, "read", off, r->buf, (size_t)(n + m));
}

/* Cut BUF into NVEC pieces of random length. */
static void
cut(struct run *r, size_t len, struct iovec vec[NVEC])
{
	size_t at = 0;

	for (int i = 0; i < NVEC; i++) {
		size_t n = i == NVEC - 1 ? len - at : rnd_in(r, 0, len - at);

		vec[i].iov_base = r->buf + at;
		vec[i].iov_len = n;
		at += n;
	}
}

static void
op_readv(struct run *r)
{
	struct iovec vec[NVEC];
	size_t off, len;
	ssize_t n;

	pick_read(r, &off, &len);
	cut(r, len, vec);
	note(r, "preadv off %zu len %zu", off, len);
	n = preadv(r->fd[0], vec, NVEC, (off_t)off);
	if (n != (ssize_t)readable(r, off, len))
		die(r, "preadv of %zu at %zu: %zd, expected %zu", len, off, n,
		    readable(r, off, len));
	same(r, "preadv", off, r->buf, (size_t)n);
}

static void
op_map_read(struct run *r)
{
	bool is_shared = one_in(r, 2);
	size_t off, len, base, end;
	unsigned char *map;

	if (!pick_inside(r, &off, &len))
		return;
	base = off & ~(size_t)(PAGE - 1);
	end = off + len;
	note(r, "mmap %s read off %zu len %zu",
	     is_shared ? "shared" : "private", off, len);
	map = mmap(NULL, end - base, PROT_READ,
		   is_shared ? MAP_SHARED : MAP_PRIVATE, r->fd[1], (off_t)base);
	if (map == MAP_FAILED)
		die_errno(r, "mmap");
	same(r, "mapping", off, map + (off - base), len);
	/* Behind the end of the file the last page reads as zeros. */
	for (; off + len == r->size && end % PAGE != 0; end++) {
		if (map[end - base] != 0)
			die(r, "mapped byte %zu behind the end is %02x", end,
			    map[end - base]);
	}
	if (munmap(map, off + len - base) < 0)
		die_errno(r, "munmap");
}

static void
op_direct_read(struct run *r)
{
	size_t off, len;

	pick_read(r, &off, &len);
	off &= ~(size_t)(PAGE - 1);
	len = (len + PAGE - 1) & ~(size_t)(PAGE - 1);
	len = len < r->max_size ? len : r->max_size;
	note(r, "O_DIRECT pread off %zu len %zu%s", off, len,
	     r->direct_fd < 0 ? " (not here)" : "");
	if (r->direct_fd >= 0)
		read_at(r, r->direct_fd, off, len);
}

static void
op_sendfile(struct run *r)
{
	size_t off, len;
	off_t at;
	int to;

	if (!pick_inside(r, &off, &len))
		return;
	note(r, "sendfile off %zu len %zu", off, len);
	at = (off_t)off;
	to = memfd_create("randdata", MFD_CLOEXEC);
	if (to < 0)
		die_errno(r, "memfd_create");
	while (at < (off_t)(off + len)) {
		size_t left = off + len - (size_t)at;

		if (sendfile(to, r->fd[0], &at, left) <= 0)
			die_errno(r, "sendfile");
	}
	if (pread(to, r->buf, len, 0) != (ssize_t)len)
		die_errno(r, "read what sendfile sent");
	same(r, "sendfile", off, r->buf, len);
	(void)close(to);
}

static void
op_stat(struct run *r)
{
	struct stat by_fd, by_name;
	off_t end;

	note(r, "stat, fstat, lseek SEEK_END");
	if (fstat(r->fd[0], &by_fd) < 0 || stat(r->path, &by_name) < 0)
		die_errno(r, "stat");
	check_size(r, "fstat", (size_t)by_fd.st_size);
	check_size(r, "stat", (size_t)by_name.st_size);
	if (by_fd.st_ino != by_name.st_ino || by_fd.st_nlink != 1)
		die(r, "fstat: inode %llu links %llu; stat: inode %llu",
		    (unsigned long long)by_fd.st_ino,
		    (unsigned long long)by_fd.st_nlink,
		    (unsigned long long)by_name.st_ino);
	end = lseek(r->fd[1], 0, SEEK_END);
	check_size(r, "lseek SEEK_END", (size_t)end);
}

/* A hole is a claim that there are only zeros; it must be true. */
static void
op_seek_data(struct run *r)
{
	size_t off, len;
	off_t data, hole;

	if (!pick_inside(r, &off, &len))
		return;
	note(r, "SEEK_DATA, SEEK_HOLE off %zu", off);
	data = lseek(r->fd[0], (off_t)off, SEEK_DATA);
	if (data < 0 && errno == ENXIO)
		data = (off_t)r->size;
	hole = lseek(r->fd[0], (off_t)off, SEEK_HOLE);
	if (data < (off_t)off || data > (off_t)r->size)
		die(r, "SEEK_DATA from %zu: %lld", off, (long long)data);
	if (hole < (off_t)off || hole > (off_t)r->size)
		die(r, "SEEK_HOLE from %zu: %lld", off, (long long)hole);
	for (size_t i = off; i < (size_t)data; i++) {
		if (r->model[i] != 0)
			die(r, "SEEK_DATA from %zu passes over %zu", off, i);
	}
}

/* Operations that write. */

static void
write_at(struct run *r, int fd, size_t off, size_t len)
{
	ssize_t n;

	fill(r, r->buf, off, len);
	n = pwrite(fd, r->buf, len, (off_t)off);
	if (n < 0)
		die_errno(r, "pwrite");
	if ((size_t)n != len)
		die(r, "pwrite of %zu at %zu: %zd", len, off, n);
	wrote(r, off, len);
}

static void
op_pwrite(struct run *r)
{
	size_t off, len, which = rnd_in(r, 0, 1);

	pick_write(r, &off, &len);
	note(r, "pwrite fd%zu off %zu len %zu", which, off, len);
	write_at(r, r->fd[which], off, len);
}

/* Write through one descriptor, read it back with a margin by the other. */
static void
op_twins(struct run *r)
{
	size_t off, len, margin = rnd_in(r, 0, 2 * PAGE);
	size_t which = rnd_in(r, 0, 1);

	pick_write(r, &off, &len);
	note(r, "pwrite fd%zu off %zu len %zu, pread fd%zu", which, off, len,
	     1 - which);
	write_at(r, r->fd[which], off, len);
	margin = margin < off ? margin : off;
	len += margin + margin;
	len = len < r->max_size ? len : r->max_size;
	read_at(r, r->fd[1 - which], off - margin, len);
}

static void
op_writev(struct run *r)
{
	struct iovec vec[NVEC];
	size_t off, len;
	ssize_t n;

	pick_write(r, &off, &len);
	cut(r, len, vec);
	note(r, "pwritev off %zu len %zu", off, len);
	fill(r, r->buf, off, len);
	n = pwritev(r->fd[1], vec, NVEC, (off_t)off);
	if (n != (ssize_t)len)
		die(r, "pwritev of %zu at %zu: %zd", len, off, n);
	wrote(r, off, len);
}

static void
op_append(struct run *r)
{
	size_t len = pick_len(r), off = r->size;
	ssize_t n;

	if (off + len > r->max_size)
		len = r->max_size - off;
	note(r, "append %zu at %zu", len, off);
	if (len == 0)
		return;
	fill(r, r->buf, off, len);
	n = write(r->append_fd, r->buf, len);
	if (n != (ssize_t)len)
		die(r, "append of %zu: %zd", len, n);
	wrote(r, off, len);
}

static void
op_direct_write(struct run *r)
{
	size_t off, len;

	pick_write(r, &off, &len);
	off &= ~(size_t)(PAGE - 1);
	len = (len + PAGE - 1) & ~(size_t)(PAGE - 1);
	if (off + len > r->max_size)
		len = (r->max_size - off) & ~(size_t)(PAGE - 1);
	note(r, "O_DIRECT pwrite off %zu len %zu%s", off, len,
	     r->direct_fd < 0 ? " (not here)" : "");
	if (r->direct_fd >= 0 && len > 0)
		write_at(r, r->direct_fd, off, len);
}

static void
op_truncate(struct run *r)
{
	size_t size = one_in(r, 4) ? rnd_in(r, 0, r->max_size)
				   : rnd_in(r, 0, r->size);
	bool by_name = one_in(r, 2);

	note(r, "%s %zu to %zu", by_name ? "truncate" : "ftruncate", r->size,
	     size);
	if ((by_name ? truncate(r->path, (off_t)size)
		     : ftruncate(r->fd[0], (off_t)size)) < 0)
		die_errno(r, "truncate");
	model_resize(r, size);
	if (r->op % 4 == 0 && r->check_dir) {
		size_t from = size > PAGE ? size - PAGE : 0;

		if (!r->has_dirty_map)
			check_server(r, from, size - from);
	}
}

static void
op_map_write(struct run *r)
{
	bool with_msync = one_in(r, 2);
	size_t off, len, base;
	unsigned char *map;

	if (!pick_inside(r, &off, &len))
		return;
	base = off & ~(size_t)(PAGE - 1);
	note(r, "mmap shared write off %zu len %zu%s", off, len,
	     with_msync ? ", msync" : "");
	map = mmap(NULL, off + len - base, PROT_READ | PROT_WRITE, MAP_SHARED,
		   r->fd[0], (off_t)base);
	if (map == MAP_FAILED)
		die_errno(r, "mmap");
	fill(r, map + (off - base), off, len);
	model_write(r, off, map + (off - base), len);
	read_at(r, r->fd[1], off, len);
	if (with_msync && msync(map, off + len - base, MS_SYNC) < 0)
		die_errno(r, "msync");
	if (munmap(map, off + len - base) < 0)
		die_errno(r, "munmap");
	if (with_msync)
		check_server(r, off, len);
	else
		r->has_dirty_map = true;
}

/* What is written to a private mapping must stay there. */
static void
op_map_private_write(struct run *r)
{
	size_t off, len, base;
	unsigned char *map;

	if (!pick_inside(r, &off, &len))
		return;
	base = off & ~(size_t)(PAGE - 1);
	note(r, "mmap private write off %zu len %zu", off, len);
	map = mmap(NULL, off + len - base, PROT_READ | PROT_WRITE, MAP_PRIVATE,
		   r->fd[0], (off_t)base);
	if (map == MAP_FAILED)
		die_errno(r, "mmap");
	fill(r, map + (off - base), off, len);
	if (munmap(map, off + len - base) < 0)
		die_errno(r, "munmap");
	read_at(r, r->fd[0], off, len);
}

static void
op_copy_range(struct run *r)
{
	size_t from, to, len;
	off_t in, out;
	ssize_t n;

	if (!pick_inside(r, &from, &len))
		return;
	to = pick_off(r, r->max_size);
	len = len < r->max_size - to ? len : r->max_size - to;
	note(r, "copy_file_range %zu to %zu len %zu", from, to, len);
	if (from < to + len && to < from + len)
		return; /* overlapping ranges are refused */
	in = (off_t)from;
	out = (off_t)to;
	n = copy_file_range(r->fd[0], &in, r->fd[1], &out, len, 0);
	if (n <= 0)
		die_errno(r, "copy_file_range");
	memcpy(r->buf, r->model + from, (size_t)n);
	wrote(r, to, (size_t)n);
	read_at(r, r->fd[0], to, (size_t)n);
}

/* May be refused, but then must have done nothing. */
static void
op_fallocate(struct run *r)
{
	static const int modes[] = { 0, FALLOC_FL_KEEP_SIZE,
				     FALLOC_FL_PUNCH_HOLE | FALLOC_FL_KEEP_SIZE,
				     FALLOC_FL_ZERO_RANGE };
	int mode = modes[rnd(r) % 4];
	size_t off, len, upto;

	pick_write(r, &off, &len);
	note(r, "fallocate mode %d off %zu len %zu", mode, off, len);
	if (fallocate(r->fd[0], mode, (off_t)off, (off_t)len) < 0) {
		if (errno != EOPNOTSUPP)
			die_errno(r, "fallocate");
		r->refused_fallocate++;
	} else {
		upto = readable(r, off, len);
		if (mode & (FALLOC_FL_PUNCH_HOLE | FALLOC_FL_ZERO_RANGE))
			memset(r->model + off, 0, upto);
		if (!(mode & FALLOC_FL_KEEP_SIZE) && off + len > r->size)
			r->size = off + len;
	}
	read_at(r, r->fd[1], off, len);
}

static void
op_sync(struct run *r)
{
	bool is_data = one_in(r, 2);

	note(r, is_data ? "fdatasync" : "fsync");
	if ((is_data ? fdatasync(r->fd[0]) : fsync(r->fd[1])) < 0)
		die_errno(r, "fsync");
}

/* Operations on the name. */

static void
op_reopen(struct run *r)
{
	bool with_trunc = one_in(r, 8);

	note(r, "close, open%s", with_trunc ? " O_TRUNC" : "");
	close_all(r);
	open_all(r, with_trunc ? O_TRUNC : 0);
	if (with_trunc)
		model_resize(r, 0);
}

/* The descriptors of a file that has lost its name still show its data. */
static void
check_old(struct run *r, int fd)
{
	ssize_t n = pread(fd, r->buf, r->max_size, 0);

	if (n < 0)
		die_errno(r, "read a file that lost its name");
	if ((size_t)n != r->old_size)
		die(r, "a file that lost its name has %zd bytes, expected %zu",
		    n, r->old_size);
	if (memcmp(r->old, r->buf, r->old_size) != 0)
		die_differs(r, "read of a file that lost its name", 0, r->old,
			    r->buf, r->old_size);
}

static void
op_unlink(struct run *r)
{
	size_t off, len;
	struct stat st;
	int fd;

	pick_write(r, &off, &len);
	note(r, "unlink while open, pwrite off %zu len %zu, create", off, len);
	if (unlink(r->path) < 0)
		die_errno(r, "unlink");
	if (stat(r->path, &st) == 0 || errno != ENOENT)
		die(r, "the name is still there after unlink");
	fill(r, r->buf, off, len);
	if (pwrite(r->fd[1], r->buf, len, (off_t)off) != (ssize_t)len)
		die_errno(r, "write to an unlinked file");
	model_write(r, off, r->buf, len);
	model_retire(r);
	fd = open(r->path, O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC, 0644);
	if (fd < 0)
		die_errno(r, "create again");
	write_at(r, fd, 0, len);
	check_old(r, r->fd[0]);
	close_all(r);
	(void)close(fd);
	open_all(r, 0);
	r->has_dirty_map = false;
	read_at(r, r->fd[0], 0, len);
}

static void
op_replace(struct run *r)
{
	bool with_fsync = one_in(r, 2);
	size_t len = pick_len(r);
	ssize_t n;
	int fd;

	note(r, "replace by rename, new size %zu%s", len,
	     with_fsync ? ", fsync" : "");
	len = len < r->max_size ? len : r->max_size;
	fd = open(r->tmp_path, O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC, 0644);
	/* nfs-ganesha killed in the middle of an exclusive create leaves a file
	 * that nobody can know to be ours. */
	if (fd < 0 && errno == EEXIST && unlink(r->tmp_path) == 0)
		fd = open(r->tmp_path, O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC,
			  0644);
	if (fd < 0)
		die_errno(r, "create the new file");
	fill(r, r->buf, 0, len);
	n = write(fd, r->buf, len);
	if (n != (ssize_t)len)
		die(r, "write of %zu to the new file: %zd", len, n);
	if (with_fsync && fsync(fd) < 0)
		die_errno(r, "fsync of the new file");
	if (close(fd) < 0 || rename(r->tmp_path, r->path) < 0)
		die_errno(r, "rename the new file over the old");
	model_retire(r);
	fill(r, r->buf, 0, len);
	wrote(r, 0, len);
	check_old(r, r->fd[0]);
	close_all(r);
	open_all(r, 0);
	r->has_dirty_map = false;
	read_at(r, r->fd[1], 0, len);
}

static const struct op_kind {
	unsigned weight;
	void (*run)(struct run *r);
} op_kinds[] = {
	{ 14, op_pread },
	{ 4, op_read },
	{ 4, op_readv },
	{ 8, op_map_read },
	{ 6, op_direct_read },
	{ 3, op_sendfile },
	{ 6, op_stat },
	{ 1, op_seek_data },
	{ 14, op_pwrite },
	{ 8, op_twins },
	{ 4, op_writev },
	{ 6, op_append },
	{ 5, op_direct_write },
	{ 6, op_truncate },
	{ 8, op_map_write },
	{ 2, op_copy_range },
	{ 2, op_map_private_write },
	{ 1, op_fallocate },
	{ 2, op_sync },
	{ 2, op_reopen },
	{ 1, op_unlink },
	{ 1, op_replace },
};

static void
run_one(struct run *r)
{
	const size_t n = sizeof(op_kinds) / sizeof(op_kinds[0]);
	unsigned sum = 0;
	size_t i, pick;

	for (i = 0; i < n; i++)
		sum += op_kinds[i].weight;
	pick = rnd(r) % sum;
	for (i = 0; pick >= op_kinds[i].weight; i++)
		pick -= op_kinds[i].weight;
	op_kinds[i].run(r);
}

/* The run as a whole. */

static unsigned
count_names(struct run *r, const char *dir)
{
	DIR *d = opendir(dir);
	unsigned n = 0;

	if (!d)
		die_errno(r, dir);
	while (readdir(d))
		n++;
	(void)closedir(d);
	return n;
}

/* Whatever stood in for unlinked files must go soon after the last close. */
static void
check_leftovers(struct run *r)
{
	const struct timespec pause = { .tv_nsec = 20 * 1000 * 1000 };
	const char *dir = r->check_dir ? r->check_dir : r->dir;
	unsigned want = r->names_before + 1, n = 0;

	for (int i = 0; i < 250; i++) {
		n = count_names(r, dir);
		if (n == want)
			return;
		(void)nanosleep(&pause, NULL);
	}
	die(r, "%u names in %s 5 s after the last close, expected %u", n, dir,
	    want);
}

static void
run_all(struct run *r)
{
	(void)unlink(r->path);
	(void)unlink(r->tmp_path);
	r->names_before = count_names(r, r->check_dir ? r->check_dir : r->dir);
	note(r, "create");
	open_all(r, O_CREAT | O_EXCL);
	for (r->op = 1; r->op <= r->ops; r->op++) {
		run_one(r);
		if (r->op % r->check_every == 0)
			check_whole(r);
	}
	r->op = r->ops;
	check_whole(r);
	close_all(r);
	check_leftovers(r);
	printf("randdata: ok: %llu operations, seed %llu, %llu looks through "
	       "the other path, O_DIRECT %s, fallocate refused %llu times\n",
	       (unsigned long long)r->ops, (unsigned long long)r->seed,
	       (unsigned long long)r->server_checks,
	       r->direct_fd < 0 ? "refused" : "used",
	       (unsigned long long)r->refused_fallocate);
}

static int
usage(FILE *to)
{
	fprintf(to,
		"usage: randdata [options] DIR\n"
		"  --ops N        operations (100000)\n"
		"  --seed N       of the random choices (the time)\n"
		"  --max-size N   largest size of the file in bytes (4 MiB)\n"
		"  --file NAME    name of the file in DIR (randdata.bin)\n"
		"  --check-dir D  the same directory by another way\n"
		"  --check-every N  operations between comparisons of the "
		"whole (500)\n"
		"  --verbose      print each operation\n");
	return to == stdout ? 0 : 2;
}

static bool
parse(struct run *r, int argc, char **argv)
{
	static const struct option longs[] = {
		{ "ops", required_argument, NULL, 'o' },
		{ "seed", required_argument, NULL, 's' },
		{ "max-size", required_argument, NULL, 'm' },
		{ "file", required_argument, NULL, 'f' },
		{ "check-dir", required_argument, NULL, 'c' },
		{ "check-every", required_argument, NULL, 'e' },
		{ "verbose", no_argument, NULL, 'v' },
		{ NULL, 0, NULL, 0 }
	};
	int c;

	while ((c = getopt_long(argc, argv, "v", longs, NULL)) != -1) {
		if (c == 'o')
			r->ops = strtoull(optarg, NULL, 0);
		else if (c == 's')
			r->seed = strtoull(optarg, NULL, 0);
		else if (c == 'm')
			r->max_size = strtoull(optarg, NULL, 0);
		else if (c == 'f')
			r->name = optarg;
		else if (c == 'c')
			r->check_dir = optarg;
		else if (c == 'e')
			r->check_every = strtoull(optarg, NULL, 0);
		else if (c == 'v')
			r->is_verbose = true;
		else
			return false;
	}
	if (optind + 1 != argc || r->max_size < LEN_MAX || !r->check_every)
		return false;
	r->dir = argv[optind];
	return true;
}

int
main(int argc, char **argv)
{
	static struct run r = { .name = "randdata.bin",
				.ops = 100000,
				.check_every = 500,
				.max_size = 4 << 20 };

	if (argc == 2 && strcmp(argv[1], "--help") == 0)
		return usage(stdout);
	r.seed = (uint64_t)time(NULL) * 1000 + (uint64_t)getpid() % 1000;
	if (!parse(&r, argc, argv))
		return usage(stderr);
	r.rng = r.seed;
	(void)snprintf(r.path, PATH_MAX, "%s/%s", r.dir, r.name);
	(void)snprintf(r.tmp_path, PATH_MAX, "%s/%s.new", r.dir, r.name);
	if (r.check_dir)
		(void)snprintf(r.check_path, PATH_MAX, "%s/%s", r.check_dir,
			       r.name);
	r.model = calloc(1, r.max_size);
	r.old = calloc(1, r.max_size);
	/* One page more: a map or a direct read may round up. */
	r.buf = aligned_alloc(PAGE, (r.max_size / PAGE + 2) * PAGE);
	if (!r.model || !r.old || !r.buf)
		return 1;
	printf("randdata: seed %llu\n", (unsigned long long)r.seed);
	(void)fflush(stdout);
	run_all(&r);
	free(r.model);
	free(r.old);
	free(r.buf);
	return 0;
}
